import Model

@testable import Routing

/// A router under virtual time, with channels that answer at once as they are told to.
struct Bench {
  struct Sent: Equatable {
    /// Seconds since the bench's start.
    var at: Double
    var notification: Notification
    /// `new HighLoad`, `closed HighLoad`, in the message's order.
    var lines: [String] { notification.alerts.map(Bench.line) }
    var summary: String {
      "\(at): \(notification.channel.receiver) \(notification.reason.rawValue) "
        + lines.joined(separator: ", ")
    }
  }

  static let start = Timestamp(milliseconds: 1_795_000_000_000)
  var router: Router
  var now = Bench.start
  var sent: [Sent] = []
  var history: [HistoryEntry] = []
  var verify: [String] = []
  var stored: [String: StateRecord] = [:]
  /// How a channel answers; nil is no answer at all.
  var answer: @Sendable (Notification) -> DeliveryOutcome.Result? = { _ in
    .delivered(detail: "", rejected: [])
  }

  init(_ plan: RoutingPlan) { router = Router(plan, at: Bench.start) }

  static func line(_ item: NotifiedAlert) -> String {
    let name = item.alert.name + (item.alert.labels["instance"].map { "@" + $0 } ?? "")
    switch item.standing {
    case .new: return "new \(name)"
    case .levelChanged(let from):
      return "\(from.name)→\(item.alert.severity?.name ?? "") \(name)"
    case .ongoing: return "ongoing \(name)"
    case .closed(.recovered): return "closed \(name)"
    case .closed(let reason): return "closed \(name) (\(reason.text))"
    }
  }

  var seconds: Double { (now - Bench.start).inSeconds }
  var log: [String] { sent.map(\.summary) }

  static func time(_ seconds: Double) -> Timestamp {
    start + .milliseconds(Int64((seconds * 1000).rounded()))
  }

  mutating func absorb(_ output: RoutingOutput) {
    history += output.history
    verify += output.verify
    for change in output.changes {
      switch change {
      case .put(let record): stored[record.table + "\u{0}" + record.key] = record
      case .remove(let table, let key): stored[table + "\u{0}" + key] = nil
      }
    }
    for notification in output.sends {
      sent.append(Sent(at: seconds, notification: notification))
      if let result = answer(notification) { settle(notification, result) }
    }
  }

  mutating func settle(_ notification: Notification, _ result: DeliveryOutcome.Result) {
    let outcome = DeliveryOutcome(
      notification: notification.id, channel: notification.channel,
      attempt: notification.attempt, result: result, duration: .zero)
    absorb(router.handle(outcome, at: now))
  }

  /// Lets time pass to a number of seconds after the start, doing everything that becomes due.
  mutating func advance(to seconds: Double) {
    let end = Bench.time(seconds)
    while let deadline = router.nextDeadline, deadline <= end {
      now = max(now, deadline)
      absorb(router.handleDeadline(at: now))
      precondition(
        router.nextDeadline.map { $0 > now } ?? true, "a deadline that does not pass")
    }
    now = max(now, end)
  }

  mutating func report(_ alerts: (Alert, AlertTransition)...) {
    absorb(
      router.handle(
        alerts.map { AlertUpdate(alert: $0.0, transition: $0.1, time: now) }, at: now))
  }

  mutating func fire(_ alerts: Alert..., at seconds: Double) {
    advance(to: seconds)
    absorb(
      router.handle(
        alerts.map { AlertUpdate(alert: firing($0), transition: .fired, time: now) }, at: now))
  }

  mutating func resolve(
    _ alerts: Alert..., at seconds: Double, reason: CloseReason = .recovered
  ) {
    advance(to: seconds)
    let updates = alerts.map { alert -> AlertUpdate in
      var ended = firing(alert)
      ended.state = .inactive
      ended.resolvedAt = now
      ended.closeReason = reason
      return AlertUpdate(alert: ended, transition: .resolved(reason), time: now)
    }
    absorb(router.handle(updates, at: now))
  }

  /// The alert as Alerting reports it while it fires: the incident it fired in goes on.
  func firing(_ alert: Alert) -> Alert {
    var alert = alert
    alert.state = .firing
    if let held = router.current[alert.fingerprint], let incident = router.incidents[held],
      incident.endedAt == nil
    {
      alert.incident = held
      alert.firedAt = incident.alert.firedAt ?? now
    } else {
      alert.incident = IncidentID(startedAt: now, fingerprint: alert.fingerprint)
      alert.firedAt = now
    }
    return alert
  }

  @discardableResult
  mutating func silence(
    _ id: String, _ name: String, _ value: String, from: Double? = nil, to: Double
  ) -> Result<String, SilenceFailure> {
    let draft = SilenceDraft(
      matchers: [LabelMatcher(name, equals: value)],
      startsAt: from.map(Bench.time) ?? now, endsAt: Bench.time(to), createdBy: "me",
      comment: "")
    let (result, output) = router.handle(.set(draft, newID: id), at: now)
    absorb(output)
    return result
  }

  /// A new process that starts with what the last one stored.
  mutating func restart(_ plan: RoutingPlan? = nil, at seconds: Double) {
    now = Bench.time(seconds)
    let records = stored.keys.sorted().compactMap { stored[$0] }
    router = Router(plan ?? router.plan, restoring: records, at: now)
    advance(to: seconds)
  }
}

/// An alert with labels; level alerts leave `severity` out of the fingerprint.
func alert(
  _ name: String, _ labels: KeyValuePairs<String, String> = [:], severity: String? = nil,
  parents: [String] = []
) -> Alert {
  var all = Labels(labels).setting(Labels.alertName, to: name)
  let fingerprint = all.fingerprint
  if let severity { all = all.setting("severity", to: severity) }
  var alert = Alert(
    fingerprint: fingerprint,
    incident: IncidentID(startedAt: Bench.start, fingerprint: fingerprint), labels: all,
    severity: severity.flatMap { SeverityScale.standard[$0] }, state: .firing,
    activeAt: Bench.start)
  alert.parents = parents
  return alert
}

func receiver(_ name: String, _ channels: String..., resolved: Bool = true) -> ReceiverOutline {
  ReceiverOutline(
    name: name,
    channels: (channels.isEmpty ? ["email"] : channels).map {
      .init(id: ChannelID(receiver: name, channel: $0), announcesClose: resolved)
    })
}

/// `wait 10s  update 60s  repeat 1h`, everything grouped by alert name to one receiver.
func simplePlan(
  _ receivers: [ReceiverOutline] = [receiver("ops")], grouping: Grouping = .by(["alertname"]),
  timing: GroupTiming = testTiming, routes: [Route] = [], inhibitions: [Inhibition] = [],
  windows: [Window] = [], probes: Set<String> = []
) -> RoutingPlan {
  var tree = RouteTree(
    root: Route(receivers: [receivers[0].name], grouping: grouping, timing: timing))
  for route in routes {
    var route = route
    if route.receivers.isEmpty { route.receivers = [receivers[0].name] }
    tree.append(route, under: 0)
  }
  return RoutingPlan(
    tree: tree, inhibitions: inhibitions, windows: windows, receivers: receivers,
    probes: probes)
}

let testTiming = GroupTiming(
  wait: .seconds(10), update: .seconds(60), repeatInterval: .seconds(3600))
