import Model
import Templates

extension RuleEngine {
  /// The steps of a rule's alerts as updates, history entries and changes of durable state.
  mutating func output(of steps: [AlertStep], _ index: Int, at time: Timestamp) -> RuleOutput {
    var output = RuleOutput()
    let state = states[index]
    var stored = Set<Fingerprint>()
    for step in steps {
      let update = AlertUpdate(
        alert: snapshot(of: step.instance, in: state), transition: step.transition, time: time)
      output.updates.append(update)
      if let entry = HistoryEntry(update) { output.history.append(entry) }
      if step.transition != .refreshed { stored.insert(step.instance.fingerprint) }
    }
    for fingerprint in stored.sorted() {
      if let instance = state.instances[fingerprint] {
        output.changes.append(.put(record(of: instance, in: state)))
        states[index].persisted.insert(fingerprint)
      }
    }
    for fingerprint in states[index].persisted.sorted() where state.instances[fingerprint] == nil {
      output.changes.append(
        .remove(table: AlertRecords.instances, key: AlertRecords.key(state.key, fingerprint)))
      states[index].persisted.remove(fingerprint)
    }
    if states[index].storedSources != states[index].sources {
      output.changes.append(.put(record(of: states[index])))
      states[index].storedSources = states[index].sources
    }
    return output
  }

  /// Raises the rule's own alert when it begins to fail, and closes it when it evaluates again.
  mutating func noteHealth(
    _ failure: RuleFailure?, _ index: Int, at time: Timestamp
  ) -> RuleOutput {
    guard failure != nil || states[index].failing?.isActive ?? false else { return RuleOutput() }
    let severity = book.severities["warning"] ?? book.severities.all.last
    let behavior = AlertBehavior(
      levels: [AlertLevel(severity: severity, condition: .present)], isLeveled: false)
    let identity = Labels([
      Label(Labels.alertName, Self.failingName), Label("rule", states[index].rule.name),
      Label("rule_group", states[index].group.name), Label("severity", severity?.name ?? ""),
    ])
    var instance =
      states[index].failing
      ?? AlertInstance(identity: identity, element: Labels(), behavior: behavior, at: time)
    let steps = instance.observe(failure == nil ? .cleared : .value(1), by: behavior, at: time)
    if let failure {
      instance.annotations = [
        .init(
          name: "summary",
          text: RenderedText(segments: [
            .literal("the rule "), .inserted(states[index].rule.name),
            .literal(" does not evaluate; its alerts are held"),
          ])),
        .init(
          name: "description", text: RenderedText(segments: [.inserted(failure.description)])),
      ]
    }
    states[index].failing = instance
    var output = RuleOutput()
    for var step in steps {
      step.instance.annotations = instance.annotations
      let alert = snapshot(of: step.instance, in: states[index], isOwn: true)
      let update = AlertUpdate(alert: alert, transition: step.transition, time: time)
      output.updates.append(update)
      if var entry = HistoryEntry(update) {
        if let failure {
          entry.event = .error
          entry.reason = failure.description
        }
        output.history.append(entry)
      }
    }
    if !steps.isEmpty { output.changes.append(.put(record(of: states[index]))) }
    return output
  }

  package static let failingName = "RuleEvaluationFailing"

  /// An instance as everybody outside sees it.
  func snapshot(of instance: AlertInstance, in state: RuleState, isOwn: Bool = false) -> Alert {
    var alert = Alert(
      fingerprint: instance.fingerprint, incident: instance.incident, labels: instance.labels,
      severity: instance.severity, state: instance.state, activeAt: instance.activeAt,
      group: state.group.name)
    alert.knowledge = instance.knowledge
    alert.annotations = instance.annotations
    alert.firedAt = instance.firedAt
    alert.resolvedAt = instance.resolvedAt
    alert.closeReason = instance.closeReason
    alert.keepFiringSince = instance.keepFiringSince
    guard !isOwn, let rule = state.alerting else { return alert }
    alert.expression = rule.expressionText
    alert.value = rule.shown(instance.value)
    alert.valueAtStart = rule.shown(instance.valueAtStart)
    alert.worstValue = rule.shown(instance.worstValue)
    alert.threshold = rule.threshold(of: instance)
    alert.unit = alert.threshold.map(rule.displayUnit) ?? rule.unit
    alert.parents = rule.parents
    alert.flapping = rule.flapping
    return alert
  }
}
