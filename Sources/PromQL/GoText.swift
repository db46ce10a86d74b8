import Glibc
import Model
import PromQLSyntax

/// Texts as Go's formatting makes them, for results and remarks that are compared with upstream's.
enum GoText {
  static func quoted(_ text: String) -> String { PromQuote.printable(text) }

  /// `%f` with the shortest digits.
  static func fixed(_ value: Double) -> String { NumberText.fixed(value) }

  /// `%g` with the shortest digits.
  static func general(_ value: Double) -> String { NumberText.general(value) }

  /// `%.<digits>g`.
  static func general(_ value: Double, digits: Int) -> String {
    guard value.isFinite else { return NumberText.fixed(value) }
    var buffer = [CChar](repeating: 0, count: 64)
    let count = withVaList([Int32(digits), value]) {
      vsnprintf(&buffer, buffer.count, "%.*g", $0)
    }
    return String(decoding: buffer.prefix(Int(count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// RFC 3339 in UTC, with the fraction of a second only when there is one.
  static func time(milliseconds: Int64) -> String {
    let date = CivilDate(seconds: milliseconds.floorDivided(by: 1000))
    func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
    let year = String(date.year)
    return String(repeating: "0", count: max(0, 4 - year.utf8.count)) + year
      + "-\(two(date.month))-\(two(date.day))T\(two(date.hour)):\(two(date.minute))"
      + ":\(two(date.second))Z"
  }
}

extension Int64 {
  /// Division toward minus infinity.
  func floorDivided(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor != 0 && (self < 0) != (divisor < 0) ? quotient - 1 : quotient
  }
}

/// A moment in the proleptic Gregorian calendar, in UTC.
struct CivilDate: Sendable {
  var year: Int
  /// 1…12.
  var month: Int
  /// 1…31.
  var day: Int
  /// 0 is Sunday.
  var weekday: Int
  /// 1…366.
  var dayOfYear: Int
  var hour: Int
  var minute: Int
  var second: Int

  /// From seconds since the Unix epoch (Howard Hinnant's `civil_from_days`).
  init(seconds: Int64) {
    let days = seconds.floorDivided(by: 86_400)
    self.init(days: days, rest: Int(seconds - days * 86_400))
  }

  /// The second after the last that 64 bits can say. Upstream makes it of NaN and of what is too
  /// large either way: a conversion yields the least number there is, and its calendar wraps.
  static let beyond = CivilDate(days: 106_751_991_167_300, rest: 55_808)

  private init(days: Int64, rest: Int) {
    hour = rest / 3600
    minute = rest / 60 % 60
    second = rest % 60
    let shifted = days + 719_468
    let era = shifted.floorDivided(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let marchDay = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * marchDay + 2) / 153
    day = Int(marchDay - (153 * marchMonth + 2) / 5 + 1)
    month = Int(marchMonth < 10 ? marchMonth + 3 : marchMonth - 9)
    year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
    weekday = Int((days % 7 + 11) % 7)
    let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
    dayOfYear = before[month - 1] + day + (month > 2 && Self.isLeap(year) ? 1 : 0)
  }

  private static func isLeap(_ year: Int) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  var daysInMonth: Int {
    switch month {
    case 2: Self.isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
