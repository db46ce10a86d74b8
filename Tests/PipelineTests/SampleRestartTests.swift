import Diagnostics
import Model
import Pipeline
import PromQL
import PromQLSyntax
import Storage
import Testing

/// Recent samples survive a restart, and nearly all of them a crash.
@Suite struct SampleRestartTests {
  private static let rules = "route {\n  to          ops\n}\n"

  /// A counter that rises by 2 a second, for an hour.
  private func hour() -> Belt {
    var belt = Belt(Self.rules)
    for second in 0..<3600 { belt.pass(1, value: Double(second * 2)) }
    return belt
  }

  private func value(_ text: String, _ belt: Belt) throws -> Double? {
    let parsed = PromQLParser.parse(SourceText(name: "query", text: text))
    let expression = try #require(parsed.expression)
    let query = try Query.prepare(expression).get()
    guard
      case .vector(let elements) = try query.instant(at: belt.now, over: belt.pipeline.store)
        .get().value
    else { return nil }
    return elements.first?.value
  }

  @Test func aRateOverAnHourIsRightASecondAfterARestart() throws {
    var belt = hour()
    belt.restart(Self.rules, after: .seconds(1))
    belt.pass(1, value: 7204)
    let rate = try #require(try value("rate(load[1h])", belt))
    #expect(abs(rate - 2) < 0.01)
    let count = try #require(try value("count_over_time(load[1h])", belt))
    #expect(count >= 3597)
  }

  @Test func aCrashLosesMinutesAtMost() throws {
    var belt = hour()
    belt.crash(Self.rules, after: .seconds(1))
    belt.pass(1, value: 7204)
    let rate = try #require(try value("rate(load[1h])", belt))
    #expect(abs(rate - 2) < 0.01)
    let count = try #require(try value("count_over_time(load[1h])", belt))
    #expect(count >= 3600 - 300)
  }

  @Test func theSamplesOfAnotherRunDoNotKeepNewOnesOut() throws {
    var belt = hour()
    belt.restart(Self.rules, after: .seconds(-7200))
    belt.pass(2, value: 5)
    #expect(try value("load", belt) == 5)
    #expect(belt.pipeline.store.refusals.total == 0)
  }
}
