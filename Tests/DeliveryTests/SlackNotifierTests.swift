import Foundation
import Language
import Model
import Outside
import SimulatedWorld
import Templates
import Testing

@testable import Delivery

@Suite struct SlackNotifierTests {
  private let simulated = SimulatedWorld(startingAt: Fixture.now)
  private let hook = "https://hooks.slack.com/services/T0/B0/secret-part"
  private let notification = Fixture.notification(
    [NotifiedAlert(alert: Fixture.disk(), standing: .new)])

  private func deliver(_ notifier: SlackNotifier? = nil) async -> DeliveryAttempt {
    let notifier = notifier ?? SlackNotifier(url: .literal(hook), channel: "#alerts")
    let receiver = Receiver(
      name: "ops",
      channels: [.init(id: Fixture.channel, announcesClose: true, notifier: notifier)])
    let secrets = await ResolvedSecrets(of: [receiver]) { _ in
      .failure(FileFailure(.notFound, "not asked for"))
    }
    return await notifier.deliver(notification, .testing(simulated, secrets: secrets))
  }

  private func respond(_ status: Int, _ body: String, _ headers: [Label] = []) {
    simulated.transfers.respond(to: hook) { _ in
      .answer(.response(status: status, body: body, headers: headers))
    }
  }

  @Test func okIsDelivered() async {
    respond(200, "ok")
    #expect(await deliver() == .delivered("ok"))
    let request = simulated.transfers.requests[0]
    #expect(request.method == "POST")
    #expect(request.followsRedirects == false)
    #expect(request.header("content-type") == "application/json; charset=utf-8")
  }

  @Test func tooManyRequestsSayWhenToComeBack() async {
    respond(429, "rate_limited", [Label("retry-after", "37")])
    #expect(
      await deliver().result
        == .transientFailure(reason: "Slack answered 429: rate_limited", retryAfter: .seconds(37)))
  }

  @Test(arguments: [
    (500, "oops", true), (503, "", true), (403, "action_prohibited", false),
    (404, "channel_not_found", false), (410, "channel_is_archived", false),
    (200, "<html>portal</html>", true), (302, "", false),
  ])
  func otherAnswers(status: Int, body: String, isTransient: Bool) async {
    respond(status, body)
    switch await deliver().result {
    case .transientFailure: #expect(isTransient)
    case .permanentFailure: #expect(!isTransient)
    default: Issue.record("delivered")
    }
    #expect(simulated.transfers.requests.count == 1)
  }

  @Test(arguments: ["invalid_payload", "invalid_blocks", "invalid_attachments"])
  func aRefusedMessageIsSentPlain(code: String) async throws {
    simulated.transfers.respond(to: hook) { request in
      let isPlain = !String(decoding: request.body, as: UTF8.self).contains("\"blocks\"")
      return .answer(.response(status: isPlain ? 200 : 400, body: isPlain ? "ok" : code))
    }
    let attempt = await deliver()
    #expect(attempt.result == .delivered(detail: "ok", rejected: []))
    #expect(attempt.fallback?.contains(code) == true)
    let second = try #require(simulated.transfers.requests.last)
    let payload = try #require(
      try JSONSerialization.jsonObject(with: Data(second.body)) as? [String: Any])
    #expect((payload["text"] as? String)?.contains("DiskFilling  critical") == true)
  }

  @Test func aHookThatIsGoneIsNotTriedTwice() async {
    respond(400, "no_service")
    guard case .permanentFailure = await deliver().result else {
      Issue.record("not permanent")
      return
    }
    #expect(simulated.transfers.requests.count == 1)
  }

  @Test func theHooksAddressIsNeverPrinted() async {
    let notifier = SlackNotifier(url: .credential("slack-url"), channel: "#alerts")
    let channel = Receiver.Channel(id: Fixture.channel, announcesClose: true, notifier: notifier)
    let secrets = await ResolvedSecrets(of: [Receiver(name: "ops", channels: [channel])]) { _ in
      .success(hook)
    }
    simulated.transfers.refuse(hook)
    let outcome = await channel.deliver(notification, .testing(simulated, secrets: secrets))
    #expect(simulated.transfers.requests.first?.url == hook)
    guard case .transientFailure(let reason, _) = outcome.result else {
      Issue.record("not transient")
      return
    }
    #expect(!reason.contains("secret-part"))
    #expect(!channel.preview(notification, Fixture.context).contains("secret-part"))
  }

  /// Checks a payload against the limits Slack documents.
  private func problems(_ json: String) throws -> [String] {
    let payload = try #require(
      try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    var problems: [String] = []
    let text = payload["text"] as? String ?? ""
    if text.isEmpty || text.utf16.count > 40_000 { problems.append("text \(text.utf16.count)") }
    var blocks = payload["blocks"] as? [[String: Any]] ?? []
    for attachment in payload["attachments"] as? [[String: Any]] ?? [] {
      blocks += attachment["blocks"] as? [[String: Any]] ?? []
    }
    if blocks.count > 50 { problems.append("\(blocks.count) blocks") }
    func check(_ object: Any?, _ type: String, _ limit: Int) {
      let object = object as? [String: Any]
      let text = object?["text"] as? String ?? ""
      if object?["type"] as? String != type { problems.append("\(type) expected") }
      if text.isEmpty || text.utf16.count > limit { problems.append("\(type) \(text.utf16.count)") }
      // What is left of `<` once our own links are gone was inserted.
      let bare = text.replacing(#/<https?://[^<>|\s]+\|[^<>|]*>/#, with: "")
      if bare.contains("<") || bare.contains(">") { problems.append("unescaped: \(bare)") }
      if bare.contains(#/&(?!amp;|lt;|gt;)/#) { problems.append("bare &: \(bare)") }
    }
    for block in blocks {
      switch block["type"] as? String {
      case "header": check(block["text"], "plain_text", 150)
      case "section": check(block["text"], "mrkdwn", 3000)
      case "context":
        let elements = block["elements"] as? [Any] ?? []
        if elements.isEmpty || elements.count > 10 { problems.append("\(elements.count) elements") }
        for element in elements { check(element, "mrkdwn", 3000) }
      default: problems.append("block \(block["type"] ?? "?")")
      }
    }
    return problems
  }

  @Test func everyPayloadKeepsSlacksLimits() throws {
    let notifier = SlackNotifier(url: .literal(hook), channel: "#alerts")
    let mixed = Fixture.group(900) { index in
      index % 3 == 0 ? .new : index % 3 == 1 ? .ongoing : .closed(.recovered)
    }
    for notification in [
      notification, Fixture.hostile, Fixture.group(10) { _ in .new },
      Fixture.group(1000) { _ in .new }, Fixture.group(1000) { _ in .ongoing }, mixed,
    ] {
      #expect(try problems(notifier.preview(notification, Fixture.context)) == [])
      let message = MessageWriter(Fixture.context, limits: .slack).message(notification)
      #expect(try problems(SlackPayload.plain(message, channel: nil).compact) == [])
    }
  }

  @Test func whatIsLeftOutIsCounted() throws {
    let notifier = SlackNotifier(url: .literal(hook), channel: nil)
    let text = notifier.preview(Fixture.group(10_000) { _ in .new }, Fixture.context)
    #expect(text.contains("and 9,980 more: <http://web-1.example.com:9768/|see all>"))
    #expect(text.contains("*New* (10,000)"))
  }

  @Test func ownTextsKeepTheLimitsToo() throws {
    var notifier = SlackNotifier(url: .literal(hook), channel: "#alerts")
    notifier.title = Template(literal: String(repeating: "t", count: 400), scope: .notification)
    notifier.text = Template(
      literal: String(repeating: "line of text\n", count: 2000), scope: .notification)
    #expect(try problems(notifier.preview(notification, Fixture.context)) == [])
    notifier.text = Template(
      literal: String(repeating: "x", count: 50_000), scope: .notification)
    #expect(try problems(notifier.preview(notification, Fixture.context)) == [])
  }

  @Test func escapesAreNeverCutInHalf() {
    for limit in 2...24 {
      let text = SlackPayload.escaped("a&b<c>d&&&", limit: limit)
      #expect(text.utf16.count <= limit)
      let rest = text.replacing(#/&(amp|lt|gt);/#, with: "")
      #expect(!rest.contains("&") && !rest.contains(";"), "\(limit): \(text)")
    }
    #expect(SlackPayload.escaped("a&b", limit: 7) == "a&amp;b")
  }
}

extension HTTPTransferRequest {
  fileprivate func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name }?.value
  }
}
