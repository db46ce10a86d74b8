import Model
import Testing

@testable import Delivery

/// The built-in texts, in every state, as files that people have read.
@Suite struct GoldenTextTests {
  private func check(
    _ notification: Notification, _ name: String, context: MessageContext = Fixture.context,
    everywhere: Bool = false, location: SourceLocation = #_sourceLocation
  ) {
    let message = MessageWriter(context, limits: .mail).message(notification)
    expectGolden(
      "Subject: \(message.subject)\n\n\(PlainText.text(message))", "\(name).txt",
      location: location)
    guard everywhere else { return }
    expectGolden(HTMLText.text(message), "\(name).html", location: location)
    let slack = MessageWriter(context, limits: .slack).message(notification)
    let payload = SlackPayload.payload(slack, channel: "#alerts").pretty
    expectGolden(payload + "\n", "\(name).slack.json", location: location)
  }

  private func told(_ alert: Alert, _ standing: NotifiedAlert.Standing = .new) -> NotifiedAlert {
    NotifiedAlert(alert: alert, standing: standing)
  }

  @Test func aLevelRiseWithAllThatIsKnown() {
    let disk = Fixture.disk()
    var context = Fixture.context
    context.background[disk.incident] = IncidentBackground(
      evidence: [
        "biggest growth in the last hour: /var/log/container-kit, +6.1 GiB",
        "largest deleted but open file: pid 812 container-kit, 3.9 GiB",
      ], recurrence: "in the last 7 days: 2 times, longest 35 min")
    context.otherFiring = [
      Fixture.alert("HighMemoryUsage", "warning", labels: ["job": "node"], minutes: 12)
    ]
    let risen = told(disk, .levelChanged(from: Fixture.severity("warning")))
    check(
      Fixture.notification([risen], .levelRise, sent: 1), "level-rise", context: context,
      everywhere: true)
  }

  @Test func otherAlertsBeyondThoseThatAreShownAreCounted() {
    var context = Fixture.context
    context.otherFiring = (1...5).map { Fixture.alert("Other\($0)", "warning", minutes: 5) }
    context.moreFiring = 1234
    let message = MessageWriter(context, limits: .mail)
      .message(Fixture.notification([told(Fixture.disk())]))
    #expect(PlainText.text(message).contains("Other5 (warning, 5 min) and 1,234 more"))
  }

  @Test func oneNewAlert() {
    check(Fixture.notification([told(Fixture.disk())]), "one", everywhere: true)
  }

  @Test func anAlertWithoutTextsOrLinks() {
    var alert = Fixture.alert("Latency", "warning", labels: ["job": "api", "path": "/v1/x y"])
    alert.value = 0.312
    alert.unit = .seconds
    alert.threshold = LevelThreshold(comparison: .greaterOrEqual, limit: Quantity(0.3, .seconds))
    check(
      Fixture.notification([told(alert)], groupedBy: []), "bare",
      context: MessageContext(hostName: "10.0.0.7"))
  }

  @Test func recovery() {
    var disk = Fixture.disk()
    disk.value = 0.71
    disk.worstValue = 0.97
    disk.annotations = [
      .init(name: "summary", text: RenderedText(literal: "/ is 71 % full"))
    ]
    disk.state = .inactive
    disk.resolvedAt = Fixture.now - .seconds(5)
    var context = Fixture.context
    context.background[disk.incident] = IncidentBackground(
      remarks: ["acknowledged by ana at 14:50: looking"])
    check(
      Fixture.notification([told(disk, .closed(.recovered))], .closed, sent: 2), "recovered",
      context: context, everywhere: true)
  }

  @Test(arguments: [
    ("superseded", CloseReason.superseded(by: "DiskFull")), ("rule-removed", .ruleRemoved),
    ("receiver-removed", .receiverRemoved), ("expired", .expired),
  ])
  func closesThatAreNoRecovery(name: String, reason: CloseReason) {
    let closed = told(Fixture.disk(), .closed(reason))
    check(Fixture.notification([closed], .closed, sent: 2), "closed-\(name)")
  }

  @Test func noData() {
    var held = Fixture.alert("HighErrorRate", "critical", labels: ["job": "container-kit"])
    held.annotations = [
      .init(name: "summary", text: RenderedText(literal: "12 % of requests fail"))
    ]
    held.knowledge = .noData(since: Fixture.now - .seconds(300))
    check(
      Fixture.notification([told(held, .ongoing)], .update, sent: 1), "no-data-held",
      everywhere: true)
    var raised = Fixture.alert("ServiceDown", "critical", labels: ["job": "container-kit"])
    raised.activeAt = Fixture.now - .seconds(300)
    raised.firedAt = raised.activeAt
    raised.knowledge = .noData(since: raised.activeAt)
    check(Fixture.notification([told(raised)]), "no-data-raised")
  }

  @Test func aRuleThatFails() {
    var alert = Fixture.disk()
    alert.knowledge = .error(
      since: Fixture.now - .seconds(90), reason: "found duplicate series for the match group")
    check(Fixture.notification([told(alert, .ongoing)], .update, sent: 1), "error")
  }

  @Test func mutesThatEnd() {
    var muted = told(Fixture.disk(), .ongoing)
    muted.mutedSince = Fixture.now - .seconds(6 * 3600)
    check(Fixture.notification([muted], .unmuted, sent: 1), "unmuted")
  }

  @Test(arguments: [
    NotificationReason.reminder, .escalation, .flapping, .test, .update,
  ])
  func otherReasons(reason: NotificationReason) {
    let standing: NotifiedAlert.Standing = reason == .test ? .new : .ongoing
    check(
      Fixture.notification([told(Fixture.disk(), standing)], reason, sent: 1),
      "reason-\(reason.rawValue)")
  }

  @Test func keptFiring() {
    var alert = Fixture.disk()
    alert.keepFiringSince = Fixture.now - .seconds(60)
    check(Fixture.notification([told(alert, .ongoing)], .reminder, sent: 1), "kept-firing")
  }

  @Test func tenInAGroup() {
    check(Fixture.group(10) { _ in .new }, "ten", everywhere: true)
    let mixed = Fixture.group(10) { index in
      index < 3 ? .new : index < 8 ? .ongoing : .closed(.recovered)
    }
    check(mixed, "ten-mixed", everywhere: true)
    check(Fixture.group(10) { $0 == 4 ? .new : .ongoing }, "ten-one-new")
    check(Fixture.group(10) { $0 == 4 ? .closed(.recovered) : .ongoing }, "ten-one-closed")
    check(Fixture.group(10) { _ in .closed(.recovered) }, "ten-closed")
  }

  @Test func tenThousandInAGroup() {
    check(Fixture.group(10_000) { _ in .new }, "ten-thousand", everywhere: true)
  }

  @Test func causesComeBeforeSymptoms() {
    var errors = Fixture.alert("HighErrorRate", "critical", labels: ["job": "container-kit"])
    errors.parents = ["ContainerKitDown"]
    let down = Fixture.alert("ContainerKitDown", "critical", labels: ["job": "container-kit"])
    let slow = Fixture.alert("Slow", "warning", labels: ["job": "container-kit"], minutes: 60)
    check(
      Fixture.notification([told(slow), told(errors), told(down)], groupedBy: []), "several-names")
  }

  @Test func hostileValues() {
    check(Fixture.hostile, "hostile", everywhere: true)
  }
}
