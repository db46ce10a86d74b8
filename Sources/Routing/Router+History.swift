import Model

/// Durations as a person says them: `2h 3m`.
enum DurationText {
  static func text(_ duration: Duration) -> String {
    var rest = max(0, duration.wholeMilliseconds)
    if rest < 1000 { return rest == 0 ? "0s" : "\(rest)ms" }
    var parts: [String] = []
    for (unit, length) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)]
      as [(String, Int64)]
    where rest >= length && parts.count < 2 {
      parts.append("\(rest / length)\(unit)")
      rest %= length
    }
    return parts.joined(separator: " ")
  }
}

extension Router {
  /// An alert in a sentence: `DiskFilling (critical)`.
  func named(_ alert: Alert) -> String {
    alert.severity.map { "\(alert.name) (\($0.name))" } ?? alert.name
  }

  func entry(
    _ event: HistoryEvent, _ alert: Alert, at now: Timestamp, priority: Int = 6, reason: String?,
    _ message: String
  ) -> HistoryEntry {
    HistoryEntry(
      time: now, event: event, message: message, priority: priority, alert: alert.name,
      fingerprint: alert.fingerprint, incident: alert.incident, severity: alert.severity?.name,
      value: alert.value, labels: alert.labels, reason: reason)
  }

  func noteMutes(
    of alert: Alert, from before: [MuteCause], to after: [MuteCause], _ turn: inout Turn
  ) {
    for cause in after where !before.contains(cause) {
      turn.output.history.append(
        entry(
          .silenced, alert, at: turn.now, reason: cause.text,
          "\(named(alert)) is muted by \(cause.text)"))
    }
    for cause in before where !after.contains(cause) {
      turn.output.history.append(
        entry(
          .unsilenced, alert, at: turn.now, reason: cause.text,
          "\(named(alert)) is no longer muted by \(cause.text)"))
    }
  }

  /// One entry for each alert that a message brings news of; for a reminder, for each alert in it.
  func noteAnnounced(_ notification: Notification, before: Notification?, _ turn: inout Turn) {
    let told = Set(before?.alerts.map(Said.init) ?? [])
    for item in notification.alerts where !told.contains(Said(item)) {
      let isNews = item.standing != .ongoing || item.mutedSince != nil
      guard isNews || notification.reason == .reminder || notification.reason == .flapping
      else { continue }
      var entry = entry(
        .announced, item.alert, at: turn.now, priority: item.standing == .new ? 4 : 6,
        reason: notification.reason.rawValue,
        "\(named(item.alert)) \(item.phrase) to \(notification.channel.receiver) "
          + "by \(notification.channel.channel)")
      entry.receiver = notification.channel.receiver
      entry.channel = notification.channel.channel
      entry.group = notification.groupKey
      turn.output.history.append(entry)
    }
  }

  /// What happened to a message under way.
  func noteDelivery(
    _ event: HistoryEvent, _ notification: Notification, priority: Int, reason: String?,
    _ message: String, _ turn: inout Turn
  ) {
    let lead = notification.alerts.first?.alert
    turn.output.history.append(
      HistoryEntry(
        time: turn.now, event: event, message: message, priority: priority, alert: lead?.name,
        fingerprint: lead?.fingerprint, incident: lead?.incident, severity: lead?.severity?.name,
        labels: lead?.labels ?? Labels(), receiver: notification.channel.receiver,
        channel: notification.channel.channel, group: notification.groupKey,
        attempt: notification.attempt, reason: reason))
  }

  /// A close that no message tells.
  func noteSilentClose(
    _ alert: Alert, on channel: ChannelID, reason: String, _ turn: inout Turn
  ) {
    var entry = entry(
      .announced, alert, at: turn.now, reason: reason,
      "\(named(alert)) is closed for \(channel.receiver) by \(channel.channel) "
        + "without a message: \(reason)")
    entry.receiver = channel.receiver
    entry.channel = channel.channel
    turn.output.history.append(entry)
  }
}

/// What a message says of an alert, apart from its texts.
private struct Said: Hashable {
  var incident: IncidentID
  var standing: NotifiedAlert.Standing
  init(_ item: NotifiedAlert) {
    incident = item.alert.incident
    standing = item.standing
  }
}

extension NotifiedAlert {
  /// The verb of the history's sentence.
  fileprivate var phrase: String {
    switch standing {
    case .new where mutedSince != nil: "announced, as it still fires after a mute,"
    case .new: "announced"
    case .levelChanged(let from): "announced as changed from \(from.name)"
    case .ongoing where mutedSince != nil: "announced again after a mute"
    case .ongoing: "announced again"
    case .closed(let reason): "closed (\(reason.text))"
    }
  }
}

extension CloseReason {
  var text: String {
    switch self {
    case .recovered: "resolved"
    case .superseded(let by): "superseded by \(by)"
    case .ruleRemoved: "rule removed"
    case .receiverRemoved: "receiver removed"
    case .expired: "not renewed"
    }
  }
}

extension MuteCause {
  var text: String {
    switch self {
    case .silence(let id): "silence \(id)"
    case .inhibition(let fingerprint): "inhibition by alert \(fingerprint)"
    case .window(let name): "window \(name)"
    case .outsideWindows(let names): "being outside \(names.joined(separator: ", "))"
    case .dependency(let parent): "its dependency \(parent)"
    }
  }
}
