import Alerting
import Diagnostics
import Language
import Model
import PromQL
import Routing

/// Where samples come from, as far as the checks need to know it.
package struct SampleSource: Sendable {
  /// The labels of every series of the source.
  package var labels: Labels
  /// From one sample to the next.
  package var every: Duration
  package init(labels: Labels, every: Duration) {
    self.labels = labels
    self.every = every
  }
}

/// Checks that look at a configuration as a whole.
package enum Lints {
  /// Everything suspicious in a configuration that loads. `sources` are the targets it collects
  /// from; `now` is what the dates of `allow` are held against, nil lets all of them count.
  package static func run(
    rules: RuleBook, routing: RoutingPlan, statements: [Statement], severities: SeverityScale,
    sources: [SampleSource] = [], now: Timestamp? = nil
  ) -> [Diagnostic] {
    let universe = AlertUniverse.entries(
      rules: rules, statements: statements, severities: severities)
    var found = routing.unreachable(for: universe).map(\.diagnostic)
    found += SharedLabels(universe: universe, rules: rules, statements: statements)
      .diagnostics(routing.inhibitions)
    let written = statements.alertStatements
    let recorded = Set(rules.records.map(\.name))
    for group in rules.groups where group.evaluator == nil {
      for rule in group.rules {
        let query = rule.query.expression
        var own = DeadJoins.diagnostics(query)
        own += ShortRanges(sources: sources, recorded: recorded).diagnostics(rule)
        if case .alerting(let alert) = rule {
          // A probe's expression is our own.
          guard alert.probe == nil else { continue }
          own += UncomparedConditions.diagnostics(alert)
          own += MissingLabels.diagnostics(alert, in: written)
          found += alert.allowances.compactMap { expired($0, now) }
          own.removeAll { diagnostic in
            alert.allowances.contains { $0.covers(diagnostic.code, now) }
          }
        }
        found += own
      }
    }
    return found
  }

  /// The names `allow` knows the checks of one rule by, besides their codes.
  static let names: [String: String] = [
    "W016": "missing-label", "W102": "short-range", "W107": "dead-join", "W108": "no-comparison",
  ]

  /// W119: an exception whose day has come.
  private static func expired(
    _ allowance: AlertingRule.Allowance, _ now: Timestamp?
  ) -> Diagnostic? {
    guard let now, let until = allowance.until, until <= now else { return nil }
    return Diagnostic(
      "W119", .warning, "this exception has expired", at: allowance.range,
      "`\(allowance.lint)` is reported again", help: "remove it, or give it a later date")
  }
}

extension AlertingRule.Allowance {
  /// Whether it lets a diagnostic pass.
  func covers(_ code: String, _ now: Timestamp?) -> Bool {
    guard lint == code || lint == Lints.names[code] else { return false }
    guard let now, let until else { return true }
    return now < until
  }
}
