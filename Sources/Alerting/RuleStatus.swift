import Model

/// A group as `/api/v1/rules` shows it (`web/api/v1/api.go`, `RuleGroup`).
package struct RuleGroupStatus: Sendable, Hashable {
  package var name: String
  package var file: String
  package var every: Duration
  package var limit: Int
  package var delay: Duration
  package var lastEvaluation: Timestamp?
  package var rules: [RuleStatus]
}

/// A rule as `/api/v1/rules` shows it.
package struct RuleStatus: Sendable, Hashable {
  /// Upstream's word for the kind of rule.
  package enum Kind: String, Sendable, Hashable { case alerting, recording }
  /// Whether the last evaluation went well.
  package enum Health: String, Sendable, Hashable {
    case ok
    case failing = "err"
    case unknown
  }
  /// The most urgent state among the rule's alerts.
  package enum State: String, Sendable, Hashable { case unknown, inactive, pending, firing }
  /// One rung of the alert, as configured.
  package struct Level: Sendable, Hashable {
    package var severity: Severity?
    /// nil for a `when`.
    package var threshold: LevelThreshold?
    package var hold: Duration
    package var clearHold: Duration
  }

  package var kind: Kind
  package var name: String
  package var query: String
  package var labels: [Label]
  /// The texts as written, by name.
  package var annotations: [Label]
  /// The least severe level's `for`, as upstream's `duration`.
  package var hold: Duration
  package var keepFiring: Duration
  package var levels: [Level]
  package var state: State
  package var health: Health
  /// "" when the last evaluation went well.
  package var lastError: String
  package var lastEvaluation: Timestamp?
  /// Pending and firing alerts, in the order of their labels.
  package var alerts: [Alert]
  /// The last evaluations, oldest first, for `explain`.
  package var outcomes: [RuleOutcome]
  /// When the rule is evaluated next if nothing else happens; nil when nothing is planned.
  package var nextEvaluation: Timestamp?
  /// Waiting for sources that have not reported since the start.
  package var waitsForSources: [SourceID]
  package var disabledReason: String?
}

extension RuleEngine {
  /// Every group with its rules, in order.
  package func groups() -> [RuleGroupStatus] {
    var groups: [RuleGroupStatus] = []
    var index = 0
    for group in book.groups {
      let rules = (index..<index + group.rules.count).map(status)
      index += group.rules.count
      groups.append(
        RuleGroupStatus(
          name: group.name, file: group.file, every: group.every, limit: group.limit,
          delay: group.delay, lastEvaluation: rules.compactMap(\.lastEvaluation).max(),
          rules: rules))
    }
    return groups
  }

  /// Every pending and firing alert, rule by rule, the rules' own failures among them.
  package func alerts() -> [Alert] {
    states.flatMap { state in
      var alerts = state.instances.ordered.filter(\.isActive).map { snapshot(of: $0, in: state) }
      if let failing = state.failing, failing.isActive {
        alerts.append(snapshot(of: failing, in: state, isOwn: true))
      }
      return alerts
    }
  }

  /// The first of the firing alerts but for some, in the order of `alerts`, and how many there are.
  package func firing(
    except some: Set<Fingerprint>, upTo limit: Int
  ) -> (first: [Alert], count: Int) {
    var first: [Alert] = []
    var count = 0
    for state in states {
      func add(_ instance: AlertInstance, isOwn: Bool) {
        guard instance.state == .firing, !some.contains(instance.fingerprint) else { return }
        count += 1
        guard first.count < limit else { return }
        first.append(snapshot(of: instance, in: state, isOwn: isOwn))
      }
      for instance in state.instances.ordered { add(instance, isOwn: false) }
      if let failing = state.failing { add(failing, isOwn: true) }
    }
    return (first, count)
  }

  /// The alerts that were resolved in the last 15 minutes, rule by rule.
  package func resolvedAlerts() -> [Alert] {
    states.flatMap { state in
      state.instances.ordered.filter { instance in
        guard !instance.isActive, let ended = instance.resolvedAt else { return false }
        return now - ended <= RuleState.keptResolved
      }.map { snapshot(of: $0, in: state) }
    }
  }

  private func status(_ index: Int) -> RuleStatus {
    let state = states[index]
    let active = state.instances.ordered.filter(\.isActive)
    let known: RuleStatus.State =
      state.lastEvaluation == nil
      ? .unknown
      : active.contains { $0.state == .firing } ? .firing : active.isEmpty ? .inactive : .pending
    var status = RuleStatus(
      kind: .recording, name: state.rule.name, query: "", labels: [], annotations: [],
      hold: .zero, keepFiring: .zero, levels: [], state: known,
      health: state.lastEvaluation == nil ? .unknown : state.lastFailure == nil ? .ok : .failing,
      lastError: state.lastFailure?.description ?? "", lastEvaluation: state.lastEvaluation,
      alerts: active.map { snapshot(of: $0, in: state) }, outcomes: state.outcomes,
      nextEvaluation: state.timing.due == .distantFuture ? nil : state.timing.due,
      waitsForSources: [])
    if state.isPostponed {
      status.waitsForSources = sources.filter { $0.value.reports == 0 }.map(\.key).sorted()
    }
    switch state.rule {
    case .recording(let rule):
      status.query = rule.expressionText
      status.labels = rule.labels
    case .alerting(let rule):
      status.kind = .alerting
      status.query = rule.expressionText
      status.labels = rule.labels.map { Label($0.name, $0.text) }
      if !rule.behavior.isLeveled, let severity = rule.behavior.levels.first?.severity {
        status.labels.append(Label("severity", severity.name))
      }
      status.annotations = rule.texts.map { Label($0.name, $0.text) }
      status.levels = rule.behavior.levels.map { level in
        let threshold: LevelThreshold? =
          if case .threshold(let line) = level.condition { line } else { nil }
        return RuleStatus.Level(
          severity: level.severity, threshold: threshold, hold: level.hold,
          clearHold: level.clearHold)
      }
      status.hold = rule.behavior.levels.first?.hold ?? .zero
      status.keepFiring = rule.behavior.levels.first?.clearHold ?? .zero
      if state.isDisabled(at: now) { status.disabledReason = rule.disabling?.reason }
    }
    return status
  }
}
