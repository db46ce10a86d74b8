import Diagnostics
import PromQLSyntax

/// `keyword value value, value { … }`: a setting, or one of the statements that carry PromQL.
package struct Statement: Sendable, Hashable {
  /// The first word. Settings with two-word names (`group by`) have the second among the values.
  package var keyword: Located<String>
  /// The values: comma-separated items of one or more words each.
  package var items: [[Word]]
  /// After `when`, `watch`, `eval` and `record … =`; nil where it could not be parsed.
  package var expression: Expression?
  /// The expression's text, also when it could not be parsed.
  package var expressionRange: SourceRange?
  /// The series of `record` and `series`.
  package var selector: VectorSelector?
  /// The sample notation of `series`, to the end of the line.
  package var samples: Located<String>?
  /// The settings between braces; nil when no block was written.
  package var block: [Statement]?
  /// From the keyword to the end of the block.
  package var range: SourceRange
  /// From the keyword to the last value, without the block.
  package var headRange: SourceRange
  /// The comment that follows the head on its line.
  package var trailingComment: SourceRange?
  /// Whether the statement just above carries an expression, which this line may try to continue.
  package var followsExpression: Bool
  /// The statement's tokens in its document.
  package var tokens: Range<Int>
  /// The tokens of the block's braces; the closing one is missing when recovery supplied it.
  package var braces: (open: Int, close: Int?)?

  package init(
    keyword: Located<String>, items: [[Word]] = [], block: [Statement]? = nil,
    range: SourceRange? = nil, headRange: SourceRange? = nil
  ) {
    self.keyword = keyword
    self.items = items
    self.block = block
    self.range = range ?? keyword.range
    self.headRange = headRange ?? keyword.range
    followsExpression = false
    tokens = 0..<0
  }

  /// All values, commas ignored.
  package var words: [Word] { items.flatMap { $0 } }

  package static func == (left: Statement, right: Statement) -> Bool {
    left.keyword == right.keyword && left.range == right.range && left.items == right.items
      && left.block == right.block && left.expression == right.expression
  }
  package func hash(into hasher: inout Hasher) {
    hasher.combine(keyword)
    hasher.combine(range)
  }
}

/// A parsed file: its statements, and beneath them every byte of it.
package struct Document: Sendable {
  package var source: SourceText
  /// The file in stretches, without gaps.
  package var tokens: [Token]
  package var statements: [Statement]
  package var diagnostics: [Diagnostic]

  /// Whether the file has mistakes of form, which make its tree a guess.
  package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  /// The file's text, printed from the tokens.
  package var printed: String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(source.bytes.count)
    for token in tokens { bytes += source.bytes[token.lower..<token.upper] }
    return String(decoding: bytes, as: UTF8.self)
  }
}
