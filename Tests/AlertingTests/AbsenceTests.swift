import Model
import Testing

@testable import Alerting

@Suite struct AbsenceTests {
  static let high = "alert High {\n  when x > 5\n}\n"

  @Test func absenceWhileTheSourceAnswersResolves() {
    var bench = Bench(Self.high)
    bench.push("a", ["x": 9], at: 0)
    bench.push("a", [:], at: 15)
    #expect(bench.take() == ["High fired", "High recovered"])
  }

  @Test func aSourceThatDoesNotAnswerHoldsTheAlert() {
    var bench = Bench(Self.high)
    bench.push("a", ["x": 9], at: 0)
    bench.push("a", up: false, [:], at: 15)
    #expect(bench.take() == ["High fired", "High lost"])
    let alert = bench.engine.alerts()[0]
    #expect(alert.state == .firing)
    #expect(alert.knowledge == .noData(since: Bench.time(15)))
    bench.advance(to: 7200)
    #expect(bench.take().isEmpty)
    bench.push("a", ["x": 9], at: 7201)
    #expect(bench.take() == ["High regained"])
    bench.push("a", ["x": 1], at: 7216)
    #expect(bench.take() == ["High recovered"])
  }

  @Test func anotherSourceThatIsDownDoesNotHoldIt() {
    var bench = Bench(Self.high)
    bench.push("a", ["x": 9], at: 0)
    bench.push("b", ["x": 1], at: 1)
    bench.push("b", up: false, [:], at: 16)
    bench.push("a", [:], at: 20)
    #expect(bench.take() == ["High fired", "High recovered"])
  }

  @Test func aConditionThatIsFalseIsNotAbsence() {
    // The count falls because a target came back, while another one is still down.
    var bench = Bench(
      "alert ManyDown {\n  when count(up == 0) > 1\n}\n",
      expecting: [Bench.outline("a"), Bench.outline("b")])
    bench.push("a", up: false, [:], at: 0)
    bench.push("b", up: false, [:], at: 1)
    #expect(bench.take() == ["ManyDown fired"])
    bench.push("a", [:], at: 15)
    bench.push("b", up: false, [:], at: 16)
    #expect(bench.take() == ["ManyDown recovered"])
  }

  @Test func levelsAreHeldToo() {
    var bench = Bench("alert Full {\n  watch x\n  warning > 80% for 5m until < 75%\n}\n")
    bench.push("a", ["x": 0.85], at: 0)
    bench.push("a", ["x": 0.85], at: 300)
    bench.push("a", up: false, [:], at: 315)
    #expect(bench.take() == ["Full pending", "Full fired", "Full lost"])
    bench.push("a", ["x": 0.78], at: 330)
    #expect(bench.take() == ["Full regained"])
    bench.push("a", ["x": 0.74], at: 345)
    #expect(bench.take() == ["Full recovered"])
  }

  @Test func aSourceThatIsAskedOnceAnHourHasNotVanishedInBetween() {
    var bench = Bench("alert Old {\n  when x > 5\n}\n")
    bench.push("a", every: 3600, ["x": 9], at: 0)
    bench.advance(to: 3599)
    #expect(bench.take() == ["Old fired"])
    bench.push("a", every: 3600, ["x": 1], at: 3600)
    #expect(bench.take() == ["Old recovered"])
  }

  @Test func noDataOkResolvesInBothCases() {
    var bench = Bench("alert High {\n  when x > 5\n  no data ok\n}\n")
    bench.push("a", ["x": 9], at: 0)
    bench.push("a", up: false, [:], at: 15)
    #expect(bench.take() == ["High fired", "High recovered"])
  }

  @Test func noDataHoldEndsAfterItsTime() {
    var bench = Bench("alert High {\n  when x > 5\n  no data hold 10m\n}\n")
    bench.push("a", ["x": 9], at: 0)
    bench.push("a", [:], at: 15)
    #expect(bench.take() == ["High fired", "High lost"])
    bench.advance(to: 614.9)
    #expect(bench.take().isEmpty)
    bench.advance(to: 615)
    #expect(bench.take() == ["High recovered"])
  }

  @Test func noDataHoldDoesNotHoldAConditionThatIsFalse() {
    var bench = Bench("alert High {\n  when x > 5\n  no data hold 10m\n}\n")
    bench.push("a", ["x": 9], at: 0)
    bench.push("a", ["x": 1], at: 15)
    #expect(bench.take() == ["High fired", "High recovered"])
  }

  static let raising = """
    alert Down {
      when x{job="app"} == 0
      severity critical
      no data critical for 5m
    }
    """

  @Test func oneVanishedSeriesIsAProblemAfterItsTime() {
    var bench = Bench(Self.raising)
    bench.push("a", ["x": 1], at: 0)
    bench.push("b", ["x": 1], at: 0)
    for step in 1...40 {
      bench.advance(to: Double(step) * 15)
      bench.push("a", ["x": 1], at: Double(step) * 15)
      bench.push("b", step < 10 ? ["x": 1] : [:], at: Double(step) * 15)
    }
    #expect(bench.take() == ["Down pending", "Down fired"])
    let alert = bench.engine.alerts()[0]
    #expect(alert.labels["instance"] == "b")
    #expect(alert.severity?.name == "critical")
    #expect(alert.value == nil)
    bench.push("b", ["x": 1], at: 615)
    #expect(bench.take() == ["Down recovered"])
  }

  @Test func aVanishedSeriesIsForgottenAfterAnHourWhileOthersAnswer() {
    var bench = Bench(Self.raising)
    bench.push("a", ["x": 1], at: 0)
    bench.push("b", ["x": 1], at: 0)
    for step in 1...260 {
      bench.advance(to: Double(step) * 15)
      bench.push("a", ["x": 1], at: Double(step) * 15)
      bench.push("b", [:], at: Double(step) * 15)
    }
    #expect(bench.take() == ["Down pending", "Down fired", "Down recovered"])
  }

  @Test func totalAbsenceIsAProblemWithTheLabelsOfTheSelector() {
    var bench = Bench(Self.raising, expecting: [Bench.outline("a")])
    bench.advance(to: 60)
    #expect(bench.take().isEmpty, "nothing has reported since the start")
    bench.push("a", [:], at: 61)
    bench.advance(to: 80)
    #expect(bench.take() == ["Down pending"])
    bench.advance(to: 500)
    #expect(bench.take() == ["Down fired"])
    let alert = bench.engine.alerts()[0]
    #expect(alert.labels["job"] == "app")
    #expect(alert.labels["instance"] == nil)
    bench.push("a", ["x": 1], at: 501)
    #expect(bench.take() == ["Down recovered"])
  }

  @Test func totalAbsenceOfWhatWasThereKeepsItsLabels() {
    var bench = Bench(Self.raising)
    bench.push("a", ["x": 1], at: 0)
    bench.push("a", up: false, [:], at: 15)
    bench.advance(to: 320)
    #expect(bench.take() == ["Down pending", "Down fired"])
    #expect(bench.engine.alerts()[0].labels["instance"] == "a")
    bench.advance(to: 10_000)
    #expect(bench.take().isEmpty)
  }

  @Test func absentWaitsForTheSourcesAfterAStart() {
    var bench = Bench(
      "alert Gone {\n  when absent(x)\n}\n",
      expecting: [Bench.outline("a"), Bench.outline("b", job: "db")])
    bench.push("b", job: "db", [:], at: 0)
    #expect(bench.take().isEmpty)
    bench.push("a", ["x": 1], at: 2)
    bench.advance(to: 60)
    #expect(bench.take().isEmpty)
    bench.push("a", [:], at: 61)
    #expect(bench.take() == ["Gone fired"])
  }

  @Test func aSourceThatNeverReportsDoesNotKeepRulesWaitingForEver() {
    var bench = Bench("alert Gone {\n  when absent(x)\n}\n", expecting: [Bench.outline("a")])
    bench.advance(to: 290)
    #expect(bench.take().isEmpty)
    #expect(bench.engine.groups()[0].rules[0].waitsForSources == [Bench.source("a")])
    bench.advance(to: 320)
    #expect(bench.take() == ["Gone fired"])
  }
}
