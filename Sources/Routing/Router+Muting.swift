import Model

extension Router {
  /// Works out what mutes every alert, and notes in the history what has begun and ended.
  mutating func updateMutes(_ turn: inout Turn) {
    turn.mutesStale = false
    turn.touched = true
    let sources = inhibitionSources()
    let failing = failingByName()
    let silences = silenceList.values.filter { $0.state(at: turn.now) == .active }
      .sorted { Bytes.less($0.id, $1.id) }
    for id in incidents.keys.sorted() {
      guard let incident = incidents[id] else { continue }
      var causes: [MuteCause] = []
      if incident.isFiring {
        causes = silences.filter { $0.matchers.allMatch(incident.alert.labels) }
          .map { .silence(id: $0.id) }
        causes += inhibitors(of: incident, sources)
        causes += explanations(of: incident, failing)
      }
      update(id, causes, &turn)
    }
  }

  private mutating func update(_ id: IncidentID, _ causes: [MuteCause], _ turn: inout Turn) {
    guard var incident = incidents[id] else { return }
    let before = incident.mutes
    let spans = incident.muteSpans
    incident.mutes = causes
    if incident.isFiring {
      if before.contains(where: \.isDependency) && !causes.contains(where: \.isDependency) {
        incident.explainedUntil = turn.now
      }
      var all = causes
      for index in incident.routes {
        updateSpan(&incident, route: index, at: turn.now)
        for cause in routeMutes[index] where !all.contains(cause) { all.append(cause) }
      }
      noteMutes(of: incident.alert, from: incident.notedMutes, to: all, &turn)
      incident.notedMutes = all
    } else {
      incident.muteSpans = []
      incident.notedMutes = []
    }
    guard before != causes || spans != incident.muteSpans else { return }
    incidents[id] = incident
    turn.markDirty(id, incident.seats)
  }

  private func updateSpan(_ incident: inout Incident, route index: Int, at now: Timestamp) {
    let identity = plan.tree[index].identity
    let isMuted = !incident.mutes.isEmpty || !routeMutes[index].isEmpty
    let span = incident.muteSpan(on: identity)
    switch (isMuted, span) {
    case (true, nil):
      incident.setMuteSpan(MuteSpan(route: identity, since: now))
    case (true, let span?) where span.until != nil:
      // A mute that takes over from another at the same moment goes on.
      let since = span.until == now ? span.since : now
      incident.setMuteSpan(MuteSpan(route: identity, since: since))
    case (false, let span?) where span.until == nil:
      incident.setMuteSpan(MuteSpan(route: identity, since: span.since, until: now))
    default: break
    }
  }

  // MARK: Inhibition

  /// The sources of one inhibition that share the same label values.
  struct Sources {
    /// The lowest fingerprint of all.
    var any: Fingerprint?
    /// The lowest fingerprint of those that are not targets of the inhibition too.
    var pure: Fingerprint?
  }

  private func inhibitionSources() -> [[[String]: Sources]] {
    var table = [[[String]: Sources]](repeating: [:], count: plan.inhibitions.count)
    for incident in incidents.values where incident.isFiring && !incident.sourceOf.isEmpty {
      let fingerprint = incident.alert.fingerprint
      for rule in incident.sourceOf {
        guard let values = plan.inhibitions[rule].sharedValues(of: incident.alert.labels)
        else { continue }
        var found = table[rule][values] ?? Sources()
        found.any = found.any.map { min($0, fingerprint) } ?? fingerprint
        if !incident.targetOf.contains(rule) {
          found.pure = found.pure.map { min($0, fingerprint) } ?? fingerprint
        }
        table[rule][values] = found
      }
    }
    return table
  }

  /// What inhibits a target. A target that matches the source side as well is not muted by sources
  /// that match the target side: two such alerts would mute each other
  /// (`alertmanager/inhibit/inhibit.go` 0.25).
  private func inhibitors(
    of incident: Incident, _ sources: [[[String]: Sources]]
  ) -> [MuteCause] {
    var found: [Fingerprint] = []
    for rule in incident.targetOf {
      guard let values = plan.inhibitions[rule].sharedValues(of: incident.alert.labels),
        let candidates = sources[rule][values],
        let source = incident.sourceOf.contains(rule) ? candidates.pure : candidates.any,
        !found.contains(source)
      else { continue }
      found.append(source)
    }
    return found.map { .inhibition(by: $0) }
  }

  // MARK: Dependencies

  private func failingByName() -> [String: [Incident]] {
    var failing: [String: [Incident]] = [:]
    for incident in incidents.values where incident.isFailing {
      failing[incident.alert.name, default: []].append(incident)
    }
    return failing
  }

  /// The parents that explain an alert: a named parent whose labels agree with the child's on every
  /// label both have, except `alertname` and `severity`. A probe's `job` and `instance` say which
  /// probe it is, not where the child runs, and are left out.
  private func explanations(
    of incident: Incident, _ failing: [String: [Incident]]
  ) -> [MuteCause] {
    incident.alert.parents.filter { parent in
      guard let candidates = failing[parent] else { return false }
      if explains(incident.alert.name, itself: parent, failing) { return false }
      return candidates.contains { agree($0.alert, incident.alert) }
    }.map { .dependency(parent: $0) }
  }

  private func agree(_ parent: Alert, _ child: Alert) -> Bool {
    var ignored = [Labels.alertName, "severity"]
    if plan.probes.contains(parent.name) { ignored += ["job", "instance"] }
    return parent.labels.allSatisfy { label in
      ignored.contains(label.name) || child.labels[label.name].map { $0 == label.value } ?? true
    }
  }

  /// Whether a parent depends, through failing alerts, on its own child: alerts that explain each
  /// other in a circle explain nothing.
  private func explains(
    _ child: String, itself parent: String, _ failing: [String: [Incident]]
  ) -> Bool {
    var seen: Set<String> = []
    var rest = [parent]
    while let name = rest.popLast() {
      if name == child { return true }
      guard seen.insert(name).inserted else { continue }
      rest += failing[name]?.flatMap(\.alert.parents) ?? []
    }
    return false
  }
}

extension MuteCause {
  var isDependency: Bool { if case .dependency = self { true } else { false } }
}
