import Alerting
import Language
import Model
import PromQL
import PromQLSyntax
import Routing
import Templates

/// Every alert the rules of a configuration can raise, with what is certain of its labels. Alerts
/// that other programs post are not in it: the checks speak of the configuration's own.
enum AlertUniverse {
  /// The entries of all rules, of the statements whose rule was left out because of a mistake, and
  /// of the alert about rules that do not evaluate.
  static func entries(
    rules: RuleBook, statements: [Statement], severities: SeverityScale
  ) -> [AlertUniverseEntry] {
    var entries: [AlertUniverseEntry] = []
    for group in rules.groups {
      for case .alerting(let rule) in group.rules {
        entries.append(entry(rule, isRemote: group.evaluator != nil))
      }
    }
    entries += broken(rules, statements, severities)
    guard !entries.isEmpty else { return [] }
    let own = severities["warning"] ?? severities.all.last
    entries.append(
      AlertUniverseEntry(
        alert: RuleEngine.failingName,
        labels: [
          "rule": .unknown, "rule_group": .unknown,
          "severity": own.map { .values([$0.name]) } ?? .absent,
        ], others: .absent))
    return entries
  }

  /// What is certain of a rule's alerts. An engine elsewhere may know more than PromQL.
  static func entry(_ rule: AlertingRule, isRemote: Bool = false) -> AlertUniverseEntry {
    var labels =
      isRemote ? InferredLabels.open : LabelInference.labels(of: rule.query.expression)
    var raised: [String] = []
    if case .raises(let severity, _) = rule.behavior.noData {
      raised = [severity.name]
      var missing = InferredLabels.none
      for label in rule.absentLabels { missing[label.name] = .values([label.value]) }
      labels = labels.joined(missing)
    }
    for label in rule.labels {
      switch label.template.constant {
      case nil: labels[label.name] = .unknown
      case ""?: labels[label.name] = .absent
      case let value?: labels[label.name] = .values([value])
      }
    }
    var severities: [String] = []
    for name in rule.behavior.levels.compactMap(\.severity?.name) + raised
    where !severities.contains(name) {
      severities.append(name)
    }
    if !severities.isEmpty { labels["severity"] = .values(severities) }
    labels[Labels.alertName] = .values([rule.name])
    return AlertUniverseEntry(alert: rule.name, labels: labels.known, others: labels.others)
  }

  /// Alerts that are written but could not be read: they have any labels, and one of the
  /// severities.
  private static func broken(
    _ rules: RuleBook, _ statements: [Statement], _ severities: SeverityScale
  ) -> [AlertUniverseEntry] {
    var unread = rules.alerts.reduce(into: [String: Int]()) { $0[$1.name, default: 0] -= 1 }
    var entries: [AlertUniverseEntry] = []
    for statement in statements.alertStatements {
      let isProbe = statement.keyword.value == "probe"
      let words = statement.words
      guard let name = isProbe ? words.dropFirst().first : words.first else { continue }
      let left = unread[name.text, default: 0]
      unread[name.text] = left + 1
      guard left >= 0, !(isProbe && statement.silencesItself) else { continue }
      entries.append(
        AlertUniverseEntry(alert: name.text, labels: ["severity": .values(severities.names)]))
    }
    return entries
  }
}

extension [Statement] {
  /// The `alert` and `probe` statements, those in groups among them.
  var alertStatements: [Statement] {
    flatMap { statement -> [Statement] in
      switch statement.keyword.value {
      case "alert", "probe": [statement]
      case "group": (statement.block ?? []).filter { $0.keyword.value == "alert" }
      default: []
      }
    }
  }
}

extension Statement {
  /// Whether a probe has a level that is `off`.
  fileprivate var silencesItself: Bool {
    (block ?? []).contains { $0.words.count == 1 && $0.words[0].text == "off" }
  }
}
