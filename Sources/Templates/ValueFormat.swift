import Glibc
import Model

/// Numbers as a person reads them at 3 am: with a unit, and no more digits than help.
package enum ValueFormat {
  /// `83 %`, `5.2 GiB`, `312 ms`, `1.2 k/s`, `71 °C`. A timestamp is printed in UTC.
  package static func text(_ value: Double, _ unit: Unit) -> String {
    guard value.isFinite else { return special(value) }
    switch unit {
    case .none: return plain(value)
    case .ratio: return percent(value)
    case .percent: return percent(value / 100)
    case .seconds: return seconds(value)
    case .bytes: return bytes(value)
    case .bytesPerSecond: return bytes(value) + "/s"
    case .perSecond:
      let (digits, prefix) = metric(value)
      return prefix.isEmpty ? "\(digits)/s" : "\(digits) \(prefix)/s"
    case .celsius: return digits(value) + " °C"
    case .timestamp: return LocalTime.utc.full(Timestamp(seconds: clamped(value)))
    }
  }

  /// A number with the unit it was written in.
  package static func text(_ quantity: Quantity) -> String { text(quantity.value, quantity.unit) }

  /// The range of moments a calendar can show.
  static func clamped(_ seconds: Double) -> Double {
    min(max(seconds, -62_135_596_800), 253_402_300_799)
  }

  /// Infinities and NaN as Prometheus writes them.
  static func special(_ value: Double) -> String {
    value.isNaN ? "NaN" : value > 0 ? "+Inf" : "-Inf"
  }

  /// Three significant digits: 312, 83.3, 5.2, 0.0512; without zeros at the end.
  static func digits(_ value: Double) -> String {
    let size = abs(value)
    if size == 0 { return "0" }
    if size >= 100 { return fixed(value, 0) }
    if size >= 1 { return trimmed(fixed(value, 1)) }
    let leading = Int((-log10(size)).rounded(.down))
    guard leading < 12 else { return general(value) }
    return trimmed(fixed(value, leading + 3))
  }

  private static func trimmed(_ text: String) -> String {
    guard text.contains(".") else { return text }
    var text = text[...]
    while text.hasSuffix("0") { text = text.dropLast() }
    if text.hasSuffix(".") { text = text.dropLast() }
    return text == "-0" ? "0" : String(text)
  }

  /// A number without a unit: whole numbers as they are up to a million, then 1.2 M.
  private static func plain(_ value: Double) -> String {
    if abs(value) >= 1e6 {
      let (digits, prefix) = metric(value)
      return prefix.isEmpty ? digits : "\(digits) \(prefix)"
    }
    return value == value.rounded() ? fixed(value, 0) : digits(value)
  }

  /// A ratio in percent. What is not whole never rounds to 100: 0.9999 is 99.99 %.
  private static func percent(_ ratio: Double) -> String {
    let value = ratio * 100
    var text = digits(value)
    if value > 99, value < 100 {
      for places in 1...4 where text == "100" || !text.contains(".") {
        text = trimmed(fixed(value, places))
      }
      if text == "100" { text = "99.9999" }
    }
    return text + " %"
  }

  /// `B KiB MiB …`: powers of 1024.
  private static func bytes(_ value: Double) -> String {
    let (scaled, index) = scale(value, by: 1024, steps: 8)
    return digits(scaled) + " "
      + ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"][index]
  }

  private static func metric(_ value: Double) -> (digits: String, prefix: String) {
    let (scaled, index) = scale(value, by: 1000, steps: 6)
    return (digits(scaled), ["", "k", "M", "G", "T", "P", "E"][index])
  }

  private static func scale(_ value: Double, by base: Double, steps: Int) -> (Double, Int) {
    var scaled = value
    var index = 0
    // 999.7 would print as 1000.
    while abs(scaled) >= base - 0.5, index < steps {
      scaled /= base
      index += 1
    }
    return (scaled, index)
  }

  /// `45 µs`, `312 ms`, `1.5 s`, `90 s`, and from two minutes `2 h 5 min`.
  private static func seconds(_ value: Double) -> String {
    let size = abs(value)
    if size == 0 { return "0 s" }
    if size < 0.000_001 { return digits(value * 1e9) + " ns" }
    if size < 0.001 { return digits(value * 1e6) + " µs" }
    if size < 0.999_5 { return digits(value * 1e3) + " ms" }
    if size < 120 { return digits(value) + " s" }
    return (value < 0 ? "-" : "") + duration(seconds: size)
  }

  /// `23 min`, `2 h 5 min`, `3 d 4 h`: the two largest units, the smaller left out when it is 0.
  package static func duration(_ duration: Duration) -> String {
    let milliseconds = duration.wholeMilliseconds
    if milliseconds < 0 { return "-" + Self.duration(.milliseconds(-milliseconds)) }
    if milliseconds < 1000 { return "\(milliseconds) ms" }
    return Self.duration(seconds: Double(milliseconds) / 1000)
  }

  private static func duration(seconds: Double) -> String {
    guard seconds < 1e15 else { return digits(seconds) + " s" }
    let whole = Int(seconds.rounded())
    let units = [(31_536_000, "y"), (86_400, "d"), (3600, "h"), (60, "min"), (1, "s")]
    guard let index = units.firstIndex(where: { whole >= $0.0 }) else { return "0 s" }
    let count = whole / units[index].0
    guard index + 1 < units.count else { return "\(count) s" }
    let rest = whole % units[index].0 / units[index + 1].0
    // Beyond ten minutes seconds say nothing.
    let showsRest = rest > 0 && !(units[index].1 == "min" && count >= 10)
    return "\(count) \(units[index].1)" + (showsRest ? " \(rest) \(units[index + 1].1)" : "")
  }

  // MARK: printf

  /// `%.Nf`.
  package static func fixed(_ value: Double, _ places: Int) -> String {
    guard value.isFinite else { return special(value) }
    return formatted(value) { buffer, size in
      withVaList([Int32(places), value]) { vsnprintf(buffer, size, "%.*f", $0) }
    }
  }

  /// Go's `%v` of a float64, which is what Prometheus' `{{ $value }}` prints: the shortest digits
  /// that read back as the same number, with an exponent below 1e-04 and from 1e+06.
  package static func general(_ value: Double) -> String {
    guard value.isFinite else { return special(value) }
    if value == 0 { return value.sign == .minus ? "-0" : "0" }
    let (digits, exponent) = shortest(abs(value))
    let sign = value < 0 ? "-" : ""
    if exponent < -4 || exponent >= 6 {
      let tail = digits.dropFirst().isEmpty ? "" : ".\(digits.dropFirst())"
      let size = abs(exponent)
      return
        "\(sign)\(digits.prefix(1))\(tail)e\(exponent < 0 ? "-" : "+")\(size < 10 ? "0" : "")\(size)"
    }
    if exponent < 0 {
      return "\(sign)0." + String(repeating: "0", count: -exponent - 1) + digits
    }
    let whole = exponent + 1
    if digits.count <= whole {
      return sign + digits + String(repeating: "0", count: whole - digits.count)
    }
    return "\(sign)\(digits.prefix(whole)).\(digits.dropFirst(whole))"
  }

  /// The shortest digits of a positive number, and the exponent of the first.
  private static func shortest(_ value: Double) -> (digits: String, exponent: Int) {
    let parts = "\(value)".lowercased().split(separator: "e")
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let whole = String(mantissa[0])
    let fraction = mantissa.count > 1 ? String(mantissa[1]) : ""
    var digits = (whole + fraction)[...]
    var exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) + whole.count - 1
    while digits.hasPrefix("0") {
      digits = digits.dropFirst()
      exponent -= 1
    }
    while digits.hasSuffix("0") { digits = digits.dropLast() }
    return (String(digits), exponent)
  }

  /// Prometheus' `humanize` (`template/template.go`): four significant digits and a metric prefix.
  package static func humanized(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return general(value) }
    var scaled = value
    var prefix = ""
    if abs(value) >= 1 {
      for next in ["k", "M", "G", "T", "P", "E", "Z", "Y"] where abs(scaled) >= 1000 {
        prefix = next
        scaled /= 1000
      }
    } else {
      for next in ["m", "u", "n", "p", "f", "a", "z", "y"] where abs(scaled) < 1 {
        prefix = next
        scaled *= 1000
      }
    }
    return significant(scaled) + prefix
  }

  /// `%.4g`.
  private static func significant(_ value: Double) -> String {
    formatted(value) { buffer, size in
      withVaList([value]) { vsnprintf(buffer, size, "%.4g", $0) }
    }
  }

  private static func formatted(
    _ value: Double, _ print: (UnsafeMutablePointer<CChar>, Int) -> Int32
  ) -> String {
    // The longest double has 309 digits before the point.
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
      guard let base = buffer.baseAddress else { return "" }
      let count = Int(print(base, 512))
      let bytes = buffer.prefix(max(0, min(count, 511))).map { UInt8(bitPattern: $0) }
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}
