/// Where an alert stands with the people it is for: who is told of it, and what keeps it quiet.
package struct AlertStanding: Sendable, Hashable {
  /// One channel that was told and has not been told the end yet.
  package struct Told: Sendable, Hashable {
    package var channel: ChannelID
    package var since: Timestamp
    package var last: Timestamp
    package var severity: Severity?
    package init(channel: ChannelID, since: Timestamp, last: Timestamp, severity: Severity?) {
      self.channel = channel
      self.since = since
      self.last = last
      self.severity = severity
    }
  }
  /// The receivers its routes lead to, in route order.
  package var receivers: [String]
  /// Everything that mutes it now; empty when nothing does.
  package var mutes: [MuteCause]
  package var told: [Told]
  package var isFlapping: Bool
  /// When a message about it is due next, nil when none is planned.
  package var nextNotification: Timestamp?

  package init(
    receivers: [String] = [], mutes: [MuteCause] = [], told: [Told] = [],
    isFlapping: Bool = false, nextNotification: Timestamp? = nil
  ) {
    self.receivers = receivers
    self.mutes = mutes
    self.told = told
    self.isFlapping = isFlapping
    self.nextNotification = nextNotification
  }
}

/// An aggregation group as one receiver sees it.
package struct GroupStatus: Sendable, Hashable {
  /// Alertmanager's group key.
  package var key: String
  package var labels: Labels
  package var receiver: String
  /// Firing alerts, in the order of a message.
  package var alerts: [Alert]
  /// Windows that mute the group's route now.
  package var mutedBy: [MuteCause]
  /// When the receiver hears of the group next, nil when nothing is planned.
  package var nextNotification: Timestamp?

  package init(
    key: String, labels: Labels, receiver: String, alerts: [Alert], mutedBy: [MuteCause],
    nextNotification: Timestamp?
  ) {
    self.key = key
    self.labels = labels
    self.receiver = receiver
    self.alerts = alerts
    self.mutedBy = mutedBy
    self.nextNotification = nextNotification
  }
}

/// Why an alert with certain labels goes where it goes: one matching route.
package struct RouteExplanation: Sendable, Hashable {
  /// The matchers of each route on the way down, the top route first: `["{}", "{team=\"db\"}"]`.
  package var path: [String]
  package var receivers: [String]
  /// `group by`; nil for `group by everything`.
  package var groupBy: [String]?
  package var groupLabels: Labels
  package var wait: Duration
  package var update: Duration
  package var repeatInterval: Duration
  package var resolveWait: Duration
  package var muteDuring: [String]
  package var onlyDuring: [String]

  package init(
    path: [String], receivers: [String], groupBy: [String]?, groupLabels: Labels, wait: Duration,
    update: Duration, repeatInterval: Duration, resolveWait: Duration, muteDuring: [String],
    onlyDuring: [String]
  ) {
    self.path = path
    self.receivers = receivers
    self.groupBy = groupBy
    self.groupLabels = groupLabels
    self.wait = wait
    self.update = update
    self.repeatInterval = repeatInterval
    self.resolveWait = resolveWait
    self.muteDuring = muteDuring
    self.onlyDuring = onlyDuring
  }
}
