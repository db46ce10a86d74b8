import Diagnostics
import Model

extension ExpressionParser {
  /// vector_selector, after its name.
  mutating func parseVectorSelector(name: Token?) throws(Stop) -> VectorSelector {
    let lower = name?.lower ?? token.lower
    var matchers: [LabelMatcher] = []
    if token.kind == .leftBrace { matchers = try parseMatchers() }
    let metric = name.map(text(of:))
    if let metric { matchers.append(LabelMatcher(Labels.metricName, equals: metric)) }
    isAfterOperand = true
    return VectorSelector(metric: metric, matchers: matchers, range: range(lower, lastEnd))
  }

  /// label_matchers
  private mutating func parseMatchers() throws(Stop) -> [LabelMatcher] {
    advance()
    var matchers: [LabelMatcher] = []
    while token.kind != .rightBrace {
      if let matcher = try parseMatcher() { matchers.append(matcher) }
      switch token.kind {
      case .comma: advance()
      case .rightBrace: break
      default: throw reportUnexpected(in: "label matching", expected: "\",\" or \"}\"")
      }
    }
    advance()
    return matchers
  }

  /// label_matcher; nil when its pattern does not compile.
  private mutating func parseMatcher() throws(Stop) -> LabelMatcher? {
    guard token.kind == .identifier || token.kind == .string else {
      throw reportUnexpected(in: "label matching", expected: "identifier or \"}\"")
    }
    let name = advance()
    let label = name.kind == .string ? stringValue(name) : text(of: name)
    let comparison: LabelMatcher.Operator
    switch token.kind {
    case .assign: comparison = .equal
    case .operation(.notEqual): comparison = .notEqual
    case .matches: comparison = .matches
    case .notMatches: comparison = .notMatches
    default:
      if name.kind == .string { return LabelMatcher(Labels.metricName, equals: label) }
      throw reportUnexpected(in: "label matching", expected: "label matching operator")
    }
    advance()
    guard token.kind == .string else {
      throw reportUnexpected(in: "label matching", expected: "string")
    }
    let value = advance()
    do {
      return try LabelMatcher(label, comparison, stringValue(value))
    } catch {
      reportPattern(error, at: range(name.lower, value.upper), value: range(of: value))
      return nil
    }
  }

  /// The text a string token stands for. Bytes that are no UTF-8 become U+FFFD.
  func stringValue(_ token: Token) -> String {
    StringText.decode(source.bytes[token.lower..<token.upper])
  }

  /// number_duration_literal; the token must be one.
  mutating func parseNumber() -> NumberLiteral {
    let literal = advance()
    let written = text(of: literal)
    let place = range(of: literal)
    if literal.kind == .duration {
      do throws(NumberText.DurationFlaw) {
        let milliseconds = try NumberText.readDuration(written)
        return NumberLiteral(value: Double(milliseconds) / 1000, isDuration: true, range: place)
      } catch {
        reportBadDuration(written, error, at: place)
        return NumberLiteral(value: 0, isDuration: true, range: place)
      }
    }
    guard let value = NumberText.parse(written) else {
      reportBadNumber(written, "invalid syntax", at: place)
      return NumberLiteral(value: 0, range: place)
    }
    if value.isInfinite, written.utf8.contains(where: { (0x30...0x39).contains($0) }) {
      reportBadNumber(written, "value out of range", at: place)
    }
    return NumberLiteral(value: value, range: place)
  }
}

/// Quoted strings of PromQL, read.
enum StringText {
  /// The text inside the quotes, escapes resolved; the lexer has checked them.
  static func decode(_ quoted: ArraySlice<UInt8>) -> String {
    var bytes = quoted.dropFirst().dropLast()
    if quoted.first == UInt8(ascii: "`") {
      return String(decoding: bytes, as: UTF8.self)
    }
    var out: [UInt8] = []
    while let byte = bytes.popFirst() {
      guard byte == UInt8(ascii: "\\"), let escape = bytes.popFirst() else {
        out.append(byte)
        continue
      }
      switch escape {
      case "a": out.append(7)
      case "b": out.append(8)
      case "f": out.append(12)
      case "n": out.append(10)
      case "r": out.append(13)
      case "t": out.append(9)
      case "v": out.append(11)
      case "x": out.append(UInt8(truncatingIfNeeded: number(&bytes, digits: 2, radix: 16)))
      case "u", "U":
        let value = number(&bytes, digits: escape == UInt8(ascii: "u") ? 4 : 8, radix: 16)
        if let scalar = Unicode.Scalar(value) { out += Array(String(scalar).utf8) }
      case 0x30...0x37:
        bytes = quoted[(bytes.startIndex - 1)..<bytes.endIndex]
        out.append(UInt8(truncatingIfNeeded: number(&bytes, digits: 3, radix: 8)))
      default: out.append(escape)
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  private static func number(
    _ bytes: inout ArraySlice<UInt8>, digits: Int, radix: Int
  ) -> UInt32 {
    let text = String(decoding: bytes.prefix(digits), as: UTF8.self)
    bytes = bytes.dropFirst(digits)
    return UInt32(text, radix: radix) ?? 0
  }
}
