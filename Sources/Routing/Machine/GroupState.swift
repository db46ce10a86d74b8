import Model

/// The identity of an aggregation group: its route and the values of the labels it groups by.
struct GroupID: Sendable, Hashable, Codable {
  var route: String
  var labels: Labels

  /// Alertmanager's group key (`dispatch/dispatch.go` GroupKey).
  var key: String { Self.key(route: route, labels: labels) }

  static func key(route: String, labels: Labels) -> String {
    let text = labels.map { "\($0.name)=\(PromQuote.quoted($0.value))" }
    return "\(route):{\(text.joined(separator: ", "))}"
  }
}

/// A try to deliver a message, from its first attempt to its success or its end.
struct Attempt: Sendable, Hashable, Codable {
  enum State: Sendable, Hashable, Codable {
    /// Handed out at a time; without an outcome by the deadline it counts as failed.
    case inFlight(deadline: Timestamp)
    case waiting(until: Timestamp)
  }
  var notification: Notification
  var state: State
  /// When the first attempt was made.
  var firstTried: Timestamp
  /// When the last attempt was made.
  var lastTried: Timestamp
  /// Whether the message has reached some recipients and only the rest is owed.
  var isRemainder = false
  /// Derived: the incidents in the message.
  private var mentioned: Set<IncidentID> = []

  private enum CodingKeys: String, CodingKey {
    case notification, state, firstTried, lastTried, isRemainder
  }

  init(_ notification: Notification, state: State, firstTried: Timestamp, lastTried: Timestamp) {
    self.notification = notification
    self.state = state
    self.firstTried = firstTried
    self.lastTried = lastTried
    index()
  }

  /// Fills in what is derived, after decoding.
  mutating func index() { mentioned = Set(notification.alerts.map(\.alert.incident)) }

  func mentions(_ incident: IncidentID) -> Bool { mentioned.contains(incident) }
}

/// A group's conversation with one channel. At most one message is under way in it.
struct Lane: Sendable, Hashable, Codable {
  var channel: ChannelID
  var thread: MessageThread?
  /// The last decision to tell: `update` counts from it.
  var lastFlush: Timestamp?
  /// When the last message that arrived was sent: `repeat` counts from it.
  var lastSent: Timestamp?
  var attempt: Attempt?
  /// When a message was given up last, until one arrives again.
  var deadLetteredAt: Timestamp?

  /// Derived: when to look at it again.
  var due: Timestamp?

  private enum CodingKeys: String, CodingKey {
    case channel, thread, lastFlush, lastSent, attempt, deadLetteredAt
  }

  init(channel: ChannelID) { self.channel = channel }

  var isIdle: Bool {
    thread == nil && lastFlush == nil && attempt == nil && deadLetteredAt == nil
  }
}

/// An aggregation group: its members and its conversations.
struct GroupState: Sendable, Codable {
  var id: GroupID
  /// In the order of channels.
  var lanes: [Lane] = []
  /// Derived.
  var members: Set<IncidentID> = []
  /// Derived: the earliest of the lanes' times, as it stands in the queue.
  var due: Timestamp?

  private enum CodingKeys: String, CodingKey { case id, lanes }

  init(id: GroupID) { self.id = id }

  subscript(channel: ChannelID) -> Lane {
    get { lanes.first { $0.channel == channel } ?? Lane(channel: channel) }
    set {
      if let index = lanes.firstIndex(where: { $0.channel == channel }) {
        lanes[index] = newValue
      } else {
        let index = lanes.firstIndex { channel < $0.channel } ?? lanes.endIndex
        lanes.insert(newValue, at: index)
      }
    }
  }

  var isIdle: Bool { lanes.allSatisfy(\.isIdle) }
}

/// How often an alert has changed, over all its incidents.
struct FlapState: Sendable, Hashable, Codable {
  var policy: FlapPolicy
  /// The latest changes, as many as the policy counts.
  var changes: [Timestamp] = []
  /// Since when it counts as flapping.
  var since: Timestamp?
  /// The channels that were told that it flaps.
  var told: [ChannelID] = []

  /// When it counts as quiet if nothing else changes.
  var quietAt: Timestamp? { changes.last.map { $0 + policy.window } }

  mutating func note(_ time: Timestamp) {
    changes.append(time)
    changes.removeAll { $0 <= time - policy.window }
    if changes.count > policy.changes { changes.removeFirst(changes.count - policy.changes) }
  }
}
