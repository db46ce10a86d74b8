import Model
import PromQL
import PromQLOracle
import PromQLSyntax
import Storage

/// What the series of a rule's expression must be like, read from the expression itself.
struct RuleSketch {
  let selectors: [VectorSelector]
  /// Labels that clauses name, with `job` and `instance`.
  let labels: [String]
  /// The numbers in it, arithmetic between them done: thresholds and factors.
  let numbers: [Double]
  /// How far back it looks.
  let reach: Duration

  init(_ query: Query) {
    var selectors: [VectorSelector] = []
    for selector in query.selectors
    where !selectors.contains(where: { $0.matchers == selector.matchers }) {
      selectors.append(selector)
    }
    self.selectors = selectors
    var labels = ["job", "instance"]
    var numbers: [Double] = []
    for part in query.expression.all {
      switch part {
      case .aggregation(let node):
        switch node.grouping {
        case .by(let names), .without(let names): labels += names
        }
      case .binary(let node):
        labels += (node.matching?.labels ?? []) + (node.matching?.include ?? [])
      default: break
      }
      if let number = Self.number(part) { numbers.append(number) }
    }
    for matcher in selectors.flatMap(\.matchers) where matcher.name != Labels.metricName {
      labels.append(matcher.name)
    }
    self.labels = Array(Set(labels)).filter { $0 != "le" && $0 != Labels.metricName }.sorted()
    self.numbers = Array(Set(numbers)).sorted()
    reach = query.longestReach
  }

  /// The value of an expression without selectors.
  private static func number(_ expression: Expression) -> Double? {
    guard case .success(let query) = Query.prepare(expression), query.type == .scalar,
      query.selectors.isEmpty,
      case .success(let outcome) = query.instant(at: RuleSeries.time, over: SeriesStore()),
      case .scalar(let value) = outcome.value
    else { return nil }
    return value
  }
}
