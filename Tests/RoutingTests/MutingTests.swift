import Model
import Testing

@testable import Routing

@Suite struct MutingTests {
  @Test func aToldAlertIsClosedUnderASilence() {
    var bench = Bench(simplePlan())
    bench.fire(alert("Load"), at: 0)
    bench.advance(to: 20)
    bench.silence("s1", "alertname", "Load", to: 100_000)
    bench.advance(to: 8000)
    bench.resolve(alert("Load"), at: 8000)
    bench.advance(to: 20_000)
    #expect(bench.log == ["10.0: ops first new Load", "8000.0: ops closed closed Load"])
  }

  @Test func aSilencedAlertIsNeverAnnouncedNorClosed() {
    var bench = Bench(simplePlan())
    bench.silence("s1", "alertname", "Load", to: 1000)
    bench.fire(alert("Load"), at: 5)
    bench.resolve(alert("Load"), at: 900)
    bench.advance(to: 5000)
    #expect(bench.sent.isEmpty)
    #expect(bench.history.map(\.event) == [.silenced])
    #expect(bench.history[0].message == "Load is muted by silence s1")
  }

  @Test func theEndOfASilenceAnnouncesWhatStillFires() {
    var bench = Bench(simplePlan())
    bench.silence("s1", "alertname", "Load", to: 21_605)
    bench.fire(alert("Load"), at: 5)
    bench.advance(to: 28_000)
    #expect(
      bench.log == ["21605.001: ops unmuted new Load", "25205.001: ops reminder ongoing Load"])
    let item = bench.sent[0].notification.alerts[0]
    #expect(item.mutedSince == Bench.time(5))
    #expect(bench.history.map(\.event).prefix(2) == [.silenced, .unsilenced])
  }

  @Test func theEndOfASilenceSaysThatAToldAlertStillFires() {
    var bench = Bench(simplePlan())
    bench.fire(alert("Load"), at: 0)
    bench.advance(to: 20)
    bench.silence("s1", "alertname", "Load", to: 21_620)
    bench.advance(to: 21_700)
    #expect(
      bench.log == ["10.0: ops first new Load", "21620.001: ops unmuted ongoing Load"])
    #expect(bench.sent[1].notification.alerts[0].mutedSince == Bench.time(20))
    #expect(bench.sent[1].notification.nextReminder == Bench.time(25_220.001))
  }

  @Test func aMuteShorterThanUpdateMissedNothing() {
    var bench = Bench(simplePlan())
    bench.fire(alert("Load"), at: 0)
    bench.advance(to: 20)
    bench.silence("s1", "alertname", "Load", to: 60)
    bench.advance(to: 3700)
    #expect(bench.log == ["10.0: ops first new Load", "3610.0: ops reminder ongoing Load"])
  }

  @Test func aLevelRiseUnderASilenceIsToldAfterIt() {
    var bench = Bench(simplePlan())
    bench.fire(alert("Disk", severity: "warning"), at: 0)
    bench.advance(to: 20)
    bench.silence("s1", "alertname", "Disk", to: 40)
    let warning = SeverityScale.standard["warning"]!
    bench.report((bench.firing(alert("Disk", severity: "critical")), .levelChanged(from: warning)))
    bench.advance(to: 39)
    #expect(bench.sent.count == 1)
    bench.advance(to: 50)
    #expect(bench.log.last == "40.001: ops levelRise warning→critical Disk")
  }

  @Test func aWindowMutesItsRouteOnly() throws {
    let night = Window(
      name: "night",
      spans: [WindowSpan(hours: .init(from: 0, through: 1439))])
    let quiet = Route(
      matchers: [LabelMatcher("team", equals: "db")], isContinuing: true, receivers: ["db"],
      timing: testTiming, muteDuring: ["night"])
    let plan = simplePlan([receiver("ops"), receiver("db")], routes: [quiet], windows: [night])
    var bench = Bench(plan)
    bench.fire(alert("Slow", ["team": "db"]), at: 0)
    bench.fire(alert("Slow", ["team": "web"]), at: 0)
    bench.advance(to: 600)
    #expect(bench.log == ["10.0: ops first new Slow"])
    let standing = bench.router.standing(of: alert("Slow", ["team": "db"]).fingerprint)
    #expect(standing.mutes == [.window(name: "night")])
    #expect(standing.receivers == ["db"])
    let edge = try #require(bench.router.nextWindowEdge)
    bench.advance(to: (edge - Bench.start).inSeconds)
    #expect(bench.sent.last?.notification.channel.receiver == "db")
    #expect(bench.sent.last?.notification.alerts[0].mutedSince == Bench.start)
  }

  @Test func aMutedFirstRouteLeavesTheReceiverToTheNext() {
    let always = Window(name: "always", spans: [WindowSpan()])
    let muted = Route(
      isContinuing: true, receivers: ["ops"], timing: testTiming, muteDuring: ["always"])
    let open = Route(
      matchers: [LabelMatcher("alertname", equals: "Load")], receivers: ["ops"],
      timing: testTiming)
    var bench = Bench(simplePlan(routes: [muted, open], windows: [always]))
    bench.fire(alert("Load"), at: 0)
    bench.advance(to: 20)
    #expect(bench.log == ["10.0: ops first new Load"])
    #expect(bench.sent[0].notification.groupKey.contains(#"/{alertname="Load"}"#))
  }

  @Test func onlyDuringMutesOutsideItsWindows() {
    let never = Window(name: "office", spans: [WindowSpan(years: [1990...1990])])
    let route = Route(
      matchers: [LabelMatcher("team", equals: "db")], timing: testTiming,
      onlyDuring: ["office"])
    var bench = Bench(simplePlan(routes: [route], windows: [never]))
    bench.fire(alert("Slow", ["team": "db"]), at: 0)
    bench.advance(to: 600)
    #expect(bench.sent.isEmpty)
    #expect(
      bench.router.standing(of: alert("Slow", ["team": "db"]).fingerprint).mutes
        == [.outsideWindows(names: ["office"])])
  }

  @Test func aMutedAlertDoesNotKeepTheRestOfItsGroupWaiting() {
    var bench = Bench(simplePlan())
    bench.silence("s1", "instance", "b", to: 100_000)
    bench.fire(alert("Load", ["instance": "a"]), alert("Load", ["instance": "b"]), at: 0)
    bench.resolve(alert("Load", ["instance": "a"]), at: 15)
    bench.advance(to: 20)
    #expect(bench.log == ["10.0: ops first new Load@a", "15.0: ops closed closed Load@a"])
    bench.fire(alert("Load", ["instance": "c"]), at: 30)
    bench.advance(to: 50)
    #expect(bench.log.last == "40.0: ops first new Load@c")
  }
}

@Suite struct InhibitionTests {
  private func plan(_ inhibition: Inhibition) -> RoutingPlan {
    simplePlan(inhibitions: [inhibition])
  }
  private func rule(
    _ source: String, _ target: String, same: [Inhibition.Shared] = []
  ) throws -> Inhibition {
    Inhibition(
      sources: [try LabelMatcher("alertname", .matches, source)],
      targets: [try LabelMatcher("alertname", .matches, target)], same: same)
  }

  @Test func aSourceMutesTargetsWithTheSameLabels() throws {
    var bench = Bench(plan(try rule("Down", "Slow", same: [.init("job")])))
    bench.fire(alert("Down", ["job": "x"]), at: 0)
    bench.fire(alert("Slow", ["job": "x"]), alert("Slow", ["job": "y"]), alert("Slow"), at: 1)
    bench.advance(to: 60)
    #expect(bench.log == ["10.0: ops first new Down", "11.0: ops first new Slow, new Slow"])
    let source = alert("Down", ["job": "x"]).fingerprint
    #expect(
      bench.router.standing(of: alert("Slow", ["job": "x"]).fingerprint).mutes
        == [.inhibition(by: source)])
  }

  @Test(arguments: [(false, 2), (true, 1)])
  func aMissingLabelIsEqualOnlyWhenTheRuleSaysSo(orMissing: Bool, messages: Int) throws {
    let shared = Inhibition.Shared("instnace", orMissing: orMissing)
    var bench = Bench(plan(try rule("Down", "Slow", same: [shared])))
    bench.fire(alert("Down"), alert("Slow"), at: 0)
    bench.advance(to: 60)
    #expect(bench.sent.count == messages)
  }

  @Test func aResolvedSourceMutesNoMore() throws {
    var bench = Bench(plan(try rule("Down", "Slow")))
    bench.fire(alert("Down"), alert("Slow"), at: 0)
    bench.resolve(alert("Down"), at: 100)
    bench.advance(to: 200)
    #expect(
      bench.log == [
        "10.0: ops first new Down", "100.0: ops closed closed Down",
        "100.0: ops unmuted new Slow",
      ])
  }

  @Test func aSilencedSourceStillInhibits() throws {
    var bench = Bench(plan(try rule("Down", "Slow")))
    bench.silence("s", "alertname", "Down", to: 10_000)
    bench.fire(alert("Down"), alert("Slow"), at: 0)
    bench.advance(to: 200)
    #expect(bench.sent.isEmpty)
  }

  @Test func aPendingSourceDoesNotInhibit() throws {
    var bench = Bench(plan(try rule("Down", "Slow")))
    var pending = alert("Down")
    pending.state = .pending
    bench.report((pending, .becamePending))
    bench.fire(alert("Slow"), at: 0)
    bench.advance(to: 20)
    #expect(bench.log == ["10.0: ops first new Slow"])
  }

  @Test func alertsOnBothSidesDoNotMuteEachOther() throws {
    var bench = Bench(plan(try rule("A.*", "A.*|B")))
    bench.fire(alert("A1"), alert("A2"), at: 0)
    bench.advance(to: 20)
    #expect(bench.sent.count == 2)
    bench.fire(alert("B"), at: 30)
    bench.advance(to: 60)
    // B is a target only: any source mutes it, those that are targets too.
    #expect(bench.sent.count == 2)
  }

  @Test func aSecondSourceGoesOnWhenTheFirstResolves() throws {
    var bench = Bench(plan(try rule("Down.", "Slow")))
    bench.fire(alert("Down1"), alert("Down2"), alert("Slow"), at: 0)
    bench.resolve(alert("Down1"), at: 50)
    bench.advance(to: 200)
    #expect(bench.sent.allSatisfy { $0.lines != ["new Slow"] })
    bench.resolve(alert("Down2"), at: 300)
    bench.advance(to: 301)
    #expect(bench.log.last == "300.0: ops unmuted new Slow")
    #expect(bench.sent.last?.notification.alerts[0].mutedSince == Bench.start)
  }

  @Test func anInhibitedToldAlertIsStillClosed() throws {
    var bench = Bench(plan(try rule("Down", "Slow")))
    bench.fire(alert("Slow"), at: 0)
    bench.fire(alert("Down"), at: 100)
    bench.resolve(alert("Slow"), at: 5000)
    bench.advance(to: 5001)
    let slow = bench.sent.filter { $0.notification.groupKey.contains("Slow") }
    #expect(slow.map(\.lines) == [["new Slow"], ["closed Slow"]])
  }
}

@Suite struct DependencyTests {
  @Test func aChildIsNotAnnouncedWhileItsParentIsPendingOrFiring() {
    var bench = Bench(simplePlan())
    var parent = alert("Gateway", ["job": "net"])
    parent.state = .pending
    bench.report((parent, .becamePending))
    bench.fire(alert("Api", ["job": "net"], parents: ["Gateway"]), at: 1)
    bench.advance(to: 60)
    #expect(bench.sent.isEmpty)
    bench.fire(alert("Gateway", ["job": "net"]), at: 60)
    bench.advance(to: 200)
    #expect(bench.log == ["70.0: ops first new Gateway"])
    bench.resolve(alert("Gateway", ["job": "net"]), at: 200)
    bench.advance(to: 205)
    #expect(bench.log == ["70.0: ops first new Gateway", "200.0: ops closed closed Gateway"])
    bench.advance(to: 300)
    // The child had the time of a new group to recover with its parent.
    #expect(bench.log.last == "210.0: ops unmuted new Api")
    #expect(bench.sent.last?.notification.alerts[0].mutedSince == Bench.time(1))
  }

  @Test func aChildThatRecoversWithItsParentIsNeverTold() {
    var bench = Bench(simplePlan())
    bench.fire(alert("Gateway"), alert("Api", parents: ["Gateway"]), at: 0)
    bench.resolve(alert("Gateway"), at: 100)
    bench.resolve(alert("Api", parents: ["Gateway"]), at: 105)
    bench.advance(to: 1000)
    #expect(bench.log == ["10.0: ops first new Gateway", "100.0: ops closed closed Gateway"])
  }

  @Test func parentAndChildAgreeOnEveryLabelBothHave() {
    var bench = Bench(simplePlan())
    bench.fire(
      alert("Gateway", ["site": "a"], severity: "critical"),
      alert("Api", ["site": "b"], severity: "warning", parents: ["Gateway"]),
      alert("Web", ["port": "80"], severity: "warning", parents: ["Gateway"]), at: 0)
    bench.advance(to: 20)
    #expect(bench.log == ["10.0: ops first new Api", "10.0: ops first new Gateway"])
  }

  @Test func theJobAndInstanceOfAProbeSayNothingAboutTheChild() {
    var bench = Bench(simplePlan(probes: ["gateway"]))
    bench.fire(
      alert("gateway", ["job": "gateway", "instance": "10.0.0.1"]),
      alert("Api", ["job": "api", "instance": "web-1:80"], parents: ["gateway"]), at: 0)
    bench.advance(to: 100)
    #expect(bench.log == ["10.0: ops first new gateway@10.0.0.1"])
    #expect(bench.verify.isEmpty)
  }

  @Test func parentProbesAreAskedOnceBeforeTheFirstAnnouncement() {
    var bench = Bench(simplePlan(probes: ["gateway", "dns"]))
    bench.fire(alert("Api", parents: ["gateway", "Other", "dns"]), at: 0)
    bench.advance(to: 3.9)
    #expect(bench.verify.isEmpty)
    bench.advance(to: 4)
    #expect(bench.verify == ["gateway", "dns"])
    bench.advance(to: 100)
    #expect(bench.log == ["10.0: ops first new Api"])
    #expect(bench.verify.count == 2)
  }

  @Test func anAnswerInTimeEndsTheWaitForIt() {
    let timing = GroupTiming(
      wait: .zero, update: .seconds(60), repeatInterval: .seconds(3600))
    var bench = Bench(simplePlan(timing: timing, probes: ["gateway"]))
    bench.fire(alert("Api", parents: ["gateway"]), at: 0)
    #expect(bench.verify == ["gateway"] && bench.sent.isEmpty)
    bench.advance(to: 2)
    bench.absorb(bench.router.handle(verified: ["gateway"], at: bench.now))
    #expect(bench.log == ["2.0: ops first new Api"])
  }

  @Test func aFailingAnswerKeepsTheChildQuiet() {
    let timing = GroupTiming(
      wait: .zero, update: .seconds(60), repeatInterval: .seconds(3600))
    var bench = Bench(simplePlan(timing: timing, probes: ["gateway"]))
    bench.fire(alert("Api", parents: ["gateway"]), at: 0)
    bench.advance(to: 1)
    var parent = alert("gateway", ["job": "gateway"])
    parent.state = .pending
    bench.report((parent, .becamePending))
    bench.absorb(bench.router.handle(verified: ["gateway"], at: bench.now))
    bench.advance(to: 60)
    #expect(bench.sent.isEmpty)
  }

  @Test func alertsThatExplainEachOtherExplainNothing() {
    var bench = Bench(simplePlan(grouping: .by([])))
    bench.fire(
      alert("A", parents: ["B"]), alert("B", parents: ["C"]), alert("C", parents: ["A"]),
      alert("D", parents: ["D"]), at: 0)
    bench.advance(to: 20)
    #expect(bench.sent.map { $0.notification.alerts.count } == [4])
  }
}
