import Diagnostics
import Model

/// `window NAME [in ZONE] { each … }`: times that recur.
package struct Window: Sendable {
  package var name: String
  package var zone: TimeZoneTable
  /// The window holds while one of them does.
  package var spans: [WindowSpan]
  package var range: SourceRange?

  package init(
    name: String, zone: TimeZoneTable = .utc, spans: [WindowSpan], range: SourceRange? = nil
  ) {
    self.name = name
    self.zone = zone
    self.spans = spans
    self.range = range
  }

  /// Whether the window is open at a time.
  package func contains(_ time: Timestamp) -> Bool {
    let local = zone.local(time)
    return spans.contains { $0.contains(local) }
  }

  /// How far ahead edges are looked for; what lies beyond is looked for again then.
  static let horizon = 400
  /// How many days are looked at together.
  private static let stretch = 14

  /// The minutes of a day at which some span may begin or end.
  private var minutesOfEdges: [Int] {
    var minutes: Set<Int> = [0]
    for span in spans {
      if let hours = span.hours { minutes.formUnion([hours.from % 1440, hours.through % 1440]) }
    }
    return minutes.sorted()
  }

  /// When the window opens or closes next after a time; the horizon when nothing happens before it.
  package func nextEdge(after time: Timestamp) -> Timestamp {
    let inside = contains(time)
    let firstDay = zone.local(time).dayNumber
    let minutes = minutesOfEdges
    var seen = time
    for start in stride(from: firstDay, through: firstDay + Self.horizon, by: Self.stretch) {
      // Days of different offsets overlap: a stretch looks at the days around it too.
      let end = Timestamp(milliseconds: Int64(start + Self.stretch + 1) * 86_400_000)
      var candidates = (start - 1...start + Self.stretch + 2).flatMap { day in
        minutes.flatMap { instants(day: day, minute: $0) }
      }
      var change = zone.nextTransition(after: seen)
      while let next = change, next <= end {
        candidates.append(next)
        change = zone.nextTransition(after: next)
      }
      candidates.removeAll { $0 <= seen || $0 > end }
      if let edge = candidates.sorted().first(where: { contains($0) != inside }) { return edge }
      seen = end
    }
    return time + .seconds(86_400 * Self.horizon)
  }

  /// The times at which the zone's clocks show a minute of a day: two around a change of offset, of
  /// which one may not exist; `contains` decides.
  private func instants(day: Int, minute: Int) -> [Timestamp] {
    let wall = Timestamp(milliseconds: Int64(day) * 86_400_000 + Int64(minute) * 60_000)
    let before = wall - .seconds(zone.offset(at: wall - .seconds(86_400)))
    let after = wall - .seconds(zone.offset(at: wall + .seconds(86_400)))
    return before == after ? [before] : [min(before, after), max(before, after)]
  }
}

/// One `each` line's item: a set of days, and hours that begin on them.
package struct WindowSpan: Sendable, Hashable {
  /// Minutes of the day; when the end is not after the start the span passes midnight.
  package struct Hours: Sendable, Hashable {
    package var from: Int
    package var through: Int
    package init(from: Int, through: Int) {
      self.from = from
      self.through = through
    }
  }
  /// Days of the month, first and last; from the month's end when negative.
  package struct DayRange: Sendable, Hashable {
    package var first: Int
    package var last: Int
    package init(_ first: Int, _ last: Int) {
      self.first = first
      self.last = last
    }
  }
  /// 0 is Monday. Empty means every day; likewise below.
  package var weekdays: Set<Int>
  /// 1 … 12.
  package var months: Set<Int>
  /// 1 … 31, or −1 … −31 from the month's end; cut to the month's length.
  package var daysOfMonth: [DayRange]
  package var years: [ClosedRange<Int>]
  /// Day numbers of written dates.
  package var dates: [ClosedRange<Int>]
  /// nil is the whole day.
  package var hours: Hours?

  package init(
    weekdays: Set<Int> = [], months: Set<Int> = [], daysOfMonth: [DayRange] = [],
    years: [ClosedRange<Int>] = [], dates: [ClosedRange<Int>] = [], hours: Hours? = nil
  ) {
    self.weekdays = weekdays
    self.months = months
    self.daysOfMonth = daysOfMonth
    self.years = years
    self.dates = dates
    self.hours = hours
  }

  func contains(_ local: CivilTime) -> Bool {
    guard let hours else { return includes(day: local.dayNumber) }
    let minute = local.minuteOfDay
    if hours.from < hours.through {
      return minute >= hours.from && minute < hours.through && includes(day: local.dayNumber)
    }
    if minute >= hours.from { return includes(day: local.dayNumber) }
    return minute < hours.through && includes(day: local.dayNumber - 1)
  }

  /// Whether the span begins on a day.
  func includes(day number: Int) -> Bool {
    if !weekdays.isEmpty && !weekdays.contains(CivilTime.weekday(ofDay: number)) { return false }
    if !dates.isEmpty && !dates.contains(where: { $0.contains(number) }) { return false }
    if months.isEmpty && daysOfMonth.isEmpty && years.isEmpty { return true }
    let date = CivilTime.date(ofDay: number)
    if !months.isEmpty && !months.contains(date.month) { return false }
    if !years.isEmpty && !years.contains(where: { $0.contains(date.year) }) { return false }
    if daysOfMonth.isEmpty { return true }
    let length = CivilTime.daysInMonth(year: date.year, month: date.month)
    return daysOfMonth.contains { Self.clamped($0, length: length)?.contains(date.day) ?? false }
  }

  /// A range of days cut to a month, nil when it begins after the month's end
  /// (`alertmanager/timeinterval/timeinterval.go`).
  private static func clamped(_ range: DayRange, length: Int) -> ClosedRange<Int>? {
    let lower = range.first < 0 ? length + range.first + 1 : range.first
    let upper = range.last < 0 ? length + range.last + 1 : range.last
    guard lower <= length, upper >= 1, max(1, lower) <= min(length, upper) else { return nil }
    return max(1, lower)...min(length, upper)
  }
}
