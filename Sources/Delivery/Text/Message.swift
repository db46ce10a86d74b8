import Model

/// A notification as it is told, before any channel's layout: every channel draws the same parts in
/// the same order, so that a page reads alike wherever it arrives.
struct Message: Sendable, Hashable {
  /// What colour a message or a card has.
  enum Tone: String, Sendable, Hashable { case critical, warning, info, good, unknown }

  /// One alert.
  struct Card: Sendable, Hashable {
    /// The alert's name; its summary where the whole message is about one name.
    var title: String
    /// `critical`, `warning → critical`, `resolved`.
    var level: String
    var tone: Tone
    /// What is wrong, in one line without the alert's name; "" when the title says it.
    var summary: String
    /// Value against threshold, since, what changed: a line each.
    var facts: [String]
    var description: String
    /// The labels that tell it from the others in the message.
    var labels: [Label]
    var evidence: [String]
    var runbook: String?
    /// The incident's page.
    var link: String?
    /// Part of the steady rest: drawn in one line, title and summary followed by the facts.
    var isBrief: Bool
  }

  struct Section: Sendable, Hashable {
    /// nil when the message is about one alert.
    var title: String?
    var cards: [Card]
    /// Alerts that are not drawn.
    var leftOut: Int
  }

  /// What the reader can do next: a name, and a link or a command.
  struct Step: Sendable, Hashable {
    enum Kind: Sendable, Hashable { case link, command }
    var name: String
    var text: String
    var kind: Kind
  }

  var subject: String
  var tone: Tone
  /// Why this message is unusual: one line each, on top.
  var notices: [String]
  /// `web-1, Sun 22 Nov 15:04:10 CET`
  var place: String
  /// What all alerts of a group share: the limit they crossed, and labels.
  var sharedFacts: [String]
  var sharedLabels: [Label]
  var sections: [Section]
  /// What else fires here, how often this happened: one line each.
  var surroundings: [String]
  var steps: [Step]
  /// Why the reader gets this.
  var footer: String

  var leftOut: Int { sections.reduce(0) { $0 + $1.leftOut } }
}

/// How much of a group a channel draws.
struct MessageLimits: Sendable, Hashable {
  /// Alerts drawn, over all sections.
  var alerts: Int
  /// Characters of a description.
  var description: Int
  static let mail = MessageLimits(alerts: 40, description: 2000)
  static let slack = MessageLimits(alerts: 20, description: 600)
}
