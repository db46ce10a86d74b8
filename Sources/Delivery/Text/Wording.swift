import Language
import Model
import Templates

/// The words messages use for spans of time, levels and standings.
enum Wording {
  /// How long something lasts or lasted, no finer than a person asks: `23 min`, `2 h 5 min`.
  static func span(_ duration: Duration) -> String {
    let seconds = Int64(max(0, duration.inSeconds).rounded())
    let step: Int64 = seconds < 60 ? 1 : seconds < 86_400 ? 60 : 3600
    return seconds == 0 ? "0 s" : ValueFormat.duration(.seconds(seconds / step * step))
  }

  /// `above 90 % for 1m, clears below 85 %`
  static func threshold(_ threshold: LevelThreshold) -> String {
    var text = limit(threshold.comparison, threshold.limit)
    if threshold.hold > .zero { text += " for \(NumberNotation.text(threshold.hold))" }
    guard let comparison = threshold.clearComparison, let clear = threshold.clearLimit else {
      return text
    }
    text += ", clears \(limit(comparison, clear))"
    if threshold.clearHold > .zero { text += " for \(NumberNotation.text(threshold.clearHold))" }
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
  static func value(_ value: Double, _ unit: Unit) -> String { ValueFormat.text(value, unit) }

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
