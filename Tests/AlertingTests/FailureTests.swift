import Model
import Testing

@testable import Alerting

@Suite struct FailureTests {
  @Test func anErrorHoldsWhatFiresAndIsAnAlertOnce() {
    var bench = Bench("alert Join {\n  when x / on (job) y > 1\n}\n")
    #expect(bench.problems.isEmpty)
    bench.push("a", ["x": 6, "y": 2], at: 0)
    #expect(bench.take() == ["Join fired"])
    bench.push("a", ["x": 6, "y": 2, "y{k=\"v\"}": 3], at: 15)
    #expect(bench.take() == ["Join error", "RuleEvaluationFailing fired"])
    #expect(bench.active == ["Join firing", "RuleEvaluationFailing firing"])
    let own = bench.engine.alerts()[1]
    #expect(own.labels["rule"] == "Join")
    #expect(own.severity?.name == "warning")
    #expect(own[annotation: "description"]?.plain.contains("many-to-many") ?? false)
    let status = bench.engine.groups()[0].rules[0]
    #expect(status.health == .failing)
    #expect(status.state == .firing)
    bench.keep("a", ["x": 6, "y": 2, "y{k=\"v\"}": 3], from: 30, through: 3600)
    #expect(bench.take().isEmpty, "raised once, not again")
    bench.push("a", ["x": 6, "y": 2], at: 3601)
    #expect(bench.take() == ["Join regained", "RuleEvaluationFailing recovered"])
    #expect(bench.engine.groups()[0].rules[0].health == .ok)
  }

  @Test func timeInErrorDoesNotCountForTheHold() {
    var bench = Bench("alert Join {\n  when x / on (job) y > 1\n  for 2m\n}\n")
    for second in stride(from: 0.0, through: 60, by: 15) {
      bench.advance(to: second)
      bench.push("a", ["x": 6, "y": 2], at: second)
    }
    for second in stride(from: 75.0, through: 600, by: 15) {
      bench.advance(to: second)
      bench.push("a", ["x": 6, "y": 2, "y{k=\"v\"}": 3], at: second)
    }
    #expect(bench.take() == ["Join pending", "Join error", "RuleEvaluationFailing fired"])
    bench.push("a", ["x": 6, "y": 2], at: 615)
    #expect(bench.take() == ["Join regained", "RuleEvaluationFailing recovered"])
    for second in stride(from: 630.0, through: 690, by: 15) {
      bench.advance(to: second)
      bench.push("a", ["x": 6, "y": 2], at: second)
    }
    #expect(bench.take() == ["Join fired"])
  }

  @Test func equalLabelsFailTheWholeRule() {
    var bench = Bench("alert Twice {\n  when x > 0\n  label k \"\"\n}\n")
    bench.push("a", ["x{k=\"1\"}": 1, "x{k=\"2\"}": 2], at: 0)
    #expect(bench.take() == ["RuleEvaluationFailing fired"])
    #expect(bench.engine.groups()[0].rules[0].lastError.contains("same labelset"))
  }

  @Test func tooManyAlertsAreAnErrorAndTheToldOnesStay() {
    var bench = Bench("group g {\n  limit 1\n  alert X {\n    when x > 0\n  }\n}\n")
    bench.push("a", ["x{k=\"1\"}": 1], at: 0)
    #expect(bench.take() == ["X fired"])
    bench.push("a", ["x{k=\"1\"}": 1, "x{k=\"2\"}": 1], at: 15)
    #expect(bench.take() == ["X error", "RuleEvaluationFailing fired"])
    #expect(bench.engine.groups()[0].rules[0].lastError == "exceeded limit of 1 with 2 alerts")
    bench.push("a", ["x{k=\"1\"}": 1], at: 30)
    #expect(bench.take() == ["X regained", "RuleEvaluationFailing recovered"])
  }

  @Test func tooManyRecordedSeriesAreAnError() {
    var bench = Bench("group g {\n  limit 1\n  record r = x\n}\n")
    bench.push("a", ["x{k=\"1\"}": 1, "x{k=\"2\"}": 1], at: 0)
    #expect(bench.take() == ["RuleEvaluationFailing fired"])
    #expect(bench.latest("r", at: 0).isEmpty)
  }
}
