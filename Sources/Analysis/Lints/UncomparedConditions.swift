import Alerting
import Diagnostics
import Model
import PromQL
import PromQLSyntax

/// W108: a `when` that compares nothing. Over 617 published alerts it speaks of none: the one it
/// once did reads an info series on purpose, and such names are left alone.
enum UncomparedConditions {
  static func diagnostics(_ rule: AlertingRule) -> [Diagnostic] {
    guard case .present? = rule.behavior.levels.first?.condition else { return [] }
    let expression = rule.query.expression
    guard rule.query.type == .vector, readsSeries(expression), !decides(expression) else {
      return []
    }
    let text = expression.description
    let example = text.utf8.count <= 60 ? "`\(text) > 0`" : "`… > 0`"
    return [
      Diagnostic(
        "W108", .warning,
        "this condition has no comparison: it fires whenever the series exists, even at 0",
        at: expression.range, "always firing", help: "add a threshold, for example \(example)")
    ]
  }

  /// `vector(1)` is meant to fire always.
  private static func readsSeries(_ expression: Expression) -> Bool {
    if case .vectorSelector = expression { return true }
    return expression.children.contains(where: readsSeries)
  }

  /// Whether some part says when there is a result: a comparison, presence or absence, or a series
  /// that exists only while something is wrong.
  private static func decides(_ expression: Expression) -> Bool {
    switch expression {
    case .binary(let node):
      if node.operation.isComparison || node.operation == .and || node.operation == .unless {
        return true
      }
    case .call(let node):
      if node.name.hasPrefix("absent") { return true }
    case .vectorSelector(let node):
      let matcher = node.matchers.first { $0.name == Labels.metricName }
      guard let matcher, matcher.comparison == .equal else { return true }
      // By convention a colon marks a recorded series, whose rule may compare.
      if matcher.value.contains(":") || matcher.value.hasPrefix("ALERTS") { return true }
      // Always 1: that it is there is the message.
      if matcher.value.hasSuffix("_info") || matcher.value.contains("_info_") { return true }
    default: break
    }
    return expression.children.contains(where: decides)
  }
}
