import Model

/// One thing a conversation holds: what is owed about an incident, or that it goes on.
struct SurveyItem: Sendable {
  enum Kind: Sendable {
    case news
    case level(from: Severity, rises: Bool)
    case ongoing
    case close(CloseReason)
  }
  var incident: IncidentID
  var kind: Kind
  /// When the close became owed.
  var since: Timestamp?
  /// When it must be told; nil for what is only listed.
  var due: Timestamp?
  /// Before this it may not be told, not even along with others.
  var gate: Timestamp = .distantPast
  /// Set when the telling follows the end of a mute.
  var mutedSince: Timestamp?
  /// Whether it is the notice that the alert flaps.
  var isFlapNotice = false

  var isClose: Bool { if case .close = kind { true } else { false } }
}

/// What a conversation between a group and a channel holds now: a comparison of the alerts with the
/// ledger.
struct Survey: Sendable {
  var items: [SurveyItem] = []
  /// When the reminder is due; nil when there is nothing to remind of.
  var reminder: Timestamp?
  /// Whether anything in the conversation is told and not closed.
  var isOpen = false
  /// Incidents whose parent probes are to be asked now.
  var asks: [IncidentID] = []
  /// When to look again for the sake of asking probes.
  var askAt: Timestamp?

  /// When something must be told; nil when nothing is planned.
  var due: Timestamp? {
    (items.compactMap { item in item.due.map { max($0, item.gate) } } + [reminder, askAt])
      .compactMap { $0 }.min()
  }

  /// Whether something is owed or due at a time.
  func isDue(at now: Timestamp) -> Bool {
    if let reminder, reminder <= now { return true }
    return items.contains { item in item.due.map { max($0, item.gate) <= now } ?? false }
  }

  /// Whether there is anything a retry could tell.
  func owes(at now: Timestamp) -> Bool {
    if let reminder, reminder <= now { return true }
    return items.contains { $0.due != nil && $0.gate <= now }
  }
}
