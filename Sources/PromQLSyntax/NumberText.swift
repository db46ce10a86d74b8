import Glibc
import Model

/// Numbers and durations as PromQL writes them, read and printed.
package enum NumberText {
  /// The value of a number token: integers as Go's `ParseInt` with base 0 reads them (`0x`, `0b`,
  /// `0o`, a leading 0 for octal, `_` between digits), else a floating-point number. nil: no
  /// number; infinite although not written so: out of range.
  package static func parse(_ text: String) -> Double? {
    if let integer = integer(text) { return Double(integer) }
    return float(text)
  }

  /// The value as Go's `strconv.ParseFloat` reads it; nil for what is no number, or out of range.
  package static func parseFloat(_ text: String) -> Double? {
    guard let value = float(text) else { return nil }
    return value.isInfinite && !text.utf8.contains { $0 | 0x20 == 0x69 } ? nil : value
  }

  /// As `parseFloat`, but infinite when out of range.
  private static func float(_ text: String) -> Double? {
    // Nearly all, and read for every bucket of a histogram.
    if text.utf8.allSatisfy({ (0x30...0x39).contains($0) || ".+-eE".utf8.contains($0) }) {
      return Double(text)
    }
    guard hasProperUnderscores(text) else { return nil }
    let plain = text.filter { $0 != "_" }.lowercased()
    let unsigned = plain.hasPrefix("+") || plain.hasPrefix("-") ? plain.dropFirst() : plain[...]
    // C and Swift take more: hexadecimal numbers without an exponent, and `nan(…)`.
    if unsigned.hasPrefix("0x"), !unsigned.utf8.contains(UInt8(ascii: "p")) { return nil }
    if unsigned.hasPrefix("n") { return plain == "nan" ? .nan : nil }
    return Double(plain)
  }

  private static func integer(_ text: String) -> Int64? {
    guard hasProperUnderscores(text) else { return nil }
    let digits = text.filter { $0 != "_" }.lowercased()
    for (prefix, radix) in [("0x", 16), ("0b", 2), ("0o", 8)] where digits.hasPrefix(prefix) {
      return Int64(digits.dropFirst(2), radix: radix)
    }
    if digits.hasPrefix("0"), digits.utf8.count > 1 { return Int64(digits.dropFirst(), radix: 8) }
    return Int64(digits)
  }

  /// Underscores only between digits, or between a base prefix and a digit (Go's `underscoreOK`).
  private static func hasProperUnderscores(_ text: String) -> Bool {
    guard text.utf8.contains(UInt8(ascii: "_")) else { return true }
    var bytes = Array(text.lowercased().utf8)[...]
    if let sign = bytes.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
      bytes = bytes.dropFirst()
    }
    var isHexadecimal = false
    var before = UInt8(ascii: ".")
    if bytes.first == UInt8(ascii: "0"), let base = bytes.dropFirst().first,
      "xbo".utf8.contains(base)
    {
      isHexadecimal = base == UInt8(ascii: "x")
      bytes = bytes.dropFirst(2)
      // The prefix counts as a digit.
      before = UInt8(ascii: "0")
    }
    func isDigit(_ byte: UInt8) -> Bool {
      (0x30...0x39).contains(byte) || (isHexadecimal && (0x61...0x66).contains(byte))
    }
    for byte in bytes {
      if byte == UInt8(ascii: "_"), !isDigit(before) { return false }
      if before == UInt8(ascii: "_"), !isDigit(byte) { return false }
      before = byte
    }
    return before != UInt8(ascii: "_")
  }

  /// The units of a duration, largest first, in milliseconds.
  private static let units: [(name: String, milliseconds: Int64)] = [
    ("y", 31_536_000_000), ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000),
    ("m", 60_000), ("s", 1000), ("ms", 1),
  ]

  /// A duration such as `1h30m` in milliseconds; nil when the text is none.
  package static func parseDuration(_ text: String) -> Int64? { try? readDuration(text) }

  /// Why a text is no duration, in the words of `model.ParseDuration`.
  package enum DurationFlaw: Error, Sendable, Hashable {
    /// Not numbers with units in falling order, none twice.
    case malformed
    /// A unit there is none of.
    case unknownUnit(String)
    /// More than 63 bits of nanoseconds.
    case outOfRange

    func message(_ text: String) -> String {
      switch self {
      case .malformed: "not a valid duration string: \(PromQuote.printable(text))"
      case .unknownUnit(let unit):
        "unknown unit \(PromQuote.printable(unit)) in duration \(PromQuote.printable(text))"
      case .outOfRange: "duration out of range"
      }
    }
  }

  /// A duration such as `1h30m` in milliseconds.
  package static func readDuration(_ text: String) throws(DurationFlaw) -> Int64 {
    if text == "0" { return 0 }
    let bytes = Array(text.utf8)
    guard !bytes.isEmpty else { throw .malformed }
    let longest = UInt64(Int64.max / 1_000_000)
    var (index, nextUnit, total) = (0, 0, UInt64(0))
    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    while index < bytes.count {
      let firstDigit = index
      while index < bytes.count, isDigit(bytes[index]) { index += 1 }
      let firstLetter = index
      while index < bytes.count, !isDigit(bytes[index]) { index += 1 }
      guard
        let count = UInt64(String(decoding: bytes[firstDigit..<firstLetter], as: UTF8.self)),
        index > firstLetter
      else { throw .malformed }
      let name = String(decoding: bytes[firstLetter..<index], as: UTF8.self)
      guard let unit = units.firstIndex(where: { $0.name == name }) else {
        throw .unknownUnit(name)
      }
      guard unit >= nextUnit else { throw .malformed }
      nextUnit = unit + 1
      let (part, overflowed) = count.multipliedReportingOverflow(
        by: UInt64(units[unit].milliseconds))
      guard !overflowed, part <= longest, total + part <= longest else { throw .outOfRange }
      total += part
    }
    return Int64(total)
  }

  /// A duration as Prometheus prints it: years and weeks only when they come out even
  /// (`model.Duration.String`). Negative ones get a minus sign.
  package static func duration(milliseconds: Int64) -> String {
    if milliseconds == 0 { return "0s" }
    var rest = milliseconds.magnitude
    var out = milliseconds < 0 ? "-" : ""
    for (name, size) in units {
      let size = UInt64(size)
      if name == "y" || name == "w", rest % size != 0 { continue }
      if rest / size > 0 { out += "\(rest / size)\(name)" }
      rest %= size
    }
    return out
  }

  /// Go's `%f` with the shortest digits that read back the same: `1000000000`, `0.00001`, `+Inf`.
  package static func fixed(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    let (negative, digits, point) = decimal(value)
    var out = negative ? "-" : ""
    if point <= 0 {
      out += "0" + (digits == "0" ? "" : "." + String(repeating: "0", count: -point) + digits)
    } else if digits.utf8.count <= point {
      out += digits + String(repeating: "0", count: point - digits.utf8.count)
    } else {
      out += digits.prefix(point) + "." + digits.dropFirst(point)
    }
    return out
  }

  /// Go's `%g` and `%v` with the shortest digits: as `fixed`, with an exponent below 1e-4 and from
  /// 1e6.
  package static func general(_ value: Double) -> String {
    let (negative, digits, point) = decimal(value)
    guard value.isFinite, value != 0, point - 1 < -4 || point - 1 >= 6 else {
      return fixed(value)
    }
    let rest = digits.dropFirst()
    let exponent = String(abs(point - 1))
    return (negative ? "-" : "") + digits.prefix(1) + (rest.isEmpty ? "" : "." + rest)
      + (point - 1 < 0 ? "e-" : "e+") + (exponent.utf8.count < 2 ? "0" : "") + exponent
  }

  /// The shortest digits, and where the point stands among them: 0.05 is ("5", -1).
  private static func decimal(_ value: Double) -> (negative: Bool, digits: String, point: Int) {
    guard value.isFinite else { return (false, "0", 1) }
    let parts = value.magnitude.description.split(separator: "e")
    let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let fraction = mantissa.count > 1 && mantissa[1] != "0" ? mantissa[1] : ""
    var digits = Substring(mantissa[0] + fraction)
    var point = mantissa[0].utf8.count + exponent
    while digits.utf8.count > 1, digits.hasPrefix("0") {
      digits = digits.dropFirst()
      point -= 1
    }
    while digits.utf8.count > 1, digits.hasSuffix("0") { digits = digits.dropLast() }
    if digits == "0" { return (value.sign == .minus, "0", 1) }
    return (value.sign == .minus, String(digits), point)
  }

  /// C's `%f` with a number of decimals.
  package static func fixed(_ value: Double, decimals: Int) -> String {
    if !value.isFinite { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf" }
    var buffer = [CChar](repeating: 0, count: 400)
    let count = withVaList([Int32(decimals), value]) {
      vsnprintf(&buffer, buffer.count, "%.*f", $0)
    }
    return String(decoding: buffer.prefix(Int(count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
