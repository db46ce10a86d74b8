import Foundation
import Language
import Model
import Outside
import SimulatedWorld
import Synchronization
import Templates
import Testing

@testable import Delivery

@Suite struct OtherNotifierTests {
  private let simulated = SimulatedWorld(startingAt: Fixture.now)
  private let notification = Fixture.notification(
    [NotifiedAlert(alert: Fixture.disk(), standing: .new)])
  private let hook = "https://example.com/hook"

  private func webhook(_ body: Template? = nil) -> WebhookNotifier {
    WebhookNotifier(
      url: .literal(hook), shownURL: hook,
      headers: [.init(name: "Authorization", value: .credential("hook"), isSecret: true)],
      body: body)
  }

  private func deliver(_ notifier: any Notifier) async -> DeliveryAttempt {
    let channel = Receiver.Channel(id: Fixture.channel, announcesClose: true, notifier: notifier)
    let secrets = await ResolvedSecrets(of: [Receiver(name: "ops", channels: [channel])]) { _ in
      .success("Bearer s3cret")
    }
    return await notifier.deliver(notification, .testing(simulated, secrets: secrets))
  }

  // MARK: webhook

  @Test func theWebhookIsAlertmanagers() async throws {
    simulated.transfers.respond(to: hook, status: 204, body: "", after: .zero)
    #expect(await deliver(webhook()) == .delivered("answered 204"))
    let request = try #require(simulated.transfers.requests.first)
    #expect(request.headers.contains(Label("Authorization", "Bearer s3cret")))
    #expect(request.headers.contains(Label("content-type", "application/json")))
    let body = try #require(
      try JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any])
    #expect(body["version"] as? String == "4")
    #expect(body["status"] as? String == "firing")
    #expect(body["receiver"] as? String == "ops")
    #expect(body["truncatedAlerts"] as? Int == 0)
    let alert = try #require((body["alerts"] as? [[String: Any]])?.first)
    #expect(alert["endsAt"] as? String == "0001-01-01T00:00:00Z")
    #expect(alert["startsAt"] as? String == "2026-11-22T13:42:10.000Z")
    #expect((alert["labels"] as? [String: String])?["mountpoint"] == "/")
    #expect((alert["annotations"] as? [String: String])?["summary"] == "/ is 91 % full")
  }

  @Test func theWebhooksBodyIsAsItWas() {
    expectGolden(webhook().preview(notification, Fixture.context), "one.webhook.txt")
    let mixed = Fixture.group(10) { $0 < 5 ? .new : .closed(.recovered) }
    var limited = webhook()
    limited.limit = 2
    let text = limited.preview(mixed, Fixture.context)
    #expect(text.contains("\"truncatedAlerts\": 8"))
    #expect(!text.contains("s3cret"))
    let closed = Fixture.group(2) { _ in .closed(.recovered) }
    #expect(webhook().preview(closed, Fixture.context).contains("\"status\": \"resolved\""))
  }

  @Test(arguments: [
    (200, true, false), (302, false, false), (400, false, false), (401, false, false),
    (404, false, false), (408, false, true), (429, false, true), (500, false, true),
    (503, false, true),
  ])
  func statuses(status: Int, isDelivered: Bool, isTransient: Bool) async {
    simulated.transfers.respond(to: hook, status: status, body: "said", after: .zero)
    switch await deliver(webhook()).result {
    case .delivered: #expect(isDelivered)
    case .transientFailure: #expect(isTransient)
    case .permanentFailure: #expect(!isTransient && !isDelivered)
    case .partial: Issue.record("a webhook has one recipient")
    }
  }

  @Test func reasonsNameTheAddressAndNoSecret() async {
    simulated.transfers.respond(to: hook) { _ in
      .answer(.response(status: 401, body: "Bearer s3cret is not known"))
    }
    let channel = Receiver.Channel(id: Fixture.channel, announcesClose: true, notifier: webhook())
    let secrets = await ResolvedSecrets(of: [Receiver(name: "ops", channels: [channel])]) { _ in
      .success("Bearer s3cret")
    }
    let outcome = await channel.deliver(notification, .testing(simulated, secrets: secrets))
    #expect(
      outcome.result
        == .permanentFailure(
          reason: "https://example.com/hook answered 401: (secret) is not known"))
  }

  @Test func aRefusedOwnBodyIsReplaced() async {
    simulated.transfers.respond(to: hook) { request in
      let isOwn = String(decoding: request.body, as: UTF8.self) == "{\"own\":1}"
      return .answer(.response(status: isOwn ? 422 : 200, body: ""))
    }
    let own = Template(literal: "{\"own\":1}", scope: .notification)
    let attempt = await deliver(webhook(own))
    #expect(attempt.result == .delivered(detail: "answered 200", rejected: []))
    #expect(attempt.fallback?.contains("422") == true)
    let broken = Template(literal: "{\"own\":", scope: .notification)
    #expect(await deliver(webhook(broken)).fallback?.contains("not JSON") == true)
  }

  // MARK: exec

  private func exec(_ end: ProcessResult.End, says: String = "") async -> DeliveryOutcome.Result {
    simulated.processes.respond(to: "/bin/page") { _ in
      .answer(ProcessResult(end: end, errors: Array(says.utf8)))
    }
    return await deliver(ExecNotifier(arguments: ["/bin/page", "-u"], timeout: .seconds(5))).result
  }

  @Test func exitStatusesMeanWhatSysexitsSays() async {
    #expect(await exec(.exited(0)) == .delivered(detail: "exit 0", rejected: []))
    #expect(
      await exec(.exited(75), says: "modem busy\n")
        == .transientFailure(
          reason: "/bin/page asks for another try: modem busy", retryAfter: nil))
    #expect(
      await exec(.exited(1), says: "no modem")
        == .permanentFailure(reason: "/bin/page ended with exit 1: no modem"))
    #expect(
      await exec(.timedOut)
        == .transientFailure(reason: "/bin/page took longer than 5s", retryAfter: nil))
    guard case .permanentFailure = await exec(.couldNotStart("not executable")) else {
      Issue.record("not permanent")
      return
    }
    guard case .transientFailure = await exec(.signalled(9)) else {
      Issue.record("not transient")
      return
    }
  }

  @Test func theProgramIsToldEverything() async throws {
    _ = await exec(.exited(0))
    let command = try #require(simulated.processes.commands.first)
    #expect(command.arguments == ["/bin/page", "-u"])
    #expect(command.timeout == .seconds(5))
    func value(_ name: String) -> String? {
      command.environment.first { $0.name == name }?.value
    }
    #expect(value("ALERT_STATUS") == "firing")
    #expect(value("ALERT_NAME") == "DiskFilling")
    #expect(value("ALERT_SEVERITY") == "critical")
    #expect(value("ALERT_SUBJECT") == "[CRITICAL] web-1: DiskFilling / is 91 % full")
    #expect(value("ALERT_LABEL_MOUNTPOINT") == "/")
    #expect(value("ALERT_VALUE") == "91 %")
    let input = try JSONSerialization.jsonObject(with: Data(command.input)) as? [String: Any]
    #expect(input?["version"] as? String == "4")
    let hostile = ExecNotifier(arguments: ["/bin/page"], timeout: .seconds(5))
    _ = await hostile.deliver(Fixture.hostile, .testing(simulated))
    for variable in try #require(simulated.processes.commands.last).environment {
      #expect(!variable.value.contains("\0"))
      #expect(variable.value.utf8.count <= 4 * 4096)
      #expect(variable.name.wholeMatch(of: /[A-Z0-9_]+/) != nil)
    }
    expectGolden(hostile.preview(notification, Fixture.context), "one.exec.txt")
  }

  // MARK: terminal

  @Test func aLineAnEvent() async {
    let lines = Printed()
    func print(_ notification: Model.Notification, _ style: TerminalOutput.Style) async {
      let output = TerminalOutput(style: style) { lines.add($0) }
      _ = await TerminalNotifier().deliver(notification, .testing(simulated, terminal: output))
    }
    await print(notification, .plain)
    #expect(lines.taken() == ["15:04:10 [CRITICAL] web-1: DiskFilling / is 91 % full"])
    await print(notification, .colour)
    #expect(
      lines.taken() == [
        "15:04:10 \u{1B}[1;31m[CRITICAL]\u{1B}[0m web-1: DiskFilling / is 91 % full"
      ])
    await print(Fixture.group(10) { $0 < 2 ? .new : .ongoing }, .plain)
    #expect(lines.taken().count == 2, "only what changed")
    await print(Fixture.group(10) { _ in .ongoing }, .plain)
    #expect(lines.taken().count == 10, "a reminder tells all")
    await print(Fixture.group(1000) { _ in .new }, .plain)
    #expect(lines.taken().last == "15:04:10 and 950 more: tocsin alerts")
    await print(Fixture.hostile, .plain)
    let hostile = lines.taken()
    #expect(hostile.count == 1)
    #expect(hostile[0].unicodeScalars.allSatisfy { $0.value >= 0x20 })
    await print(notification, .json)
    let json = lines.taken()
    #expect(json.count == 1 && JSONCheck.isValid(json[0]))
  }

  @Test func theTestMessageSaysThatItIsOne() {
    let test = Model.Notification.test(on: Fixture.channel, at: Fixture.now)
    let message = MessageWriter(Fixture.context, limits: .mail).message(test)
    #expect(message.subject.hasPrefix("[TEST] web-1: TestAlert / would be 83 % full"))
    #expect(message.notices == ["This is a test: nothing is wrong."])
    #expect(message.footer == "You get this as receiver \"ops\".")
  }
}

private final class Printed: Sendable {
  private let lines = Mutex<[String]>([])
  func add(_ line: String) { lines.withLock { $0.append(line) } }
  func taken() -> [String] {
    lines.withLock { lines in
      defer { lines = [] }
      return lines
    }
  }
}
