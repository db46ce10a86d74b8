/// A time zone as its history of offsets from UTC, as a TZif file lists it (RFC 8536).
package struct TimeZoneTable: Sendable, Hashable {
  /// A change of the offset.
  package struct Transition: Sendable, Hashable {
    /// When the offset comes into force.
    package var at: Timestamp
    /// Seconds east of UTC.
    package var offset: Int
    /// `CET`, `CEST`.
    package var abbreviation: String
    package init(at: Timestamp, offset: Int, abbreviation: String = "") {
      self.at = at
      self.offset = offset
      self.abbreviation = abbreviation
    }
  }
  /// The IANA name: `Europe/Berlin`.
  package var name: String
  /// The offset before the first transition, in seconds east of UTC.
  package var initialOffset: Int
  package var initialAbbreviation: String
  /// In ascending order of time.
  package var transitions: [Transition]

  package init(
    name: String, initialOffset: Int, initialAbbreviation: String = "",
    transitions: [Transition] = []
  ) {
    self.name = name
    self.initialOffset = initialOffset
    self.initialAbbreviation = initialAbbreviation
    self.transitions = transitions
  }

  package static let utc = TimeZoneTable(
    name: "UTC", initialOffset: 0, initialAbbreviation: "UTC")

  /// How many transitions have happened at a time.
  private func index(at time: Timestamp) -> Int {
    var (low, high) = (0, transitions.count)
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle].at <= time { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The offset in force at a time, in seconds east of UTC.
  package func offset(at time: Timestamp) -> Int {
    let index = index(at: time)
    return index == 0 ? initialOffset : transitions[index - 1].offset
  }

  /// The abbreviation in force at a time: `CET`; "" when the zone has none.
  package func abbreviation(at time: Timestamp) -> String {
    let index = index(at: time)
    return index == 0 ? initialAbbreviation : transitions[index - 1].abbreviation
  }

  /// The wall clock's reading at a time.
  package func local(_ time: Timestamp) -> CivilTime {
    CivilTime(utc: time + .seconds(offset(at: time)))
  }

  /// When the offset changes next after a time, nil when it never does.
  package func nextTransition(after time: Timestamp) -> Timestamp? {
    let index = index(at: time)
    return index < transitions.count ? transitions[index].at : nil
  }
}

/// A reading of a calendar and a wall clock in the proleptic Gregorian calendar.
package struct CivilTime: Sendable, Hashable {
  package var year: Int
  /// 1 … 12.
  package var month: Int
  /// 1 … 31.
  package var day: Int
  package var hour: Int
  package var minute: Int
  package var second: Int
  package var millisecond: Int

  /// Days since 1 January 1970; 0 was a Thursday.
  package var dayNumber: Int { Self.dayNumber(year: year, month: month, day: day) }
  /// 0 is Monday, 6 is Sunday.
  package var weekday: Int { Self.weekday(ofDay: dayNumber) }
  package var minuteOfDay: Int { hour * 60 + minute }

  /// The reading of a clock that shows UTC.
  package init(utc time: Timestamp) {
    let day = time.milliseconds.floorDivided(by: 86_400_000)
    let rest = Int(time.milliseconds - day * 86_400_000)
    (year, month, self.day) = Self.date(ofDay: Int(day))
    hour = rest / 3_600_000
    minute = rest / 60_000 % 60
    second = rest / 1000 % 60
    millisecond = rest % 1000
  }

  /// The weekday of a day number; 0 is Monday.
  package static func weekday(ofDay number: Int) -> Int { Int((number + 3) %% 7) }

  /// The day number of a date. Years are counted from March, so that a leap day ends its year;
  /// 400 years, an era, have 146,097 days.
  package static func dayNumber(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = Int(Int64(shifted).floorDivided(by: 400))
    let yearOfEra = shifted - era * 400
    let monthFromMarch = (month + 9) % 12
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// The date of a day number.
  package static func date(ofDay number: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = number + 719_468
    let era = Int(Int64(shifted).floorDivided(by: 146_097))
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  /// How many days a month has, 28 … 31.
  package static func daysInMonth(year: Int, month: Int) -> Int {
    let next = month == 12 ? (year + 1, 1) : (year, month + 1)
    return dayNumber(year: next.0, month: next.1, day: 1)
      - dayNumber(year: year, month: month, day: 1)
  }
}

infix operator %% : MultiplicationPrecedence

/// The remainder with the sign of the divisor.
private func %% (value: Int, divisor: Int) -> Int {
  let rest = value % divisor
  return rest < 0 ? rest + divisor : rest
}

extension Int64 {
  fileprivate func floorDivided(by divisor: Int64) -> Int64 {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
