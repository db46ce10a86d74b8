/// One channel of one receiver: `receiver ops { slack "#a" …  email b@c … }` has two.
package struct ChannelID: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
  package var receiver: String
  /// The channel's kind and target, unique in its receiver: `slack #alerts`, `email
  /// ops@example.com`.
  package var channel: String
  package init(receiver: String, channel: String) {
    self.receiver = receiver
    self.channel = channel
  }
  package static func < (left: ChannelID, right: ChannelID) -> Bool {
    (left.receiver, left.channel) < (right.receiver, right.channel)
  }
  package var description: String { "\(receiver)/\(channel)" }
}

/// What Routing must know of a receiver: its channels and which of them announce a close.
package struct ReceiverOutline: Sendable, Hashable {
  package struct Channel: Sendable, Hashable {
    package var id: ChannelID
    /// `resolved yes`: whether the close is announced; it is recorded either way.
    package var announcesClose: Bool
    package init(id: ChannelID, announcesClose: Bool) {
      self.id = id
      self.announcesClose = announcesClose
    }
  }
  package var name: String
  package var channels: [Channel]
  package init(name: String, channels: [Channel]) {
    self.name = name
    self.channels = channels
  }
}

/// An alert inside a notification, with its place in it.
package struct NotifiedAlert: Sendable, Hashable, Codable {
  package enum Standing: Sendable, Hashable, Codable {
    /// Told for the first time.
    case new
    /// Told before at another level.
    case levelChanged(from: Severity)
    /// Told before, and still firing.
    case ongoing
    case closed(CloseReason)
  }
  package var alert: Alert
  package var standing: Standing
  /// Since when it was muted, when the announcement follows the end of a mute.
  package var mutedSince: Timestamp?
  package init(alert: Alert, standing: Standing, mutedSince: Timestamp? = nil) {
    self.alert = alert
    self.standing = standing
    self.mutedSince = mutedSince
  }
}

/// Why a notification is sent.
package enum NotificationReason: String, Sendable, Hashable, Codable {
  case first, newAlerts, levelRise, update, reminder, unmuted, closed, escalation, flapping, test
}

/// A message's place in a conversation, per channel and group: what mail threading needs.
package struct MessageThread: Sendable, Hashable, Codable {
  /// The identifier of the group's first message on this channel, without domain or brackets.
  package var first: String
  /// How many messages came before this one.
  package var count: Int
  package init(first: String, count: Int) {
    self.first = first
    self.count = count
  }
}

/// A decision to tell: everything a channel needs to write its message.
package struct Notification: Sendable, Hashable, Codable {
  /// Stable over retries, unique over restarts: `<incident>-<n>`.
  package var id: String
  package var channel: ChannelID
  package var reason: NotificationReason
  /// Alertmanager's group key, `{}/{a="b"}:{alertname="X"}`.
  package var groupKey: String
  package var groupLabels: Labels
  /// The labels `group by` names, for the footer.
  package var groupedBy: [String]
  /// What `label` says in the route and above it, in written order.
  package var routeLabels: [Label] = []
  package var alerts: [NotifiedAlert]
  package var time: Timestamp
  package var nextReminder: Timestamp?
  package var thread: MessageThread
  /// 1 for the first try.
  package var attempt: Int
  /// After a partial failure: only these recipients are still owed the message.
  package var remainingRecipients: [String]?

  package init(
    id: String, channel: ChannelID, reason: NotificationReason, groupKey: String,
    groupLabels: Labels, groupedBy: [String], alerts: [NotifiedAlert], time: Timestamp,
    nextReminder: Timestamp? = nil, thread: MessageThread, attempt: Int = 1,
    remainingRecipients: [String]? = nil
  ) {
    self.id = id
    self.channel = channel
    self.reason = reason
    self.groupKey = groupKey
    self.groupLabels = groupLabels
    self.groupedBy = groupedBy
    self.alerts = alerts
    self.time = time
    self.nextReminder = nextReminder
    self.thread = thread
    self.attempt = attempt
    self.remainingRecipients = remainingRecipients
  }

  /// Whether every alert in it is closed.
  package var isClose: Bool {
    alerts.allSatisfy { if case .closed = $0.standing { true } else { false } }
  }
}

/// How an attempt to deliver ended.
package struct DeliveryOutcome: Sendable, Hashable, Codable {
  package enum Result: Sendable, Hashable, Codable {
    /// `rejected` recipients were refused for good while the rest got the message.
    case delivered(detail: String, rejected: [RejectedRecipient])
    /// Some have it; these are to be tried again.
    case partial(remaining: [String], rejected: [RejectedRecipient], reason: String)
    case transientFailure(reason: String, retryAfter: Duration?)
    case permanentFailure(reason: String)
  }
  package struct RejectedRecipient: Sendable, Hashable, Codable {
    package var recipient: String
    package var reason: String
    package init(recipient: String, reason: String) {
      self.recipient = recipient
      self.reason = reason
    }
  }
  package var notification: String
  package var channel: ChannelID
  package var attempt: Int
  package var result: Result
  /// What the receiver was sent instead when the written text did not fit: nil in the normal case.
  package var fallback: String?
  package var duration: Duration

  package init(
    notification: String, channel: ChannelID, attempt: Int, result: Result,
    fallback: String? = nil, duration: Duration
  ) {
    self.notification = notification
    self.channel = channel
    self.attempt = attempt
    self.result = result
    self.fallback = fallback
    self.duration = duration
  }
}
