import Diagnostics
import PromQLSyntax

extension StatementParser {
  /// The diagnostics of an expression that is broken or is followed by something on its line, in
  /// the words of somebody who did not mean to write PromQL there.
  func explained(
    _ parsed: ParsedExpression, from begin: Int, to end: Int, rest: SourceRange?
  ) -> [Diagnostic] {
    let reach = max(end, rest?.upper ?? end, parsed.errors.map(\.range.upper).max() ?? end)
    if let quantity = foreignQuantity(from: begin, to: reach) { return [quantity] }
    let errors = parsed.diagnostics.filter { $0.severity == .error }
    if !errors.isEmpty { return parsed.diagnostics }
    if let error = parsed.errors.first {
      return parsed.diagnostics + [
        Diagnostic("E008", .error, error.message, at: error.range, "in this expression")
      ]
    }
    guard let rest else { return parsed.diagnostics }
    let word = rest.text
    let help = Suggestion.nearest(to: word, in: DocumentParser.reservedWords.sorted())
    return parsed.diagnostics + [
      Diagnostic(
        "E008", .error, "the expression ends here, but the line goes on", at: rest,
        "unexpected `\(word)`", help: help.map { "did you mean `\($0)`?" },
        replacement: help.map { .init(rest, $0) })
    ]
  }

  /// A number with a unit PromQL does not know, such as `512MiB`, or `80%` at the end of a line.
  private func foreignQuantity(from begin: Int, to end: Int) -> Diagnostic? {
    var index = begin
    let limit = min(lexer.bytes.count, lexer.endOfLine(from: end))
    while index < limit {
      let byte = lexer.bytes[index]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "`") {
        index = closingQuote(from: index, limit)
        continue
      }
      let isDigit = (0x30...0x39).contains(byte)
      guard isDigit, index == begin || !isNameByte(lexer.bytes[index - 1]) else {
        index += 1
        continue
      }
      var stop = index
      while stop < limit, (0x30...0x39).contains(lexer.bytes[stop]) || lexer.bytes[stop] == 0x2E {
        stop += 1
      }
      var tail = stop
      while tail < limit, isNameByte(lexer.bytes[tail]) { tail += 1 }
      let unit = String(decoding: lexer.bytes[stop..<tail], as: UTF8.self)
      let written = range(index, tail).text
      if Self.byteUnits.contains(unit) {
        return Diagnostic(
          "E008", .error, "PromQL has no byte sizes", at: range(index, tail),
          "`\(unit)` means nothing here", help: "use `watch …` and `warning > \(written)`")
      }
      if unit.isEmpty, tail < limit, lexer.bytes[tail] == UInt8(ascii: "%"), endsLine(tail + 1) {
        return Diagnostic(
          "E008", .error, "PromQL has no percentages", at: range(index, tail + 1),
          "here `%` is the remainder of a division",
          help: "use `watch …` and `warning > \(written)%`")
      }
      index = max(tail, index + 1)
    }
    return nil
  }

  private static let byteUnits: Set<String> = [
    "B", "kB", "KB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB",
  ]

  private func isNameByte(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
      || byte == 0x5F || byte == 0x3A
  }

  private func endsLine(_ offset: Int) -> Bool {
    let end = lexer.endOfLine(from: offset)
    let rest = lexer.bytes[min(offset, end)..<end].drop { $0 == 0x20 || $0 == 0x09 }
    return rest.isEmpty || rest.first == UInt8(ascii: "#") || rest.first == UInt8(ascii: "}")
  }

  private func closingQuote(from open: Int, _ limit: Int) -> Int {
    var index = open + 1
    while index < limit, lexer.bytes[index] != lexer.bytes[open] {
      index += lexer.bytes[index] == UInt8(ascii: "\\") && lexer.bytes[open] != 0x60 ? 2 : 1
    }
    return index + 1
  }
}
