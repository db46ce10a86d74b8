import Model

/// What a point in time is called where the reader lives.
extension TimeZoneTable {
  /// `Sun 22 Nov 15:04:10 CET`
  func full(_ time: Timestamp) -> String {
    let there = local(time)
    return "\(there.weekdayName) \(there.day) \(there.monthName) \(there.clockWithSeconds) "
      + zoneName(time)
  }

  /// The shortest unmistakable name seen from `now`: `14:41`, `Sat 14:41` within six days, else
  /// `3 Nov 14:41`, with the year when it is another.
  func short(_ time: Timestamp, seenFrom now: Timestamp) -> String {
    let (there, here) = (local(time), local(now))
    if there.dayNumber == here.dayNumber { return there.clock }
    if abs(there.dayNumber - here.dayNumber) < 7 { return "\(there.weekdayName) \(there.clock)" }
    let year = there.year == here.year ? "" : " \(there.year)"
    return "\(there.day) \(there.monthName)\(year) \(there.clock)"
  }

  /// As `short`, with the zone's name.
  func shortWithZone(_ time: Timestamp, seenFrom now: Timestamp) -> String {
    "\(short(time, seenFrom: now)) \(zoneName(time))"
  }

  /// RFC 5322's date-time: `Sun, 22 Nov 2026 15:04:10 +0100`.
  func mailDate(_ time: Timestamp) -> String {
    let there = local(time)
    let seconds = offset(at: time)
    let minutes = abs(seconds) / 60
    let zone = (seconds < 0 ? "-" : "+") + two(minutes / 60) + two(minutes % 60)
    return "\(there.weekdayName), \(there.day) \(there.monthName) \(there.year) "
      + "\(there.clockWithSeconds) \(zone)"
  }

  /// `CET`; the offset of a zone whose table names none.
  private func zoneName(_ time: Timestamp) -> String {
    let name = abbreviation(at: time)
    guard name.isEmpty else { return name }
    let minutes = offset(at: time) / 60
    let sign = minutes < 0 ? "-" : "+"
    return "UTC\(sign)\(two(abs(minutes) / 60)):\(two(abs(minutes) % 60))"
  }
}

extension CivilTime {
  var weekdayName: String { ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][weekday] }
  var monthName: String {
    [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ][month - 1]
  }
  var clock: String { two(hour) + ":" + two(minute) }
  var clockWithSeconds: String { clock + ":" + two(second) }
}

extension Timestamp {
  /// RFC 3339 in UTC: `2026-11-22T14:04:10.000Z`.
  var internetDate: String {
    let utc = CivilTime(utc: self)
    func padded(_ number: Int, _ width: Int) -> String {
      String(repeating: "0", count: max(0, width - "\(number)".count)) + "\(number)"
    }
    return "\(padded(utc.year, 4))-\(two(utc.month))-\(two(utc.day))T"
      + "\(utc.clockWithSeconds).\(padded(utc.millisecond, 3))Z"
  }
}

/// At least two digits.
private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
