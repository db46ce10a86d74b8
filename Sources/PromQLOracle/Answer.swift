import Model
import PromQL

/// What an engine says to a question: a value of one of the four kinds, or a refusal.
package enum Answer: Sendable {
  /// Values by label set; a vector's and a scalar's have one sample each.
  case series(Kind, [Labels: [Sample]])
  case string(String)
  /// With the engine's own sentence, which is for people and not compared.
  case refused(String)

  package enum Kind: String, Sendable { case scalar, vector, matrix }

  /// One of our own answers; `time` is what its values are stamped with.
  package init(_ value: QueryValue, at time: Timestamp) {
    switch value {
    case .scalar(let number): self = .series(.scalar, [Labels(): [Sample(time, number)]])
    case .string(let text): self = .string(text)
    case .vector(let elements):
      self.init(.vector, elements.map { ($0.labels, [Sample(time, $0.value)]) })
    case .matrix(let elements): self.init(.matrix, elements.map { ($0.labels, $0.samples) })
    }
  }

  /// An answer of series, no label set of which may come twice.
  package init(_ kind: Kind, _ elements: [(Labels, [Sample])]) {
    var series: [Labels: [Sample]] = [:]
    for (labels, samples) in elements {
      if series.updateValue(samples, forKey: labels) != nil {
        self = .refused("the answer has \(labels) twice")
        return
      }
    }
    self = .series(kind, series)
  }

  /// Whether there is anything in it.
  package var isEmpty: Bool {
    switch self {
    case .series(_, let series): series.isEmpty
    case .string: false
    case .refused: true
    }
  }

  package var isRefusal: Bool { if case .refused = self { true } else { false } }

  package var series: [Labels: [Sample]] { if case .series(_, let all) = self { all } else { [:] } }
}

extension Answer: CustomStringConvertible {
  /// For people: the first few series and their samples.
  package var description: String {
    switch self {
    case .refused(let reason): return "refused: \(reason)"
    case .string(let text): return "string \(PromQuote.quoted(text))"
    case .series(let kind, let series):
      let lines = series.sorted { $0.key < $1.key }.prefix(8).map { labels, samples in
        let values = samples.prefix(6).map { "\($0.value) @\($0.timestamp.seconds)" }
        let rest = samples.count > 6 ? " … \(samples.count) in all" : ""
        return "\n    \(labels) \(values.joined(separator: ", "))\(rest)"
      }
      return "\(kind.rawValue) of \(series.count)" + lines.joined()
        + (series.count > 8 ? "\n    …" : "")
    }
  }
}
