import Model

/// What messages say beside the notification itself.
package struct MessageContext: Sendable {
  /// The name of the machine Tocsin runs on.
  package var hostName: String
  /// Where the status page is reached, without a trailing slash; nil when it isn't from elsewhere.
  package var baseURL: String?
  /// Where the readers live.
  package var zone: TimeZoneTable
  /// The first of the other alerts that fire on this host, as many as a message shows.
  package var otherFiring: [Alert]
  /// How many more of them there are.
  package var moreFiring = 0
  /// What is known about single incidents beside the alert.
  package var background: [IncidentID: IncidentBackground]

  /// How many other alerts a message names.
  package static let shownFiring = 5

  package init(
    hostName: String, baseURL: String? = nil, zone: TimeZoneTable = .utc, otherFiring: [Alert] = [],
    background: [IncidentID: IncidentBackground] = [:]
  ) {
    self.hostName = hostName
    self.baseURL = baseURL.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
    self.zone = zone
    self.otherFiring = otherFiring
    self.background = background
  }

  /// The host as subjects call it: the first label of a domain name, an address whole.
  var shortHost: String {
    let isAddress = hostName.allSatisfy { $0.isNumber || $0 == "." } || hostName.contains(":")
    return isAddress ? hostName : String(hostName.prefix { $0 != "." })
  }

  /// The page of an incident.
  func link(_ incident: IncidentID) -> String? {
    baseURL.map { "\($0)/incidents/\(incident)" }
  }
}

/// What is known about an incident beside its alert: each a line for the reader.
package struct IncidentBackground: Sendable, Hashable {
  /// What was measured or quoted when it fired: `biggest growth: /var/log, +6.1 GiB in 1 h`.
  package var evidence: [String]
  /// What people and actions did: `acknowledged by ana at 14:50: looking`.
  package var remarks: [String]
  /// How often it happened lately: `in the last 7 days: 2 times, longest 35 min`.
  package var recurrence: String?
  package init(evidence: [String] = [], remarks: [String] = [], recurrence: String? = nil) {
    self.evidence = evidence
    self.remarks = remarks
    self.recurrence = recurrence
  }
}
