import Diagnostics
import Language
import Model
import PromQL
import PromQLSyntax
import Templates

extension RuleBookReader {
  /// The alerts of probes: ordinary rules on the failures and successes that probes count.
  mutating func readProbes(_ alerts: [ProbeAlert]) {
    var group = RuleGroup(name: "probes", file: "")
    for alert in alerts {
      if let first = probeNames[alert.name] {
        report(
          "E017", "there are two probes called `\(alert.name)`", at: alert.nameRange,
          "again here", context: [.init(first, "first written here")])
        continue
      }
      probeNames[alert.name] = alert.nameRange
      register(alert.parents, of: alert.name)
      if let rule = probeRule(alert) { group.rules.append(.alerting(rule)) }
    }
    guard !group.rules.isEmpty else { return }
    groups.insert(group, at: 0)
  }

  private func probeRule(_ alert: ProbeAlert) -> AlertingRule? {
    let levels = alert.levels.compactMap { line -> AlertLevel? in
      switch line.trigger {
      case .off: return nil
      case .failures(let count, let successes):
        return Self.level(line.severity, after: count, until: successes)
      case .threshold:
        report(
          "E012", "a probe's level counts failures", at: line.range, "a limit belongs to `watch`",
          help: "write `\(line.severity.name) after 3 failures until 2 successes`")
        return nil
      }
    }
    guard !levels.isEmpty else { return nil }
    // Failures count upward, successes downward: at most one of the two is ever more than zero.
    let job = PromQuote.quoted(alert.job)
    let text =
      "probe_consecutive_failures{job=\(job)} - probe_consecutive_successes{job=\(job)}"
    let parsed = PromQLParser.parse(SourceText(name: "probe \(alert.name)", text: text))
    guard let expression = parsed.expression, let query = prepare(expression, "probe") else {
      return nil
    }
    var rule = AlertingRule(
      name: alert.name,
      behavior: AlertBehavior(
        levels: levels.sorted { ($0.severity?.rank ?? 0) < ($1.severity?.rank ?? 0) },
        isLeveled: true),
      query: query, expressionText: expression.description, range: alert.range)
    rule.probe = alert.name
    rule.absentLabels = Labels([Label("job", alert.job)])
    rule.labels = alert.labels.map { label in
      AlertingRule.AddedLabel(
        name: label.name, template: Template(literal: label.value, scope: .label),
        text: label.value, range: nil)
    }
    rule.texts = [
      ("summary", alert.summary), ("description", alert.description), ("runbook", alert.runbook),
    ].compactMap { name, template in
      template.map { AlertingRule.NamedText(name: name, located: $0) }
    }
    rule.parents = alert.parents.map(\.value.name)
    return rule
  }

  private static func level(
    _ severity: Severity, after failures: Int, until successes: Int?
  ) -> AlertLevel {
    AlertLevel(
      severity: severity,
      condition: .threshold(
        LevelThreshold(
          comparison: .greaterOrEqual, limit: Quantity(Double(failures)),
          clearComparison: .lessOrEqual, clearLimit: Quantity(-Double(successes ?? 1)))))
  }
}
