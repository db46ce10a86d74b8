import Diagnostics
import Model

extension SettingType where Value == String {
  /// A word or a text.
  package static var text: SettingType {
    .single("a text", write: { "\"\($0)\"" }) { $0.kind == .comparison ? nil : $0.text }
  }

  /// `scheme://…`, or a host with a port where `scheme` says what is left out.
  package static var url: SettingType {
    SettingType("a URL such as https://example.com/path") { input in
      let type = "a URL such as https://example.com/path"
      guard let word = input.single(type) else { return nil }
      let parts = word.text.split(separator: ":", maxSplits: 1)
      let isURL =
        parts.count == 2 && parts[1].hasPrefix("//") && parts[1].utf8.count > 2
        && parts[0].utf8.allSatisfy { NumberNotation.isLetter($0) || $0 == 0x2B || $0 == 0x2D }
        && !word.text.utf8.contains { $0 <= 0x20 }
      guard isURL else {
        let hasScheme = word.text.contains("://")
        input.reject(word, type, help: hasScheme ? nil : "did you mean `http://\(word.text)`?")
        return nil
      }
      return word.located
    }
  }

  /// One of a few words.
  package static func oneOf(_ choices: [String]) -> SettingType {
    let list =
      choices.count < 2
      ? choices.joined()
      : choices.dropLast().map { "`\($0)`" }.joined(separator: ", ") + " or `\(choices.last ?? "")`"
    let name = choices.count < 2 ? "`\(list)`" : list
    return SettingType(name, write: { $0 }) { input in
      guard let word = input.single(name) else { return nil }
      if choices.contains(word.text) { return word.located }
      let nearest = Suggestion.nearest(to: word.text, in: choices)
      input.report(
        Diagnostic(
          "E012", .error, "`\(input.keyword.value)` takes \(name)", at: word.range,
          "unknown word", help: nearest.map { "did you mean `\($0)`?" },
          replacement: nearest.map { .init(word.range, $0) }))
      return nil
    }
  }
}

extension SettingType where Value == Int {
  package static var integer: SettingType {
    .single("a whole number", write: { "\($0)" }) { $0.kind == .word ? Int($0.text) : nil }
  }

  /// A whole number within bounds, such as a port.
  package static func integer(in bounds: ClosedRange<Int>) -> SettingType {
    let name = "a whole number from \(bounds.lowerBound) to \(bounds.upperBound)"
    return .single(name, write: { "\($0)" }) { word in
      guard word.kind == .word, let value = Int(word.text), bounds.contains(value) else {
        return nil
      }
      return value
    }
  }
}

extension SettingType where Value == Int64 {
  /// Bytes: `512MiB`.
  package static var size: SettingType {
    .single("a size such as 512MiB", write: { "\($0)B" }) {
      $0.kind == .word ? NumberNotation.size($0.text).flatMap { Int64(exactly: $0.rounded()) } : nil
    }
  }
}

extension SettingType where Value == Double {
  package static var number: SettingType {
    .single("a number", write: { "\($0)" }) {
      $0.kind == .word ? NumberNotation.number($0.text) : nil
    }
  }

  /// `80%`, as the ratio 0.8.
  package static var percent: SettingType {
    .single("a percentage such as 80%", write: { "\($0 * 100)%" }) {
      $0.kind == .word ? NumberNotation.percent($0.text) : nil
    }
  }
}

extension SettingType where Value == Duration {
  package static var duration: SettingType {
    SettingType("a duration such as 90s", write: { NumberNotation.text($0) }) { input in
      let type = "a duration such as 90s"
      guard let word = input.single(type) else { return nil }
      if word.kind == .word, let value = NumberNotation.duration(word.text) {
        return Located(value: value, range: word.range)
      }
      let isNumber = NumberNotation.number(word.text) != nil
      input.reject(word, type, help: isNumber ? "say the unit: `\(word.text)s`" : nil)
      return nil
    }
  }
}

extension SettingType where Value == Quantity {
  /// A number with or without a unit: `90s`, `512MiB`, `80%`, `20`.
  package static var quantity: SettingType {
    .single("a number such as 20, 80%, 300ms or 512MiB") {
      $0.kind == .word ? NumberNotation.quantity($0.text) : nil
    }
  }
}

extension SettingType where Value == Bool {
  package static var yesNo: SettingType {
    SettingType("`yes` or `no`", write: { $0 ? "yes" : "no" }) { input in
      guard let word = input.single("`yes` or `no`") else { return nil }
      switch word.text {
      case "yes": return Located(value: true, range: word.range)
      case "no": return Located(value: false, range: word.range)
      default:
        let isTrue = ["true", "on", "1"].contains(word.text)
        let isFalse = ["false", "off", "0"].contains(word.text)
        input.reject(
          word, "`yes` or `no`",
          help: isTrue ? "did you mean `yes`?" : isFalse ? "did you mean `no`?" : nil)
        return nil
      }
    }
  }
}

/// A day of the calendar.
package struct CalendarDate: Sendable, Hashable, Comparable, CustomStringConvertible {
  package var year: Int
  package var month: Int
  package var day: Int

  /// The first moment of the day in UTC.
  package var start: Timestamp {
    // Days since 1970-01-01 in the proleptic Gregorian calendar, counting years from March.
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return Timestamp(milliseconds: Int64(era * 146_097 + dayOfEra - 719_468) * 86_400_000)
  }

  /// nil unless `text` is a day that exists, as `yyyy-mm-dd`.
  package init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].utf8.count == 4, parts[1].utf8.count == 2,
      parts[2].utf8.count == 2, let year = Int(parts[0]), let month = Int(parts[1]),
      let day = Int(parts[2]), year > 0, (1...12).contains(month)
    else { return nil }
    let isLeap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
    let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    guard (1...days).contains(day) else { return nil }
    (self.year, self.month, self.day) = (year, month, day)
  }

  package static func < (left: CalendarDate, right: CalendarDate) -> Bool {
    (left.year, left.month, left.day) < (right.year, right.month, right.day)
  }
  package var description: String {
    func padded(_ number: Int, _ width: Int) -> String {
      String(repeating: "0", count: max(0, width - "\(number)".count)) + "\(number)"
    }
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }
}

extension SettingType where Value == CalendarDate {
  package static var date: SettingType {
    .single("a date such as 2026-12-01", write: { $0.description }) { CalendarDate($0.text) }
  }
}
