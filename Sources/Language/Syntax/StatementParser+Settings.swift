import Diagnostics
import PromQLSyntax

extension StatementParser {
  /// statement = setting | expression | record | series
  mutating func statement() -> Statement? {
    guard let keyword = keyword() else { return nil }
    let firstToken = tokens.count - 1
    var statement = Statement(keyword: keyword)
    switch keyword.value {
    case "when", "watch", "eval": expression(into: &statement)
    case "record": record(into: &statement)
    case "series": series(into: &statement)
    default:
      values(into: &statement)
      if lexer.starts(with: "{{") {
        bareInsertion(into: &statement)
      } else if lexer.byte() == UInt8(ascii: "{") {
        block(into: &statement)
      }
    }
    statement.tokens = firstToken..<tokens.count
    statement.range = keyword.range.union(statement.headRange)
    if let braces = statement.braces {
      let last = tokens[braces.close ?? tokens.count - 1]
      statement.range = statement.range.union(range(last.lower, last.upper))
    }
    endStatement(&statement)
    return statement
  }

  /// keyword = letter { letter | digit | "_" | "-" }, in lower case, never a reserved word
  private mutating func keyword() -> Located<String>? {
    let start = lexer.position
    let notices = lexer.diagnostics.count
    guard let first = lexer.byte(), first != UInt8(ascii: "{"), let value = lexer.value(),
      value.word.kind == .word
    else {
      if lexer.position == start { lexer.position += 1 }
      lexer.diagnostics.removeSubrange(notices...)
      let unexpected = range(start, lexer.position)
      lexer.position = start
      report(
        Diagnostic(
          "E005", .error, "a line starts with the name of a setting", at: unexpected,
          "not a name"))
      recover(from: start)
      return nil
    }
    tokens.append(value.token)
    let name = value.word.text
    if Self.isKeyword(name), !DocumentParser.reservedWords.contains(name) {
      return value.word.located
    }
    return mended(value.word)
  }

  static func isKeyword(_ name: String) -> Bool {
    guard let first = name.utf8.first, (0x61...0x7A).contains(first) else { return false }
    return name.utf8.allSatisfy {
      (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F || $0 == 0x2D
    }
  }

  /// What was meant by a first word that is not a keyword: `for:` and `Alert` still say it.
  private mutating func mended(_ word: Word) -> Located<String>? {
    let name = word.text
    if DocumentParser.reservedWords.contains(name) {
      report(
        Diagnostic(
          "E005", .error, "`\(name)` continues an expression, but there is none above it",
          at: word.range, "nothing to continue"))
      recover(from: lexer.position)
      return nil
    }
    if name.hasSuffix(":"), Self.isKeyword(String(name.dropLast())) {
      report(
        Diagnostic(
          "E005", .error, "no `:` stands between a setting and its value", at: word.range,
          "remove the `:`", replacement: .init(word.range, String(name.dropLast()))))
      return Located(value: String(name.dropLast()), range: word.range)
    }
    let lower = name.lowercased()
    if Self.isKeyword(lower), !DocumentParser.reservedWords.contains(lower) {
      report(
        Diagnostic(
          "E005", .error, "settings are written in lower case", at: word.range, "upper case",
          help: "write `\(lower)`", replacement: .init(word.range, lower)))
      return Located(value: lower, range: word.range)
    }
    report(
      Diagnostic(
        "E005", .error, "`\(name)` cannot be the name of a setting", at: word.range,
        "not a name"))
    recover(from: lexer.position)
    return nil
  }

  /// Skips the rest of a line that makes no sense; a block on it is read and dropped.
  mutating func recover(from start: Int) {
    lexer.position = start
    var dropped = Statement(keyword: Located(value: "", range: range(start, start)))
    while !isAtStatementEnd {
      if lexer.byte() == UInt8(ascii: "{") { return block(into: &dropped) }
      trivia(acrossLines: false)
      if isAtStatementEnd || lexer.byte() == UInt8(ascii: "{") { continue }
      let before = lexer.position
      if lexer.value() == nil { lexer.position = before + 1 }
      append(.unexpected, from: before)
    }
  }

  /// [ item { "," { NL } item } ]
  private mutating func values(into statement: inout Statement) {
    var items: [[Word]] = []
    var item: [Word] = []
    var comma: SourceRange?
    while true {
      let comment = trivia(acrossLines: comma != nil)
      if let comment, comma == nil {
        statement.trailingComment = range(comment.lower, comment.upper)
      }
      if isAtStatementEnd || lexer.byte() == UInt8(ascii: "{") { break }
      let start = lexer.position
      if lexer.byte() == UInt8(ascii: ",") {
        lexer.position += 1
        append(.comma, from: start)
        let here = range(start, start + 1)
        if item.isEmpty {
          report(
            Diagnostic("E009", .error, "a value is missing before this comma", at: here, "comma"))
        }
        comma = here
        if !item.isEmpty { items.append(item) }
        item = []
        continue
      }
      guard let value = lexer.value() else {
        unreadableCharacter()
        continue
      }
      tokens.append(value.token)
      statement.headRange = statement.headRange.union(value.word.range)
      item.append(value.word)
      comma = nil
    }
    if let comma {
      report(
        Diagnostic(
          "E009", .error, "a value is missing after this comma", at: comma,
          "a comma at the end continues the list on the next line"))
    }
    if !item.isEmpty { items.append(item) }
    statement.items = items
    commentedValue(of: &statement)
  }

  /// `summary {{ value }} full`: a text without its quotes.
  private mutating func bareInsertion(into statement: inout Statement) {
    let start = lexer.position
    var end = lexer.endOfLine(from: start)
    while [0x20, 0x09].contains(lexer.bytes[end - 1]) { end -= 1 }
    let place = range(start, end)
    report(
      Diagnostic(
        "E009", .error, "a text stands between quotes", at: place, "not quoted",
        help: "quote it: \(statement.keyword.value) \"\(place.text)\""))
    statement.items.append([
      Word(kind: .string, content: MappedText(verbatim: place), range: place)
    ])
    statement.headRange = statement.headRange.union(place)
    skip(to: end)
  }

  private mutating func unreadableCharacter() {
    let start = lexer.position
    lexer.position += 1
    append(.unexpected, from: start)
    report(
      Diagnostic(
        "E007", .error, "this character has no place in a file", at: range(start, start + 1),
        "a control character"))
  }

  /// `slack #alerts {`: the comment has swallowed the value, and the brace that opens the block.
  private mutating func commentedValue(of statement: inout Statement) {
    guard statement.items.isEmpty, let comment = statement.trailingComment,
      lexer.byte() != UInt8(ascii: "{")
    else { return }
    let text = comment.text
    guard text.hasSuffix("{"), !text.hasPrefix("# "), !text.hasPrefix("##") else { return }
    let value = String(text.dropLast().reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    let place = range(comment.lower, comment.lower + value.utf8.count)
    report(Self.valueReadAsComment(statement.keyword.value, value, at: place))
    statement.items = [[Word(kind: .word, content: MappedText(verbatim: place), range: place)]]
    statement.headRange = statement.headRange.union(place)
    statement.trailingComment = nil
    lexer.position = comment.upper - 1
    tokens.removeLast()
    tokens.append(Token(kind: .unexpected, lower: comment.lower, upper: comment.upper - 1))
  }

  static func valueReadAsComment(
    _ keyword: String, _ value: String, at place: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      "E009", .error, "`\(keyword)` needs a value", at: place,
      "read as a comment, because it starts with `#`", help: "quote it: \(keyword) \"\(value)\"",
      replacement: .init(place, "\"\(value)\""))
  }

  /// block = "{" { NL | statement } "}"
  mutating func block(into statement: inout Statement) {
    let open = lexer.position
    lexer.position += 1
    append(.openBrace, from: open)
    let openToken = tokens.count - 1
    guard depth < limits.nesting else {
      report(
        Diagnostic(
          "E027", .error, "blocks stand too deep inside blocks", at: range(open, open + 1),
          "the limit is \(limits.nesting)"))
      skip(to: lexer.bytes.count)
      statement.braces = (openToken, nil)
      return
    }
    depth += 1
    defer { depth -= 1 }
    let inner = statements()
    statement.block = inner.statements
    if lexer.byte() == UInt8(ascii: "}") {
      let close = lexer.position
      lexer.position += 1
      append(.closeBrace, from: close)
      statement.braces = (openToken, tokens.count - 1)
      if let outdented = inner.outdented, suspect == nil {
        suspect = (open, inner.statements[outdented].keyword.range)
      }
      return
    }
    statement.braces = (openToken, nil)
    unclosed(open, inner)
    if let outdented = inner.outdented {
      statement.block = Array(inner.statements[..<outdented])
      hoisted = Array(inner.statements[outdented...])
    }
  }

  /// The end of the file came first. The block whose content steps out of its indentation is to
  /// blame.
  private mutating func unclosed(
    _ open: Int, _ inner: (statements: [Statement], outdented: Int?)
  ) {
    let isBlamed = lexer.diagnostics.contains { $0.code == "E004" && $0.message.contains("never") }
    if isBlamed {
      guard inner.outdented != nil,
        let index = lexer.diagnostics.firstIndex(where: {
          $0.code == "E004" && $0.message.contains("never") && $0.context.isEmpty
        })
      else { return }
      lexer.diagnostics.remove(at: index)
    }
    var blamed = (open: open, step: inner.outdented.map { inner.statements[$0].keyword.range })
    // A block further in that was closed by a brace meant for another.
    if let suspect, suspect.open > open { blamed = (suspect.open, suspect.step) }
    let context = blamed.step.map { [Diagnostic.Label($0, "looks as if it stood outside")] }
    report(
      Diagnostic(
        "E004", .error, "this `{` is never closed", at: range(blamed.open, blamed.open + 1),
        "opened here", context: context ?? []))
  }

  /// end = NL | EOF | before "}"
  private mutating func endStatement(_ statement: inout Statement) {
    if let comment = trivia(acrossLines: false) {
      statement.trailingComment = range(comment.lower, comment.upper)
    }
    guard !isAtStatementEnd, statement.block != nil else { return }
    let start = lexer.position
    let end = lexer.value() == nil ? start + 1 : lexer.position
    lexer.position = start
    report(
      Diagnostic(
        "E006", .error, "the next setting starts on a line of its own", at: range(start, end),
        "on the line of a `}`"))
  }
}
