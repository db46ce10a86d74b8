import Model

/// A transition with the instance as it was right after it: one evaluation may end an incident and
/// begin the next.
struct AlertStep: Sendable, Hashable {
  var transition: AlertTransition
  var instance: AlertInstance
  init(_ transition: AlertTransition, _ instance: AlertInstance) {
    self.transition = transition
    self.instance = instance
  }
}

extension AlertInstance {
  /// Derives state and severity from the levels, and names what changed.
  mutating func settle(
    since before: AlertInstance, _ behavior: AlertBehavior, at time: Timestamp
  ) -> [AlertStep] {
    let isFiring = levels.contains(where: \.isFiring) || absence.isFiring
    let isPending = levels.contains { $0.activeAt != nil } || absenceIsPending(behavior)
    guard isFiring || isPending else { return end(since: before, at: time) }

    var steps: [AlertStep] = []
    if before.state == .firing, !isFiring {
      steps.append(close(reasonToWaitAgain(since: before), at: time))
    }
    severity = currentSeverity(behavior)
    labels = behavior.isLeveled ? identity.setting("severity", to: severity?.name) : identity
    switch (before.state, isFiring) {
    case (.firing, true):
      if let old = before.severity, old != severity {
        steps.append(AlertStep(.levelChanged(from: old), self))
      }
      steps += knowledgeChange(since: before)
    case (.pending, false):
      steps += knowledgeChange(since: before)
    case (.firing, false):
      begin(.pending, at: time)
      activeAt = levels.compactMap(\.activeAt).min() ?? time
      steps.append(AlertStep(.becamePending, self))
    case (.inactive, false):
      begin(.pending, at: time)
      steps.append(AlertStep(.becamePending, self))
    case (.inactive, true), (.pending, true):
      if before.state == .inactive { begin(.firing, at: time) }
      state = .firing
      firedAt = time
      steps.append(AlertStep(.fired, self))
    }
    trackWorst(behavior)
    for index in steps.indices where steps[index].instance.incident == incident {
      steps[index].instance.worstValue = worstValue
    }
    return steps
  }

  /// Ends a firing incident.
  mutating func close(_ reason: CloseReason, at time: Timestamp) -> AlertStep {
    state = .inactive
    resolvedAt = time
    closeReason = reason
    return AlertStep(.resolved(reason), self)
  }

  private mutating func end(since before: AlertInstance, at time: Timestamp) -> [AlertStep] {
    switch before.state {
    case .inactive: return []
    case .firing: return [close(.recovered, at: time)]
    case .pending:
      state = .inactive
      return [AlertStep(.subsided, self)]
    }
  }

  /// A new incident.
  private mutating func begin(_ state: AlertState, at time: Timestamp) {
    self.state = state
    incident = IncidentID(startedAt: time, fingerprint: fingerprint)
    activeAt = time
    firedAt = nil
    resolvedAt = nil
    closeReason = nil
    valueAtStart = value
    worstValue = value
  }

  private func absenceIsPending(_ behavior: AlertBehavior) -> Bool {
    guard case .raises = behavior.noData else { return false }
    return absence.activeAt != nil
  }

  /// A level that fired and now waits again was reloaded with a longer `for`.
  private func reasonToWaitAgain(since before: AlertInstance) -> CloseReason {
    let waitsAgain = zip(before.levels, levels).contains { old, new in
      old.isFiring && !new.isFiring && new.activeAt != nil
    }
    return waitsAgain ? .superseded(by: "a longer `for`") : .recovered
  }

  private func currentSeverity(_ behavior: AlertBehavior) -> Severity? {
    guard behavior.isLeveled else { return behavior.levels.first?.severity }
    let anyFires = levels.contains(where: \.isFiring) || absence.isFiring
    var candidates: [Severity] = []
    for (progress, level) in zip(levels, behavior.levels) {
      guard anyFires ? progress.isFiring : progress.activeAt != nil else { continue }
      if let severity = level.severity { candidates.append(severity) }
    }
    if case .raises(let severity, _) = behavior.noData,
      anyFires ? absence.isFiring : absence.activeAt != nil
    {
      candidates.append(severity)
    }
    return candidates.max()
  }

  private func knowledgeChange(since before: AlertInstance) -> [AlertStep] {
    switch (before.knowledge, knowledge) {
    case (.known, .known), (.noData, .noData), (_, .error): []
    case (_, .known): [AlertStep(.regainedData, self)]
    case (_, .noData): [AlertStep(.lostData, self)]
    }
  }

  private mutating func trackWorst(_ behavior: AlertBehavior) {
    guard let value, !value.isNaN else { return }
    if valueAtStart == nil { valueAtStart = value }
    let sign = behavior.worstDirection
    if let worst = worstValue, !worst.isNaN, sign * worst >= sign * value { return }
    worstValue = value
  }
}
