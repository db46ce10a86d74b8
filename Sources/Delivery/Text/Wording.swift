import Model

/// The words messages use for spans of time, levels and standings.
enum Wording {
  /// How long something lasts or lasted, as a person says it: `45 s`, `23 min`, `2 h 5 min`, `3 d`.
  static func span(_ duration: Duration) -> String {
    let seconds = Int64(max(0, duration.inSeconds).rounded())
    switch seconds {
    case ..<60: return "\(seconds) s"
    case ..<3600: return "\(seconds / 60) min"
    case ..<86_400:
      return pair(seconds / 3600, "h", seconds / 60 % 60, "min", finest: seconds < 36_000)
    default:
      return pair(seconds / 86_400, "d", seconds / 3600 % 24, "h", finest: seconds < 10 * 86_400)
    }
  }

  private static func pair(
    _ large: Int64, _ largeUnit: String, _ small: Int64, _ smallUnit: String, finest: Bool
  ) -> String {
    finest && small > 0 ? "\(large) \(largeUnit) \(small) \(smallUnit)" : "\(large) \(largeUnit)"
  }

  /// A duration as the language writes it: `90s`, `1m`, `1h30m`.
  static func setting(_ duration: Duration) -> String {
    var rest = duration.wholeMilliseconds
    if rest == 0 { return "0s" }
    var out = ""
    for (unit, size) in [
      ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ] as [(String, Int64)] where rest >= size {
      out += "\(rest / size)\(unit)"
      rest %= size
    }
    return out
  }

  /// `above 90 % for 1m, clears below 85 %`
  static func threshold(_ threshold: LevelThreshold) -> String {
    var text = limit(threshold.comparison, threshold.limit)
    if threshold.hold > .zero { text += " for \(setting(threshold.hold))" }
    guard let comparison = threshold.clearComparison, let clear = threshold.clearLimit else {
      return text
    }
    text += ", clears \(limit(comparison, clear))"
    if threshold.clearHold > .zero { text += " for \(setting(threshold.clearHold))" }
    return text
  }

  private static func limit(_ comparison: Comparison, _ quantity: Quantity) -> String {
    let value = value(quantity.value, quantity.unit)
    return switch comparison {
    case .less: "below \(value)"
    case .lessOrEqual: "at or below \(value)"
    case .greater: "above \(value)"
    case .greaterOrEqual: "at or above \(value)"
    case .equal: "at \(value)"
    case .notEqual: "at other than \(value)"
    }
  }

  /// A number with its unit, as everywhere in Tocsin.
  static func value(_ value: Double, _ unit: Unit) -> String {
    switch unit {
    case .ratio: "\(significant(value * 100)) %"
    case .percent: "\(significant(value)) %"
    case .bytes: bytes(value)
    case .bytesPerSecond: bytes(value) + "/s"
    case .perSecond: significant(value) + "/s"
    case .celsius: significant(value) + " °C"
    case .seconds where abs(value) < 1 && value != 0: "\(significant(value * 1000)) ms"
    case .seconds where abs(value) < 120: "\(significant(value)) s"
    case .seconds: value < 0 ? "-" + span(.seconds(-value)) : span(.seconds(value))
    case .timestamp: Timestamp(seconds: value).internetDate
    case .none: significant(value)
    }
  }

  private static func bytes(_ value: Double) -> String {
    var (value, unit) = (value, "B")
    for larger in ["KiB", "MiB", "GiB", "TiB", "PiB"] where abs(value) >= 1024 {
      (value, unit) = (value / 1024, larger)
    }
    return "\(significant(value)) \(unit)"
  }

  /// Two digits that say something, more only before the point.
  private static func significant(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    let scale: Double = abs(value) >= 10 ? 1 : abs(value) >= 1 ? 10 : abs(value) >= 0.1 ? 100 : 1000
    let rounded = (value * scale).rounded() / scale
    return rounded == rounded.rounded() ? String(Int64(rounded)) : "\(rounded)"
  }

  /// The level's word, `firing` for an alert that has none.
  static func level(_ alert: Alert) -> String { alert.severity?.name ?? "firing" }

  /// Why a close is not a plain recovery; nil when it is one.
  static func reason(_ reason: CloseReason) -> String? {
    switch reason {
    case .recovered: nil
    case .superseded(let other): "superseded by \(other)"
    case .ruleRemoved: "rule removed"
    case .receiverRemoved: "receiver removed"
    case .expired: "not renewed by its sender"
    }
  }

  /// `1 alert`, `3 alerts`.
  static func count(_ number: Int, _ noun: String) -> String {
    "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
  }

  /// A whole number with its thousands apart: `9,960`.
  static func grouped(_ number: Int) -> String {
    let digits = Array(String(number))
    var out = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { out.append(",") }
      out.append(digit)
    }
    return out
  }
}
