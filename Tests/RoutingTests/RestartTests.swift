import Model
import Testing

@testable import Routing

@Suite struct RestartTests {
  @Test func aRestartDuringAToldIncidentTellsNothing() {
    var bench = Bench(simplePlan())
    bench.fire(alert("Load"), at: 0)
    bench.advance(to: 100)
    bench.restart(at: 500)
    bench.report((bench.firing(alert("Load")), .refreshed))
    bench.advance(to: 3609)
    #expect(bench.log == ["10.0: ops first new Load"])
    bench.advance(to: 3610)
    #expect(bench.log.last == "3610.0: ops reminder ongoing Load")
    #expect(bench.sent[1].notification.thread.first == bench.sent[0].notification.id)
    #expect(bench.sent[1].notification.id != bench.sent[0].notification.id)
    bench.resolve(alert("Load"), at: 4000)
    #expect(bench.log.last == "4000.0: ops closed closed Load")
    #expect(bench.stored.isEmpty)
  }

  @Test func theCheckpointIsWhatTheChangesAddUpTo() {
    var bench = Bench(simplePlan(grouping: .everything))
    bench.silence("s", "alertname", "Other", to: 9000)
    for index in 0..<20 { bench.fire(alert("Load", ["i": "\(index)"]), at: Double(index)) }
    bench.resolve(alert("Load", ["i": "3"]), alert("Load", ["i": "19"]), at: 25)
    bench.advance(to: 30)
    let records = bench.router.checkpoint()
    #expect(records.count > 20)
    #expect(
      Dictionary(uniqueKeysWithValues: records.map { ($0.table + "\u{0}" + $0.key, $0) })
        == bench.stored)
    let again = Router(bench.router.plan, restoring: records, at: bench.now)
    #expect(again.checkpoint() == records)
    #expect(again.unreadable.isEmpty)
  }

  @Test func aMessageUnderWayIsTriedAgain() {
    var bench = Bench(simplePlan())
    bench.answer = { _ in nil }
    bench.fire(alert("Load"), at: 0)
    bench.advance(to: 12)
    bench.answer = { _ in .delivered(detail: "", rejected: []) }
    bench.restart(at: 20)
    bench.advance(to: 100)
    #expect(bench.log == ["10.0: ops first new Load", "20.0: ops first new Load"])
    #expect(bench.sent[0].notification.id == bench.sent[1].notification.id)
    #expect(bench.sent[1].notification.attempt == 2)
  }

  @Test func timersGoOn() {
    var bench = Bench(simplePlan())
    bench.fire(alert("Load", ["instance": "a"]), at: 0)
    bench.fire(alert("Load", ["instance": "b"]), at: 15)
    bench.restart(at: 40)
    bench.advance(to: 100)
    #expect(bench.log.last == "70.0: ops newAlerts ongoing Load@a, new Load@b")
  }

  @Test func whatFellDueInBetweenWaitsForItsConfirmation() {
    var bench = Bench(simplePlan())
    bench.fire(alert("Load"), alert("Disk"), at: 0)
    bench.restart(at: 5000)
    bench.advance(to: 5010)
    #expect(bench.sent.isEmpty)
    bench.report((bench.firing(alert("Load")), .refreshed))
    #expect(bench.log == ["5010.0: ops first new Load"])
    bench.advance(to: 6000)
    // Nobody knows of the other one: after a minute it is told as it was.
    #expect(bench.log.last == "5060.0: ops first new Disk")
  }

  @Test func aRuleThatWentAwayInBetweenIsClosed() {
    var bench = Bench(simplePlan())
    bench.fire(alert("Load"), alert("Disk"), at: 0)
    bench.advance(to: 20)
    bench.restart(at: 500)
    bench.absorb(bench.router.reconcile(with: [bench.firing(alert("Load"))], at: bench.now))
    bench.advance(to: 600)
    #expect(bench.log.last == "500.0: ops closed closed Disk (rule removed)")
    #expect(bench.sent.count == 3)
  }

  @Test func reconcilingConfirmsNothingAndEndsWhatHasEnded() {
    var bench = Bench(simplePlan(grouping: .everything))
    let alerts = [alert("Load"), alert("Disk")]
    bench.fire(alerts[0], alerts[1], at: 0)
    bench.advance(to: 20)
    bench.restart(at: 5000)
    let load = bench.firing(alerts[0])
    var disk = bench.firing(alerts[1])
    disk.state = .inactive
    bench.absorb(
      bench.router.reconcile(with: [load, disk, bench.firing(alert("Else"))], at: bench.now))
    #expect(bench.log.suffix(1) == ["5000.0: ops closed closed Disk"])
    bench.advance(to: 5059)
    #expect(bench.log.suffix(1) == ["5010.0: ops first new Else"])
    // The reminder that fell due meanwhile is not sent on memory alone.
    bench.advance(to: 5060)
    #expect(bench.log.last == "5060.0: ops reminder ongoing Load")
  }

  @Test func aToldAlertKeepsItsIncidentWhenAnotherIsReported() {
    var bench = Bench(simplePlan())
    bench.fire(alert("Load"), at: 0)
    bench.advance(to: 20)
    let first = bench.sent[0].notification.alerts[0].alert.incident
    bench.restart(at: 500)
    var other = alert("Load")
    other.incident = IncidentID(startedAt: bench.now, fingerprint: other.fingerprint)
    other.firedAt = bench.now
    #expect(other.incident != first)
    bench.report((other, .fired))
    bench.advance(to: 3000)
    #expect(bench.sent.count == 1)
    var ended = other
    ended.state = .inactive
    bench.report((ended, .resolved(.recovered)))
    #expect(bench.sent[1].notification.alerts[0].alert.incident == first)
    #expect(bench.router.incidents.isEmpty)
  }

  @Test func recordsOfAnotherVersionAreNamedAndLeftOut() {
    let record = StateRecord(
      table: "routing.incidents", key: "x", version: 99, bytes: Array("{}".utf8))
    let broken = StateRecord(
      table: "routing.groups", key: "y", version: 1, bytes: Array("{".utf8))
    let foreign = StateRecord(table: "alerting.rules", key: "z", version: 7, bytes: [])
    let router = Router(simplePlan(), restoring: [record, broken, foreign], at: Bench.start)
    #expect(router.unreadable.count == 2)
    #expect(router.unreadable[0] == "routing.incidents x: version 99")
  }

  @Test func silencesAndMutesSurvive() {
    var bench = Bench(simplePlan())
    bench.silence("s", "alertname", "Load", to: 1000)
    bench.fire(alert("Load"), at: 5)
    bench.restart(at: 500)
    #expect(bench.router.silences.map(\.id) == ["s"])
    bench.report((bench.firing(alert("Load")), .refreshed))
    bench.advance(to: 2000)
    #expect(bench.log == ["1000.001: ops unmuted new Load"])
    #expect(bench.sent[0].notification.alerts[0].mutedSince == Bench.time(5))
    #expect(bench.history.map(\.event).prefix(2) == [.silenced, .unsilenced])
  }
}

@Suite struct ReloadTests {
  private func matcher(_ name: String, _ value: String) -> [LabelMatcher] {
    [LabelMatcher(name, equals: value)]
  }
  private func reload(_ bench: inout Bench, _ plan: RoutingPlan, at seconds: Double) {
    bench.advance(to: seconds)
    bench.absorb(bench.router.replace(with: plan, at: bench.now))
  }

  @Test func anUntouchedGroupDoesNotNotice() {
    var bench = Bench(simplePlan())
    bench.fire(alert("Load"), at: 0)
    reload(&bench, simplePlan([receiver("ops"), receiver("new")]), at: 5)
    reload(&bench, simplePlan(), at: 50)
    bench.fire(alert("Load", ["instance": "b"]), at: 51)
    bench.advance(to: 3700)
    #expect(
      bench.log == [
        "10.0: ops first new Load", "70.0: ops newAlerts ongoing Load, new Load@b",
        "3670.0: ops reminder ongoing Load, ongoing Load@b",
      ])
  }

  @Test func aNewTimerCountsFromTheLastMessage() {
    var bench = Bench(simplePlan())
    bench.fire(alert("Load"), at: 0)
    var timing = testTiming
    timing.repeatInterval = .seconds(600)
    reload(&bench, simplePlan(timing: timing), at: 100)
    bench.advance(to: 700)
    #expect(bench.log.last == "610.0: ops reminder ongoing Load")
  }

  @Test func aRouteThatLeadsElsewhereSupersedes() {
    let receivers = [receiver("ops"), receiver("db")]
    var bench = Bench(simplePlan(receivers))
    bench.fire(alert("Slow", ["team": "db"]), at: 0)
    let route = Route(
      matchers: matcher("team", "db"), receivers: ["db"], timing: testTiming)
    reload(&bench, simplePlan(receivers, routes: [route]), at: 100)
    bench.resolve(alert("Slow", ["team": "db"]), at: 200)
    bench.advance(to: 5000)
    #expect(
      bench.log == [
        "10.0: ops first new Slow", "100.0: ops closed closed Slow (superseded by db)",
        "100.0: db first new Slow", "200.0: db closed closed Slow",
      ])
  }

  @Test func aReceiverThatIsGoneIsOnRecord() {
    var bench = Bench(simplePlan([receiver("old")]))
    bench.fire(alert("Load"), at: 0)
    reload(&bench, simplePlan([receiver("ops")]), at: 100)
    bench.advance(to: 200)
    #expect(bench.log == ["10.0: old first new Load", "100.0: ops first new Load"])
    #expect(
      bench.history.contains {
        $0.receiver == "old" && $0.reason == "the channel is no longer configured"
      })
    bench.resolve(alert("Load"), at: 300)
    #expect(bench.log.last == "300.0: ops closed closed Load")
    #expect(bench.router.incidents.isEmpty && bench.stored.isEmpty)
  }

  @Test func aRetryToAChannelThatIsGoneEnds() {
    var bench = Bench(simplePlan([receiver("old")]))
    bench.answer = { _ in .transientFailure(reason: "503", retryAfter: nil) }
    bench.fire(alert("Load"), at: 0)
    bench.advance(to: 20)
    bench.answer = { _ in .delivered(detail: "", rejected: []) }
    reload(&bench, simplePlan([receiver("ops")]), at: 20)
    bench.advance(to: 100)
    #expect(bench.log.last == "20.0: ops first new Load")
    #expect(bench.router.pendingMessages == 0)
  }

  @Test func anotherGroupingTellsNothingTwice() {
    var bench = Bench(simplePlan())
    bench.fire(alert("Load", ["instance": "a"]), alert("Load", ["instance": "b"]), at: 0)
    reload(&bench, simplePlan(grouping: .everything), at: 100)
    bench.advance(to: 3600)
    #expect(bench.sent.count == 1)
    bench.advance(to: 3620)
    #expect(
      bench.log.suffix(2) == [
        "3610.0: ops reminder ongoing Load@a", "3610.0: ops reminder ongoing Load@b",
      ])
    // The conversation goes on in the thread in which it began.
    #expect(bench.sent[1].notification.thread.first == bench.sent[0].notification.id)
    bench.resolve(alert("Load", ["instance": "a"]), at: 4000)
    #expect(bench.log.last == "4000.0: ops closed closed Load@a")
    #expect(bench.router.incidents.count == 1)
  }

  @Test func aLevelThatLeadsToAnotherReceiverMovesTheIncident() {
    let receivers = [receiver("team"), receiver("pager")]
    let route = Route(
      matchers: matcher("severity", "critical"), receivers: ["pager"],
      timing: testTiming)
    var bench = Bench(simplePlan(receivers, routes: [route]))
    bench.fire(alert("Disk", severity: "warning"), at: 0)
    bench.advance(to: 100)
    let warning = SeverityScale.standard["warning"]!
    let critical = SeverityScale.standard["critical"]!
    bench.report((bench.firing(alert("Disk", severity: "critical")), .levelChanged(from: warning)))
    bench.advance(to: 500)
    bench.report((bench.firing(alert("Disk", severity: "warning")), .levelChanged(from: critical)))
    bench.advance(to: 600)
    bench.resolve(alert("Disk", severity: "warning"), at: 700)
    #expect(
      bench.log == [
        "10.0: team first new Disk", "100.0: team closed closed Disk (superseded by pager)",
        "100.0: pager first new Disk", "500.0: team first new Disk",
        "500.0: pager closed closed Disk (superseded by team)", "700.0: team closed closed Disk",
      ])
  }

  @Test func aLevelThatKeepsTheReceiverIsAnUpdate() {
    let receivers = [receiver("team"), receiver("pager")]
    let route = Route(
      matchers: matcher("severity", "critical"), receivers: ["pager", "team"],
      timing: testTiming)
    var bench = Bench(simplePlan(receivers, routes: [route]))
    bench.fire(alert("Disk", severity: "warning"), at: 0)
    bench.advance(to: 100)
    let warning = SeverityScale.standard["warning"]!
    bench.report((bench.firing(alert("Disk", severity: "critical")), .levelChanged(from: warning)))
    bench.advance(to: 500)
    bench.resolve(alert("Disk", severity: "critical"), at: 600)
    #expect(
      bench.log == [
        "10.0: team first new Disk", "100.0: pager first new Disk",
        "100.0: team levelRise warning→critical Disk", "600.0: pager closed closed Disk",
        "600.0: team closed closed Disk",
      ])
    let team = bench.sent.filter { $0.notification.channel.receiver == "team" }
    #expect(Set(team.map(\.notification.thread.first)) == [team[0].notification.id])
  }

  @Test func aMoveWhileTheFirstMessageIsUnderWayIsToldAfterIt() {
    let route = Route(
      matchers: matcher("severity", "critical"), receivers: ["ops"],
      timing: GroupTiming(wait: .zero))
    var bench = Bench(simplePlan(routes: [route]))
    bench.answer = { _ in nil }
    bench.fire(alert("Disk", severity: "warning"), at: 0)
    bench.advance(to: 11)
    let warning = SeverityScale.standard["warning"]!
    bench.report((bench.firing(alert("Disk", severity: "critical")), .levelChanged(from: warning)))
    #expect(bench.log == ["10.0: ops first new Disk"])
    bench.settle(bench.sent[0].notification, .delivered(detail: "", rejected: []))
    #expect(bench.log.last == "11.0: ops levelRise warning→critical Disk")
  }
}
