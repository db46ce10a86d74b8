/// The kinds of things that happen: the values of `TOCSIN_EVENT=`.
package enum HistoryEvent: String, Sendable, Hashable, Codable, CaseIterable {
  case pending, firing, level, resolved, subsided, nodata, error, silenced, unsilenced
  case acknowledged, announced, delivered
  case deliveryFailed = "delivery_failed"
  case deadLetter = "dead_letter"
  case action, reload
  case configRejected = "config_rejected"
  case gap, start, stop
}

/// One thing that happened, as it is written to the journal and read back.
package struct HistoryEntry: Sendable, Hashable, Codable {
  package var time: Timestamp
  package var event: HistoryEvent
  /// The readable sentence.
  package var message: String
  /// syslog(3): 2 critical … 6 informational.
  package var priority: Int
  package var alert: String?
  package var fingerprint: Fingerprint?
  package var incident: IncidentID?
  package var severity: String?
  package var value: Double?
  package var threshold: String?
  package var labels: Labels
  package var receiver: String?
  package var channel: String?
  package var group: String?
  package var attempt: Int?
  package var reason: String?

  package init(
    time: Timestamp, event: HistoryEvent, message: String, priority: Int, alert: String? = nil,
    fingerprint: Fingerprint? = nil, incident: IncidentID? = nil, severity: String? = nil,
    value: Double? = nil, threshold: String? = nil, labels: Labels = Labels(),
    receiver: String? = nil, channel: String? = nil, group: String? = nil, attempt: Int? = nil,
    reason: String? = nil
  ) {
    self.time = time
    self.event = event
    self.message = message
    self.priority = priority
    self.alert = alert
    self.fingerprint = fingerprint
    self.incident = incident
    self.severity = severity
    self.value = value
    self.threshold = threshold
    self.labels = labels
    self.receiver = receiver
    self.channel = channel
    self.group = group
    self.attempt = attempt
    self.reason = reason
  }
}
