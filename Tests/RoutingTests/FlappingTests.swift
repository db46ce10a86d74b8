import Model
import Testing

@testable import Routing

@Suite struct FlappingTests {
  private func flapper(severity: String? = nil) -> Alert {
    var flapper = alert("Link", severity: severity)
    flapper.flapping = FlapPolicy(changes: 4, window: .seconds(1800))
    return flapper
  }
  private var quick: RoutingPlan {
    simplePlan(
      timing: GroupTiming(
        wait: .zero, update: .seconds(60), repeatInterval: .seconds(36_000)))
  }

  @Test func flappingIsToldOnceAndThenOnlyItsQuieting() {
    var bench = Bench(quick)
    for start in stride(from: 0.0, to: 600, by: 100) {
      bench.fire(flapper(), at: start)
      bench.resolve(flapper(), at: start + 50)
    }
    // Fires at 0, 100, … 500 and ends at 50, … 550: the fourth change is an end.
    #expect(
      bench.log == [
        "0.0: ops first new Link", "50.0: ops closed closed Link", "100.0: ops first new Link",
        "150.0: ops closed closed Link", "200.0: ops flapping new Link",
      ])
    bench.advance(to: 2349)
    #expect(bench.sent.count == 5)
    #expect(bench.router.standing(of: flapper().fingerprint).isFlapping)
    bench.advance(to: 10_000)
    #expect(bench.log.last == "2350.0: ops closed closed Link" && bench.sent.count == 6)
    #expect(bench.router.incidents.isEmpty && bench.router.flaps.isEmpty && bench.stored.isEmpty)
  }

  @Test func anAlertThatSettlesFiringIsToldAsFiring() {
    var bench = Bench(quick)
    for start in stride(from: 0.0, to: 300, by: 100) {
      bench.fire(flapper(), at: start)
      bench.resolve(flapper(), at: start + 50)
    }
    bench.fire(flapper(), at: 300)
    bench.advance(to: 10_000)
    #expect(
      bench.log.suffix(2) == [
        "200.0: ops flapping new Link", "2100.0: ops newAlerts closed Link, new Link",
      ])
  }

  @Test func changesFartherApartDoNotFlap() {
    var bench = Bench(quick)
    for start in stride(from: 0.0, to: 12_000, by: 2000) {
      bench.fire(flapper(), at: start)
      bench.resolve(flapper(), at: start + 1000)
    }
    #expect(bench.sent.count == 12)
    #expect(bench.sent.allSatisfy { $0.notification.reason != .flapping })
  }

  @Test func aLevelThatFlapsIsOneNotice() {
    var bench = Bench(quick)
    bench.fire(flapper(severity: "warning"), at: 0)
    let warning = SeverityScale.standard["warning"]!
    let critical = SeverityScale.standard["critical"]!
    for start in stride(from: 10.0, to: 210, by: 20) {
      bench.advance(to: start)
      bench.report((bench.firing(flapper(severity: "critical")), .levelChanged(from: warning)))
      bench.advance(to: start + 10)
      bench.report((bench.firing(flapper(severity: "warning")), .levelChanged(from: critical)))
    }
    bench.advance(to: 1900)
    #expect(
      bench.log == [
        "0.0: ops first new Link", "10.0: ops levelRise warning→critical Link",
        "30.0: ops flapping ongoing Link",
      ])
    bench.advance(to: 3000)
    #expect(bench.log.last == "2000.0: ops update critical→warning Link")
    #expect(bench.sent.count == 4)
  }

  @Test func flappingSurvivesARestart() {
    var bench = Bench(quick)
    for start in stride(from: 0.0, to: 300, by: 100) {
      bench.fire(flapper(), at: start)
      bench.resolve(flapper(), at: start + 50)
    }
    bench.restart(at: 300)
    bench.fire(flapper(), at: 350)
    bench.resolve(flapper(), at: 360)
    #expect(bench.sent.count == 5)
    bench.advance(to: 3000)
    #expect(bench.log.last == "2160.0: ops closed closed Link")
  }
}
