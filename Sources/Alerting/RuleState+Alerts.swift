import Model

/// Decides what the absence of an element from the result means.
struct AbsenceJudgement: Sendable {
  var policy: NoDataPolicy
  /// Whether absence counts at all: every source has reported since the start or the last gap.
  var isReady: Bool
  /// Not ready for so long that the missing source is itself worth showing.
  var isOverdue: Bool
  /// The elements the condition looks at, whether or not it holds for them; nil when unknown.
  var present: [Labels]?
  /// The labels of the rule's sources that do not answer.
  var silent: [Labels]

  static let answered = AbsenceJudgement(
    policy: .standard, isReady: true, isOverdue: false, present: nil, silent: [])

  func observation(of element: Labels) -> Observation {
    if policy == .resolves { return .cleared }
    let isSilent = silent.contains { $0.agrees(with: element) }
    guard isReady else { return isOverdue && isSilent ? .missing : .unknown }
    if let present, present.contains(where: { $0.agrees(with: element) }) { return .cleared }
    switch policy {
    case .holds: return .missing
    // What counts as missing under `raises` is among `RuleState.seen`; the rest is gone for good.
    case .raises: return present == nil && isSilent ? .missing : .cleared
    case .standard, .resolves: return isSilent ? .missing : .cleared
    }
  }
}

extension Labels {
  /// Whether no label that both sets have differs.
  func agrees(with other: Labels) -> Bool {
    allSatisfy { label in
      guard let value = other[label.name] else { return true }
      return Bytes.equal(value, label.value)
    }
  }
}

extension RuleState {
  /// Moves every alert that the result covers. On a failure nothing has moved.
  mutating func apply(
    _ elements: [Element], absence: AbsenceJudgement, host: String, at time: Timestamp,
    covers: (Labels) -> Bool, render: (AlertInstance) -> [Alert.Annotation]
  ) -> Result<[AlertStep], RuleFailure> {
    guard let alerting else { return .success([]) }
    if elements.isEmpty, instances.isEmpty, !absence.policy.raises { return .success([]) }
    var next = instances
    var observations: [(fingerprint: Fingerprint, observation: Observation)] = []
    var present: Set<Fingerprint> = []
    for element in elements {
      guard let fingerprint = claim(element, alerting, host: host, in: &next, at: time) else {
        continue
      }
      guard present.insert(fingerprint).inserted else {
        return .failure(.duplicateLabels(next[fingerprint]?.identity ?? element.labels))
      }
      observations.append((fingerprint, .value(element.value)))
    }
    for labels in missingElements(absence, at: time) {
      let element = Element(labels, .nan)
      guard let fingerprint = claim(element, alerting, host: host, in: &next, at: time, force: true)
      else { continue }
      if present.insert(fingerprint).inserted { observations.append((fingerprint, .missing)) }
    }
    for (fingerprint, instance) in next
    where instance.isActive && !present.contains(fingerprint) && covers(instance.element) {
      observations.append((fingerprint, absence.observation(of: instance.element)))
    }
    let steps = move(&next, by: observations, alerting, at: time, render: render)
    let active = next.values.count(where: \.isActive)
    if group.limit > 0, active > group.limit {
      return .failure(.limitExceeded(limit: group.limit, count: active))
    }
    instances = next
    tracked = [:]
    for instance in next.values { tracked[instance.element] = instance.fingerprint }
    return .success(steps)
  }

  /// The instance an element belongs to, made when the element calls for one; nil when nobody needs
  /// to know of the element.
  private func claim(
    _ element: Element, _ alerting: AlertingRule, host: String,
    in next: inout [Fingerprint: AlertInstance], at time: Timestamp, force: Bool = false
  ) -> Fingerprint? {
    let bare = element.labels.removing(Labels.metricName)
    let raises = alerting.behavior.levels.contains { $0.raises(element.value) }
    if let fingerprint = tracked[bare], let known = next[fingerprint] {
      return known.isActive || raises || force ? fingerprint : nil
    }
    guard force || raises else { return nil }
    let identity = alerting.identity(of: bare, host: host)
    let fresh = AlertInstance(
      identity: identity, element: bare, behavior: alerting.behavior, at: time)
    next[fresh.fingerprint, default: fresh].element = bare
    return fresh.fingerprint
  }

  private func move(
    _ next: inout [Fingerprint: AlertInstance],
    by observations: [(fingerprint: Fingerprint, observation: Observation)],
    _ alerting: AlertingRule, at time: Timestamp, render: (AlertInstance) -> [Alert.Annotation]
  ) -> [AlertStep] {
    var steps: [AlertStep] = []
    let ordered = observations.sorted {
      (next[$0.fingerprint]?.identity ?? Labels()) < (next[$1.fingerprint]?.identity ?? Labels())
    }
    for (fingerprint, observation) in ordered {
      guard var instance = next[fingerprint] else { continue }
      let before = instance
      var moved = instance.observe(observation, by: alerting.behavior, at: time)
      // The last text of an alert tells the value it ended with, where there is one.
      let hasValue = if case .value = observation { before.isActive } else { false }
      if instance.isActive || hasValue { instance.annotations = render(instance) }
      for index in moved.indices where moved[index].instance.incident == instance.incident {
        moved[index].instance.annotations = instance.annotations
      }
      if moved.isEmpty, instance.isActive, instance.differsVisibly(from: before) {
        moved = [AlertStep(.refreshed, instance)]
      }
      steps += moved
      next[fingerprint] = instance
      // A pending alert that subsided, or an element that called for nothing, leaves no trace.
      if !instance.isActive, instance.resolvedAt == nil { next[fingerprint] = nil }
    }
    for (fingerprint, instance) in next {
      if !instance.isActive, let ended = instance.resolvedAt, time - ended > Self.keptResolved {
        next[fingerprint] = nil
      }
    }
    return steps
  }

  /// The elements that a `no data` policy wants tracked although they are gone.
  private mutating func missingElements(_ absence: AbsenceJudgement, at time: Timestamp) -> [Labels]
  {
    guard case .raises = absence.policy, absence.isReady, let alerting,
      let present = absence.present
    else { return [] }
    for labels in present { seen[labels] = time }
    let now = Set(present)
    if !now.isEmpty {
      seen = seen.filter { labels, last in
        time - last <= Self.presenceMemory || absence.silent.contains { $0.agrees(with: labels) }
      }
    }
    let gone = seen.keys.filter { !now.contains($0) }.sorted()
    if !gone.isEmpty || !now.isEmpty { return gone }
    // Nothing has been there since the start; alerts of before the start stand for what is gone.
    let held = instances.values.filter(\.isActive).map(\.element)
    return held.isEmpty ? [alerting.absentLabels] : held.sorted()
  }

  /// Holds every alert of a rule that does not evaluate.
  mutating func hold(_ failure: RuleFailure, at time: Timestamp) -> [AlertStep] {
    var steps: [AlertStep] = []
    for instance in ordered where instance.isActive {
      var held = instance
      steps += held.fail(reason: failure.description, at: time)
      instances[instance.fingerprint] = held
    }
    return steps
  }
}

extension AlertInstance {
  /// Whether somebody who looks at the alert sees a difference.
  func differsVisibly(from other: AlertInstance) -> Bool {
    value?.bitPattern != other.value?.bitPattern || annotations != other.annotations
      || severity != other.severity || knowledge != other.knowledge
      || keepFiringSince != other.keepFiringSince
  }
}
