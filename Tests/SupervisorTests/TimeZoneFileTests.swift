import Model
import Testing

@testable import Supervisor

@Suite struct TimeZoneFileTests {
  /// A version 2 file with one type and a footer, as RFC 8536 lays it out.
  private func file(footer: String, offset: Int32 = 3600) -> [UInt8] {
    func number(_ value: Int32) -> [UInt8] {
      (0..<4).map { UInt8(truncatingIfNeeded: UInt32(bitPattern: value) >> UInt32(24 - 8 * $0)) }
    }
    func block(version: UInt8) -> [UInt8] {
      Array("TZif".utf8) + [version] + [UInt8](repeating: 0, count: 15)
        + [0, 0, 0, 0, 1, 4].flatMap { number($0) } + number(offset) + [0, 0] + Array("CET\0".utf8)
    }
    return block(version: 50) + block(version: 50) + Array("\n\(footer)\n".utf8)
  }

  @Test func theFootersRuleGivesSummerTime() throws {
    let zone = try #require(
      TimeZoneFile.parse(file(footer: "CET-1CEST,M3.5.0,M10.5.0/3"), name: "Europe/Berlin"))
    // 2026: 29 March and 25 October, both at 01:00 UTC.
    let spring = Timestamp(milliseconds: 1_774_746_000_000)
    let autumn = Timestamp(milliseconds: 1_792_890_000_000)
    for (time, offset, name) in [
      (spring - .seconds(1), 3600, "CET"), (spring, 7200, "CEST"),
      (autumn - .seconds(1), 7200, "CEST"), (autumn, 3600, "CET"),
    ] {
      #expect(zone.offset(at: time) == offset)
      #expect(zone.abbreviation(at: time) == name)
    }
  }

  @Test func aZoneWithoutSummerTimeHasOneOffset() throws {
    let zone = try #require(TimeZoneFile.parse(file(footer: "CET-1"), name: "x"))
    #expect(zone.transitions.isEmpty)
    #expect(zone.offset(at: .epoch) == 3600)
  }

  @Test func damagedFilesAreNoZones() {
    let whole = file(footer: "CET-1CEST,M3.5.0,M10.5.0/3")
    for length in 0..<whole.count {
      // Never a crash; a cut file is a zone only when nothing but its footer is missing.
      let zone = TimeZoneFile.parse(Array(whole[..<length]), name: "x")
      if length < 108 { #expect(zone == nil, "\(length) bytes") }
    }
    #expect(TimeZoneFile.parse(Array("TZif2 and nonsense".utf8), name: "x") == nil)
  }
}
