import Model
import PromQLSyntax

/// What the schedule must know of an expression.
struct RuleShape: Sendable {
  /// Aggregates or joins over targets: with several sources it waits for all of them.
  var combines = false
  /// Looks over a range, which needs two samples to say anything.
  var hasRange = false
  /// Says something when series are not there.
  var testsAbsence = false
  /// The matchers of each selector, in written order.
  var selectors: [[LabelMatcher]] = []

  init(_ expression: Expression) { visit(expression) }

  private mutating func visit(_ expression: Expression) {
    switch expression {
    case .vectorSelector(let selector): selectors.append(selector.matchers)
    case .matrixSelector, .subquery: hasRange = true
    case .aggregation(let node):
      if Self.crossesTargets(node.grouping) { combines = true }
    case .binary(let operation):
      if let matching = operation.matching, Self.crossesTargets(matching) { combines = true }
    case .call(let call):
      if call.name == "absent" || call.name == "absent_over_time" { testsAbsence = true }
    case .number, .string, .unary, .parenthesized: break
    }
    for child in expression.children { visit(child) }
  }

  /// Whether an aggregation puts series of different targets together.
  private static func crossesTargets(_ grouping: Aggregation.Grouping) -> Bool {
    switch grouping {
    case .by(let names): !names.contains("instance")
    case .without(let names): names.contains("instance")
    }
  }

  /// Whether a join pairs series of different targets.
  private static func crossesTargets(_ matching: VectorMatching) -> Bool {
    let both = ["job", "instance"]
    return matching.isOn
      ? !both.allSatisfy(matching.labels.contains) : both.contains(where: matching.labels.contains)
  }

  /// The metric names that selectors fix.
  var metrics: [String] {
    selectors.compactMap { matchers in
      matchers.first { $0.name == Labels.metricName && $0.comparison == .equal }?.value
    }
  }

  /// Whether series that carry these labels could be among those the expression reads. Labels the
  /// target does not set say nothing.
  func mayRead(from labels: Labels, except own: (String) -> Bool) -> Bool {
    selectors.contains { matchers in
      let metric = matchers.first { $0.name == Labels.metricName && $0.comparison == .equal }
      if let metric, own(metric.value) { return false }
      return matchers.allSatisfy { matcher in
        guard matcher.name != Labels.metricName, let value = labels[matcher.name] else {
          return true
        }
        return matcher.matches(value)
      }
    }
  }
}
