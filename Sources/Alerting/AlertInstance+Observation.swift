import Model

/// What one evaluation knows of one instance.
enum Observation: Sendable, Hashable {
  /// The element is in the result.
  case value(Double)
  /// The condition is known not to hold.
  case cleared
  /// The element is gone because the source did not answer, or by a `no data` policy.
  case missing
  /// Too early to tell, or the rule does not evaluate: the state stands still.
  case unknown
}

extension AlertInstance {
  /// Moves the instance by one evaluation and says what changed. An instance that ends up inactive
  /// without having fired is to be forgotten.
  mutating func observe(
    _ observation: Observation, by behavior: AlertBehavior, at time: Timestamp
  ) -> [AlertStep] {
    let before = self
    switch observation {
    case .value(let value):
      resume(at: time)
      self.value = value
      absence.clear()
      advanceLevels(value, behavior, at: time)
    case .cleared:
      resume(at: time)
      absence.clear()
      advanceLevels(nil, behavior, at: time)
    case .missing:
      pause(at: time)
      if case .noData = knowledge {} else { knowledge = .noData(since: time) }
      advanceAbsence(behavior, at: time)
    case .unknown:
      pause(at: time)
    }
    return settle(since: before, behavior, at: time)
  }

  /// The state is held because the rule does not evaluate.
  mutating func fail(reason: String, at time: Timestamp) -> [AlertStep] {
    pause(at: time)
    if case .error(let since, let old) = knowledge {
      if old != reason { knowledge = .error(since: since, reason: reason) }
      return []
    }
    knowledge = .error(since: time, reason: reason)
    return isActive ? [AlertStep(.failedToEvaluate, self)] : []
  }

  private mutating func pause(at time: Timestamp) {
    if unobservedSince == nil { unobservedSince = observedAt }
  }

  /// Time that nobody observed neither satisfies nor resets a timer.
  private mutating func resume(at time: Timestamp) {
    if let since = unobservedSince { shift(by: time - since, upTo: time) }
    unobservedSince = nil
    observedAt = time
    knowledge = .known
  }

  /// Moves the running timers of the condition forward.
  private mutating func shift(by gap: Duration, upTo now: Timestamp) {
    guard gap > .zero else { return }
    for index in levels.indices { levels[index].shift(by: gap, upTo: now) }
    if state == .pending { activeAt = min(activeAt + gap, now) }
  }

  /// A clock step, a suspend or an outage of this program that ends now.
  mutating func skip(_ gap: Duration, at now: Timestamp) {
    absence.shift(by: gap, upTo: now)
    if unobservedSince == nil {
      shift(by: gap, upTo: now)
      observedAt = now
    }
  }

  private mutating func advanceLevels(
    _ value: Double?, _ behavior: AlertBehavior, at time: Timestamp
  ) {
    var raised = levels.map { _ in false }
    for (index, level) in behavior.levels.enumerated() where index < levels.count {
      raised[index] = value.map(level.raises) ?? false
      levels[index].advance(
        raised: raised[index], kept: value.map(level.keeps) ?? false, hold: level.hold,
        clearHold: level.clearHold, at: time)
    }
    // A worse level that is confirmed confirms the milder ones below it, so that leaving it is a
    // step down and not a close followed by a new page.
    guard let leading = levels.lastIndex(where: \.isFiring) else { return }
    for index in 0..<leading where raised[index] && !levels[index].isFiring {
      let confirmed = time - behavior.levels[index].hold
      levels[index].isFiring = true
      levels[index].activeAt = min(levels[index].activeAt ?? confirmed, confirmed)
    }
  }

  private mutating func advanceAbsence(_ behavior: AlertBehavior, at time: Timestamp) {
    switch behavior.noData {
    case .standard, .resolves: break
    case .raises(let severity, let hold):
      absence.severity = severity.name
      absence.advance(raised: true, kept: true, hold: hold, clearHold: .zero, at: time)
    case .holds(let limit):
      let since = absence.activeAt ?? time
      absence.activeAt = since
      guard time - since >= limit else { return }
      for index in levels.indices { levels[index].clear() }
      absence.clear()
    }
  }
}
