import Model

/// How numbers with units are written: `90s`, `512MiB`, `80%`.
package enum NumberNotation {
  /// A decimal number without a unit; nil for anything else, infinity and NaN included.
  package static func number(_ text: String) -> Double? {
    guard let first = text.utf8.first,
      isDigit(first) || first == 0x2D || first == 0x2B || first == 0x2E,
      text.utf8.allSatisfy({
        isDigit($0) || [0x2D, 0x2B, 0x2E, 0x65, 0x45].contains($0)
      }), let value = Double(text), value.isFinite
    else { return nil }
    return value
  }

  /// duration = 1*( digits ("w"|"d"|"h"|"m"|"s"|"ms") ); also a bare `0`
  package static func duration(_ text: String) -> Duration? {
    if text == "0" { return .zero }
    var milliseconds: Int64 = 0
    var rest = text.utf8[...]
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix(while: isDigit)
      rest = rest.dropFirst(digits.count)
      let letters = rest.prefix(while: isLetter)
      rest = rest.dropFirst(letters.count)
      guard !digits.isEmpty, digits.count <= 12, let count = Int64(Substring(digits)),
        let unit = durationUnits.first(where: { $0.name == Substring(letters) })
      else { return nil }
      let (part, overflow) = count.multipliedReportingOverflow(by: unit.milliseconds)
      let (sum, carry) = milliseconds.addingReportingOverflow(part)
      // Longer than a thousand years is a slip of the keyboard.
      guard !overflow, !carry, sum < 1000 * 365 * 86_400_000 else { return nil }
      milliseconds = sum
    }
    return .milliseconds(milliseconds)
  }

  private static let durationUnits: [(name: Substring, milliseconds: Int64)] = [
    ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
  ]

  /// A duration as it would be written: `1h30m`.
  package static func text(_ duration: Duration) -> String {
    var rest = duration.wholeMilliseconds
    guard rest > 0 else { return "0s" }
    var text = ""
    // Weeks read worse than days.
    for unit in durationUnits.dropFirst() where rest >= unit.milliseconds {
      text += "\(rest / unit.milliseconds)\(unit.name)"
      rest %= unit.milliseconds
    }
    return text
  }

  /// size = number ("B"|"kB"|"MB"|"GB"|"TB"|"KiB"|"MiB"|"GiB"|"TiB"), in bytes
  package static func size(_ text: String) -> Double? {
    let unit = String(text.reversed().prefix { $0.isLetter }.reversed())
    guard let factor = sizeUnits[unit], let count = number(String(text.dropLast(unit.count))),
      count >= 0
    else { return nil }
    return count * factor
  }

  private static let sizeUnits: [String: Double] = [
    "B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KiB": 1024, "MiB": 1_048_576,
    "GiB": 1_073_741_824, "TiB": 1_099_511_627_776,
  ]

  /// percent = number "%", as a ratio
  package static func percent(_ text: String) -> Double? {
    guard text.hasSuffix("%"), let value = number(String(text.dropLast())) else { return nil }
    // 80% is 0.8 and not 0.8000000000000002: divide, do not multiply.
    return value / 100
  }

  /// A number with or without a unit; durations become seconds, sizes bytes, `…/s` a rate.
  package static func quantity(_ text: String) -> Quantity? {
    if let value = number(text) { return Quantity(value) }
    if let value = percent(text) { return Quantity(value, .ratio) }
    if let value = size(text) { return Quantity(value, .bytes) }
    if let value = duration(text) { return Quantity(value.inSeconds, .seconds) }
    if text.hasPrefix("-"), let value = duration(String(text.dropFirst())) {
      return Quantity(-value.inSeconds, .seconds)
    }
    if text.hasSuffix("°C"), let value = number(String(text.dropLast(2))) {
      return Quantity(value, .celsius)
    }
    if text.hasSuffix("/s") {
      let amount = String(text.dropLast(2))
      if let value = size(amount) { return Quantity(value, .bytesPerSecond) }
      if let value = number(amount) { return Quantity(value, .perSecond) }
    }
    return nil
  }

  static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  static func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }
}
