import Diagnostics

extension Lexer {
  /// A number, else a duration such as `1h30m`.
  mutating func readNumberOrDuration() -> Token {
    if scanNumber() { return emit(.number) }
    if scanRestOfDuration() { return emit(.duration) }
    let text = String(decoding: source.bytes[start..<position], as: UTF8.self)
    return fail("bad number or duration syntax: \(Self.quoted(text))")
  }

  private static func quoted(_ text: String) -> String { "\"\(text)\"" }

  private mutating func accept(_ set: Set<UInt8>) -> Bool {
    guard let byte = peek(), set.contains(byte) else { return false }
    position += 1
    return true
  }

  private static let decimalDigits = Set("0123456789".utf8)
  private static let hexadecimalDigits = Set("0123456789abcdefABCDEF".utf8)
  private static let exponents = Set("eE".utf8)
  private static let signs = Set("+-".utf8)
  private static let dot = Set(".".utf8)
  private static let underscore = Set("_".utf8)
  private static let zero = Set("0".utf8)
  private static let hexMarks = Set("xX".utf8)
  private static let notAfterDot = Set("_.".utf8)
  private static let notAfterExponent = Set("._eE".utf8)
  private static let firstUnits = Set("smhdwy".utf8)
  private static let laterUnits = Set("smhdw".utf8)
  private static let second = Set("s".utf8)

  /// Consumes what looks like a number; false leaves the position where it stopped looking so.
  private mutating func scanNumber() -> Bool {
    let first = position
    let isHexadecimal = accept(Self.zero) && accept(Self.hexMarks)
    if isHexadecimal { _ = accept(Self.underscore) }
    let digits = isHexadecimal ? Self.hexadecimalDigits : Self.decimalDigits
    // A point right at the beginning does not count as one: whether the whole is a number is seen
    // when its value is read.
    _ = accept(Self.dot)
    _ = accept(digits)
    var (seenDot, seenExponent) = (false, false)
    while let byte = peek() {
      if accept(Self.dot) {
        if seenDot || accept(Self.notAfterDot) || isHexadecimal { return false }
        seenDot = true
      } else if accept(Self.exponents) {
        // In hexadecimal numbers, too: upstream's `0x1e` is none at the end of an expression.
        if seenExponent { return false }
        seenExponent = true
        _ = accept(Self.signs)
        if accept(Self.notAfterExponent) || peek() == nil { return false }
      } else if accept(Self.underscore) {
        if accept(Self.notAfterExponent) || peek() == nil { return false }
      } else if digits.contains(byte) {
        while accept(digits) {}
      } else {
        break
      }
    }
    return position > first && !(peek().map(isAlphaNumeric) ?? false)
  }

  /// Continues where `scanNumber` stopped: a unit, then further numbers with units.
  private mutating func scanRestOfDuration() -> Bool {
    guard accept(Self.firstUnits) else { return false }
    _ = accept(Self.second)
    while accept(Self.decimalDigits) {
      while accept(Self.decimalDigits) {}
      guard accept(Self.laterUnits) else { return false }
      _ = accept(Self.second)
    }
    guard let byte = peek(), isAlphaNumeric(byte) else { return true }
    position += 1
    return false
  }

  /// A string in `"…"` or `'…'` with escapes, or a raw one in backquotes.
  mutating func readString(quote: UInt8) -> Token {
    position += 1
    while true {
      guard let (scalar, width) = rune(at: position) else {
        return fail(
          quote == UInt8(ascii: "`") ? "unterminated raw string" : "unterminated quoted string")
      }
      position += width
      if scalar.value == UInt32(quote) { return emit(.string) }
      if scalar == "\u{FFFD}" { return fail("invalid UTF-8 rune") }
      if quote == UInt8(ascii: "`") { continue }
      if scalar == "\n" { return fail("unterminated quoted string") }
      if scalar == "\\", let message = scanEscape(quote: quote) { return fail(message) }
    }
  }

  /// Consumes an escape after its backslash; returns what is wrong with it.
  private mutating func scanEscape(quote: UInt8) -> String? {
    guard let (scalar, width) = rune(at: position) else { return "escape sequence not terminated" }
    position += width
    if scalar.value == UInt32(quote) { return nil }
    let (count, base, largest): (Int, UInt32, UInt32)
    switch scalar {
    case "a", "b", "f", "n", "r", "t", "v", "\\": return nil
    case "0", "1", "2", "3", "4", "5", "6", "7":
      position -= 1
      (count, base, largest) = (3, 8, 255)
    case "x": (count, base, largest) = (2, 16, 255)
    case "u": (count, base, largest) = (4, 16, 0x10FFFF)
    case "U": (count, base, largest) = (8, 16, 0x10FFFF)
    default: return "unknown escape sequence \(Self.codePoint(scalar))"
    }
    var value: UInt32 = 0
    for _ in 0..<count {
      guard let (digit, width) = rune(at: position) else {
        return "escape sequence not terminated"
      }
      guard let number = Character(digit).hexDigitValue, digit.isASCII, number < base else {
        return "illegal character \(Self.codePoint(digit)) in escape sequence"
      }
      position += width
      value = value &* base &+ UInt32(number)
    }
    return value > largest || (0xD800..<0xE000).contains(value)
      ? "escape sequence is an invalid Unicode code point" : nil
  }

  /// `U+002E '.'`; characters that don't print have no second part.
  private static func codePoint(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    let number = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    return scalar.value < 0x20 || scalar.value == 0x7F ? number : "\(number) '\(scalar)'"
  }
}
