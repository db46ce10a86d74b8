import Diagnostics
import PromQLSyntax

extension StatementParser {
  /// expression = ( "when" | "watch" | "eval" ) promql end
  mutating func expression(into statement: inout Statement) {
    trivia(acrossLines: false)
    promql(into: &statement)
  }

  /// record = "record" selector "=" promql end
  mutating func record(into statement: inout Statement) {
    trivia(acrossLines: false)
    guard selector(into: &statement) else { return }
    trivia(acrossLines: false)
    let start = lexer.position
    guard lexer.byte() == UInt8(ascii: "="), lexer.byte(1) != UInt8(ascii: "=") else {
      report(
        Diagnostic(
          "E009", .error, "`record` needs `=` and an expression", at: statement.headRange,
          "expected `=` after this", help: "write `\(statement.headRange.text) = …`"))
      return skipLine()
    }
    lexer.position += 1
    append(.assignment, from: start)
    trivia(acrossLines: false)
    promql(into: &statement)
  }

  /// series = "series" selector samples end
  mutating func series(into statement: inout Statement) {
    trivia(acrossLines: false)
    guard selector(into: &statement) else { return }
    trivia(acrossLines: false)
    let start = lexer.position
    var end = start
    while end < lexer.endOfLine(from: start), lexer.bytes[end] != UInt8(ascii: "#") { end += 1 }
    while end > start, lexer.bytes[end - 1] == 0x20 || lexer.bytes[end - 1] == 0x09 { end -= 1 }
    guard end > start else {
      report(
        Diagnostic(
          "E009", .error, "`series` needs samples", at: statement.headRange, "no samples follow",
          help: "write them on the same line, as in `1 2 3x10`"))
      return
    }
    lexer.position = end
    append(.samples, from: start)
    let place = range(start, end)
    statement.samples = Located(value: place.text, range: place)
    statement.headRange = statement.headRange.union(place)
  }

  private mutating func selector(into statement: inout Statement) -> Bool {
    let start = lexer.position
    guard !isAtStatementEnd else {
      report(
        Diagnostic(
          "E009", .error, "`\(statement.keyword.value)` needs a series",
          at: statement.keyword.range,
          "nothing follows"))
      return false
    }
    let parsed = PromQLParser.parseSelectorPrefix(in: source, from: start)
    lexer.diagnostics += parsed.diagnostics
    statement.selector = parsed.selector
    if parsed.selector == nil {
      if parsed.diagnostics.isEmpty {
        report(
          Diagnostic(
            "E008", .error, "this is not the name of a series",
            at: range(start, lexer.endOfLine(from: start)), "expected a metric name"))
      }
      skipLine()
      return false
    }
    lexer.position = min(max(parsed.end, start), lexer.bytes.count)
    append(.selector, from: start)
    statement.headRange = statement.headRange.union(range(start, lexer.position))
    return true
  }

  /// promql = the longest prefix of the remaining text that is a PromQL expression
  private mutating func promql(into statement: inout Statement) {
    let start = lexer.position
    let keyword = statement.keyword
    if isAtStatementEnd, !expressionFollows(start) {
      report(
        Diagnostic(
          "E009", .error, "`\(keyword.value)` needs an expression", at: keyword.range,
          "nothing follows"))
      return
    }
    trivia(acrossLines: true)
    let begin = lexer.position
    let result = PromQLParser.parsePrefix(in: source, from: begin)
    let isBroken = !result.parsed.errors.isEmpty || result.parsed.expression == nil
    let end = min(max(result.end, begin), lexer.bytes.count)
    lexer.position = end
    let rest = trailing(after: end)
    if !isBroken, rest == nil {
      append(.expression, from: begin)
      statement.expression = result.parsed.expression
      lexer.diagnostics += result.parsed.diagnostics
    } else {
      lexer.diagnostics += explained(result.parsed, from: begin, to: end, rest: rest)
      lexer.position = resumption(from: keyword.range.lower, begin: begin, rest: rest, end: end)
      append(.expression, from: begin)
      // A whole expression with something behind it still says what was meant.
      statement.expression = isBroken ? nil : result.parsed.expression
    }
    let place = range(begin, lexer.position)
    statement.expressionRange = statement.expression?.range ?? place
    statement.headRange = statement.headRange.union(place)
  }

  /// Whether a `when` at the end of its line is followed by an expression on the next: more
  /// indented than the keyword. Otherwise the next line is the next setting.
  private func expressionFollows(_ offset: Int) -> Bool {
    var probe = lexer
    probe.position = offset
    while probe.space() != nil || probe.comment() != nil || probe.newline() != nil {}
    guard !probe.isAtEnd, probe.byte() != UInt8(ascii: "}") else { return false }
    let line = source.lineStarts[source.line(at: max(0, offset - 1)) - 1]
    let indent = lexer.bytes[line..<offset].prefix { $0 == 0x20 || $0 == 0x09 }.count
    return column(of: probe.position) > indent
  }

  /// What stands behind an expression on its line and is neither a comment nor `}`.
  private func trailing(after offset: Int) -> SourceRange? {
    var probe = lexer
    probe.position = offset
    _ = probe.space()
    _ = probe.comment()
    let start = probe.position
    guard let next = probe.byte(), next != 0x0A, next != 0x0D, next != UInt8(ascii: "}") else {
      return nil
    }
    probe.diagnostics = []
    if probe.value() == nil { probe.position += 1 }
    return range(start, probe.position)
  }

  /// Where to read on after a broken expression: the first later line that is no more indented than
  /// the keyword and cannot continue PromQL, or the end of the line.
  private func resumption(from keyword: Int, begin: Int, rest: SourceRange?, end: Int) -> Int {
    let indent = column(of: keyword)
    guard isFirstOnLine(keyword) else { return closingBrace(from: max(begin, end)) }
    var line = source.line(at: begin) + 1
    while line <= source.lineStarts.count {
      var probe = lexer
      probe.position = source.lineStarts[line - 1]
      _ = probe.space()
      let start = probe.position
      let isBlank = probe.isAtEnd || probe.byte() == 0x0A || probe.byte() == 0x0D
      if !isBlank, start - source.lineStarts[line - 1] <= indent, startsStatement(&probe) {
        return lastCode(before: source.lineStarts[line - 1], from: begin)
      }
      line += 1
    }
    return lastCode(before: lexer.bytes.count, from: begin)
  }

  private func startsStatement(_ probe: inout Lexer) -> Bool {
    if probe.byte() == UInt8(ascii: "}") { return true }
    probe.diagnostics = []
    guard let value = probe.value(), value.word.kind == .word else { return false }
    return Self.isKeyword(value.word.text)
      && !DocumentParser.reservedWords.contains(value.word.text)
  }

  /// The end of the last line before `offset` that has more than blanks.
  private func lastCode(before offset: Int, from begin: Int) -> Int {
    var end = offset
    while end > begin, [0x20, 0x09, 0x0A, 0x0D].contains(lexer.bytes[end - 1]) { end -= 1 }
    return end
  }

  /// The end of the line, or its first `}` that closes more than the line opens.
  private func closingBrace(from offset: Int) -> Int {
    let end = lexer.endOfLine(from: offset)
    var open = 0
    for index in offset..<max(offset, end) {
      if lexer.bytes[index] == UInt8(ascii: "{") { open += 1 }
      if lexer.bytes[index] == UInt8(ascii: "}") {
        if open == 0 { return index }
        open -= 1
      }
    }
    return end
  }

  mutating func skipLine() {
    skip(to: closingBrace(from: lexer.position))
  }
}
