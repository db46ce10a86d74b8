import Model

/// Since when, and until when, an alert was muted on a route while it fired.
struct MuteSpan: Sendable, Hashable, Codable {
  /// The route's identity.
  var route: String
  var since: Timestamp
  /// nil while it lasts.
  var until: Timestamp?
}

/// The question to the parent probes of an alert that is about to be announced first.
struct Verification: Sendable, Hashable, Codable {
  var askedAt: Timestamp
  /// Probes that have not answered yet.
  var awaiting: [String]
}

/// An alert from its first report to the last close that is owed for it.
struct Incident: Sendable, Codable {
  var alert: Alert
  var ledger = Ledger()
  /// How many messages bear the incident's name.
  var sequence = 0
  /// When Routing heard that it fires.
  var firingSince: Timestamp?
  /// When its level changed last.
  var levelSince: Timestamp?
  var endedAt: Timestamp?
  /// When its labels or the routes last led it elsewhere.
  var reroutedAt: Timestamp?
  /// When the last parent that explained it recovered.
  var explainedUntil: Timestamp?
  var verification: Verification?
  /// The last mute of each route, in the order of identities.
  var muteSpans: [MuteSpan] = []
  /// What mutes it wherever it is routed.
  var mutes: [MuteCause] = []
  /// The mutes, windows of its routes among them, that the history knows of.
  var notedMutes: [MuteCause] = []

  // Derived from the plan and the other incidents; not stored.
  var routes: [Int] = []
  /// The groups of its routes, in route order.
  var groups: [GroupID] = []
  /// The groups that count it as a member: those of its routes and those that told it.
  var seats: Set<GroupID> = []
  /// The inhibitions whose source or target side it matches.
  var sourceOf: [Int] = []
  var targetOf: [Int] = []
  /// Since a restart nobody has confirmed the state.
  var restoredAt: Timestamp?

  private enum CodingKeys: String, CodingKey {
    case alert, ledger, sequence, firingSince, levelSince, endedAt, reroutedAt, explainedUntil
    case verification, muteSpans, mutes, notedMutes
  }

  init(_ alert: Alert) { self.alert = alert }

  var isFiring: Bool { endedAt == nil && alert.state == .firing }
  /// Pending or firing: enough to explain its children.
  var isFailing: Bool { endedAt == nil && alert.state != .inactive }

  func muteSpan(on route: String) -> MuteSpan? { muteSpans.first { $0.route == route } }

  mutating func setMuteSpan(_ span: MuteSpan) {
    muteSpans.removeAll { $0.route == span.route }
    let index = muteSpans.firstIndex { Bytes.less(span.route, $0.route) } ?? muteSpans.endIndex
    muteSpans.insert(span, at: index)
  }

  /// When it may be told in a new group: `wait` after it was heard of, at once when it began longer
  /// ago than that (`alertmanager/dispatch/dispatch.go`).
  func ready(after wait: Duration) -> Timestamp {
    let heard = firingSince ?? alert.activeAt
    guard let fired = alert.firedAt, fired + wait < heard else { return heard + wait }
    return heard
  }
}
