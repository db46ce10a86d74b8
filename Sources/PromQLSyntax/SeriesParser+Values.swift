import Diagnostics
import Model

extension SeriesParser {
  /// series_values : { SPACE [ series_item ] }
  mutating func parseValues(needsSpace: Bool = true) throws(SyntaxError) -> [SeriesValue] {
    var values: [SeriesValue] = []
    var isSeparated = !needsSpace
    while true {
      isSeparated = skipBlanks() || isSeparated
      guard peek() != nil else { return values }
      guard isSeparated else { throw unexpected() }
      isSeparated = false
      try parseItem(into: &values)
    }
  }

  /// series_item
  private mutating func parseItem(into values: inout [SeriesValue]) throws(SyntaxError) {
    if isNext("{"), peek(1) == UInt8(ascii: "{") { return try parseHistograms(into: &values) }
    if accept("_") {
      let count = isNext("x") ? try parseCount(after: values.count) : 1
      values += Array(repeating: .omitted, count: count)
      return
    }
    var value = try parseValue()
    if isNext("x") {
      let count = try parseCount(after: values.count)
      values += Array(repeating: .value(value), count: count + 1)
    } else if isNext("+") || isNext("-") {
      let step = try parseSignedNumber()
      guard isNext("x") else { throw unexpected() }
      for _ in 0...(try parseCount(after: values.count)) {
        values.append(.value(value))
        value += step
      }
    } else {
      values.append(.value(value))
    }
  }

  /// series_value
  private mutating func parseValue() throws(SyntaxError) -> Double {
    if isAtLetter {
      var next = self
      let word = next.word()
      switch word.lowercased() {
      case "inf", "nan": break
      default:
        guard word == "stale" else { throw unexpected(", expected number or \"stale\"") }
        position = next.position
        return SeriesNotation.staleMarker
      }
    }
    return try parseSignedNumber()
  }

  /// A number with or without a sign.
  private mutating func parseSignedNumber() throws(SyntaxError) -> Double {
    let isNegative = isNext("-")
    if isNegative || isNext("+") { position += 1 }
    let first = position
    if isAtLetter {
      switch word().lowercased() {
      case "inf": return isNegative ? -.infinity : .infinity
      case "nan": return .nan
      default:
        position = first
        throw unexpected()
      }
    }
    guard isAtDigit || isNext(".") else { throw unexpected() }
    guard let text = number() else {
      throw error("bad number syntax: \(written(from: first))", at: first)
    }
    guard let value = NumberText.parse(text) else {
      throw error(
        "error parsing number: strconv.ParseFloat: parsing \(written(from: first)): invalid syntax",
        at: first, position)
    }
    return isNegative ? -value : value
  }

  private func written(from first: Int) -> String {
    PromQuote.printable(String(decoding: source.bytes[first..<position], as: UTF8.self))
  }

  /// The text of a number: digits, point, exponent; it may run into `x`. nil when it runs into
  /// anything else that belongs to a word.
  mutating func number() -> String? {
    let first = position
    var isAfterExponent = false
    while let byte = peek() {
      let isSign = byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
      let isExponent = byte | 0x20 == UInt8(ascii: "e")
      let isPart = isAtDigit || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || isExponent
      guard isPart || (isSign && isAfterExponent) else { break }
      isAfterExponent = isExponent
      position += 1
    }
    if isAtLetter, !isNext("x") { return nil }
    return String(decoding: source.bytes[first..<position], as: UTF8.self)
  }

  /// `xN`; the values so far and these must stay within the limit.
  private mutating func parseCount(after present: Int) throws(SyntaxError) -> Int {
    position += 1
    let first = position
    while isAtDigit { position += 1 }
    guard position > first, !isAtLetter, !isNext(".") else { throw unexpected() }
    let digits = String(decoding: source.bytes[first..<position], as: UTF8.self)
    guard let count = Int(digits), present + count < SeriesNotation.maximumCount else {
      throw error(
        "invalid repetition in series values: \(digits) is too large", at: first, position)
    }
    return count
  }

  // MARK: Histograms

  private mutating func parseHistograms(
    into values: inout [SeriesValue]
  ) throws(SyntaxError) {
    let base = try parseHistogram()
    if isNext("x") {
      let count = try parseCount(after: values.count)
      values += Array(repeating: .histogram(base.text), count: count + 1)
      return
    }
    guard isNext("+") || isNext("-") else {
      values.append(.histogram(base.text))
      return
    }
    let sign = isNext("+") ? "+" : "-"
    position += 1
    guard isNext("{"), peek(1) == UInt8(ascii: "{") else { throw unexpected() }
    let step = try parseHistogram()
    guard isNext("x") else { throw unexpected() }
    let first = position + 1
    let count = try parseCount(after: values.count)
    if count > 0, step.schema < base.schema {
      throw error(
        "error combining histograms: cannot merge from schema \(step.schema) to \(base.schema)",
        at: first, position)
    }
    for index in 0...count {
      values.append(
        .histogram(index == 0 ? base.text : "\(base.text)\(sign)\(step.text)x\(index)"))
    }
  }

  private enum HistogramField { case number, integer, numbers, hint }
  private static let fields: [String: HistogramField] = [
    "sum": .number, "count": .number, "z_bucket": .number, "z_bucket_w": .number,
    "schema": .integer, "offset": .integer, "n_offset": .integer, "buckets": .numbers,
    "n_buckets": .numbers, "custom_values": .numbers, "counter_reset_hint": .hint,
  ]
  /// The keys in the order of upstream's tokens: one that stands in a wrong place is reported with
  /// its token's number.
  private static let tokens = [
    "sum", "count", "schema", "offset", "n_offset", "buckets", "n_buckets", "z_bucket",
    "z_bucket_w", "custom_values", "counter_reset_hint",
  ]
  private static let firstToken = 57_370
  private static let hints: Set<String> = ["unknown", "reset", "not_reset", "gauge"]

  /// `{{key:value …}}`, checked, as written, and the schema in it.
  private mutating func parseHistogram() throws(SyntaxError) -> (text: String, schema: Int) {
    let first = position
    position += 2
    var seen: Set<String> = []
    var duplicate: String?
    var schema = 0
    if skipBlanks(), isAtLetter { throw misplacedField() }
    while !(isNext("}") && peek(1) == UInt8(ascii: "}")) {
      let key = try parseHistogramField(schema: &schema)
      if !seen.insert(key).inserted { duplicate = duplicate ?? key }
      if !skipBlanks(), !isNext("}") { throw unexpected() }
    }
    position += 2
    if let duplicate {
      throw error("duplicate key \"\(duplicate)\" in histogram", at: 0, 0)
    }
    return (String(decoding: source.bytes[first..<position], as: UTF8.self), schema)
  }

  /// Only the end can follow a blank after `{{`.
  private mutating func misplacedField() -> SyntaxError {
    let first = position
    while isAtLetter { position += 1 }
    let key = String(decoding: source.bytes[first..<position], as: UTF8.self)
    guard let token = Self.tokens.firstIndex(of: key.lowercased()) else {
      return error("bad histogram descriptor found: \(written(from: first))", at: first)
    }
    return error(
      "unexpected \"<Item \(Self.firstToken + token)>\" \(PromQuote.printable(key)) in series values",
      at: first, position)
  }

  private mutating func parseHistogramField(
    schema: inout Int
  ) throws(SyntaxError) -> String {
    let first = position
    guard peek() != nil else {
      throw error("histogram description incomplete unexpected: '\u{FFFD}'", at: first)
    }
    guard isAtLetter else { throw unexpected() }
    while isAtLetter { position += 1 }
    let key = String(decoding: source.bytes[first..<position], as: UTF8.self).lowercased()
    guard let field = Self.fields[key] else {
      throw error("bad histogram descriptor found: \(written(from: first))", at: first)
    }
    guard accept(":") else { throw error("missing `:` for histogram descriptor", at: first) }
    switch field {
    case .number: _ = try parseSignedNumber()
    case .integer:
      let first = position
      _ = accept("-")
      guard isAtDigit else { throw unexpected() }
      while isAtDigit { position += 1 }
      if key == "schema" {
        schema = Int(String(decoding: source.bytes[first..<position], as: UTF8.self)) ?? 0
      }
    case .numbers: try parseBuckets()
    case .hint:
      let first = position
      let hint = word().lowercased()
      guard Self.hints.contains(hint) else {
        throw error("bad histogram descriptor found: \(written(from: first))", at: first)
      }
    }
    return key
  }

  /// `[1 2 3]`
  private mutating func parseBuckets() throws(SyntaxError) {
    guard accept("[") else { throw unexpected() }
    repeat {
      _ = try parseSignedNumber()
      if !skipBlanks(), !isNext("]") { throw unexpected() }
    } while !isNext("]")
    position += 1
  }
}
