import Diagnostics
import Language
import Model
import PromQL
import PromQLSyntax

/// When an alert fires, as read: `when` with `for`, or `watch` with level lines.
struct AlertCondition {
  var expression: Located<Expression>
  var levelLines: [LevelLine]
  var isWatch: Bool
  var hold: Duration

  init(
    expression: Located<Expression>, lines: [LevelLine], isWatch: Bool, hold: Duration = .zero
  ) {
    self.expression = expression
    levelLines = lines
    self.isWatch = isWatch
    self.hold = hold
  }

  /// The level lines with the names of their severities.
  var lines: [(line: LevelLine, level: String)] {
    levelLines.map { ($0, $0.severity.name) }
  }

  /// The rule; nil after a mistake was reported.
  func rule(
    name: String, reader: RuleBookReader, _ noData: NoDataPolicy, _ severity: Severity?
  ) -> AlertingRule? {
    guard let query = reader.prepare(expression.value, isWatch ? "watch" : "when") else {
      return nil
    }
    let unit = UnitInference.unit(of: expression.value)
    let levels: [AlertLevel]
    if isWatch {
      guard let read = watchLevels(reader) else { return nil }
      levels = read
    } else {
      levels = [AlertLevel(severity: severity, condition: .present, hold: hold)]
    }
    var raised: Severity?
    if case .raises(let level, _) = noData { raised = level }
    let behavior = AlertBehavior(
      levels: levels, noData: noData,
      isLeveled: isWatch || (raised != nil && raised != severity))
    var rule = AlertingRule(
      name: name, behavior: behavior, query: query,
      presence: Presence.of(expression.value, reader: reader),
      expressionText: expression.value.description)
    rule.unit = unit
    if unit == .none, case .threshold(let line) = levels.first?.condition {
      rule.unit = line.limit.unit
    }
    if !isWatch { rule.condition = Self.comparison(expression.value, hold: hold, unit: unit) }
    rule.absentLabels = Presence.absentLabels(expression.value)
    return rule
  }

  private func watchLevels(_ reader: RuleBookReader) -> [AlertLevel]? {
    guard !levelLines.isEmpty else {
      reader.report(
        "E028", "`watch` needs at least one level", at: expression.range,
        "nothing says when this is a problem", help: "add a level such as `warning > 80%`")
      return nil
    }
    var levels: [AlertLevel] = []
    for line in levelLines {
      guard case .threshold(let threshold) = line.trigger else {
        reader.report(
          "E012", "a watched quantity is compared with a number", at: line.range,
          "this belongs to a probe", help: "write a limit such as `> 80%`")
        return nil
      }
      levels.append(
        AlertLevel(
          severity: line.severity, condition: .threshold(threshold), hold: threshold.hold,
          clearHold: threshold.clearHold))
    }
    return levels.sorted { ($0.severity?.rank ?? 0) < ($1.severity?.rank ?? 0) }
  }

  /// The comparison a condition ends in, when it is with a number.
  static func comparison(
    _ expression: Expression, hold: Duration, unit: Unit
  ) -> LevelThreshold? {
    switch expression {
    case .parenthesized(let node): return comparison(node.expression, hold: hold, unit: unit)
    case .binary(let node):
      if node.operation == .and || node.operation == .unless {
        return comparison(node.left, hold: hold, unit: unit)
      }
      guard !node.returnsBool, let sign = Comparison(rawValue: node.operation.rawValue),
        case .number(let limit) = node.right
      else { return nil }
      return LevelThreshold(comparison: sign, limit: Quantity(limit.value, unit), hold: hold)
    default: return nil
    }
  }
}

/// What of a condition is there whether or not it holds.
enum Presence {
  static func of(_ expression: Expression, reader: RuleBookReader) -> AlertingRule.Presence {
    if RuleShape(expression).testsAbsence { return .unknown }
    let bare = unfiltered(expression)
    if bare == expression { return .result }
    guard case .success(let query) = Query.prepare(bare) else { return .unknown }
    return .query(query)
  }

  /// The expression without the comparisons and set operations that only filter its elements.
  static func unfiltered(_ expression: Expression) -> Expression {
    switch expression {
    case .parenthesized(let node): return unfiltered(node.expression)
    case .binary(var node):
      switch node.operation {
      case .and, .unless: return unfiltered(node.left)
      case .or:
        node.left = unfiltered(node.left)
        node.right = unfiltered(node.right)
        return .binary(node)
      case let operation where operation.isComparison && !node.returnsBool:
        return isNumber(node.left) ? unfiltered(node.right) : unfiltered(node.left)
      default: return expression
      }
    default: return expression
    }
  }

  private static func isNumber(_ expression: Expression) -> Bool {
    switch expression {
    case .number: true
    case .parenthesized(let node): isNumber(node.expression)
    case .unary(let node): isNumber(node.expression)
    case .call(let node): node.name == "scalar" || node.name == "time"
    default: false
    }
  }

  /// The labels that the expression's first selector fixes, as `absent` gives them
  /// (`promql/functions.go`, `createLabelsForAbsentFunction`).
  static func absentLabels(_ expression: Expression) -> Labels {
    guard let matchers = RuleShape(expression).selectors.first else { return Labels() }
    let fixed = matchers.filter { matcher in
      matcher.comparison == .equal && matcher.name != Labels.metricName
        && matchers.count { $0.name == matcher.name } == 1
    }
    return Labels(fixed.map { Label($0.name, $0.value) })
  }
}
