import Model
import Routing

/// What is known of the labels of every element an expression can give. `.values` means that each
/// element has the label, with one of these values; the metric name is left out.
struct InferredLabels: Equatable {
  var known: [String: LabelKnowledge] = [:]
  /// What is known of every other label: absent when the set is closed.
  var others: LabelKnowledge = .unknown

  /// Any labels at all.
  static let open = InferredLabels()
  /// No labels.
  static let none = InferredLabels(others: .absent)

  subscript(name: String) -> LabelKnowledge {
    get { known[name] ?? others }
    set { known[name] = newValue }
  }

  var isClosed: Bool { others == .absent }

  /// The labels that every element has, sorted.
  var certain: [String] {
    known.compactMap { if case .values = $0.value { $0.key } else { nil } }.sorted(by: Bytes.less)
  }

  /// The labels that an element may have when the set is closed, sorted.
  var possible: [String] {
    known.filter { $0.value != .absent }.map(\.key).sorted(by: Bytes.less)
  }

  /// What is known of an element of either set.
  func joined(_ other: InferredLabels) -> InferredLabels {
    combined(other) { _, left, right in left.either(right) }
  }

  /// Each label by a rule of its own; nil stands for the labels nobody named.
  func combined(
    _ other: InferredLabels,
    _ rule: (String?, LabelKnowledge, LabelKnowledge) -> LabelKnowledge
  ) -> InferredLabels {
    var result = InferredLabels(others: rule(nil, others, other.others))
    for name in Set(known.keys).union(other.known.keys) {
      result.known[name] = rule(name, self[name], other[name])
    }
    return result
  }
}

extension LabelKnowledge {
  /// Of a label that is the one or the other.
  func either(_ other: LabelKnowledge) -> LabelKnowledge {
    switch (self, other) {
    case (.absent, .absent): .absent
    case (.values(let left), .values(let right)):
      .values(left + right.filter { !left.contains($0) })
    default: .unknown
    }
  }

  /// Of a label that is both the one and the other.
  func both(_ other: LabelKnowledge) -> LabelKnowledge {
    switch (self, other) {
    case (.unknown, _): return other
    case (_, .unknown): return self
    case (.values(let left), .values(let right)):
      let shared = left.filter { value in right.contains { Bytes.equal($0, value) } }
      return shared.isEmpty ? self : .values(shared)
    case (.absent, _), (_, .absent): return .absent
    }
  }

  /// Whether a label known so surely differs from one known otherwise.
  func excludes(_ other: LabelKnowledge) -> Bool {
    switch (self, other) {
    case (.absent, .values), (.values, .absent): true
    case (.values(let left), .values(let right)):
      !left.contains { value in right.contains { Bytes.equal($0, value) } }
    default: false
    }
  }
}
