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
    var claims = Claims()
    for element in elements {
      guard let fingerprint = claim(element, alerting, host: host, &claims, at: time) else {
        continue
      }
      guard claims.observations.updateValue(.value(element.value), forKey: fingerprint) == nil
      else {
        let known = claims.fresh[fingerprint] ?? instances[fingerprint]
        return .failure(.duplicateLabels(known?.identity ?? element.labels))
      }
    }
    for labels in missingElements(absence, at: time) {
      let element = Element(labels, .nan)
      let claimed = claim(element, alerting, host: host, &claims, at: time, force: true)
      guard let claimed, claims.observations[claimed] == nil else { continue }
      claims.observations[claimed] = .missing
    }
    for instance in instances.values
    where instance.isActive && claims.observations[instance.fingerprint] == nil
      && covers(instance.element)
    {
      claims.observations[instance.fingerprint] = absence.observation(of: instance.element)
    }
    let before = group.limit > 0 ? instances : nil
    for instance in claims.fresh.values { instances.put(instance) }
    instances.arrange()
    let steps = move(claims.observations, alerting, at: time, render: render)
    if let before {
      let active = instances.values.count(where: \.isActive)
      if active > group.limit {
        instances = before
        return .failure(.limitExceeded(limit: group.limit, count: active))
      }
    }
    instances.arrange()
    return .success(steps)
  }

  /// What a result says of the rule's alerts, before any of them has moved.
  private struct Claims {
    var observations: [Fingerprint: Observation] = [:]
    /// Alerts that are new, or whose element is.
    var fresh: [Fingerprint: AlertInstance] = [:]
  }

  /// The instance an element belongs to, made when the element calls for one; nil when nobody needs
  /// to know of the element.
  private func claim(
    _ element: Element, _ alerting: AlertingRule, host: String, _ claims: inout Claims,
    at time: Timestamp, force: Bool = false
  ) -> Fingerprint? {
    let bare = element.labels.removing(Labels.metricName)
    let raises = alerting.behavior.levels.contains { $0.raises(element.value) }
    if let fingerprint = instances.fingerprint(of: bare), let known = instances[fingerprint] {
      return known.isActive || raises || force ? fingerprint : nil
    }
    guard force || raises else { return nil }
    let identity = alerting.identity(of: bare, host: host)
    let made = AlertInstance(
      identity: identity, element: bare, behavior: alerting.behavior, at: time)
    var instance = claims.fresh[made.fingerprint] ?? instances[made.fingerprint] ?? made
    instance.element = bare
    claims.fresh[made.fingerprint] = instance
    return made.fingerprint
  }

  private mutating func move(
    _ observations: [Fingerprint: Observation], _ alerting: AlertingRule, at time: Timestamp,
    render: (AlertInstance) -> [Alert.Annotation]
  ) -> [AlertStep] {
    var steps: [AlertStep] = []
    var gone: [Fingerprint] = []
    for fingerprint in instances.arranged(observations.keys) {
      guard let observation = observations[fingerprint] else { continue }
      let remains = instances.update(fingerprint) { instance in
        steps += instance.take(observation, alerting.behavior, at: time, render: render)
        // A pending alert that subsided, or an element that called for nothing, leaves no trace.
        return instance.isActive || instance.resolvedAt != nil
      }
      if remains == false { gone.append(fingerprint) }
    }
    for instance in instances.values {
      if !instance.isActive, let ended = instance.resolvedAt, time - ended > Self.keptResolved {
        gone.append(instance.fingerprint)
      }
    }
    for fingerprint in gone { instances.remove(fingerprint) }
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
    for fingerprint in instances.fingerprints {
      _ = instances.update(fingerprint) { instance in
        if instance.isActive { steps += instance.fail(reason: failure.description, at: time) }
      }
    }
    return steps
  }
}

extension AlertInstance {
  /// Moves the alert by what an evaluation knows of it, and renders its texts anew.
  fileprivate mutating func take(
    _ observation: Observation, _ behavior: AlertBehavior, at time: Timestamp,
    render: (AlertInstance) -> [Alert.Annotation]
  ) -> [AlertStep] {
    let before = self
    var steps = observe(observation, by: behavior, at: time)
    // The last text of an alert tells the value it ended with, where there is one.
    let hasValue = if case .value = observation { before.isActive } else { false }
    if isActive || hasValue { annotations = render(self) }
    for index in steps.indices where steps[index].instance.incident == incident {
      steps[index].instance.annotations = annotations
    }
    if steps.isEmpty, isActive, differsVisibly(from: before) {
      steps = [AlertStep(.refreshed, self)]
    }
    return steps
  }

  /// Whether somebody who looks at the alert sees a difference.
  func differsVisibly(from other: AlertInstance) -> Bool {
    value?.bitPattern != other.value?.bitPattern || annotations != other.annotations
      || severity != other.severity || knowledge != other.knowledge
      || keepFiringSince != other.keepFiringSince
  }
}
