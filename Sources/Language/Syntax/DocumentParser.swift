import Diagnostics
import PromQLSyntax

/// What a file may be at most; beyond, the file is refused with a diagnostic.
package struct DocumentLimits: Sendable, Hashable {
  /// Bytes of one file.
  package var size: Int
  /// Blocks inside blocks.
  package var nesting: Int
  package init(size: Int = 4 << 20, nesting: Int = 32) {
    self.size = size
    self.nesting = nesting
  }
}

/// Reads the form of a file: tokens and a tree of statements. Knows no setting's meaning. Parsing
/// never fails: what cannot be read is skipped, and a diagnostic says why.
package enum DocumentParser {
  /// The file's tree; a file over the limits has an empty one.
  package static func parse(
    _ source: SourceText, limits: DocumentLimits = DocumentLimits()
  ) -> Document {
    guard source.bytes.count <= limits.size else {
      let start = SourceRange(source, 0, min(1, source.bytes.count))
      let whole = Token(kind: .unexpected, lower: 0, upper: source.bytes.count)
      let refusal = Diagnostic(
        "E027", .error, "this file is too large", at: start,
        "\(source.bytes.count) bytes, the limit is \(limits.size)")
      return Document(
        source: source, tokens: [whole], statements: [], diagnostics: [refusal])
    }
    var parser = StatementParser(source, limits: limits)
    let statements = parser.file()
    return Document(
      source: source, tokens: parser.tokens, statements: statements,
      diagnostics: parser.lexer.diagnostics)
  }

  /// The words no setting may start with: PromQL continues with them.
  package static let reservedWords: Set<String> = [
    "and", "or", "unless", "atan2", "by", "without", "on", "ignoring", "group_left",
    "group_right", "bool", "offset", "smoothed", "anchored", "fill", "fill_left", "fill_right",
  ]
}

/// One pass over a file.
struct StatementParser {
  let source: SourceText
  let limits: DocumentLimits
  var lexer: Lexer
  var tokens: [Token] = []
  var depth = 0
  /// The first closed block whose content stepped out of its indentation, and where it did.
  var suspect: (open: Int, step: SourceRange)?
  /// Statements that an unclosed block swallowed, on their way to the list around it.
  var hoisted: [Statement] = []

  init(_ source: SourceText, limits: DocumentLimits) {
    self.source = source
    self.limits = limits
    lexer = Lexer(source)
    if lexer.position > 0 { tokens.append(Token(kind: .space, lower: 0, upper: lexer.position)) }
  }

  mutating func report(_ diagnostic: Diagnostic) { lexer.diagnostics.append(diagnostic) }

  func range(_ lower: Int, _ upper: Int) -> SourceRange { SourceRange(source, lower, upper) }

  /// file = { NL | statement }
  mutating func file() -> [Statement] {
    var statements: [Statement] = []
    while true {
      statements += self.statements().statements
      guard !lexer.isAtEnd else { return statements }
      // Only a closing brace stops the list before the end.
      report(
        Diagnostic(
          "E004", .error, "this `}` closes nothing",
          at: range(lexer.position, lexer.position + 1), "no block is open here"))
      skip(to: lexer.position + 1)
    }
  }

  /// { NL | statement }, until `}` or the end of the file.
  mutating func statements() -> (statements: [Statement], outdented: Int?) {
    var statements: [Statement] = []
    var outdented: Int?
    let indent = depth > 0 ? blockIndent : -1
    while true {
      trivia(acrossLines: true)
      guard let next = lexer.byte(), next != UInt8(ascii: "}") else { break }
      let start = lexer.position
      let startsLine = isFirstOnLine(start)
      if var statement = self.statement() {
        statement.followsExpression = statements.last.map { $0.expressionRange != nil } ?? false
        let isIndented = statements.first.map { column(of: $0.range.lower) > indent } ?? false
        if outdented == nil, isIndented, startsLine, column(of: start) <= indent {
          outdented = statements.count
        }
        statements.append(statement)
        statements += hoisted
        hoisted = []
      }
      if lexer.position == start { skip(to: start + 1) }
    }
    return (statements, outdented)
  }

  /// The indentation of the line that opened the innermost block.
  private var blockIndent: Int {
    guard let open = tokens.last(where: { $0.kind == .openBrace }) else { return -1 }
    let line = source.lineStarts[source.line(at: open.lower) - 1]
    var end = line
    while let byte = end < lexer.bytes.count ? lexer.bytes[end] : nil, byte == 0x20 || byte == 0x09
    {
      end += 1
    }
    return end - line
  }

  func column(of offset: Int) -> Int { offset - source.lineStarts[source.line(at: offset) - 1] }

  func isFirstOnLine(_ offset: Int) -> Bool {
    let start = source.lineStarts[source.line(at: offset) - 1]
    return lexer.bytes[start..<offset].allSatisfy { $0 == 0x20 || $0 == 0x09 }
  }

  // MARK: Tokens

  mutating func append(_ kind: Token.Kind, from lower: Int) {
    guard lexer.position > lower else { return }
    tokens.append(Token(kind: kind, lower: lower, upper: lexer.position))
  }

  /// Spaces and a comment; with `acrossLines` also newlines. Gives the last comment.
  @discardableResult
  mutating func trivia(acrossLines: Bool) -> Token? {
    var comment: Token?
    while true {
      if let token = lexer.space() {
        tokens.append(token)
      } else if let token = lexer.comment() {
        tokens.append(token)
        comment = token
      } else if acrossLines, let token = lexer.newline() {
        tokens.append(token)
      } else {
        return comment
      }
    }
  }

  /// Takes everything up to `offset` as unexpected.
  mutating func skip(to offset: Int) {
    let start = lexer.position
    lexer.position = max(start, min(offset, lexer.bytes.count))
    append(.unexpected, from: start)
  }

  /// end = NL | EOF | before "}"
  var isAtStatementEnd: Bool {
    guard let next = lexer.byte() else { return true }
    return next == 0x0A || next == UInt8(ascii: "}") || (next == 0x0D && lexer.byte(1) == 0x0A)
  }
}
