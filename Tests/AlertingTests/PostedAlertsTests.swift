import Model
import Testing

@testable import Alerting

@Suite struct PostedAlertsTests {
  private func alert(
    _ name: String = "A", startsAt: Double? = nil, endsAt: Double? = nil, text: String = "x"
  ) -> PostedAlert {
    PostedAlert(
      labels: [Label("alertname", name), Label("severity", "critical"), Label("empty", "")],
      annotations: [Label("summary", text)], startsAt: startsAt.map(Bench.time),
      endsAt: endsAt.map(Bench.time))
  }

  private func transitions(_ output: RuleOutput) -> [AlertTransition] {
    output.updates.map(\.transition)
  }

  @Test func anAlertWithoutAnEndIsBelievedForFiveMinutes() {
    var posted = PostedAlerts()
    let (failures, output) = posted.ingest([alert()], at: Bench.time(0))
    #expect(failures.isEmpty)
    #expect(transitions(output) == [.fired])
    let update = output.updates[0].alert
    #expect(update.severity?.name == "critical")
    #expect(update.labels["empty"] == nil)
    #expect(update[annotation: "summary"]?.segments == [.inserted("x")])
    #expect(posted.nextDeadline == Bench.time(300))
    #expect(transitions(posted.handleDeadline(at: Bench.time(299))).isEmpty)
    #expect(transitions(posted.handleDeadline(at: Bench.time(300))) == [.resolved(.expired)])
    #expect(posted.alerts().isEmpty)
  }

  @Test func renewingKeepsOneIncident() {
    var posted = PostedAlerts()
    let first = posted.ingest([alert(startsAt: -10)], at: Bench.time(0)).output
    let again = posted.ingest([alert(startsAt: -10)], at: Bench.time(200)).output
    #expect(transitions(again).isEmpty)
    #expect(posted.alerts().map(\.incident) == first.updates.map(\.alert.incident))
    #expect(posted.nextDeadline == Bench.time(500))
    let text = posted.ingest([alert(startsAt: -10, text: "y")], at: Bench.time(201)).output
    #expect(transitions(text) == [.refreshed])
  }

  @Test func anEndInThePastIsARecovery() {
    var posted = PostedAlerts()
    _ = posted.ingest([alert(startsAt: 0)], at: Bench.time(0))
    let output = posted.ingest([alert(startsAt: 0, endsAt: 60)], at: Bench.time(61)).output
    #expect(transitions(output) == [.resolved(.recovered)])
    #expect(output.updates[0].alert.resolvedAt == Bench.time(60))
    #expect(transitions(posted.handleDeadline(at: Bench.time(400))).isEmpty)
  }

  @Test func anAlertOverBeforeItWasHeardOfSaysNothing() {
    var posted = PostedAlerts()
    let output = posted.ingest([alert(startsAt: 0, endsAt: 60)], at: Bench.time(61)).output
    #expect(output.updates.isEmpty)
  }

  @Test func theEarliestStartAndTheLaterFixedEndCount() {
    var posted = PostedAlerts()
    _ = posted.ingest([alert(startsAt: 100, endsAt: 900)], at: Bench.time(100))
    _ = posted.ingest([alert(startsAt: 50, endsAt: 400)], at: Bench.time(101))
    #expect(posted.alerts().map(\.activeAt) == [Bench.time(50)])
    #expect(posted.nextDeadline == Bench.time(900))
  }

  @Test func aTimeoutDoesNotOutlastAFixedEnd() {
    var posted = PostedAlerts()
    _ = posted.ingest([alert(startsAt: 0)], at: Bench.time(0))
    _ = posted.ingest([alert(startsAt: 0, endsAt: 100)], at: Bench.time(10))
    #expect(posted.nextDeadline == Bench.time(100))
  }

  @Test func firingAgainIsAnotherIncident() {
    var posted = PostedAlerts()
    let first = posted.ingest([alert(startsAt: 0, endsAt: 60)], at: Bench.time(0)).output
    _ = posted.handleDeadline(at: Bench.time(60))
    let second = posted.ingest([alert(startsAt: 100)], at: Bench.time(100)).output
    #expect(transitions(second) == [.fired])
    #expect(second.updates[0].alert.incident != first.updates[0].alert.incident)
  }

  @Test func whatIsInOrderIsKeptWhenTheRestIsRefused() {
    var posted = PostedAlerts()
    let bad = PostedAlert(labels: [])
    let backwards = alert("B", startsAt: 10, endsAt: 5)
    let (failures, output) = posted.ingest([bad, alert(), backwards], at: Bench.time(0))
    #expect(failures == [.noLabels, .endsBeforeStart])
    #expect(transitions(output) == [.fired])
  }

  @Test func aRestartRemembers() {
    var posted = PostedAlerts()
    _ = posted.ingest([alert()], at: Bench.time(0))
    var restored = PostedAlerts(restoring: posted.checkpoint())
    #expect(restored.alerts() == posted.alerts())
    #expect(transitions(restored.handleDeadline(at: Bench.time(300))) == [.resolved(.expired)])
  }

  @Test func endedAlertsAreForgotten() {
    var posted = PostedAlerts()
    _ = posted.ingest([alert()], at: Bench.time(0))
    _ = posted.handleDeadline(at: Bench.time(300))
    let output = posted.handleDeadline(at: Bench.time(1200))
    #expect(output.changes.count == 1)
    #expect(posted.nextDeadline == nil)
  }
}
