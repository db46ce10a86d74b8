/// A silence: alerts that match every matcher are not announced between start and end
/// (`alertmanager/silence/silence.go`).
package struct Silence: Sendable, Hashable {
  package enum State: String, Sendable, Hashable { case pending, active, expired }
  /// A UUID; it arrives with the command that creates the silence.
  package var id: String
  package var matchers: [LabelMatcher]
  package var startsAt: Timestamp
  package var endsAt: Timestamp
  package var updatedAt: Timestamp
  package var createdBy: String
  package var comment: String

  package init(
    id: String, matchers: [LabelMatcher], startsAt: Timestamp, endsAt: Timestamp,
    updatedAt: Timestamp, createdBy: String, comment: String
  ) {
    self.id = id
    self.matchers = matchers
    self.startsAt = startsAt
    self.endsAt = endsAt
    self.updatedAt = updatedAt
    self.createdBy = createdBy
    self.comment = comment
  }

  package func state(at now: Timestamp) -> State {
    if now < startsAt { return .pending }
    return now > endsAt ? .expired : .active
  }

  package func mutes(_ labels: Labels, at now: Timestamp) -> Bool {
    state(at: now) == .active && matchers.allMatch(labels)
  }
}

/// What keeps an alert from being announced.
package enum MuteCause: Sendable, Hashable, Codable {
  case silence(id: String)
  /// The fingerprint of the source alert.
  case inhibition(by: Fingerprint)
  /// A `mute during` window, by name.
  case window(name: String)
  /// Outside every `only during` window.
  case outsideWindows(names: [String])
  /// A parent fails or is about to, by alert name.
  case dependency(parent: String)
}
