import Model

/// What Routing wants done after an event.
package struct RoutingOutput: Sendable, Hashable {
  package var sends: [Notification]
  package var history: [HistoryEntry]
  package var changes: [StateChange]
  /// The names of probes to run now, before a child of theirs is announced.
  package var verify: [String]
  package init(
    sends: [Notification] = [], history: [HistoryEntry] = [], changes: [StateChange] = [],
    verify: [String] = []
  ) {
    self.sends = sends
    self.history = history
    self.changes = changes
    self.verify = verify
  }
}

/// How deliveries on one channel have gone since the start.
package struct ChannelCounters: Sendable, Hashable {
  package var channel: ChannelID
  /// Messages decided on, without retries.
  package var notifications = 0
  package var delivered = 0
  /// Attempts that failed.
  package var failures = 0
  /// Messages given up.
  package var deadLetters = 0
}

/// Decides who is told what and when: a synchronous value without clock, disk or randomness.
///
/// It is level-triggered: every event changes facts (alerts, silences, the plan, outcomes), and
/// each conversation of a group with a channel is then compared with the delivery ledger. What
/// differs is owed, and its timers say when it is told.
package struct Router: Sendable {
  package internal(set) var plan: RoutingPlan
  /// When to call `handleDeadline` if nothing else happens before; nil when nothing is planned.
  package internal(set) var nextDeadline: Timestamp?
  /// Records of an earlier run that could not be read, by table and key.
  package internal(set) var unreadable: [String] = []

  var incidents: [IncidentID: Incident] = [:]
  var current: [Fingerprint: IncidentID] = [:]
  var groupStates: [GroupID: GroupState] = [:]
  /// When each group is due; times that a group no longer has are void.
  var dues = DueQueue()
  var silenceList: [String: Silence] = [:]
  /// The last time silences were looked at.
  var silencesPassedAt = Timestamp.distantPast
  var flaps: [Fingerprint: FlapState] = [:]
  var tallies: [ChannelID: ChannelCounters] = [:]

  // Derived from the plan.
  var routeIndex: [String: Int] = [:]
  var channelsOfRoute: [[ReceiverOutline.Channel]] = []
  /// What mutes each route now.
  var routeMutes: [[MuteCause]] = []
  var nextWindowEdge: Timestamp?
  /// Groups by the message that is under way in them.
  var groupOfMessage: [String: GroupID] = [:]

  /// A router that goes on where the records end; records of other rooms are left alone.
  package init(_ plan: RoutingPlan, restoring records: [StateRecord] = [], at now: Timestamp) {
    self.plan = plan
    adopt(plan, at: now)
    restore(records, at: now)
  }

  /// Takes what Alerting says of alerts.
  package mutating func handle(_ updates: [AlertUpdate], at now: Timestamp) -> RoutingOutput {
    var turn = Turn(now)
    pass(&turn)
    for update in updates { take(update, &turn) }
    return settle(&turn)
  }

  /// Does what is due.
  package mutating func handleDeadline(at now: Timestamp) -> RoutingOutput {
    var turn = Turn(now)
    pass(&turn)
    return settle(&turn)
  }

  /// Goes on under another plan: what it leaves alone does not notice.
  package mutating func replace(with plan: RoutingPlan, at now: Timestamp) -> RoutingOutput {
    var turn = Turn(now)
    pass(&turn)
    adopt(plan, at: now)
    for id in incidents.keys.sorted() { route(id, &turn) }
    turn.groups.formUnion(groupStates.keys)
    turn.mutesStale = true
    turn.touched = true
    return settle(&turn)
  }

  /// After a restore, before anything is evaluated: brings what Routing holds in line with what
  /// Alerting holds. Alerts that Alerting does not know have lost their rule and end; those that
  /// ended there end here; those that Routing lacks are taken as reported now. What agrees is not
  /// confirmed by that: both only remember.
  package mutating func reconcile(with alerts: [Alert], at now: Timestamp) -> RoutingOutput {
    var updates: [AlertUpdate] = []
    for alert in alerts {
      let held = current[alert.fingerprint].flatMap { incidents[$0] }
      if alert.state == .inactive {
        let reason = alert.closeReason ?? .recovered
        updates.append(AlertUpdate(alert: alert, transition: .resolved(reason), time: now))
      } else if held == nil || held?.endedAt != nil || held?.alert.state != alert.state
        || held?.alert.labels != alert.labels
      {
        updates.append(AlertUpdate(alert: alert, transition: .refreshed, time: now))
      }
    }
    let known = Set(alerts.map(\.fingerprint))
    for id in incidents.keys.sorted() {
      guard let incident = incidents[id], incident.endedAt == nil,
        !known.contains(incident.alert.fingerprint)
      else { continue }
      updates.append(
        AlertUpdate(alert: incident.alert, transition: .resolved(.ruleRemoved), time: now))
    }
    return handle(updates, at: now)
  }

  /// Says that probes asked for with `verify` have run and their result is in.
  package mutating func handle(verified probes: [String], at now: Timestamp) -> RoutingOutput {
    var turn = Turn(now)
    pass(&turn)
    let asked = incidents.filter { $0.value.verification?.awaiting.isEmpty == false }
    for id in asked.keys.sorted() {
      guard let awaiting = asked[id]?.verification?.awaiting else { continue }
      let rest = awaiting.filter { !probes.contains($0) }
      guard rest.count != awaiting.count else { continue }
      incidents[id]?.verification?.awaiting = rest
      turn.markDirty(id, incidents[id]?.seats ?? [])
    }
    return settle(&turn)
  }

  /// Fills in what follows from the plan alone.
  mutating func adopt(_ plan: RoutingPlan, at now: Timestamp) {
    self.plan = plan
    routeIndex = [:]
    for route in plan.tree.routes { routeIndex[route.identity] = route.index }
    channelsOfRoute = plan.tree.routes.map { plan.channels(of: $0) }
    readWindows(at: now)
  }

  mutating func readWindows(at now: Timestamp) {
    routeMutes = plan.tree.routes.map { plan.mutes(of: $0, at: now) }
    let used = Set(plan.tree.routes.flatMap { $0.muteDuring + $0.onlyDuring })
    nextWindowEdge =
      plan.windows.filter { used.contains($0.name) }.map { $0.nextEdge(after: now) }.min()
  }
}

/// What one event has touched so far.
struct Turn {
  var now: Timestamp
  var output = RoutingOutput()
  var groups: Set<GroupID> = []
  var records: Set<RecordKey> = []
  /// Incidents that may be over for good.
  var leaving: Set<IncidentID> = []
  /// Whether mutes must be worked out again.
  var mutesStale = false
  /// Whether anything changed that the next deadline depends on.
  var touched = false

  init(_ now: Timestamp) { self.now = now }

  mutating func markDirty(_ incident: IncidentID, _ seats: Set<GroupID>) {
    records.insert(.incident(incident))
    groups.formUnion(seats)
    touched = true
  }
}
