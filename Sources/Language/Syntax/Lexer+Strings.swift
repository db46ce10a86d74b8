import Diagnostics

/// Collects decoded bytes together with the places they came from.
private struct Decoding {
  var bytes: [UInt8] = []
  var runs: [MappedText.Run] = []

  mutating func verbatim(_ written: Range<Int>, of source: [UInt8]) {
    guard !written.isEmpty else { return }
    let start = bytes.count
    bytes += source[written]
    runs.append(.init(decoded: start..<bytes.count, written: written))
  }

  mutating func escape(_ decoded: some Sequence<UInt8>, written: Range<Int>) {
    let start = bytes.count
    bytes += decoded
    // A run of equal length would count as verbatim: an escape is longer than what it stands for.
    runs.append(.init(decoded: start..<bytes.count, written: written))
  }

  func mapped(_ source: SourceText, at offset: Int) -> MappedText {
    MappedText(
      text: String(decoding: bytes, as: UTF8.self), source: source, runs: runs, at: offset)
  }
}

extension Lexer {
  /// string = '"' { char | escape } '"', on one line
  mutating func string() -> (token: Token, word: Word) {
    let start = position
    position += 1
    var decoding = Decoding()
    var plain = position
    while let next = byte(), next != 0x0A {
      if next == UInt8(ascii: "\"") {
        decoding.verbatim(plain..<position, of: bytes)
        position += 1
        return finish(.string, .string, decoding, from: start)
      }
      if next == UInt8(ascii: "\\") {
        decoding.verbatim(plain..<position, of: bytes)
        escape(into: &decoding)
        plain = position
      } else {
        position += 1
      }
    }
    position = endOfLine(from: start)
    decoding.verbatim(min(plain, position)..<position, of: bytes)
    diagnostics.append(
      Diagnostic(
        "E002", .error, "this text is never closed", at: SourceRange(source, start, start + 1),
        "opened here",
        context: [.init(SourceRange(source, position, position), "expected `\"` before here")],
        help: "a text of several lines stands between `\"\"\"`"))
    return finish(.string, .string, decoding, from: start)
  }

  /// raw = "`" { any but "`" } "`"
  mutating func raw() -> (token: Token, word: Word) {
    let start = position
    position += 1
    while let next = byte(), next != UInt8(ascii: "`") { position += 1 }
    var decoding = Decoding()
    guard !isAtEnd else {
      // Most often one line was meant.
      position = endOfLine(from: start)
      decoding.verbatim((start + 1)..<position, of: bytes)
      diagnostics.append(
        Diagnostic(
          "E002", .error, "this raw text is never closed",
          at: SourceRange(source, start, start + 1), "opened here",
          help: "close it with another backquote"))
      return finish(.raw, .raw, decoding, from: start)
    }
    decoding.verbatim((start + 1)..<position, of: bytes)
    position += 1
    return finish(.raw, .raw, decoding, from: start)
  }

  /// text = '"""' NL { line } indent '"""'; the closing line's indent is removed from every line
  mutating func text() -> (token: Token, word: Word) {
    let start = position
    guard let close = textEnd(from: start + 3) else {
      position = bytes.count
      diagnostics.append(
        Diagnostic(
          "E002", .error, "this text is never closed", at: SourceRange(source, start, start + 3),
          "opened here", help: "close it with `\"\"\"` on a line of its own"))
      var decoding = Decoding()
      decoding.verbatim((start + 3)..<position, of: bytes)
      return finish(.text, .text, decoding, from: start)
    }
    position = close + 3
    let end = position
    let opening = endOfLine(from: start)
    let closingLine = source.lineStarts[source.line(at: close) - 1]
    let indent = bytes[closingLine..<max(closingLine, close)]
    var decoding = Decoding()
    guard opening < close, bytes[(start + 3)..<opening].allSatisfy({ $0 == 0x20 || $0 == 0x09 }),
      indent.allSatisfy({ $0 == 0x20 || $0 == 0x09 })
    else {
      diagnostics.append(
        Diagnostic(
          "E003", .error, "`\"\"\"` stands alone at its end of the text",
          at: SourceRange(source, start, start + 3), "text of several lines",
          help: "break the line after the opening `\"\"\"` and before the closing one"))
      decoding.verbatim((start + 3)..<close, of: bytes)
      return finish(.text, .text, decoding, from: start)
    }
    lines(from: source.line(at: start) + 1, to: source.line(at: close), indent, &decoding)
    position = end
    return finish(.text, .text, decoding, from: start)
  }

  /// The lines between the markers, without the closing line's indent and without the last newline.
  private mutating func lines(
    from first: Int, to closing: Int, _ indent: ArraySlice<UInt8>, _ decoding: inout Decoding
  ) {
    for line in first..<max(first, closing) {
      var lower = source.lineStarts[line - 1]
      let upper = endOfLine(from: lower)
      let content = bytes[lower..<upper]
      if content.starts(with: indent) {
        lower += indent.count
      } else if let text = content.firstIndex(where: { $0 != 0x20 && $0 != 0x09 }) {
        diagnostics.append(
          Diagnostic(
            "E003", .error, "this line stands left of the closing `\"\"\"`",
            at: SourceRange(source, text, upper), "less indented",
            help: "indent the line at least as far as the closing `\"\"\"`"))
        lower = text
      } else {
        lower = upper
      }
      position = lower
      var plain = lower
      while position < upper {
        if bytes[position] == UInt8(ascii: "\\") {
          decoding.verbatim(plain..<position, of: bytes)
          escape(into: &decoding)
          plain = position
        } else {
          position += 1
        }
      }
      decoding.verbatim(plain..<max(plain, upper), of: bytes)
      if line + 1 < closing {
        decoding.escape([0x0A], written: upper..<source.lineStarts[line])
      }
    }
  }

  /// The offset of the closing `"""`; one after a backslash does not close.
  private func textEnd(from offset: Int) -> Int? {
    var offset = offset
    while offset < bytes.count {
      if bytes[offset] == UInt8(ascii: "\\") { offset += 2; continue }
      if Self.has("\"\"\"", in: bytes, at: offset) { return offset }
      offset += 1
    }
    return nil
  }

  /// escape = "\" ( "n" | "t" | "\" | '"' | "u{" hex "}" )
  private mutating func escape(into decoding: inout Decoding) {
    let start = position
    position += 1
    let simple: [UInt8: UInt8] = [
      UInt8(ascii: "n"): 0x0A, UInt8(ascii: "t"): 0x09, UInt8(ascii: "\\"): 0x5C,
      UInt8(ascii: "\""): 0x22,
    ]
    if let next = byte(), let meaning = simple[next] {
      position += 1
      return decoding.escape([meaning], written: start..<position)
    }
    if byte() == UInt8(ascii: "u"), byte(1) == UInt8(ascii: "{"),
      let close = bytes[position...].prefix(12).firstIndex(of: UInt8(ascii: "}")),
      let number = UInt32(
        String(decoding: bytes[(position + 2)..<close], as: UTF8.self), radix: 16),
      let scalar = Unicode.Scalar(number)
    {
      position = close + 1
      return decoding.escape(String(Character(scalar)).utf8, written: start..<position)
    }
    // The backslash stays, the rest is read as usual; never past the end of the line.
    decoding.verbatim(start..<position, of: bytes)
    diagnostics.append(
      Diagnostic(
        "E003", .error, "there is no such escape",
        at: SourceRange(source, start, min(start + 2, endOfLine(from: start))), "unknown escape",
        help: "write `\\\\` for a backslash, or put the text between backquotes",
        replacement: .init(SourceRange(source, start, start + 1), "\\\\")))
  }

  private func finish(
    _ kind: Token.Kind, _ wordKind: Word.Kind, _ decoding: Decoding, from start: Int
  ) -> (token: Token, word: Word) {
    (
      Token(kind: kind, lower: start, upper: position),
      Word(
        kind: wordKind,
        content: decoding.mapped(source, at: min(start + 1, bytes.count)),
        range: SourceRange(source, start, position))
    )
  }
}
