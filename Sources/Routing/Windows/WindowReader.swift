import Diagnostics
import Language
import Model

/// Reads a `window` statement.
struct WindowReader {
  let statement: Statement
  let context: ReadingContext

  func read(_ zones: (String) -> TimeZoneTable?) -> Window? {
    let reader = BlockReader(statement, kind: "window", context: context)
    let name = reader.head(0, "a name")
    let zone = zone(zones)
    let lines = reader.readEach(
      "each", .spans, "Days and hours: `mon-fri 18:00-08:00`, `dec 24-26`, `-1`, `2026-12-24`.")
    if lines.isEmpty && !reader.has("each") {
      context.report(
        Diagnostic(
          "E028", .error, "`window` needs a setting `each`", at: statement.headRange,
          "`each` is missing", help: "add `each` with days and hours such as mon-fri 18:00-08:00"))
    }
    reader.finish()
    guard let name else { return nil }
    return Window(
      name: name.text, zone: zone, spans: lines.flatMap(\.value), range: name.range)
  }

  /// `window night in Europe/Berlin`
  private func zone(_ zones: (String) -> TimeZoneTable?) -> TimeZoneTable {
    let words = statement.words
    guard words.count > 1 else { return .utc }
    guard words.count == 3, words[1].isBare("in") else {
      context.report(
        Diagnostic(
          "E012", .error, "`window` takes a name, and `in` with a time zone",
          at: words[1].range.union(words[words.count - 1].range), "not expected here",
          help: "write `window \(words[0].text) in Europe/Berlin`"))
      return .utc
    }
    if words[2].text == "UTC" { return .utc }
    if let zone = zones(words[2].text) { return zone }
    context.report(
      Diagnostic(
        "E012", .error, "there is no time zone called `\(words[2].text)`", at: words[2].range,
        "unknown time zone", help: "use a name such as `Europe/Berlin` or `UTC`"))
    return .utc
  }
}

extension SettingType where Value == [WindowSpan] {
  /// One span an item: `mon-fri 18:00-08:00, sat-sun`
  static var spans: SettingType {
    SettingType(SpanNotation.type) { input in
      guard !input.words.isEmpty else {
        _ = input.single(SpanNotation.type)
        return nil
      }
      var spans: [WindowSpan] = []
      for item in input.items {
        guard let span = SpanNotation.span(item, report: input.report) else { return nil }
        spans.append(span)
      }
      return Located(value: spans, range: input.range)
    }
  }
}

/// How times that recur are written.
enum SpanNotation {
  static let type = "days and hours such as mon-fri 18:00-08:00"
  private static let weekdays = [
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
  ]
  private static let months = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
  ]

  /// span = { weekdays | months | days of the month | years | dates | hours }; all must hold.
  static func span(_ item: [Word], report: (Diagnostic) -> Void) -> WindowSpan? {
    var span = WindowSpan()
    for word in item {
      let text = word.text
      if let days = names(text, in: weekdays) {
        span.weekdays.formUnion(days)
      } else if let months = names(text, in: months) {
        span.months.formUnion(months.map { $0 + 1 })
      } else if let hours = hours(text) {
        guard span.hours == nil else {
          report(
            Diagnostic(
              "E012", .error, "one span has one range of hours", at: word.range,
              "a second one", help: "put it after a comma, or on an `each` line of its own"))
          return nil
        }
        span.hours = hours
      } else if let dates = dates(text) {
        span.dates.append(dates)
      } else if let years = numbers(text, 1970...2999), years.first <= years.last {
        span.years.append(years.first...years.last)
      } else if let days = numbers(text, -31...31), days.first != 0, days.last != 0,
        days.first.signum() != days.last.signum() || days.first <= days.last
      {
        span.daysOfMonth.append(.init(days.first, days.last))
      } else {
        reject(word, report)
        return nil
      }
    }
    return span
  }

  private static func reject(_ word: Word, _ report: (Diagnostic) -> Void) {
    let known = (weekdays + months).flatMap { [String($0.prefix(3)), $0] }
    let nearest = Suggestion.nearest(to: word.text, in: known)
    report(
      Diagnostic(
        "E012", .error, "`each` takes \(type)", at: word.range, "neither days nor hours",
        help: nearest.map { "did you mean `\($0)`?" },
        replacement: nearest.map { .init(word.range, $0) }))
  }

  /// `mon`, `mon-fri`, `sat-mon`, likewise months; positions in the list.
  private static func names(_ text: String, in list: [String]) -> [Int]? {
    let parts = text.lowercased().split(separator: "-", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count) else { return nil }
    let found = parts.compactMap { part in
      list.firstIndex { $0 == part || $0.prefix(3) == part }
    }
    guard found.count == parts.count, let first = found.first, let last = found.last else {
      return nil
    }
    let length = (last - first + list.count) % list.count
    return (0...length).map { (first + $0) % list.count }
  }

  /// `18:00-08:00`, up to `24:00`.
  private static func hours(_ text: String) -> WindowSpan.Hours? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let from = minute(parts[0]), let through = minute(parts[1]),
      from < 1440
    else { return nil }
    return WindowSpan.Hours(from: from, through: through)
  }

  private static func minute(_ text: Substring) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, (1...2).contains(parts[0].count), parts[1].count == 2,
      let hour = digits(parts[0]), let minute = digits(parts[1]), hour <= 24, minute < 60,
      hour * 60 + minute <= 1440
    else { return nil }
    return hour * 60 + minute
  }

  private static func digits(_ text: Substring) -> Int? {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
  }

  /// `2026-12-24`, `2026-12-24..2027-01-06`; day numbers.
  private static func dates(_ text: String) -> ClosedRange<Int>? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    if parts.count == 1 { return CalendarDate(text).map(day).map { $0...$0 } }
    guard parts.count == 3, parts[1].isEmpty, let first = CalendarDate(String(parts[0])),
      let last = CalendarDate(String(parts[2])), first <= last
    else { return nil }
    return day(first)...day(last)
  }

  private static func day(_ date: CalendarDate) -> Int {
    CivilTime.dayNumber(year: date.year, month: date.month, day: date.day)
  }

  /// `24`, `24-26`, `-1`, `-7--1`, `1--1`: a number within bounds, or two.
  private static func numbers(
    _ text: String, _ bounds: ClosedRange<Int>
  ) -> (first: Int, last: Int)? {
    var numbers: [Int] = []
    var rest = Substring(text)
    while true {
      let sign = rest.hasPrefix("-") ? -1 : 1
      if sign < 0 { rest = rest.dropFirst() }
      let number = rest.prefix { $0.isASCII && $0.isNumber }
      guard !number.isEmpty, number.count <= 4, let value = Int(number) else { return nil }
      numbers.append(sign * value)
      rest = rest.dropFirst(number.count)
      if rest.isEmpty { break }
      guard numbers.count < 2, rest.hasPrefix("-") else { return nil }
      rest = rest.dropFirst()
    }
    guard let first = numbers.first, let last = numbers.last, bounds.contains(first),
      bounds.contains(last)
    else { return nil }
    return (first, last)
  }
}
