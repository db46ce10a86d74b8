import Testing

@testable import PromQL

@Suite struct GoTextTests {
  @Test(arguments: [
    (0.0, "0"), (1.5, "1.5"), (-2, "-2"), (123_456, "123456"), (1_000_000, "1e+06"),
    (1_234_567.5, "1.2345675e+06"), (0.0001, "0.0001"), (0.00001, "1e-05"), (1e21, "1e+21"),
    (-1.5e-7, "-1.5e-07"), (.infinity, "+Inf"), (.nan, "NaN"), (1e16, "1e+16"),
    (999_999.9999, "999999.9999"), (2e300, "2e+300"),
  ])
  func writesShortestGeneralForm(_ value: Double, _ text: String) {
    #expect(GoText.general(value) == text)
  }

  @Test func writesTimesInUTC() {
    #expect(GoText.time(milliseconds: 0) == "1970-01-01T00:00:00Z")
    #expect(GoText.time(milliseconds: 1_709_211_661_000) == "2024-02-29T13:01:01Z")
    #expect(GoText.time(milliseconds: -1000) == "1969-12-31T23:59:59Z")
  }

  @Test func knowsTheCalendarForCenturies() {
    // Every day of 800 years follows the one before.
    let start: Int64 = -12_219_292_800
    var last = CivilDate(seconds: start)
    var wrong: [String] = []
    for day in 1..<292_194 {
      let date = CivilDate(seconds: start + Int64(day) * 86_400)
      let follows =
        date.day == 1
        ? last.day == last.daysInMonth && date.month == last.month % 12 + 1
          && (date.month > 1 || (date.year == last.year + 1 && date.dayOfYear == 1))
        : date.day == last.day + 1 && date.dayOfYear == last.dayOfYear + 1
      if !follows || date.weekday != (last.weekday + 1) % 7 { wrong.append("\(date)") }
      last = date
    }
    #expect(wrong == [])
  }
}
