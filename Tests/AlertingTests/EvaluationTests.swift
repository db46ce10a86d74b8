import Model
import Testing

@testable import Alerting

@Suite struct EvaluationTests {
  @Test func theFirstArrivalEvaluatesAtOnce() {
    var bench = Bench("alert Down {\n  when up == 0\n  severity critical\n}\n")
    #expect(bench.problems.isEmpty)
    bench.push("a", up: false, [:], at: 3)
    #expect(bench.take() == ["Down fired"])
    #expect(bench.engine.alerts()[0].activeAt == Bench.time(3))
    #expect(bench.engine.alerts()[0].labels["severity"] == "critical")
    bench.push("a", [:], at: 4)
    #expect(bench.take() == ["Down recovered"])
  }

  @Test func furtherArrivalsAreTakenTogether() {
    var bench = Bench("alert Down {\n  when up == 0\n}\n")
    bench.push("a", up: false, [:], at: 0)
    bench.push("b", up: false, [:], at: 0.05)
    bench.push("c", up: false, [:], at: 0.1)
    #expect(bench.take() == ["Down fired"])
    #expect(bench.engine.nextDeadline == Bench.time(0.2))
    bench.advance(to: 0.2)
    #expect(bench.take() == ["Down fired", "Down fired"])
  }

  @Test func aHoldEndsByItsOwnTimer() {
    var bench = Bench("alert Down {\n  when up == 0\n  for 1m\n}\n")
    bench.push("a", up: false, [:], at: 0)
    #expect(bench.take() == ["Down pending"])
    bench.advance(to: 59.999)
    #expect(bench.take().isEmpty)
    bench.advance(to: 60)
    #expect(bench.take() == ["Down fired"])
    #expect(bench.engine.alerts()[0].firedAt == Bench.time(60))
  }

  @Test func everyIsTheLongestWait() {
    var bench = Bench("group g {\n  every 10s\n  alert Old {\n    when time() - x > 5\n  }\n}\n")
    bench.push("a", ["x": Bench.start], at: 0)
    #expect(bench.take().isEmpty)
    bench.advance(to: 10.2)
    #expect(bench.take() == ["Old fired"])
  }

  @Test func aRuleOverSeveralTargetsWaitsForAllOfThem() {
    var bench = Bench(
      "alert Errors {\n  when sum(errors) > 10\n}\n",
      expecting: [Bench.outline("a"), Bench.outline("b")])
    bench.push("a", ["errors": 20], at: 0)
    #expect(bench.take().isEmpty, "b has not reported since the start")
    bench.push("b", ["errors": 1], at: 1)
    #expect(bench.take() == ["Errors fired"])
    bench.push("a", ["errors": 5], at: 5)
    #expect(bench.take().isEmpty, "half a round would mix old and new")
    bench.push("b", ["errors": 1], at: 6)
    #expect(bench.take() == ["Errors recovered"])
  }

  @Test func aRuleOverSeveralTargetsWaitsNoLongerThanEvery() {
    var bench = Bench(
      "alert Errors {\n  when sum(errors) > 10\n}\n",
      expecting: [Bench.outline("a"), Bench.outline("b")])
    bench.push("a", ["errors": 1], at: 0)
    bench.push("b", ["errors": 1], at: 0)
    bench.push("a", ["errors": 20], at: 10)
    #expect(bench.take().isEmpty)
    bench.advance(to: 15.2)
    #expect(bench.take() == ["Errors fired"])
  }

  @Test func recordsAreArrivalsInTheSameEvent() {
    var bench = Bench(
      """
      alert TooMany {
        when job:x:sum > 3
      }
      record job:x:sum = sum by (job) (x)
      """)
    #expect(bench.problems.isEmpty)
    bench.push("a", ["x": 4], at: 0)
    #expect(bench.take() == ["TooMany fired"])
    #expect(bench.latest("job:x:sum", at: 0).map(\.value) == [4])
  }

  @Test func recordedSeriesGetOneSampleASlotAndEnd() {
    var bench = Bench("record copy = x")
    bench.push("a", ["x": 1], at: 0)
    bench.push("a", ["x": 2], at: 1)
    #expect(bench.latest("copy", at: 1).map(\.value) == [1])
    bench.push("a", ["x": 3], at: 15)
    #expect(bench.latest("copy", at: 15).map(\.value) == [3])
    bench.push("a", [:], at: 30)
    #expect(bench.latest("copy", at: 30).isEmpty)
  }

  @Test func timeNeverGoesBack() {
    var bench = Bench("alert Down {\n  when up == 0\n  for 1m\n}\n")
    bench.push("a", up: false, [:], at: 0)
    bench.advance(to: 60)
    bench.push("b", up: false, [:], at: 50)
    #expect(bench.engine.groups()[0].rules[0].lastEvaluation == Bench.time(60))
    #expect(bench.engine.alerts().map(\.activeAt) == [Bench.time(0), Bench.time(60)])
  }

  @Test func theSameEventsGiveTheSameOutputs() {
    func run() -> RuleOutput {
      var bench = Bench(
        """
        record job:x:sum = sum by (job) (x)
        alert Level {
          watch x
          warning > 2 for 30s until < 1
          critical > 4 until < 3
        }
        alert Down {
          when up == 0
          for 20s
        }
        alert Sum {
          when job:x:sum > 6
        }
        """)
      var state: UInt64 = 7
      for step in 0..<200 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let value = Double((state >> 33) % 7)
        let instance = ["a", "b", "c"][Int((state >> 20) % 3)]
        bench.advance(to: Double(step) * 5)
        bench.push(instance, up: (state >> 50) % 5 != 0, ["x": value], at: Double(step) * 5)
      }
      return bench.output
    }
    let first = run()
    #expect(first.updates.count > 50)
    #expect(first == run())
  }

  @Test func aRuleThatReadsNothingIsEvaluatedToo() {
    var bench = Bench("alert Always {\n  when vector(1)\n}\n")
    bench.advance(to: 0)
    #expect(bench.take() == ["Always fired"])
  }

  @Test func delayLooksBehind() {
    var bench = Bench("group late {\n  delay 1m\n  alert X {\n    when x > 1\n  }\n}\n")
    bench.push("a", ["x": 5], at: 0)
    #expect(bench.take().isEmpty)
    bench.advance(to: 75)
    #expect(bench.take() == ["X fired"])
    #expect(bench.engine.alerts()[0].activeAt > Bench.time(59))
  }
}
