/// The identity of an incident: the time it began and its fingerprint, in the 26 Crockford base-32
/// characters of a ULID. Derived, not drawn, so that two runs over the same events agree.
package struct IncidentID: Hashable, Comparable, Sendable, CustomStringConvertible {
  package var text: String
  package init(_ text: String) { self.text = text }

  package init(startedAt: Timestamp, fingerprint: Fingerprint) {
    let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    var out = ""
    let time = UInt64(max(0, startedAt.milliseconds))
    for shift in stride(from: 45, through: 0, by: -5) {
      out.append(alphabet[Int((time >> UInt64(shift)) & 31)])
    }
    // 80 bits: the fingerprint's 64, then 16 of its mix, so that every character is used.
    let high = fingerprint.value
    let low = UInt64(UInt16(truncatingIfNeeded: (high &* 0x9E37_79B9_7F4A_7C15) >> 48))
    for index in 0..<16 {
      let position = 75 - 5 * index
      let bits = (position >= 16 ? high >> UInt64(position - 16) : high << UInt64(16 - position))
      let low5 = position >= 16 ? 0 : low >> UInt64(position)
      let value = position >= 16 ? bits & 31 : (bits | low5) & 31
      out.append(alphabet[Int(value)])
    }
    text = out
  }
  package static func < (left: IncidentID, right: IncidentID) -> Bool { left.text < right.text }
  package var description: String { text }
}

extension IncidentID: Codable {
  private enum CodingKeys: CodingKey { case text }

  /// From its text; older records have an object around it.
  package init(from decoder: any Decoder) throws {
    if let text = try? decoder.singleValueContainer().decode(String.self) {
      self.init(text)
    } else {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      self.init(try values.decode(String.self, forKey: .text))
    }
  }
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

/// Prometheus' states of an alert instance (`rules/alerting.go`).
package enum AlertState: String, Sendable, Hashable, Codable {
  case inactive, pending, firing
}

/// Whether the alert's state rests on knowledge.
package enum AlertKnowledge: Sendable, Hashable, Codable {
  case known
  /// The source did not answer, or the series is gone under a `no data` policy: the state is held.
  case noData(since: Timestamp)
  /// The rule does not evaluate: the state is held.
  case error(since: Timestamp, reason: String)
}

/// The level line in force: `> 80% for 5m until < 75% for 10m`.
package struct LevelThreshold: Sendable, Hashable, Codable {
  package var comparison: Comparison
  package var limit: Quantity
  package var hold: Duration
  package var clearComparison: Comparison?
  package var clearLimit: Quantity?
  package var clearHold: Duration
  package init(
    comparison: Comparison, limit: Quantity, hold: Duration = .zero,
    clearComparison: Comparison? = nil, clearLimit: Quantity? = nil, clearHold: Duration = .zero
  ) {
    self.comparison = comparison
    self.limit = limit
    self.hold = hold
    self.clearComparison = clearComparison
    self.clearLimit = clearLimit
    self.clearHold = clearHold
  }
}

/// Why a told alert was closed.
package enum CloseReason: Sendable, Hashable, Codable {
  case recovered
  /// Another incident or receiver took over.
  case superseded(by: String)
  case ruleRemoved
  case receiverRemoved
  /// An alert posted by another system was not renewed in time.
  case expired
}

/// An alert instance as everybody outside Alerting sees it: a snapshot.
package struct Alert: Sendable, Hashable, Codable {
  /// The identity: the labels without `severity` for alerts with levels.
  package var fingerprint: Fingerprint
  package var incident: IncidentID
  /// All labels, `alertname` and the current `severity` among them.
  package var labels: Labels
  package var severity: Severity?
  package var state: AlertState
  package var knowledge: AlertKnowledge
  /// Rendered texts in written order; names as in `summary`, `description`, `runbook`.
  package var annotations: [Annotation]
  package var value: Double?
  package var unit: Unit
  package var threshold: LevelThreshold?
  package var valueAtStart: Double?
  package var worstValue: Double?
  /// When the condition began to hold.
  package var activeAt: Timestamp
  package var firedAt: Timestamp?
  package var resolvedAt: Timestamp?
  package var keepFiringSince: Timestamp?
  package var closeReason: CloseReason?
  package var group: String
  /// The PromQL text of the rule, "" for a posted alert.
  package var expression: String
  /// Names of the alerts and probes that explain this one while they fail.
  package var parents: [String]
  package var flapping: FlapPolicy?
  package var generatorURL: String

  package struct Annotation: Sendable, Hashable, Codable {
    package var name: String
    package var text: RenderedText
    package init(name: String, text: RenderedText) {
      self.name = name
      self.text = text
    }
  }

  package init(
    fingerprint: Fingerprint, incident: IncidentID, labels: Labels, severity: Severity?,
    state: AlertState, activeAt: Timestamp, group: String = "", expression: String = ""
  ) {
    self.fingerprint = fingerprint
    self.incident = incident
    self.labels = labels
    self.severity = severity
    self.state = state
    self.activeAt = activeAt
    self.group = group
    self.expression = expression
    knowledge = .known
    annotations = []
    unit = .none
    parents = []
    generatorURL = ""
  }

  /// The alert's name.
  package var name: String { labels[Labels.alertName] ?? "" }

  /// A text by name: `summary`, `description`, `runbook` or a free annotation.
  package subscript(annotation name: String) -> RenderedText? {
    annotations.first { $0.name == name }?.text
  }
}

/// `flapping 4 changes in 30m`.
package struct FlapPolicy: Sendable, Hashable, Codable {
  package var changes: Int
  package var window: Duration
  package init(changes: Int, window: Duration) {
    self.changes = changes
    self.window = window
  }
}

/// What happened to an alert instance, in the past tense of the state machine.
package enum AlertTransition: Sendable, Hashable, Codable {
  case becamePending
  case fired
  case levelChanged(from: Severity)
  /// Firing or pending as before with a new value or text.
  case refreshed
  case lostData
  case regainedData
  case failedToEvaluate
  /// Firing ended.
  case resolved(CloseReason)
  /// Pending ended before it fired.
  case subsided
}

/// A transition of an alert instance with the snapshot after it.
package struct AlertUpdate: Sendable, Hashable, Codable {
  package var alert: Alert
  package var transition: AlertTransition
  package var time: Timestamp
  package init(alert: Alert, transition: AlertTransition, time: Timestamp) {
    self.alert = alert
    self.transition = transition
    self.time = time
  }
}
