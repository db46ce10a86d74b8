import API
import Alerting
import Model
import Pipeline

extension Supervisor {
  /// The rule groups in the shape of `/api/v1/rules`.
  func ruleGroupViews() -> [RuleGroupView] {
    pipeline.rules.groups().map { group in
      RuleGroupView(
        name: group.name, file: group.file, interval: group.every,
        lastEvaluation: group.lastEvaluation, evaluationTime: .zero,
        rules: group.rules.map(Self.view))
    }
  }

  private static func view(_ rule: RuleStatus) -> RuleView {
    let state = AlertState(rawValue: rule.state.rawValue) ?? .inactive
    return RuleView(
      kind: rule.kind == .recording ? .recording : .alerting(state: state, alerts: rule.alerts),
      name: rule.name, query: rule.query, hold: rule.hold, keepFiringFor: rule.keepFiring,
      labels: Labels(rule.labels), annotations: rule.annotations,
      health: RuleView.Health(rawValue: rule.health.rawValue) ?? .unknown,
      lastError: rule.lastError.isEmpty ? nil : rule.lastError,
      lastEvaluation: rule.lastEvaluation, evaluationTime: .zero)
  }
}
