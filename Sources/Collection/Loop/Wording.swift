import Model

/// Numbers and times in the sentences that say why a target failed.
enum Wording {
  static func duration(_ duration: Duration) -> String {
    let seconds = duration.inSeconds
    switch abs(seconds) {
    case ..<0.001: return "\(rounded(seconds * 1_000_000)) µs"
    case ..<1: return "\(rounded(seconds * 1000)) ms"
    case ..<120: return "\(rounded(seconds)) s"
    default: return span(seconds)
    }
  }

  /// Longer spans in their two largest units: `13d 4h`.
  private static func span(_ seconds: Double) -> String {
    var rest = Int64(min(abs(seconds), 9e15))
    var parts: [String] = []
    for (unit, size) in [("d", Int64(86_400)), ("h", 3600), ("m", 60), ("s", 1)] {
      let count = rest / size
      rest %= size
      if count > 0 { parts.append("\(count)\(unit)") }
      if parts.count == 2 { break }
    }
    return (seconds < 0 ? "-" : "") + parts.joined(separator: " ")
  }

  static func bytes(_ count: Double) -> String {
    var (value, unit) = (count, 0)
    let units = ["B", "KiB", "MiB", "GiB", "TiB"]
    while abs(value) >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return "\(rounded(value)) \(units[unit])"
  }

  static func quantity(_ value: Double, _ unit: Unit) -> String {
    switch unit {
    case .seconds where value.isFinite: duration(.seconds(value))
    case .bytes: bytes(value)
    case .ratio: "\(rounded(value * 100)) %"
    default: rounded(value)
    }
  }

  /// Three significant digits, no trailing zeros.
  static func rounded(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
    var scale = 1.0
    while abs(value) * scale < 100, scale < 1e9 { scale *= 10 }
    let cut = (value * scale).rounded() / scale
    return cut == cut.rounded() && abs(cut) < 1e15 ? String(Int64(cut)) : "\(cut)"
  }

  /// The start of a text from outside, made fit for a sentence: one line, no control characters.
  static func excerpt(_ bytes: some Sequence<UInt8>, limit: Int = 120) -> String {
    let text = String(decoding: Array(bytes.prefix(limit * 4)), as: UTF8.self)
    let line = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }
    var out = String(String.UnicodeScalarView(line))
    out = out.split(separator: " ").joined(separator: " ")
    return out.count > limit ? out.prefix(limit) + "…" : out
  }
}
