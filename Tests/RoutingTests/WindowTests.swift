import Diagnostics
import Language
import Model
import Testing

@testable import Routing

/// Berlin's clocks around the changes of 2026.
private let berlin = TimeZoneTable(
  name: "Europe/Berlin", initialOffset: 3600, initialAbbreviation: "CET",
  transitions: [
    .init(at: utc(2026, 3, 29, 1, 0), offset: 7200, abbreviation: "CEST"),
    .init(at: utc(2026, 10, 25, 1, 0), offset: 3600, abbreviation: "CET"),
  ])

private func utc(_ year: Int, _ month: Int, _ day: Int, _ hour: Int, _ minute: Int) -> Timestamp {
  let number = CivilTime.dayNumber(year: year, month: month, day: day)
  return Timestamp(milliseconds: Int64((number * 1440 + hour * 60 + minute) * 60_000))
}

@Suite struct WindowTests {
  private func window(_ lines: String..., zone: TimeZoneTable = .utc) throws -> Window {
    let context = ReadingContext()
    let text =
      "window w in \(zone.name) {\n" + lines.map { "  each \($0)\n" }.joined() + "}\n"
    let document = DocumentParser.parse(SourceText(name: "w.tocsin", text: text))
    let statement = try #require(document.statements.first)
    let window = WindowReader(statement: statement, context: context).read { _ in zone }
    #expect(context.diagnostics.map(\.message) == [])
    return try #require(window)
  }

  @Test func daysAndDates() {
    #expect(CivilTime.dayNumber(year: 1970, month: 1, day: 1) == 0)
    #expect(CivilTime.dayNumber(year: 2000, month: 3, day: 1) == 11_017)
    #expect(CivilTime.daysInMonth(year: 2024, month: 2) == 29)
    #expect(CivilTime.daysInMonth(year: 2100, month: 2) == 28)
    for number in stride(from: -200_000, to: 200_000, by: 37) {
      let date = CivilTime.date(ofDay: number)
      #expect(
        CivilTime.dayNumber(year: date.year, month: date.month, day: date.day) == number)
    }
    let local = CivilTime(utc: utc(2026, 11, 22, 15, 4))
    #expect((local.year, local.month, local.day) == (2026, 11, 22))
    #expect((local.hour, local.minute, local.weekday) == (15, 4, 6))
    #expect(CivilTime(utc: Timestamp(milliseconds: -1)).year == 1969)
  }

  @Test func hoursThatPassMidnightBelongToTheDayTheyStartOn() throws {
    // 20 November 2026 is a Friday.
    let window = try window("mon-fri 18:00-08:00")
    #expect(!window.contains(utc(2026, 11, 20, 17, 59)))
    #expect(window.contains(utc(2026, 11, 20, 18, 0)))
    #expect(window.contains(utc(2026, 11, 21, 7, 59)))
    #expect(!window.contains(utc(2026, 11, 21, 8, 0)))
    #expect(!window.contains(utc(2026, 11, 21, 20, 0)))
    #expect(!window.contains(utc(2026, 11, 23, 7, 0)))
    #expect(window.contains(utc(2026, 11, 24, 7, 0)))
  }

  @Test func edgesAreExact() throws {
    let window = try window("mon-fri 18:00-08:00", "sat-sun", zone: .utc)
    // From Friday evening through Monday 00:00, when Sunday ends.
    var time = utc(2026, 11, 20, 12, 0)
    var edges: [Timestamp] = []
    for _ in 0..<4 {
      time = window.nextEdge(after: time)
      edges.append(time)
    }
    #expect(
      edges == [
        utc(2026, 11, 20, 18, 0), utc(2026, 11, 23, 0, 0), utc(2026, 11, 23, 18, 0),
        utc(2026, 11, 24, 8, 0),
      ])
  }

  @Test func aZoneMovesTheWindowWithItsClocks() throws {
    let window = try window("09:00-17:00", zone: berlin)
    #expect(window.nextEdge(after: utc(2026, 3, 28, 0, 0)) == utc(2026, 3, 28, 8, 0))
    #expect(window.nextEdge(after: utc(2026, 3, 29, 0, 0)) == utc(2026, 3, 29, 7, 0))
    #expect(window.nextEdge(after: utc(2026, 10, 24, 20, 0)) == utc(2026, 10, 25, 8, 0))
  }

  @Test func theHourThatDoesNotExistAndTheOneThatComesTwice() throws {
    let spring = try window("02:30-03:30", zone: berlin)
    // 02:30 does not exist on 29 March: the window opens when the clocks jump to 03:00.
    #expect(spring.nextEdge(after: utc(2026, 3, 29, 0, 0)) == utc(2026, 3, 29, 1, 0))
    #expect(spring.nextEdge(after: utc(2026, 3, 29, 1, 0)) == utc(2026, 3, 29, 1, 30))
    let autumn = try window("02:00-02:30", zone: berlin)
    // 02:00 to 02:30 comes twice on 25 October.
    #expect(autumn.nextEdge(after: utc(2026, 10, 24, 12, 0)) == utc(2026, 10, 25, 0, 0))
    #expect(autumn.nextEdge(after: utc(2026, 10, 25, 0, 0)) == utc(2026, 10, 25, 0, 30))
    #expect(autumn.nextEdge(after: utc(2026, 10, 25, 0, 30)) == utc(2026, 10, 25, 1, 0))
    #expect(autumn.nextEdge(after: utc(2026, 10, 25, 1, 0)) == utc(2026, 10, 25, 1, 30))
  }

  @Test func edgesAgreeWithMembership() throws {
    let windows = [
      try window("mon-fri 18:00-08:00", "sat-sun", zone: berlin),
      try window("-1 22:00-24:00", "1 00:00-06:00"), try window("dec 24-26, jan 1"),
      try window("fri-mon 23:30-00:30", zone: berlin),
    ]
    for window in windows {
      var time = utc(2026, 3, 20, 0, 0)
      for _ in 0..<30 {
        let edge = window.nextEdge(after: time)
        let before = edge - .milliseconds(1)
        #expect(window.contains(edge) != window.contains(before))
        #expect(window.contains(time) == window.contains(before))
        time = edge
      }
    }
  }

  @Test func monthsDaysAndYears() throws {
    let holidays = try window("dec 24-26", "2026-05-01", "jan 1", "2027-02-01..2027-02-03")
    #expect(holidays.contains(utc(2030, 12, 24, 0, 0)))
    #expect(!holidays.contains(utc(2030, 12, 27, 0, 0)))
    #expect(holidays.contains(utc(2026, 5, 1, 23, 59)) && !holidays.contains(utc(2027, 5, 1, 9, 0)))
    #expect(holidays.contains(utc(2027, 2, 3, 12, 0)) && !holidays.contains(utc(2027, 2, 4, 0, 0)))
    let last = try window("-1")
    #expect(last.contains(utc(2024, 2, 29, 5, 0)) && !last.contains(utc(2024, 2, 28, 5, 0)))
    #expect(last.contains(utc(2026, 4, 30, 5, 0)))
    let lastWeek = try window("-7--1")
    #expect(lastWeek.contains(utc(2026, 4, 24, 5, 0)) && !lastWeek.contains(utc(2026, 4, 23, 5, 0)))
    let upTo = try window("29-31")
    #expect(upTo.contains(utc(2026, 4, 30, 5, 0)) && !upTo.contains(utc(2026, 2, 28, 5, 0)))
    let winter = try window("nov-feb sat-mon 2026-2027")
    #expect(winter.contains(utc(2027, 1, 2, 5, 0)) && !winter.contains(utc(2027, 1, 5, 5, 0)))
    #expect(!winter.contains(utc(2027, 3, 1, 5, 0)) && !winter.contains(utc(2028, 1, 1, 5, 0)))
  }

  @Test func aWindowThatNeverHoldsIsLookedAtAgainLater() throws {
    let never = try window("1990")
    let now = utc(2026, 1, 1, 0, 0)
    #expect(never.nextEdge(after: now) == now + .seconds(86_400 * 400))
  }

  @Test(arguments: [
    ("wen 10:00-11:00", "neither days nor hours"), ("mon 25:00-26:00", "neither days nor hours"),
    ("mon 10:00-11:00 12:00-13:00", "a second one"), ("26-24", "neither days nor hours"),
    ("2026-13-01", "neither days nor hours"), ("0", "neither days nor hours"),
    ("32", "neither days nor hours"), ("1-2-3", "neither days nor hours"),
    ("10:00", "neither days nor hours"), ("24:00-02:00", "neither days nor hours"),
  ])
  func whatCannotBeATimeIsRefused(line: String, label: String) throws {
    let context = ReadingContext()
    let document = DocumentParser.parse(
      SourceText(name: "w", text: "window w {\n  each \(line)\n}\n"))
    _ = WindowReader(statement: try #require(document.statements.first), context: context)
      .read { _ in nil }
    #expect(context.diagnostics.map(\.subject.text) == [label])
  }

  @Test func zonesKnowTheirOffsetsAndNames() {
    #expect(berlin.offset(at: utc(2026, 3, 29, 0, 59)) == 3600)
    #expect(berlin.offset(at: utc(2026, 3, 29, 1, 0)) == 7200)
    #expect(berlin.abbreviation(at: utc(2026, 7, 1, 0, 0)) == "CEST")
    #expect(berlin.abbreviation(at: utc(2026, 1, 1, 0, 0)) == "CET")
    #expect(berlin.nextTransition(after: utc(2026, 4, 1, 0, 0)) == utc(2026, 10, 25, 1, 0))
    #expect(berlin.nextTransition(after: utc(2026, 11, 1, 0, 0)) == nil)
    #expect(berlin.local(utc(2026, 7, 1, 22, 30)).day == 2)
  }
}
