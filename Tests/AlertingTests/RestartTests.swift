import Model
import Testing

@testable import Alerting

@Suite struct RestartTests {
  static let text = """
    alert Level {
      watch x
      warning > 80% for 5m until < 75% for 10m
    }
    alert Down {
      when up == 0
      for 5m
    }
    """

  private func restarted(_ bench: Bench, at seconds: Double, _ text: String = Self.text) -> Bench {
    Bench(
      text, expecting: [Bench.outline("a")], restoring: bench.engine.checkpoint(), at: seconds)
  }

  @Test func aFiringAlertComesBackWithoutAWord() {
    var bench = Bench(Self.text)
    bench.push("a", ["x": 0.85], at: 0)
    bench.push("a", ["x": 0.9], at: 300)
    #expect(bench.take() == ["Level pending", "Level fired"])
    let before = bench.engine.alerts()
    var after = restarted(bench, at: 330)
    #expect(after.engine.alerts() == before)
    after.push("a", ["x": 0.9], at: 331)
    after.push("a", ["x": 0.78], at: 346)
    #expect(after.take().isEmpty)
    #expect(after.engine.alerts()[0].incident == before[0].incident)
    #expect(after.engine.alerts()[0].worstValue == 0.9)
  }

  @Test func theOutageIsAGapInTheHold() {
    var bench = Bench(Self.text)
    bench.push("a", up: false, [:], at: 0)
    bench.push("a", up: false, [:], at: 120)
    var after = restarted(bench, at: 4000)
    after.push("a", up: false, [:], at: 4001)
    #expect(after.take().isEmpty)
    // Two of the five minutes had passed.
    after.advance(to: 4180.9)
    #expect(after.take().isEmpty)
    after.advance(to: 4181)
    #expect(after.take() == ["Down fired"])
  }

  @Test func theClearingTimerSurvivesToo() {
    var bench = Bench(Self.text)
    bench.push("a", ["x": 0.85], at: 0)
    bench.push("a", ["x": 0.85], at: 300)
    bench.push("a", ["x": 0.7], at: 315)
    bench.push("a", ["x": 0.7], at: 615)
    _ = bench.take()
    var after = restarted(bench, at: 1000)
    after.push("a", ["x": 0.7], at: 1001)
    after.advance(to: 1300)
    #expect(after.take().isEmpty)
    after.push("a", ["x": 0.7], at: 1300.5)
    after.advance(to: 1301)
    #expect(after.take() == ["Level recovered"])
  }

  @Test func absenceDoesNotResolveBeforeTheSourceHasReported() {
    var bench = Bench(Self.text)
    bench.keep("a", up: false, [:], from: 0, through: 300)
    #expect(bench.take() == ["Down pending", "Down fired"])
    var after = restarted(bench, at: 310)
    after.advance(to: 325)
    #expect(after.take().isEmpty)
    after.advance(to: 600)
    #expect(after.take() == ["Down lost"], "the source has been silent since the start")
    after.push("a", [:], at: 601)
    #expect(after.take() == ["Down recovered"])
  }

  @Test func aRangeNeedsTwoSamplesBeforeItsAbsenceCounts() {
    let text = "alert Fast {\n  when rate(x[5m]) > 0.1\n}\n"
    var bench = Bench(text)
    bench.push("a", ["x": 0], at: 0)
    bench.push("a", ["x": 100], at: 15)
    #expect(bench.take() == ["Fast fired"])
    var after = restarted(bench, at: 30, text)
    after.push("a", ["x": 200], at: 31)
    #expect(after.take().isEmpty)
    after.push("a", ["x": 300], at: 46)
    #expect(after.take().isEmpty)
    after.push("a", ["x": 300], at: 400)
    after.push("a", ["x": 300], at: 415)
    #expect(after.take() == ["Fast recovered"])
  }

  @Test func changesAloneRestoreTheState() {
    var bench = Bench(Self.text)
    bench.keep("a", up: false, ["x": 0.85], from: 0, through: 300)
    var records: [String: StateRecord] = [:]
    for change in bench.output.changes {
      switch change {
      case .put(let record): records["\(record.table) \(record.key)"] = record
      case .remove(let table, let key): records["\(table) \(key)"] = nil
      }
    }
    let after = Bench(
      Self.text, restoring: records.sorted { $0.key < $1.key }.map(\.value), at: 302)
    #expect(after.engine.alerts().map(\.incident) == bench.engine.alerts().map(\.incident))
    #expect(after.engine.alerts().map(\.state) == [.firing, .firing])
  }

  @Test func anAlertWithoutRuleIsClosedWithTheFirstEvent() {
    var bench = Bench(Self.text)
    bench.keep("a", up: false, [:], from: 0, through: 300)
    let incident = bench.engine.alerts()[0].incident
    var after = restarted(bench, at: 310, "alert Other {\n  when up == 2\n}\n")
    #expect(after.engine.nextDeadline == Bench.time(310))
    after.advance(to: 310)
    #expect(after.output.updates.map(\.alert.incident) == [incident])
    #expect(after.take() == ["Down rule removed"])
    #expect(after.engine.checkpoint().filter { $0.table == "alerting.instances" }.isEmpty)
  }

  @Test func brokenRecordsAreLeftOut() {
    let broken = StateRecord(
      table: "alerting.instances", key: "x", version: 1, bytes: Array("{".utf8))
    let newer = StateRecord(table: "alerting.rules", key: "x", version: 99, bytes: [])
    let bench = Bench(Self.text, restoring: [broken, newer])
    #expect(bench.engine.alerts().isEmpty)
  }

  @Test func aGapNeitherSatisfiesNorResets() {
    var bench = Bench(Self.text)
    bench.push("a", up: false, [:], at: 0)
    bench.push("a", up: false, [:], at: 60)
    bench.output.append(bench.engine.handleGap(.seconds(3600), at: Bench.time(3660)))
    bench.advance(to: 3661)
    bench.push("a", up: false, [:], at: 3662)
    #expect(bench.take() == ["Down pending"])
    bench.push("a", up: false, [:], at: 3800)
    bench.advance(to: 3899)
    #expect(bench.take().isEmpty)
    bench.advance(to: 3902)
    #expect(bench.take() == ["Down fired"])
  }

  @Test func aGapIsNoAbsence() {
    var bench = Bench("alert High {\n  when x > 5\n}\n", expecting: [Bench.outline("a")])
    bench.push("a", ["x": 9], at: 0)
    bench.output.append(bench.engine.handleGap(.seconds(3600), at: Bench.time(3600)))
    bench.advance(to: 3601)
    #expect(bench.take() == ["High fired"])
    bench.push("a", ["x": 9], at: 3602)
    #expect(bench.take().isEmpty)
  }
}
