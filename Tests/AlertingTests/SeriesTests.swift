import Model
import Storage
import Testing

@testable import Alerting

@Suite struct SeriesTests {
  @Test func pendingEndsWhereFiringBegins() {
    var bench = Bench("alert Down {\n  when up == 0\n  for 1m\n  severity critical\n}\n")
    bench.push("a", up: false, [:], at: 0)
    let pending = bench.latest("ALERTS", at: 0)
    #expect(
      pending.map(\.labels) == [
        Labels([
          "__name__": "ALERTS", "alertname": "Down", "alertstate": "pending", "instance": "a",
          "job": "app", "severity": "critical",
        ])
      ])
    #expect(pending.map(\.value) == [1])
    bench.advance(to: 60)
    let firing = bench.latest("ALERTS", at: 60)
    #expect(firing.map { $0.labels["alertstate"] } == ["firing"])
    let since = bench.latest("ALERTS_FOR_STATE", at: 60)
    #expect(since.map(\.value) == [Bench.start])
    #expect(since.map { $0.labels["alertstate"] } == [nil])
    bench.push("a", [:], at: 61)
    #expect(bench.latest("ALERTS", at: 61).isEmpty)
    #expect(bench.latest("ALERTS_FOR_STATE", at: 61).isEmpty)
  }

  @Test func oneSampleASlotAndOneMoreAtAChange() {
    var bench = Bench("alert Down {\n  when up == 0\n}\n")
    for second in stride(from: 0.0, to: 60, by: 1) {
      bench.advance(to: second)
      bench.push("a", up: false, [:], at: second)
    }
    let slices = bench.store.select(
      [LabelMatcher("__name__", equals: "ALERTS")], after: Bench.time(-1),
      through: Bench.time(60))
    // The bench starts 5 s before a slot of 15 s begins.
    #expect(slices.map(\.samples.count) == [5])
  }

  @Test func aLevelChangeEndsTheOldSeverity() {
    var bench = Bench("alert L {\n  watch x\n  warning > 2\n  critical > 5\n}\n")
    bench.push("a", ["x": 3], at: 0)
    bench.push("a", ["x": 7], at: 1)
    #expect(bench.latest("ALERTS", at: 1).map { $0.labels["severity"] } == ["critical"])
  }

  @Test func rulesMayReadAlerts() {
    var bench = Bench(
      """
      alert Down {
        when up == 0
      }
      alert Many {
        when count(ALERTS{alertname="Down", alertstate="firing"}) > 1
      }
      """)
    bench.push("a", up: false, [:], at: 0)
    bench.push("b", up: false, [:], at: 1)
    #expect(bench.take() == ["Down fired", "Down fired", "Many fired"])
  }

  @Test func aRuleThatReadsItsOwnAlertsComesToRest() {
    var bench = Bench("alert Any {\n  when count(ALERTS) > 0 or vector(1) > 0\n}\n")
    bench.advance(to: 100)
    #expect(bench.engine.groups()[0].rules[0].outcomes.count < 12)
  }
}
