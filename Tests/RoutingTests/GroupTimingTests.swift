import Model
import Testing

@testable import Routing

@Suite struct GroupTimingTests {
  @Test func theFirstMessageWaitsAndCollects() {
    var bench = Bench(simplePlan())
    bench.fire(alert("Load", ["instance": "a"]), at: 0)
    bench.fire(alert("Load", ["instance": "b"]), at: 9)
    bench.advance(to: 30)
    #expect(bench.log == ["10.0: ops first new Load@a, new Load@b"])
    #expect(bench.sent[0].notification.groupKey == #"{}:{alertname="Load"}"#)
    #expect(bench.sent[0].notification.nextReminder == Bench.time(3610))
  }

  @Test func anAlertThatBeganLongAgoHasWaitedAlready() {
    var bench = Bench(simplePlan())
    var old = alert("Load")
    old.firedAt = Bench.time(-60)
    bench.report((old, .fired))
    #expect(bench.log == ["0.0: ops first new Load"])
  }

  @Test func theReminderIsDueExactlyOneRepeatAfterTheLastMessage() {
    let timing = GroupTiming(
      wait: .zero, update: .seconds(2), repeatInterval: .seconds(4), resolveWait: .zero)
    var bench = Bench(simplePlan(timing: timing))
    bench.fire(alert("Load"), at: 1)
    bench.advance(to: 14)
    #expect(bench.sent.map(\.at) == [1, 5, 9, 13])
    #expect(bench.sent.map(\.notification.reason) == [.first, .reminder, .reminder, .reminder])
    #expect(bench.router.nextDeadline == Bench.time(17))
  }

  @Test func aSlowDeliveryDoesNotDelayTheReminder() {
    var bench = Bench(simplePlan())
    bench.answer = { _ in nil }
    bench.fire(alert("Load"), at: 0)
    bench.advance(to: 40)
    bench.settle(bench.sent[0].notification, .delivered(detail: "", rejected: []))
    #expect(bench.router.nextDeadline == Bench.time(3610))
  }

  @Test func additionsWaitForTheNextUpdate() {
    var bench = Bench(simplePlan())
    bench.fire(alert("Load", ["instance": "a"]), at: 0)
    bench.fire(alert("Load", ["instance": "b"]), at: 12)
    bench.fire(alert("Load", ["instance": "c"]), at: 150)
    bench.advance(to: 300)
    #expect(
      bench.log == [
        "10.0: ops first new Load@a",
        "70.0: ops newAlerts ongoing Load@a, new Load@b",
        "190.0: ops newAlerts ongoing Load@a, ongoing Load@b, new Load@c",
      ])
  }

  @Test func closesInAGroupThatStillFiresWaitForTheNextUpdate() {
    var bench = Bench(simplePlan())
    bench.fire(alert("Load", ["instance": "a"]), alert("Load", ["instance": "b"]), at: 0)
    bench.resolve(alert("Load", ["instance": "a"]), at: 20)
    bench.resolve(alert("Load", ["instance": "b"]), at: 100)
    bench.advance(to: 300)
    #expect(
      bench.log == [
        "10.0: ops first new Load@a, new Load@b",
        "70.0: ops update closed Load@a, ongoing Load@b",
        "100.0: ops closed closed Load@b",
      ])
    #expect(bench.router.groupStates.isEmpty && bench.router.incidents.isEmpty)
  }

  @Test func theCloseOfAWholeGroupWaitsForResolveWaitOnly() {
    var timing = testTiming
    timing.resolveWait = .seconds(30)
    var bench = Bench(simplePlan(timing: timing))
    bench.fire(alert("Load", ["instance": "a"]), alert("Load", ["instance": "b"]), at: 0)
    bench.resolve(alert("Load", ["instance": "a"]), at: 20)
    bench.resolve(alert("Load", ["instance": "b"]), at: 25)
    bench.advance(to: 300)
    #expect(bench.log.last == "55.0: ops closed closed Load@a, closed Load@b")
    #expect(bench.sent.count == 2)
  }

  @Test func whatEndsBeforeTheFirstMessageIsNeverTold() {
    var bench = Bench(simplePlan())
    bench.fire(alert("Load"), at: 0)
    bench.resolve(alert("Load"), at: 9)
    bench.advance(to: 100)
    #expect(bench.sent.isEmpty)
    #expect(bench.router.incidents.isEmpty && bench.router.groupStates.isEmpty)
    #expect(bench.stored.isEmpty)
  }

  @Test func aLevelRiseIsToldAtOnceAndAFallWithTheNextUpdate() {
    var bench = Bench(simplePlan())
    bench.fire(alert("Disk", severity: "warning"), at: 0)
    bench.advance(to: 20)
    let warning = SeverityScale.standard["warning"]!
    let critical = SeverityScale.standard["critical"]!
    bench.report((bench.firing(alert("Disk", severity: "critical")), .levelChanged(from: warning)))
    bench.advance(to: 30)
    bench.report((bench.firing(alert("Disk", severity: "warning")), .levelChanged(from: critical)))
    bench.advance(to: 100)
    #expect(
      bench.log == [
        "10.0: ops first new Disk", "20.0: ops levelRise warning→critical Disk",
        "80.0: ops update critical→warning Disk",
      ])
    #expect(Set(bench.sent.map { $0.notification.alerts[0].alert.incident }).count == 1)
  }

  @Test func aRiseAndFallBetweenUpdatesLeavesNothingToTell() {
    var bench = Bench(simplePlan())
    bench.answer = { $0.reason == .levelRise ? nil : .delivered(detail: "", rejected: []) }
    bench.fire(alert("Disk", severity: "critical"), at: 0)
    bench.advance(to: 20)
    let critical = SeverityScale.standard["critical"]!
    bench.report((bench.firing(alert("Disk", severity: "warning")), .levelChanged(from: critical)))
    bench.advance(to: 30)
    bench.report((bench.firing(alert("Disk", severity: "critical")), .levelChanged(from: critical)))
    bench.advance(to: 200)
    #expect(bench.log == ["10.0: ops first new Disk"])
  }

  @Test func aNewIncidentAfterTheCloseWaitsAgain() {
    var bench = Bench(simplePlan())
    bench.fire(alert("Load"), at: 0)
    bench.resolve(alert("Load"), at: 30)
    bench.fire(alert("Load"), at: 35)
    bench.advance(to: 100)
    #expect(
      bench.log == [
        "10.0: ops first new Load", "30.0: ops closed closed Load", "45.0: ops first new Load",
      ])
    #expect(bench.sent[0].notification.id != bench.sent[2].notification.id)
    #expect(bench.sent[2].notification.thread.count == 0)
  }

  @Test func aRefireBeforeTheCloseIsTwoIncidentsInOneMessage() {
    var bench = Bench(simplePlan())
    bench.fire(alert("Load", ["instance": "a"]), alert("Load", ["instance": "b"]), at: 0)
    bench.resolve(alert("Load", ["instance": "a"]), at: 20)
    bench.fire(alert("Load", ["instance": "a"]), at: 30)
    bench.advance(to: 100)
    #expect(
      bench.log.last == "70.0: ops newAlerts closed Load@a, new Load@a, ongoing Load@b")
  }

  @Test func messagesOfAConversationCountUpInOneThread() {
    var bench = Bench(simplePlan())
    bench.fire(alert("Load"), at: 0)
    bench.advance(to: 7300)
    let threads = bench.sent.map(\.notification.thread)
    #expect(threads.map(\.count) == [0, 1, 2])
    #expect(Set(threads.map(\.first)) == [bench.sent[0].notification.id])
    #expect(bench.sent[1].notification.id.hasSuffix("-2"))
  }

  @Test func causesComeBeforeSymptoms() {
    var bench = Bench(simplePlan(grouping: .by([])))
    bench.fire(alert("Checkout", parents: ["Api"]), alert("Api", parents: ["Site"]), at: 0)
    bench.fire(alert("Site"), at: 15)
    bench.resolve(alert("Site"), at: 7000)
    bench.resolve(
      alert("Api", parents: ["Site"]), alert("Checkout", parents: ["Api"]), at: 7001)
    bench.advance(to: 8000)
    #expect(
      bench.log == [
        "10.0: ops first new Api", "70.0: ops newAlerts new Site",
        "3670.0: ops reminder ongoing Site", "7001.0: ops closed closed Site, closed Api",
      ])
  }
}
