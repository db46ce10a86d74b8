import Model

extension Router {
  /// Where an alert stands; no receivers when Routing does not know it.
  package func standing(of fingerprint: Fingerprint) -> AlertStanding {
    // One that has ended is still found while its close is owed.
    guard let incident = current[fingerprint].flatMap({ incidents[$0] }) ?? ended(fingerprint)
    else {
      return AlertStanding()
    }
    var mutes = incident.mutes
    let routeCauses = incident.routes.map { routeMutes[$0] }
    // A window mutes the alert when no route of it is left open.
    if !routeCauses.isEmpty && routeCauses.allSatisfy({ !$0.isEmpty }) {
      for cause in routeCauses.flatMap({ $0 }) where !mutes.contains(cause) { mutes.append(cause) }
    }
    let told = incident.ledger.entries.map {
      AlertStanding.Told(
        channel: $0.channel, since: $0.firstTold, last: $0.lastTold, severity: $0.severity)
    }
    let next = incident.seats.flatMap { seat in
      groupStates[seat]?.lanes.compactMap { $0.attempt == nil ? $0.due : nil } ?? []
    }.min()
    return AlertStanding(
      receivers: receivers(of: incident), mutes: mutes, told: told,
      isFlapping: flaps[fingerprint]?.since != nil,
      nextNotification: mutes.isEmpty || !told.isEmpty ? next : nil)
  }

  private func ended(_ fingerprint: Fingerprint) -> Incident? {
    incidents.values.filter { $0.alert.fingerprint == fingerprint }
      .max { $0.alert.incident < $1.alert.incident }
  }

  /// The groups that hold firing alerts, in route order, one for each receiver.
  package func groups() -> [GroupStatus] {
    ordered(groupStates.keys).flatMap { id -> [GroupStatus] in
      guard let state = groupStates[id], let index = routeIndex[id.route] else { return [] }
      let alerts = state.members.compactMap { member -> Alert? in
        guard let incident = incidents[member], incident.isFiring,
          incident.groups.contains(id)
        else { return nil }
        return incident.alert
      }.sorted(by: Self.precedes)
      guard !alerts.isEmpty else { return [] }
      return plan.tree[index].receivers.map { receiver in
        GroupStatus(
          key: id.key, labels: id.labels, receiver: receiver, alerts: alerts,
          mutedBy: routeMutes[index],
          nextNotification: state.lanes.filter { $0.channel.receiver == receiver }
            .compactMap { $0.attempt == nil ? $0.due : nil }.min())
      }
    }
  }

  /// The way an alert with certain labels takes, one explanation for each matching route.
  package func route(for labels: Labels) -> [RouteExplanation] { plan.explain(labels) }

  /// How deliveries have gone since the start, in the order of channels.
  package var counters: [ChannelCounters] {
    tallies.values.sorted { $0.channel < $1.channel }
  }

  /// Messages that are under way or wait for their next attempt.
  package var pendingMessages: Int {
    groupStates.values.reduce(0) { sum, state in
      sum + state.lanes.count { $0.attempt != nil }
    }
  }
}
