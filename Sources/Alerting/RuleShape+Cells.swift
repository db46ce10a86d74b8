import Model
import PromQL
import PromQLSyntax

/// How far apart series may be that an expression puts together: so far an evaluation must reach
/// when something arrives, and no further.
enum CellReach: Int, Comparable, Sendable {
  /// Series of one target: the same `job` and `instance`.
  case cell
  /// Series of one `instance`, whatever their `job`.
  case instance
  /// Anything.
  case everything

  static func < (left: CellReach, right: CellReach) -> Bool { left.rawValue < right.rawValue }

  /// The reach of a grouping or a join that keeps these labels apart.
  init(keeps: (String) -> Bool) {
    self = !keeps("instance") ? .everything : keeps("job") ? .cell : .instance
  }
}

extension CellReach {
  /// The reach of an expression. What is not known to stay within its cells counts as reaching
  /// everywhere.
  static func of(_ expression: Expression) -> CellReach {
    let children = expression.children.map(of).max() ?? .cell
    return max(children, own(expression))
  }

  /// Functions whose result does not follow series by series from their arguments.
  private static let mixing: Set<String> = [
    "absent", "absent_over_time", "scalar", "vector", "info",
  ]
  /// Functions that say something of the time when they are given nothing.
  private static let dates: Set<String> = [
    "day_of_month", "day_of_week", "day_of_year", "days_in_month", "hour", "minute", "month",
    "year",
  ]

  private static func own(_ expression: Expression) -> CellReach {
    switch expression {
    case .aggregation(let node):
      if node.operation == .countValues, case .string(let label)? = node.parameter,
        isTargetLabel(label.value)
      {
        return .everything
      }
      switch node.grouping {
      case .by(let names): return CellReach { names.contains($0) }
      case .without(let names): return CellReach { !names.contains($0) }
      }
    case .binary(let node):
      guard let matching = node.matching else { return .cell }
      if matching.include.contains(where: isTargetLabel) { return .everything }
      return CellReach { matching.labels.contains($0) == matching.isOn }
    case .call(let call):
      if mixing.contains(call.name) { return .everything }
      if dates.contains(call.name), call.arguments.isEmpty { return .everything }
      if call.name == "label_replace" || call.name == "label_join" {
        guard call.arguments.count > 1, case .string(let label) = call.arguments[1] else {
          return .everything
        }
        return isTargetLabel(label.value) ? .everything : .cell
      }
      return .cell
    case .vectorSelector, .matrixSelector, .subquery, .number, .string, .unary, .parenthesized:
      return .cell
    }
  }

  private static func isTargetLabel(_ name: String) -> Bool { name == "job" || name == "instance" }
}

extension Rule {
  /// How far evaluations of the rule must reach. A recorded series has one sample a slot, and
  /// absence as a problem is a matter of the whole result.
  var reach: CellReach {
    guard case .alerting(let rule) = self else { return .everything }
    if case .raises = rule.behavior.noData { return .everything }
    if rule.labels.contains(where: { $0.name == "job" || $0.name == "instance" }) {
      return .everything
    }
    if RuleShape(rule.query.expression).selectors.isEmpty { return .everything }
    return CellReach.of(rule.query.expression)
  }
}
