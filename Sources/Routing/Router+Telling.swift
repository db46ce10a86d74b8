import Model

extension Router {
  /// How long a message may be under way without an outcome.
  static let outcomeBound = Duration.seconds(300)

  /// Hands out a message with everything the survey holds that may be told now. `attempt` is the
  /// failed one that it replaces: the message keeps its name.
  mutating func tell(
    _ group: GroupID, _ channel: ChannelID, _ survey: Survey, after attempt: Attempt?,
    _ turn: inout Turn
  ) {
    guard let lane = groupStates[group]?[channel] else { return }
    let alerts = notified(survey, at: turn.now)
    guard let lead = lead(of: alerts) else { return }
    let name = attempt?.notification.id ?? nextName(lead, &turn)
    let route = plan.tree[routeIndex[group.route] ?? 0]
    let thread =
      lane.thread ?? inherited(alerts, on: channel).map { MessageThread(first: $0, count: 1) }
      ?? MessageThread(first: name, count: 0)
    var notification = Notification(
      id: name, channel: channel, reason: reason(of: survey, at: turn.now), groupKey: group.key,
      groupLabels: group.labels,
      groupedBy: route.grouping.names ?? group.labels.map(\.name), alerts: alerts,
      time: turn.now, thread: thread, attempt: (attempt?.notification.attempt ?? 0) + 1)
    notification.routeLabels = route.labels
    if !notification.isClose { notification.nextReminder = turn.now + route.timing.repeatInterval }
    noteAnnounced(notification, before: attempt?.notification, &turn)
    send(
      notification, in: group, firstTried: attempt?.firstTried ?? turn.now, isRemainder: false,
      &turn)
    groupStates[group]?[channel].lastFlush = turn.now
    if attempt == nil {
      tallies[channel, default: ChannelCounters(channel: channel)].notifications += 1
    }
  }

  /// Hands out a message and starts the wait for its outcome.
  mutating func send(
    _ notification: Notification, in group: GroupID, firstTried: Timestamp, isRemainder: Bool,
    _ turn: inout Turn
  ) {
    let deadline = turn.now + Self.outcomeBound
    var attempt = Attempt(
      notification, state: .inFlight(deadline: deadline), firstTried: firstTried,
      lastTried: turn.now)
    attempt.isRemainder = isRemainder
    if let old = groupStates[group]?[notification.channel].attempt {
      turn.leaving.formUnion(old.notification.alerts.map(\.alert.incident))
    }
    groupStates[group]?[notification.channel].attempt = attempt
    groupStates[group]?[notification.channel].due = deadline
    groupOfMessage[notification.id] = group
    turn.output.sends.append(notification)
    turn.touched = true
    turn.records.insert(.group(group))
  }

  private mutating func nextName(_ lead: IncidentID, _ turn: inout Turn) -> String {
    let number = (incidents[lead]?.sequence ?? 0) + 1
    incidents[lead]?.sequence = number
    turn.records.insert(.incident(lead))
    return "\(lead)-\(number)"
  }

  /// The incident that gives a message its name: the first that it brings news of.
  private func lead(of alerts: [NotifiedAlert]) -> IncidentID? {
    (alerts.first { $0.standing != .ongoing } ?? alerts.first)?.alert.incident
  }

  /// The conversation in which a channel heard of an alert before another group took it over.
  private func inherited(_ alerts: [NotifiedAlert], on channel: ChannelID) -> String? {
    alerts.lazy.compactMap { self.incidents[$0.alert.incident]?.ledger[channel]?.thread }.first
  }

  /// The alerts of a message: causes before symptoms, then by job, instance and labels
  /// (`alertmanager/types/types.go` AlertSlice).
  private func notified(_ survey: Survey, at now: Timestamp) -> [NotifiedAlert] {
    let items = survey.items.filter { $0.gate <= now || $0.due == nil }
    let alerts = items.compactMap { item -> NotifiedAlert? in
      guard let alert = incidents[item.incident]?.alert else { return nil }
      let standing: NotifiedAlert.Standing =
        switch item.kind {
        case .news: .new
        case .level(let from, _): .levelChanged(from: from)
        case .ongoing: .ongoing
        case .close(let reason): .closed(reason)
        }
      return NotifiedAlert(alert: alert, standing: standing, mutedSince: item.mutedSince)
    }
    let depths = depths(of: alerts.map(\.alert))
    return alerts.sorted { left, right in
      let (a, b) = (depths[left.alert.name] ?? 0, depths[right.alert.name] ?? 0)
      return a == b ? Self.precedes(left.alert, right.alert) : a < b
    }
  }

  /// How many parents of parents an alert has within a message, by name.
  private func depths(of alerts: [Alert]) -> [String: Int] {
    var parents: [String: [String]] = [:]
    for alert in alerts { parents[alert.name] = alert.parents }
    var depths: [String: Int] = [:]
    for name in parents.keys {
      var (depth, level) = (0, Set(parents[name] ?? []).filter { parents[$0] != nil })
      while !level.isEmpty && depth < parents.count {
        depth += 1
        level = Set(level.flatMap { parents[$0] ?? [] }).filter { parents[$0] != nil }
      }
      depths[name] = depth
    }
    return depths
  }

  static func precedes(_ left: Alert, _ right: Alert) -> Bool {
    for name in ["job", "instance"] {
      let (a, b) = (left.labels[name] ?? "", right.labels[name] ?? "")
      if !Bytes.equal(a, b) { return Bytes.less(a, b) }
    }
    return left.labels == right.labels
      ? left.incident < right.incident : left.labels < right.labels
  }

  private func reason(of survey: Survey, at now: Timestamp) -> NotificationReason {
    let items = survey.items.filter { $0.gate <= now || $0.due == nil }
    let owed = items.filter { $0.due != nil }
    if items.contains(where: \.isFlapNotice) { return .flapping }
    let rises = items.contains { item in
      if case .level(_, rises: true) = item.kind { return true } else { return false }
    }
    if rises { return .levelRise }
    let unmuted = items.contains { item in
      item.mutedSince != nil && item.due.map { $0 <= now } ?? false
    }
    if unmuted { return .unmuted }
    let hasNews = owed.contains { item in
      if case .news = item.kind { return true } else { return false }
    }
    if hasNews { return survey.isOpen ? .newAlerts : .first }
    if !owed.isEmpty { return items.allSatisfy(\.isClose) ? .closed : .update }
    return .reminder
  }
}
