import Model

extension Router {
  /// Takes one report on one alert.
  mutating func take(_ update: AlertUpdate, _ turn: inout Turn) {
    let ends = Self.ends(update)
    guard let id = identity(of: update.alert, ends: ends, &turn) else { return }
    guard var incident = incidents[id] else { return }
    let before = incident
    incident.alert = update.alert
    incident.alert.incident = id
    incident.restoredAt = nil
    if ends {
      end(&incident, update, &turn)
    } else {
      incident.endedAt = nil
      if incident.alert.state == .firing && (!before.isFiring || before.firingSince == nil) {
        incident.firingSince = turn.now
      }
      if before.alert.severity != incident.alert.severity { incident.levelSince = turn.now }
    }
    incidents[id] = incident
    let isNew = before.routes.isEmpty && before.endedAt == nil && before.firingSince == nil
    let moved = before.alert.labels != incident.alert.labels || before.isFailing != !ends
    let changed =
      isNew || moved || before.alert.state != incident.alert.state
      || before.alert.severity != incident.alert.severity || before.endedAt != incident.endedAt
      || before.alert.parents != incident.alert.parents
    guard changed else {
      // A restored alert was just confirmed: what waited for that may go out.
      if before.restoredAt != nil { turn.markDirty(id, incident.seats) }
      return
    }
    noteFlap(from: before, to: incident, &turn)
    route(id, &turn)
    turn.mutesStale = true
    turn.markDirty(id, incidents[id]?.seats ?? [])
  }

  private static func ends(_ update: AlertUpdate) -> Bool {
    switch update.transition {
    case .resolved, .subsided: true
    default: update.alert.state == .inactive
    }
  }

  /// The incident that a report is about. A fingerprint that is told already and has not ended
  /// keeps its incident even when the report names another: one alert, one identity.
  private mutating func identity(
    of alert: Alert, ends: Bool, _ turn: inout Turn
  ) -> IncidentID? {
    if let held = current[alert.fingerprint], let incident = incidents[held],
      incident.endedAt == nil
    {
      if held == alert.incident || ends || !incident.ledger.isEmpty
        || isUnderWay(held, in: incident.seats)
      {
        return held
      }
      remove(held, &turn)
    }
    if incidents[alert.incident] != nil {
      // The same incident comes back while its close is owed.
      current[alert.fingerprint] = alert.incident
      return alert.incident
    }
    if ends { return nil }
    incidents[alert.incident] = Incident(alert)
    current[alert.fingerprint] = alert.incident
    return alert.incident
  }

  private func end(_ incident: inout Incident, _ update: AlertUpdate, _ turn: inout Turn) {
    if incident.endedAt == nil { incident.endedAt = turn.now }
    incident.alert.state = .inactive
    if case .resolved(let reason) = update.transition { incident.alert.closeReason = reason }
    if incident.alert.closeReason == nil { incident.alert.closeReason = .recovered }
    if incident.alert.resolvedAt == nil { incident.alert.resolvedAt = turn.now }
    turn.leaving.insert(incident.alert.incident)
  }

  /// Works out an incident's routes, groups and inhibition sides, and seats it in its groups.
  mutating func route(_ id: IncidentID, _ turn: inout Turn) {
    guard var incident = incidents[id] else { return }
    let labels = incident.alert.labels
    incident.sourceOf = plan.inhibitions.indices.filter {
      plan.inhibitions[$0].sources.allMatch(labels)
    }
    incident.targetOf = plan.inhibitions.indices.filter {
      plan.inhibitions[$0].targets.allMatch(labels)
    }
    incident.routes = plan.tree.matches(labels)
    let groups = incident.routes.map { index in
      GroupID(
        route: plan.tree[index].identity, labels: plan.tree[index].grouping.labels(of: labels))
    }
    if !incident.groups.isEmpty && groups != incident.groups { incident.reroutedAt = turn.now }
    incident.groups = groups
    let identities = incident.routes.map { plan.tree[$0].identity }
    incident.muteSpans.removeAll { !identities.contains($0.route) }
    incidents[id] = incident
    seat(id, &turn)
  }

  /// Makes an incident a member of the groups it belongs to: those of its routes while it fires,
  /// those that told it, and those in whose message under way it is.
  mutating func seat(_ id: IncidentID, _ turn: inout Turn) {
    guard let incident = incidents[id] else { return }
    var seats = Set(incident.ledger.entries.map(\.group))
    if incident.isFiring { seats.formUnion(incident.groups) }
    for old in incident.seats.subtracting(seats) {
      if isUnderWay(id, in: [old]) {
        seats.insert(old)
        continue
      }
      groupStates[old]?.members.remove(id)
      turn.groups.insert(old)
    }
    for new in seats where groupStates[new]?.members.contains(id) != true {
      groupStates[new, default: GroupState(id: new)].members.insert(id)
    }
    incidents[id]?.seats = seats
    turn.groups.formUnion(seats)
  }

  func isUnderWay(_ id: IncidentID, in groups: Set<GroupID>) -> Bool {
    groups.contains { group in
      groupStates[group]?.lanes.contains { $0.attempt?.mentions(id) ?? false } ?? false
    }
  }

  /// Forgets an incident that has ended and is owed to nobody.
  mutating func removeIfDone(_ id: IncidentID, _ turn: inout Turn) {
    guard let incident = incidents[id], incident.endedAt != nil, incident.ledger.isEmpty,
      !isUnderWay(id, in: incident.seats)
    else { return }
    remove(id, &turn)
  }

  private mutating func remove(_ id: IncidentID, _ turn: inout Turn) {
    guard let incident = incidents.removeValue(forKey: id) else { return }
    if current[incident.alert.fingerprint] == id {
      current.removeValue(forKey: incident.alert.fingerprint)
    }
    for seat in incident.seats { groupStates[seat]?.members.remove(id) }
    turn.markDirty(id, incident.seats)
  }
}
