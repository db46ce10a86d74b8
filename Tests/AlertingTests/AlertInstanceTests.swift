import Model
import Testing

@testable import Alerting

/// One alert under virtual time: values in, transitions out.
private struct Machine {
  let behavior: AlertBehavior
  var instance: AlertInstance

  init(_ levels: [AlertLevel], noData: NoDataPolicy = .standard) {
    behavior = AlertBehavior(levels: levels, noData: noData, isLeveled: levels[0].severity != nil)
    instance = AlertInstance(
      identity: Labels(["alertname": "A", "mountpoint": "/"]),
      element: Labels(["mountpoint": "/"]),
      behavior: behavior, at: .epoch)
  }

  mutating func see(_ observation: Observation, minute: Double) -> [AlertTransition] {
    instance.observe(observation, by: behavior, at: Timestamp(seconds: minute * 60))
      .map(\.transition)
  }
  mutating func see(_ value: Double, minute: Double) -> [AlertTransition] {
    see(.value(value), minute: minute)
  }
}

private let warning = Severity(name: "warning", rank: 1)
private let critical = Severity(name: "critical", rank: 2)

private func level(
  _ severity: Severity, _ limit: Double, hold: Duration = .zero, until clear: Double? = nil,
  clearHold: Duration = .zero
) -> AlertLevel {
  AlertLevel(
    severity: severity,
    condition: .threshold(
      LevelThreshold(
        comparison: .greater, limit: Quantity(limit, .ratio), hold: hold,
        clearComparison: clear == nil ? nil : .less,
        clearLimit: clear.map { Quantity($0, .ratio) }, clearHold: clearHold)),
    hold: hold, clearHold: clearHold)
}

private func minutes(_ count: Int) -> Duration { .seconds(60 * count) }

@Suite struct LevelTests {
  let diskFilling = [level(warning, 0.80, hold: minutes(5), until: 0.75)]

  @Test func quietBeforeTheHoldIsOver() {
    var machine = Machine(diskFilling)
    #expect(machine.see(0.85, minute: 0) == [.becamePending])
    #expect(machine.see(0.85, minute: 4) == [])
    #expect(machine.instance.state == .pending)
    #expect(machine.instance.deadline(machine.behavior) == Timestamp(seconds: 300))
    #expect(machine.see(0.70, minute: 4.5) == [.subsided])
    #expect(machine.instance.state == .inactive)
  }

  @Test func hysteresisHoldsBetweenTheLimits() {
    var machine = Machine(diskFilling)
    _ = machine.see(0.85, minute: 0)
    #expect(machine.see(0.85, minute: 6) == [.fired])
    #expect(machine.see(0.78, minute: 7) == [])
    #expect(machine.instance.state == .firing)
    #expect(machine.see(0.74, minute: 8) == [.resolved(.recovered)])
    #expect(machine.see(0.78, minute: 9) == [])
    #expect(machine.instance.state == .inactive)
  }

  @Test func clearingMustHoldToo() {
    var machine = Machine([level(warning, 0.80, until: 0.75, clearHold: minutes(3))])
    #expect(machine.see(0.85, minute: 0) == [.fired])
    #expect(machine.see(0.74, minute: 1) == [])
    #expect(machine.instance.keepFiringSince == Timestamp(seconds: 60))
    #expect(machine.see(0.78, minute: 3) == [])
    #expect(machine.instance.keepFiringSince == nil)
    #expect(machine.see(0.74, minute: 4) == [])
    #expect(machine.instance.deadline(machine.behavior) == Timestamp(seconds: 420))
    #expect(machine.see(0.74, minute: 7) == [.resolved(.recovered)])
  }

  @Test func aLevelChangeIsAnUpdateOfOneIncident() {
    var machine = Machine([
      level(warning, 0.80, hold: minutes(5), until: 0.75),
      level(critical, 0.90, hold: minutes(1), until: 0.85),
    ])
    _ = machine.see(0.85, minute: 0)
    _ = machine.see(0.85, minute: 5)
    let incident = machine.instance.incident
    #expect(machine.instance.labels["severity"] == "warning")
    #expect(machine.see(0.95, minute: 6) == [])
    #expect(machine.see(0.95, minute: 7) == [.levelChanged(from: warning)])
    #expect(machine.instance.labels["severity"] == "critical")
    #expect(machine.see(0.84, minute: 8) == [.levelChanged(from: critical)])
    #expect(machine.instance.labels["severity"] == "warning")
    #expect(machine.instance.incident == incident)
    #expect(machine.see(0.70, minute: 9) == [.resolved(.recovered)])
    #expect(machine.instance.labels["severity"] == "warning")
    #expect(machine.instance.worstValue == 0.95)
    #expect(machine.instance.valueAtStart == 0.85)
    #expect(machine.instance.value == 0.70)
  }

  @Test func leavingTheWorseLevelIsAStepDownAndNotAClose() {
    var machine = Machine([
      level(warning, 0.80, hold: minutes(5)), level(critical, 0.90, hold: minutes(1)),
    ])
    _ = machine.see(0.95, minute: 0)
    #expect(machine.see(0.95, minute: 1) == [.fired])
    #expect(machine.instance.severity == critical)
    #expect(machine.see(0.85, minute: 2) == [.levelChanged(from: critical)])
    #expect(machine.see(0.85, minute: 3) == [])
    #expect(machine.instance.severity == warning)
  }

  @Test func notANumberKeepsNothing() {
    var machine = Machine(diskFilling)
    _ = machine.see(0.85, minute: 0)
    _ = machine.see(0.85, minute: 5)
    #expect(machine.see(.nan, minute: 6) == [.resolved(.recovered)])
  }

  @Test func severityStaysOutOfTheIdentity() {
    var machine = Machine(diskFilling)
    _ = machine.see(0.85, minute: 0)
    #expect(
      machine.instance.fingerprint == Labels(["alertname": "A", "mountpoint": "/"]).fingerprint)
    #expect(machine.instance.labels["severity"] == "warning")
  }
}

@Suite struct ConditionTests {
  func condition(hold: Duration = .zero, keepFiring: Duration = .zero) -> [AlertLevel] {
    [AlertLevel(severity: nil, condition: .present, hold: hold, clearHold: keepFiring)]
  }

  @Test func withoutForItFiresAtOnce() {
    var machine = Machine(condition())
    #expect(machine.see(1, minute: 0) == [.fired])
    #expect(machine.instance.firedAt == .epoch)
    #expect(machine.see(.cleared, minute: 1) == [.resolved(.recovered)])
    #expect(machine.instance.resolvedAt == Timestamp(seconds: 60))
  }

  @Test func firesWhenTheHoldIsReachedExactly() {
    var machine = Machine(condition(hold: minutes(1)))
    #expect(machine.see(1, minute: 0) == [.becamePending])
    #expect(machine.see(1, minute: 0.999) == [])
    #expect(machine.see(1, minute: 1) == [.fired])
    #expect(machine.instance.activeAt == .epoch)
  }

  @Test func keepFiringOutlastsAShortGapInTheCondition() {
    var machine = Machine(condition(keepFiring: minutes(10)))
    _ = machine.see(1, minute: 0)
    #expect(machine.see(.cleared, minute: 1) == [])
    #expect(machine.instance.keepFiringSince == Timestamp(seconds: 60))
    #expect(machine.see(1, minute: 5) == [])
    #expect(machine.instance.keepFiringSince == nil)
    #expect(machine.see(.cleared, minute: 6) == [])
    #expect(machine.see(.cleared, minute: 15.9) == [])
    #expect(machine.see(.cleared, minute: 16) == [.resolved(.recovered)])
  }

  @Test func aPendingAlertIsNotKeptFiring() {
    var machine = Machine(condition(hold: minutes(5), keepFiring: minutes(10)))
    _ = machine.see(1, minute: 0)
    #expect(machine.see(.cleared, minute: 1) == [.subsided])
  }

  @Test func firingAgainIsAnotherIncident() {
    var machine = Machine(condition())
    _ = machine.see(1, minute: 0)
    let first = machine.instance.incident
    _ = machine.see(.cleared, minute: 1)
    #expect(machine.see(1, minute: 2) == [.fired])
    #expect(machine.instance.incident != first)
    #expect(machine.instance.resolvedAt == nil)
    #expect(machine.instance.activeAt == Timestamp(seconds: 120))
  }
}

@Suite struct UnobservedTimeTests {
  let hold = [level(warning, 0.80, hold: minutes(5), until: 0.75)]

  @Test func missingDataHoldsAFiringAlert() {
    var machine = Machine(hold)
    _ = machine.see(0.85, minute: 0)
    _ = machine.see(0.85, minute: 5)
    #expect(machine.see(.missing, minute: 6) == [.lostData])
    #expect(machine.instance.knowledge == .noData(since: Timestamp(seconds: 360)))
    #expect(machine.see(.missing, minute: 600) == [])
    #expect(machine.instance.state == .firing)
    #expect(machine.see(0.85, minute: 601) == [.regainedData])
    #expect(machine.instance.knowledge == .known)
  }

  @Test func timeWithoutDataDoesNotCountForTheHold() {
    var machine = Machine(hold)
    _ = machine.see(0.85, minute: 0)
    _ = machine.see(0.85, minute: 2)
    #expect(machine.see(.missing, minute: 3) == [.lostData])
    #expect(machine.instance.deadline(machine.behavior) == nil)
    #expect(machine.see(.missing, minute: 20) == [])
    #expect(machine.instance.state == .pending)
    // Two minutes were observed; three are still to come.
    #expect(machine.see(0.85, minute: 30) == [.regainedData])
    #expect(machine.instance.deadline(machine.behavior) == Timestamp(seconds: 33 * 60))
    #expect(machine.see(0.85, minute: 33) == [.fired])
  }

  @Test func anErrorHoldsAndSaysSoOnce() {
    var machine = Machine(hold)
    _ = machine.see(0.85, minute: 0)
    _ = machine.see(0.85, minute: 5)
    let time = Timestamp(seconds: 360)
    #expect(machine.instance.fail(reason: "x", at: time).map(\.transition) == [.failedToEvaluate])
    #expect(machine.instance.fail(reason: "x", at: time + minutes(1)).isEmpty)
    #expect(machine.instance.state == .firing)
    #expect(machine.see(0.85, minute: 10) == [.regainedData])
  }

  @Test func aGapNeitherSatisfiesNorResetsTheHold() {
    var machine = Machine(hold)
    _ = machine.see(0.85, minute: 0)
    _ = machine.see(0.85, minute: 3)
    machine.instance.skip(minutes(60), at: Timestamp(seconds: 63 * 60))
    #expect(machine.see(0.85, minute: 63) == [])
    #expect(machine.instance.state == .pending)
    #expect(machine.see(0.85, minute: 65) == [.fired])
  }

  @Test func theClearingTimerStandsStillToo() {
    var machine = Machine([level(warning, 0.80, until: 0.75, clearHold: minutes(10))])
    _ = machine.see(0.85, minute: 0)
    _ = machine.see(0.70, minute: 1)
    _ = machine.see(0.70, minute: 3)
    _ = machine.see(.unknown, minute: 4)
    #expect(machine.see(0.70, minute: 103) == [])
    #expect(machine.see(0.70, minute: 111) == [.resolved(.recovered)])
  }
}

@Suite struct NoDataPolicyTests {
  @Test func holdLetsGoAfterItsTime() {
    var machine = Machine([level(warning, 0.80)], noData: .holds(minutes(10)))
    _ = machine.see(0.85, minute: 0)
    #expect(machine.see(.missing, minute: 1) == [.lostData])
    #expect(machine.instance.deadline(machine.behavior) == Timestamp(seconds: 11 * 60))
    #expect(machine.see(.missing, minute: 10) == [])
    #expect(machine.see(.missing, minute: 11) == [.resolved(.recovered)])
  }

  @Test func absenceIsItselfAProblem() {
    var machine = Machine([level(warning, 0.80)], noData: .raises(critical, after: minutes(5)))
    #expect(machine.see(.missing, minute: 0) == [.becamePending])
    #expect(machine.see(.missing, minute: 4) == [])
    #expect(machine.see(.missing, minute: 5) == [.fired])
    #expect(machine.instance.severity == critical)
    #expect(machine.see(0.10, minute: 6) == [.resolved(.recovered)])
  }

  @Test func absenceRaisesTheLevelOfAFiringAlert() {
    var machine = Machine([level(warning, 0.80)], noData: .raises(critical, after: minutes(5)))
    _ = machine.see(0.85, minute: 0)
    let incident = machine.instance.incident
    #expect(machine.see(.missing, minute: 1) == [.lostData])
    #expect(machine.see(.missing, minute: 6) == [.levelChanged(from: warning)])
    #expect(machine.instance.severity == critical)
    #expect(machine.see(0.85, minute: 7) == [.levelChanged(from: critical), .regainedData])
    #expect(machine.instance.incident == incident)
  }

  @Test func aMilderAbsenceDoesNotLowerTheLevel() {
    var machine = Machine([level(critical, 0.80)], noData: .raises(warning, after: minutes(5)))
    _ = machine.see(0.85, minute: 0)
    _ = machine.see(.missing, minute: 1)
    #expect(machine.see(.missing, minute: 6) == [])
    #expect(machine.instance.severity == critical)
  }
}

@Suite struct LongerForTests {
  @Test func aFiringAlertWaitsAgainAndTheToldOneIsClosed() {
    let short = AlertBehavior(
      levels: [AlertLevel(severity: nil, condition: .present, hold: minutes(5))], isLeveled: false)
    var long = short
    long.levels[0].hold = minutes(20)
    var instance = AlertInstance(
      identity: Labels(["alertname": "A"]), element: Labels(), behavior: short, at: .epoch)
    _ = instance.observe(.value(1), by: short, at: .epoch)
    _ = instance.observe(.value(1), by: short, at: Timestamp(seconds: 300))
    let told = instance.incident
    let steps = instance.observe(.value(1), by: long, at: Timestamp(seconds: 360))
    #expect(
      steps.map(\.transition) == [.resolved(.superseded(by: "a longer `for`")), .becamePending])
    #expect(steps[0].instance.incident == told)
    #expect(instance.incident != told)
    #expect(instance.state == .pending)
    #expect(instance.activeAt == .epoch)
    let fired = instance.observe(.value(1), by: long, at: Timestamp(seconds: 1200))
    #expect(fired.map(\.transition) == [.fired])
  }
}
