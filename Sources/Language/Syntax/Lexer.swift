import Diagnostics

/// Cuts the values of settings into tokens. PromQL has its own lexer; the parser hands over to it.
struct Lexer {
  let source: SourceText
  let bytes: [UInt8]
  var position = 0
  var diagnostics: [Diagnostic] = []

  init(_ source: SourceText) {
    self.source = source
    bytes = source.bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  var isAtEnd: Bool { position >= bytes.count }

  func byte(_ offset: Int = 0) -> UInt8? {
    position + offset < bytes.count ? bytes[position + offset] : nil
  }

  func starts(with text: StaticString) -> Bool { Self.has(text, in: bytes, at: position) }

  static func has(_ text: StaticString, in bytes: [UInt8], at position: Int) -> Bool {
    let count = text.utf8CodeUnitCount
    guard position + count <= bytes.count else { return false }
    return text.withUTF8Buffer { wanted in
      (0..<count).allSatisfy { bytes[position + $0] == wanted[$0] }
    }
  }

  // MARK: Trivia

  /// space = " " | tab | CR not before NL
  mutating func space() -> Token? {
    let start = position
    while let next = byte(), next == 0x20 || next == 0x09 || (next == 0x0D && byte(1) != 0x0A) {
      position += 1
    }
    return position > start ? Token(kind: .space, lower: start, upper: position) : nil
  }

  /// NL = LF | CR LF
  mutating func newline() -> Token? {
    let start = position
    if byte() == 0x0D, byte(1) == 0x0A { position += 2 } else if byte() == 0x0A { position += 1 }
    return position > start ? Token(kind: .newline, lower: start, upper: position) : nil
  }

  /// comment = "#" to the end of the line
  mutating func comment() -> Token? {
    guard byte() == UInt8(ascii: "#") else { return nil }
    let start = position
    position = endOfLine(from: position)
    return Token(kind: .comment, lower: start, upper: position)
  }

  /// The offset where the line at `offset` ends: before its CR LF, its LF, or at the end.
  func endOfLine(from offset: Int) -> Int {
    var end = offset
    while end < bytes.count, bytes[end] != 0x0A { end += 1 }
    if end > offset, end < bytes.count, bytes[end - 1] == 0x0D { end -= 1 }
    return end
  }

  // MARK: Values

  /// value = word | string | raw | text | op
  mutating func value() -> (token: Token, word: Word)? {
    guard let first = byte() else { return nil }
    switch first {
    case UInt8(ascii: "\""): return starts(with: "\"\"\"") ? text() : string()
    case UInt8(ascii: "`"): return raw()
    default: return comparison() ?? word()
    }
  }

  /// op = "=" | "!=" | "=~" | "!~" | "==" | "<" | "<=" | ">" | ">="
  mutating func comparison() -> (token: Token, word: Word)? {
    for sign in ["!=", "=~", "!~", "==", "<=", ">=", "=", "<", ">"] as [StaticString]
    where starts(with: sign) {
      let start = position
      position += sign.utf8CodeUnitCount
      return made(.comparison, .comparison, from: start)
    }
    return nil
  }

  /// word = wordchar { wordchar }; after "://" or a leading "--" also `= < > !`
  mutating func word() -> (token: Token, word: Word)? {
    let start = position
    var isOpen = starts(with: "--")
    while let next = byte() {
      if starts(with: "://") {
        isOpen = true
        position += 3
        continue
      }
      switch next {
      case 0x00...0x20, 0x7F, UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: ","),
        UInt8(ascii: "\""), UInt8(ascii: "`"):
        return finishWord(from: start)
      case UInt8(ascii: "="), UInt8(ascii: "<"), UInt8(ascii: ">"):
        if !isOpen { return finishWord(from: start) }
      case UInt8(ascii: "!"):
        let pair = byte(1) == UInt8(ascii: "=") || byte(1) == UInt8(ascii: "~")
        if pair, !isOpen { return finishWord(from: start) }
      default: break
      }
      position += 1
    }
    return finishWord(from: start)
  }

  private mutating func finishWord(from start: Int) -> (token: Token, word: Word)? {
    guard position > start else { return nil }
    let made = made(.word, .word, from: start)
    checkTypography(made.word)
    return made
  }

  /// What word processors and web pages put in place of plain quotes and spaces.
  private mutating func checkTypography(_ word: Word) {
    guard bytes[word.range.lower..<word.range.upper].contains(where: { $0 >= 0x80 }) else { return }
    for (name, mark) in [("quote", "\u{201C}"), ("quote", "\u{201D}"), ("space", "\u{A0}")] {
      guard let found = word.text.utf8Offset(of: mark) else { continue }
      let range = word.content.range(found, found + mark.utf8.count)
      let plain = name == "quote" ? "\"" : " "
      diagnostics.append(
        Diagnostic(
          "E007", .error, "this is not a plain \(name)", at: range,
          name == "quote" ? "a typographic quote" : "a space that does not break",
          help: "type a plain `\(plain)` here", replacement: .init(range, plain)))
      return
    }
  }

  func made(
    _ kind: Token.Kind, _ wordKind: Word.Kind, from start: Int
  ) -> (token: Token, word: Word) {
    let range = SourceRange(source, start, position)
    return (
      Token(kind: kind, lower: start, upper: position),
      Word(kind: wordKind, content: MappedText(verbatim: range), range: range)
    )
  }
}

extension String {
  /// The UTF-8 offset of the first occurrence of `part`.
  func utf8Offset(of part: String) -> Int? {
    let (text, wanted) = (Array(utf8), Array(part.utf8))
    guard wanted.count <= text.count else { return nil }
    return (0...(text.count - wanted.count)).first { offset in
      wanted.indices.allSatisfy { text[offset + $0] == wanted[$0] }
    }
  }
}
