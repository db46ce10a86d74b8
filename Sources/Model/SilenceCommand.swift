/// What a person asks of the silences.
package enum SilenceCommand: Sendable, Hashable {
  /// Creates a silence, or changes the one the draft names: in place when only its end, comment or
  /// author moves, else the old one expires and `newID` takes over
  /// (`alertmanager/silence/silence.go`).
  case set(SilenceDraft, newID: String)
  /// Ends a silence now; ending one that has ended changes nothing.
  case expire(id: String)
}

/// A silence as it is asked for.
package struct SilenceDraft: Sendable, Hashable {
  /// The silence to change, nil for a new one.
  package var id: String?
  package var matchers: [LabelMatcher]
  package var startsAt: Timestamp
  package var endsAt: Timestamp
  package var createdBy: String
  package var comment: String
  package init(
    id: String? = nil, matchers: [LabelMatcher], startsAt: Timestamp, endsAt: Timestamp,
    createdBy: String, comment: String
  ) {
    self.id = id
    self.matchers = matchers
    self.startsAt = startsAt
    self.endsAt = endsAt
    self.createdBy = createdBy
    self.comment = comment
  }
}

/// Why a silence command changed nothing.
package enum SilenceFailure: Error, Sendable, Hashable {
  case unknown(id: String)
  /// Every matcher accepts alerts without its label, so the silence would mute everything.
  case matchesEverything
  case endsBeforeItStarts
  case endsInThePast
  case tooMany(limit: Int)

  /// The sentence for the person who asked.
  package var message: String {
    switch self {
    case .unknown(let id): "there is no silence \(id)"
    case .matchesEverything: "at least one matcher must not match the empty string"
    case .endsBeforeItStarts: "the end must be later than the start"
    case .endsInThePast: "the end is in the past"
    case .tooMany(let limit): "there are \(limit) silences already"
    }
  }
}
