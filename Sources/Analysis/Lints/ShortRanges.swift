import Alerting
import Diagnostics
import Language
import Model
import PromQL
import PromQLSyntax

/// W102: a range too short for the interval its samples come in. Only where every source that the
/// selector could read is known to be too slow. With every source at 15 s it speaks of none of 617
/// published alerts, whose shortest range is a minute.
struct ShortRanges {
  let sources: [SampleSource]
  /// The names of recorded series, which come at their group's pace.
  let recorded: Set<String>

  func diagnostics(_ rule: Rule) -> [Diagnostic] {
    visit(rule.query.expression, of: rule)
  }

  /// Functions that need two samples to say anything.
  private static let needingTwo: Set<String> = [
    "rate", "irate", "increase", "delta", "idelta", "deriv", "predict_linear",
  ]

  private func visit(_ expression: Expression, of rule: Rule) -> [Diagnostic] {
    var found: [Diagnostic] = []
    if case .call(let call) = expression, Self.needingTwo.contains(call.name),
      case .matrixSelector(let node)? = call.arguments.first,
      let diagnostic = diagnostic(node, rule)
    {
      found.append(diagnostic)
    }
    return found + expression.children.flatMap { visit($0, of: rule) }
  }

  private func diagnostic(_ node: MatrixSelector, _ rule: Rule) -> Diagnostic? {
    guard node.selector.rangeExtension == nil, let window = node.window.constant,
      let every = fastest(node.selector), window < every * 2
    else { return nil }
    let text = NumberNotation.text(window)
    let pace = NumberNotation.text(every)
    let advice = "use at least `[\(NumberNotation.text(every * 4))]` (4 × the scrape interval)"
    guard window <= every else {
      return Diagnostic(
        "W102", .warning, "`[\(text)]` is too short: it does not always hold two samples",
        at: node.windowRange, "scraped every \(pace), so this window often holds 1 sample",
        help: advice)
    }
    var help = advice
    if case .alerting = rule, !canDoWithout(rule.query.expression) {
      help += "; this alert can never fire as written"
    }
    return Diagnostic(
      "W102", .warning, "`[\(text)]` is too short: it never holds two samples",
      at: node.windowRange, "scraped every \(pace), so this window holds 1 sample", help: help)
  }

  /// The shortest interval among the sources that could have such series; nil when nothing is sure.
  private func fastest(_ selector: VectorSelector) -> Duration? {
    let metric = selector.matchers.first { $0.name == Labels.metricName }
    guard let metric, metric.comparison == .equal, !recorded.contains(metric.value),
      !metric.value.contains(":")
    else { return nil }
    return sources.filter { source in
      selector.matchers.allSatisfy { matcher in
        guard let value = source.labels[matcher.name] else { return true }
        return matcher.matches(value)
      }
    }.map(\.every).min()
  }

  /// Whether an expression can have a result although a part of it is always empty.
  private func canDoWithout(_ expression: Expression) -> Bool {
    switch expression {
    case .binary(let node):
      if node.operation == .or || node.operation == .unless { return true }
    case .call(let node):
      if node.name.hasPrefix("absent") { return true }
    default: break
    }
    return expression.children.contains(where: canDoWithout)
  }
}
