import Diagnostics

/// A stretch of a file. The tokens of a file follow one another without gaps, so their texts joined
/// are the file, byte for byte.
package struct Token: Sendable, Hashable {
  /// What the stretch is.
  package enum Kind: String, Sendable, Hashable {
    case space, newline, comment
    case word, string, raw, text, comparison
    case comma
    case openBrace, closeBrace
    case expression, selector, assignment, samples
    /// Skipped by recovery; a diagnostic says why.
    case unexpected
  }
  package var kind: Kind
  package var lower: Int
  package var upper: Int

  package var isTrivia: Bool { kind == .space || kind == .newline || kind == .comment }
}

/// A value of a setting: a bare word, a quoted text, or a comparison sign.
package struct Word: Sendable, Hashable {
  /// How the value is written: bare, in quotes, in backquotes, over lines, as a sign.
  package enum Kind: String, Sendable, Hashable { case word, string, raw, text, comparison }
  package var kind: Kind
  /// The decoded text, which knows where each byte was written.
  package var content: MappedText
  /// The whole token, quotes included.
  package var range: SourceRange

  package init(kind: Kind, content: MappedText, range: SourceRange) {
    self.kind = kind
    self.content = content
    self.range = range
  }

  /// The decoded text.
  package var text: String { content.text }
  package var isQuoted: Bool { kind == .string || kind == .raw || kind == .text }
  /// Whether this is the bare word `text`.
  package func isBare(_ text: String) -> Bool { kind == .word && self.text == text }
  package var located: Located<String> { Located(value: text, range: range) }
}

/// A value with the place where it was written.
package struct Located<Value> {
  package var value: Value
  package var range: SourceRange
  package init(value: Value, range: SourceRange) {
    self.value = value
    self.range = range
  }
  /// Another value at the same place.
  package func map<Other>(_ transform: (Value) -> Other) -> Located<Other> {
    Located<Other>(value: transform(value), range: range)
  }
}
extension Located: Sendable where Value: Sendable {}
extension Located: Equatable where Value: Equatable {}
extension Located: Hashable where Value: Hashable {}
