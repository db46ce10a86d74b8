import Model

/// How far one level of an instance has come toward firing, or toward clearing.
struct LevelProgress: Sendable, Hashable, Codable {
  /// The severity's name, "" for a rule without one: how a reloaded rule finds its levels again.
  var severity: String
  /// Since when the condition holds; nil while it does not.
  var activeAt: Timestamp?
  var isFiring = false
  /// Since when a firing level is quiet and only `until … for` or `keep firing` holds it up.
  var clearSince: Timestamp?

  /// Moves the level by one evaluation (`rules/alerting.go`, `Eval`).
  mutating func advance(
    raised: Bool, kept: Bool, hold: Duration, clearHold: Duration, at time: Timestamp
  ) {
    if isFiring {
      if kept {
        clearSince = nil
        // The rule was reloaded with a longer `for`.
        if raised, let activeAt, time - activeAt < hold { isFiring = false }
        return
      }
      let since = clearSince ?? time
      clearSince = since
      if time - since >= clearHold { clear() }
    } else if raised {
      let since = activeAt ?? time
      activeAt = since
      if time - since >= hold { isFiring = true }
    } else {
      activeAt = nil
    }
  }

  mutating func clear() {
    activeAt = nil
    isFiring = false
    clearSince = nil
  }

  /// Moves running timers forward by time that nobody observed.
  mutating func shift(by gap: Duration, upTo now: Timestamp) {
    if !isFiring, let since = activeAt { activeAt = min(since + gap, now) }
    if let since = clearSince { clearSince = min(since + gap, now) }
  }

  /// When the level moves by itself if nothing else happens.
  func deadline(hold: Duration, clearHold: Duration) -> Timestamp? {
    if let clearSince { return clearSince + clearHold }
    if let activeAt, !isFiring { return activeAt + hold }
    return nil
  }
}

/// One alert of a rule: an element of its result and what has become of it.
struct AlertInstance: Sendable, Hashable, Codable {
  /// The labels that identify it: all of them, without `severity` when that is a level.
  var identity: Labels
  var fingerprint: Fingerprint
  /// The element's own labels, without the metric name.
  var element: Labels
  var labels: Labels
  var incident: IncidentID
  var state: AlertState
  var severity: Severity?
  /// In the order of the rule's levels.
  var levels: [LevelProgress]
  /// Absence as a problem: `no data LEVEL for D`, and the timer of `no data hold D`.
  var absence: LevelProgress
  var knowledge: AlertKnowledge
  var value: Double?
  var valueAtStart: Double?
  var worstValue: Double?
  var annotations: [Alert.Annotation]
  var activeAt: Timestamp
  var firedAt: Timestamp?
  var resolvedAt: Timestamp?
  var closeReason: CloseReason?
  /// The last evaluation that knew whether the condition holds.
  var observedAt: Timestamp
  /// Set while nothing is known: timers stand still from here until the next observation.
  var unobservedSince: Timestamp?

  init(identity: Labels, element: Labels, behavior: AlertBehavior, at time: Timestamp) {
    self.identity = identity
    self.element = element
    fingerprint = identity.fingerprint
    labels = identity
    incident = IncidentID(startedAt: time, fingerprint: fingerprint)
    state = .inactive
    levels = behavior.levels.map { LevelProgress(severity: $0.severity?.name ?? "") }
    absence = LevelProgress(severity: "")
    knowledge = .known
    annotations = []
    activeAt = time
    observedAt = time
  }

  var isActive: Bool { state != .inactive }

  /// Since when only `keep firing` or `until … for` keeps the alert up; nil when it is not so.
  var keepFiringSince: Timestamp? {
    guard state == .firing, !absence.isFiring else { return nil }
    let firing = levels.filter(\.isFiring)
    guard !firing.isEmpty, firing.allSatisfy({ $0.clearSince != nil }) else { return nil }
    return firing.compactMap(\.clearSince).max()
  }

  /// When the instance moves by itself if nothing else happens; nil when no timer runs.
  func deadline(_ behavior: AlertBehavior) -> Timestamp? {
    guard isActive else { return nil }
    var deadlines: [Timestamp] = []
    if unobservedSince == nil {
      for (progress, level) in zip(levels, behavior.levels) {
        if let time = progress.deadline(hold: level.hold, clearHold: level.clearHold) {
          deadlines.append(time)
        }
      }
    } else if let since = absence.activeAt, !absence.isFiring {
      switch behavior.noData {
      case .raises(_, let hold), .holds(let hold): deadlines.append(since + hold)
      case .standard, .resolves: break
      }
    }
    return deadlines.min()
  }
}
