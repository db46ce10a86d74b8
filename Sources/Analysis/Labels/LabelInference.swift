import Diagnostics
import Model
import PromQL
import PromQLSyntax
import Routing

/// Which labels the elements of an expression can have, from its form alone. Where the form does
/// not say, everything is possible: only what is certain may be reported.
enum LabelInference {
  /// The labels of an expression's elements; none at all for numbers and texts.
  static func labels(of expression: Expression) -> InferredLabels {
    vector(expression) ?? .none
  }

  /// Whether an expression has no elements: a number or a text.
  static func isScalar(_ expression: Expression) -> Bool { vector(expression) == nil }

  /// nil for what has no elements: scalars and strings.
  private static func vector(_ expression: Expression) -> InferredLabels? {
    switch expression {
    case .number, .string: nil
    case .vectorSelector(let node): selected(node.matchers)
    case .matrixSelector(let node): selected(node.selector.matchers)
    case .subquery(let node): vector(node.expression) ?? InferredLabels.none
    case .call(let node): called(node)
    case .aggregation(let node): aggregated(node)
    case .binary(let node): paired(node)
    case .unary(let node): vector(node.expression)
    case .parenthesized(let node): vector(node.expression)
    }
  }

  /// `=` fixes a label, or says that it is not there; a pattern of plain alternatives lists values.
  static func selected(_ matchers: [LabelMatcher]) -> InferredLabels {
    var labels = InferredLabels.open
    for matcher in matchers where matcher.name != Labels.metricName {
      labels[matcher.name] = labels[matcher.name].both(knowledge(of: matcher))
    }
    return labels
  }

  private static func knowledge(of matcher: LabelMatcher) -> LabelKnowledge {
    switch matcher.comparison {
    case .equal: return matcher.value.isEmpty ? .absent : .values([matcher.value])
    case .matches:
      let values = matcher.value.split(separator: "|", omittingEmptySubsequences: false)
      let isPlain = values.allSatisfy { value in
        !value.isEmpty
          && value.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D, 0x2F, 0x3A: true
            default: false
            }
          }
      }
      return isPlain ? .values(values.map(String.init)) : .unknown
    case .notEqual, .notMatches: return .unknown
    }
  }

  private static func aggregated(_ node: Aggregation) -> InferredLabels {
    let inner = vector(node.expression) ?? .open
    switch node.operation {
    // They pick elements and leave them as they are.
    case .topk, .bottomk, .limitk, .limitRatio: return inner
    default: break
    }
    var labels: InferredLabels
    switch node.grouping {
    case .by(let names):
      labels = .none
      for name in names { labels[name] = inner[name] }
    case .without(let names):
      labels = inner
      for name in names { labels[name] = .absent }
    }
    if node.operation == .countValues {
      guard case .string(let added)? = node.parameter else { return .open }
      labels[added.value] = .unknown
    }
    return labels
  }

  private static func called(_ node: FunctionCall) -> InferredLabels? {
    guard let signature = FunctionRegistry.signature(of: node.name) else { return .open }
    guard signature.result == .vector || signature.result == .matrix else { return nil }
    let inner = node.arguments.lazy.compactMap(vector).first
    switch node.name {
    case "absent", "absent_over_time": return absent(node)
    case "vector": return InferredLabels.none
    case "label_replace", "label_join":
      guard var labels = inner, node.arguments.count > 1,
        case .string(let target) = node.arguments[1]
      else { return .open }
      labels[target.value] = .unknown
      return labels
    case "histogram_quantile":
      guard var labels = inner else { return .open }
      labels["le"] = .unknown
      return labels
    // They add labels of their own.
    case "info", "histogram_quantiles": return .open
    default:
      // Without arguments: the dates of now.
      return node.arguments.isEmpty ? InferredLabels.none : inner ?? .open
    }
  }

  /// The labels that the selector's `=` demands; everything else has no labels.
  private static func absent(_ node: FunctionCall) -> InferredLabels {
    var argument = node.arguments.first
    while case .parenthesized(let inner)? = argument { argument = inner.expression }
    let matchers: [LabelMatcher]
    switch argument {
    case .vectorSelector(let selector)?: matchers = selector.matchers
    case .matrixSelector(let range)?: matchers = range.selector.matchers
    default: return .none
    }
    var labels = InferredLabels.none
    for matcher in matchers
    where matcher.comparison == .equal && matcher.name != Labels.metricName {
      // A name that several matchers speak of is kept or not, depending on their order.
      let isAlone = matchers.count { Bytes.equal($0.name, matcher.name) } == 1
      labels[matcher.name] =
        !isAlone ? .unknown : matcher.value.isEmpty ? .absent : .values([matcher.value])
    }
    return labels
  }

  private static func paired(_ node: BinaryOperation) -> InferredLabels? {
    guard let left = vector(node.left) else { return vector(node.right) }
    guard let right = vector(node.right) else { return left }
    if node.operation == .or { return left.joined(right) }
    if node.operation.isSet { return left }
    guard let matching = node.matching, matching.fillLeft == nil, matching.fillRight == nil
    else { return .open }
    var result: InferredLabels
    let (many, one) = matching.cardinality == .oneToMany ? (right, left) : (left, right)
    switch matching.cardinality {
    case .oneToOne:
      result = left.combined(right) { name, left, right in
        matching.compares(name) ? left.both(right) : .absent
      }
    case .manyToOne, .oneToMany:
      result = many.combined(one) { name, many, one in
        matching.compares(name) ? many.both(one) : many
      }
    case .manyToMany: return .open
    }
    for name in matching.labels where result.known[name] == nil {
      let isKept = matching.isOn || matching.cardinality != .oneToOne
      result[name] =
        isKept ? (matching.isOn ? many[name].both(one[name]) : many[name]) : .absent
    }
    for name in matching.include { result[name] = one[name] }
    return result
  }
}

extension VectorMatching {
  /// Whether both sides must agree on a label; nil stands for one that nobody named.
  func compares(_ name: String?) -> Bool {
    guard let name else { return !isOn }
    return labels.contains(name) == isOn
  }
}
