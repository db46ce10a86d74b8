import Diagnostics
import Model

/// Cuts PromQL into tokens, one at a time: what follows an embedded expression need not be PromQL.
/// The states are Prometheus' own, so that its messages come out at its positions
/// (`promql/parser/lex.go`).
struct Lexer {
  let source: SourceText
  /// Where reading stops: the end of the text.
  let limit: Int
  var position: Int
  /// The first byte of the token being read.
  var start: Int
  private var parenDepth = 0
  private var insideBraces = false
  private var insideBrackets = false
  /// Directly after `[`, until the first number.
  private var inDuration = false
  private var seenColon = false
  private var seenDuration = false
  private var hasFailed = false

  init(_ source: SourceText, from offset: Int) {
    self.source = source
    limit = source.bytes.count
    position = offset
    start = offset
  }

  /// The next token; after a failure only ends of input follow.
  mutating func next() -> Token {
    if hasFailed {
      return Token(kind: .endOfInput, lower: start, upper: start, stop: start, origin: start)
    }
    skipBlanks()
    let token =
      insideBraces ? tokenInsideBraces() : inDuration ? tokenInDuration() : tokenOfStatement()
    if token.kind == .failure { hasFailed = true }
    return token
  }

  private mutating func tokenOfStatement() -> Token {
    guard let byte = peek() else {
      if parenDepth != 0 { return fail("unclosed left parenthesis") }
      if insideBrackets { return fail("unclosed left bracket") }
      return emit(.endOfInput)
    }
    if let token = arithmeticOrComma(byte) { return token }
    switch byte {
    case "=": return readEquals()
    case "!":
      position += 1
      guard isNext("=") else {
        return fail("unexpected character after '!': \(quotedRune(at: position))")
      }
      return emit(.operation(.notEqual), width: 1)
    case "<":
      position += 1
      if isNext("=") { return emit(.operation(.lessOrEqual), width: 1) }
      if isNext("/") { return emit(.operation(.trimUpper), width: 1) }
      return emit(.operation(.less))
    case ">":
      position += 1
      if isNext("=") { return emit(.operation(.greaterOrEqual), width: 1) }
      if isNext("/") { return emit(.operation(.trimLower), width: 1) }
      return emit(.operation(.greater))
    case "\"", "'", "`": return readString(quote: byte)
    case _ where isDigit(byte) || (byte == UInt8(ascii: ".") && peek(1).map(isDigit) == true):
      return readNumberOrDuration()
    case _ where isAlpha(byte) || byte == UInt8(ascii: ":"):
      return insideBrackets ? wordInsideBrackets(byte) : readWord()
    case "(": return openParen()
    case ")": return closeParen()
    case "{":
      insideBraces = true
      return emit(.leftBrace, width: 1)
    case "[": return openBracket()
    case "]": return closeBracket()
    case "@": return emit(.at, width: 1)
    default: return fail("unexpected character: \(quotedRune(at: position))")
    }
  }

  /// The first tokens after `[`, up to the first number.
  private mutating func tokenInDuration() -> Token {
    guard let byte = peek() else { return fail("unexpected end of input in duration expression") }
    if let token = arithmeticOrComma(byte) { return token }
    switch byte {
    case "]":
      seenColon = false
      return closeBracket()
    case ":":
      position += 1
      let colon = emit(.colon)
      if !seenDuration {
        return fail(
          "unexpected colon before duration in duration expression", origin: colon.lower)
      }
      if seenColon {
        return fail("unexpected repeated colon in duration expression", origin: colon.lower)
      }
      seenColon = true
      return colon
    case "(": return openParen()
    case ")": return closeParen()
    case _ where isDigit(byte) || (byte == UInt8(ascii: ".") && peek(1).map(isDigit) == true):
      seenDuration = true
      inDuration = false
      return readNumberOrDuration()
    default:
      let rune = quotedRune(at: position)
      return readDurationWord(byte)
        ?? fail("unexpected character in duration expression: \(rune)")
    }
  }

  /// Inside braces keywords are plain names.
  private mutating func tokenInsideBraces() -> Token {
    guard let byte = peek() else { return fail("unexpected end of input inside braces") }
    switch byte {
    case _ where isAlpha(byte):
      while let next = peek(), isAlphaNumeric(next) { position += 1 }
      return emit(.identifier)
    case ",": return emit(.comma, width: 1)
    case "\"", "'", "`": return readString(quote: byte)
    case "=":
      position += 1
      return isNext("~") ? emit(.matches, width: 1) : emit(.assign)
    case "!":
      position += 1
      if isNext("~") { return emit(.notMatches, width: 1) }
      if isNext("=") { return emit(.operation(.notEqual), width: 1) }
      return fail("unexpected character after '!' inside braces: \(quotedRune(at: position))")
    case "{": return fail("unexpected left brace '{'", width: 1)
    case "}":
      insideBraces = false
      return emit(.rightBrace, width: 1)
    default: return fail("unexpected character inside braces: \(quotedRune(at: position))")
    }
  }

  private mutating func arithmeticOrComma(_ byte: UInt8) -> Token? {
    switch byte {
    case ",": emit(.comma, width: 1)
    case "*": emit(.operation(.multiply), width: 1)
    case "/": emit(.operation(.divide), width: 1)
    case "%": emit(.operation(.modulo), width: 1)
    case "+": emit(.operation(.add), width: 1)
    case "-": emit(.operation(.subtract), width: 1)
    case "^": emit(.operation(.power), width: 1)
    default: nil
    }
  }

  private mutating func readEquals() -> Token {
    position += 1
    if isNext("=") { return emit(.operation(.equal), width: 1) }
    if isNext("~") { return fail("unexpected character after '=': '~'") }
    return emit(.assign)
  }

  private mutating func openParen() -> Token {
    parenDepth += 1
    return emit(.leftParen, width: 1)
  }

  private mutating func closeParen() -> Token {
    parenDepth -= 1
    let token = emit(.rightParen, width: 1)
    if parenDepth >= 0 { return token }
    return fail("unexpected right parenthesis ')'", origin: token.lower)
  }

  private mutating func openBracket() -> Token {
    if insideBrackets { return fail("unexpected left bracket '['") }
    insideBrackets = true
    inDuration = true
    seenColon = false
    return emit(.leftBracket, width: 1)
  }

  private mutating func closeBracket() -> Token {
    if !insideBrackets { return fail("unexpected right bracket ']'") }
    insideBrackets = false
    inDuration = false
    return emit(.rightBracket, width: 1)
  }

  private mutating func wordInsideBrackets(_ byte: UInt8) -> Token {
    if byte == UInt8(ascii: ":") {
      if seenColon { return fail("unexpected colon ':'") }
      seenColon = true
      return emit(.colon, width: 1)
    }
    let rune = quotedRune(at: position)
    return readDurationWord(byte) ?? fail("unexpected character: \(rune), expected ':'")
  }

  private mutating func readDurationWord(_ byte: UInt8) -> Token? {
    guard isAlpha(byte) else { return nil }
    var end = position
    while end < limit, isAlpha(source.bytes[end]) { end += 1 }
    let word = String(decoding: source.bytes[position..<end], as: UTF8.self).lowercased()
    guard let kind = TokenKind.keywords[word],
      [.step, .range, .minOf, .maxOf].contains(kind)
    else { return nil }
    return emit(kind, width: end - position)
  }

  private mutating func readWord() -> Token {
    while let next = peek(), isAlphaNumeric(next) || next == UInt8(ascii: ":") { position += 1 }
    let word = String(decoding: source.bytes[start..<position], as: UTF8.self)
    guard let keyword = TokenKind.keywords[word.lowercased()] else {
      return emit(word.utf8.contains(UInt8(ascii: ":")) ? .metricIdentifier : .identifier)
    }
    switch keyword {
    case .fill, .fillLeft, .fillRight:
      // Young keywords: without a parenthesis they stay the metric names they used to be.
      var ahead = position
      while ahead < limit, Self.blanks.contains(source.bytes[ahead]) { ahead += 1 }
      return emit(ahead < limit && source.bytes[ahead] == UInt8(ascii: "(") ? keyword : .identifier)
    default: return emit(keyword)
    }
  }
}

extension Lexer {
  private static let blanks: Set<UInt8> = Set(" \t\n\r".utf8)

  /// White space and comments.
  private mutating func skipBlanks() {
    while let byte = peek() {
      if Self.blanks.contains(byte) {
        position += 1
      } else if byte == UInt8(ascii: "#") {
        while peek() != nil, !isNext("\n"), !isNext("\r") { position += 1 }
      } else {
        break
      }
    }
    start = position
  }

  func peek(_ distance: Int = 0) -> UInt8? {
    position + distance < limit ? source.bytes[position + distance] : nil
  }

  mutating func emit(_ kind: TokenKind, width: Int = 0) -> Token {
    position += width
    defer { start = position }
    return Token(kind: kind, lower: start, upper: position, stop: position, origin: start)
  }

  /// A failure spans from the token's start to the end of the text, as upstream reports it.
  mutating func fail(_ message: String, width: Int = 0, origin: Int? = nil) -> Token {
    position += width
    return Token(
      kind: .failure, lower: start, upper: limit, stop: max(start, position),
      origin: origin ?? start,
      failure: message)
  }

  func isNext(_ character: Unicode.Scalar) -> Bool { peek() == UInt8(ascii: character) }

  func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  func isAlpha(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || (0x61...0x7A).contains(byte | 0x20)
  }
  func isAlphaNumeric(_ byte: UInt8) -> Bool { isAlpha(byte) || isDigit(byte) }

  /// The character at an offset and its width; U+FFFD of width 1 where the text is not UTF-8.
  func rune(at offset: Int) -> (scalar: Unicode.Scalar, width: Int)? {
    guard offset < limit else { return nil }
    var iterator = source.bytes[offset..<min(limit, offset + 4)].makeIterator()
    var decoder = UTF8()
    if case .scalarValue(let scalar) = decoder.decode(&iterator) {
      return (scalar, UTF8.width(scalar))
    }
    return ("\u{FFFD}", 1)
  }

  /// The character in single quotes, as Go's `%q` prints a rune.
  func quotedRune(at offset: Int) -> String {
    guard let (scalar, _) = rune(at: offset) else { return "'\u{FFFD}'" }
    switch scalar {
    case "'": return "'\\''"
    case "\"": return "'\"'"
    default: return "'" + PromQuote.printable(String(scalar)).dropFirst().dropLast() + "'"
    }
  }
}

/// A byte in a `switch` over ASCII characters.
func ~= (character: Unicode.Scalar, byte: UInt8) -> Bool { byte == UInt8(ascii: character) }
