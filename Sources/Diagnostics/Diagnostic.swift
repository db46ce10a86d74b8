/// What the operator wrote wrong, or might regret: where, why, and what to write instead.
package struct Diagnostic: Sendable, Hashable {
  /// Errors refuse the file, warnings load, notes are about style.
  package enum Severity: String, Sendable, Hashable, Comparable {
    case note, warning, error
    private var rank: Int { self == .note ? 0 : self == .warning ? 1 : 2 }
    package static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
  }
  /// A place with a few words beside its underline.
  package struct Label: Sendable, Hashable {
    package var range: SourceRange
    package var text: String
    package init(_ range: SourceRange, _ text: String) {
      self.range = range
      self.text = text
    }
  }
  /// A textual change that mends the place.
  package struct Replacement: Sendable, Hashable {
    package var range: SourceRange
    package var text: String
    package init(_ range: SourceRange, _ text: String) {
      self.range = range
      self.text = text
    }
  }

  /// The stable code: `E008`, `W106`.
  package var code: String
  package var severity: Severity
  /// One sentence without a full stop.
  package var message: String
  /// The place underlined with `^`.
  package var subject: Label
  /// Other places, underlined with `-`, that give the reason.
  package var context: [Label]
  package var notes: [String]
  /// What to write instead, ready to paste.
  package var help: String?
  package var replacement: Replacement?

  package init(
    _ code: String, _ severity: Severity, _ message: String, at range: SourceRange,
    _ label: String = "", context: [Label] = [], notes: [String] = [], help: String? = nil,
    replacement: Replacement? = nil
  ) {
    self.code = code
    self.severity = severity
    self.message = message
    self.subject = Label(range, label)
    self.context = context
    self.notes = notes
    self.help = help
    self.replacement = replacement
  }
}
