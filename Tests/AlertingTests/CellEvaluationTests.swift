import Testing

@testable import Alerting

/// Rules that are evaluated only where something arrived say what a whole evaluation would say.
@Suite struct CellEvaluationTests {
  private func twoTargets(_ condition: String) -> Bench {
    Bench(
      "group g {\n  every 10s\n  alert High {\n    when \(condition)\n  }\n}\n",
      expecting: [Bench.outline("a"), Bench.outline("b")])
  }

  /// Both targets are high for two minutes. One comes so seldom that `every` has to look at it in
  /// between, and at it alone.
  private func expectNoChange(_ condition: String) {
    var bench = twoTargets(condition)
    var changes: [String] = []
    for beat in 0..<12 {
      let second = Double(beat) * 10
      bench.advance(to: second)
      bench.push("a", every: 10, ["load": 9], at: second)
      bench.advance(to: second + 7)
      if beat % 2 == 0 { bench.push("b", every: 20, ["load": 9], at: second + 7) }
      if beat > 0 { changes += bench.take() } else { _ = bench.take() }
    }
    #expect(changes == [], "\(condition)")
    #expect(bench.engine.alerts().count == 2, "\(condition)")
  }

  @Test func alertsOfOtherTargetsStayWhenOneReports() {
    expectNoChange("load > 5")
    expectNoChange("sum by (job, instance) (load) > 5")
    expectNoChange("sum by (instance) (load) > 5")
  }

  @Test func anAlertOfAnInstanceEndsWithItsOwnSample() {
    var bench = twoTargets("sum by (instance) (load) > 5")
    bench.push("a", every: 10, ["load": 9], at: 0)
    bench.push("b", every: 10, ["load": 9], at: 1)
    bench.advance(to: 5)
    bench.push("a", every: 10, ["load": 9], at: 10)
    bench.advance(to: 11)
    _ = bench.take()
    bench.push("b", every: 10, ["load": 1], at: 12)
    #expect(bench.take() == ["High recovered"])
  }

  @Test func aTargetThatEvaluatesDoesNotExcuseOneThatFails() {
    var bench = twoTargets("load / on (job, instance) count > 5")
    var changes: [String] = []
    for beat in 0..<6 {
      let second = Double(beat) * 10
      bench.advance(to: second)
      bench.push("a", every: 10, ["load": 9, "count": 1], at: second)
      bench.advance(to: second + 5)
      bench.push(
        "b", every: 10, ["load": 9, "count{x=\"1\"}": 1, "count{x=\"2\"}": 1], at: second + 5)
      changes += bench.take()
    }
    #expect(changes.filter { $0.hasPrefix("RuleEvaluationFailing") }.count == 1, "\(changes)")
  }
}
