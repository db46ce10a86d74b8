import Diagnostics
import Language
import Model
import Outside
import Templates

/// `slack "#channel"`: a message through an incoming webhook (docs.slack.dev/messaging).
package struct SlackNotifier: Notifier {
  package static let keyword = "slack"
  package static let documentation = "Posts to a Slack channel through an incoming webhook."

  var url: SecretReference
  /// nil for the channel the webhook was made for.
  var channel: String?
  var title: Template?
  var text: Template?
  private static let timeout: Duration = .seconds(15)

  package static func read(
    _ statement: Statement, _ context: ReadingContext
  ) -> ChannelSettings? {
    let block = BlockReader(statement, kind: keyword, context: context)
    defer { block.finish() }
    let channel = block.words.first?.text
    block.endHead(at: 1)
    let url = block.require(
      "url", .secret(misuse: "post to your channel"),
      "The incoming webhook's URL, which is a secret.")
    let title = block.readTemplate(
      "title", scope: .notification, "The header instead of the built-in one.")
    let text = block.readTemplate(
      "text", scope: .notification, "The message instead of the built-in one, in Slack's mrkdwn.")
    let resolved = block.readResolved()
    guard let url else { return nil }
    let notifier = SlackNotifier(
      url: url.value, channel: channel, title: title?.value, text: text?.value)
    return ChannelSettings(
      name: channel.map { "\(keyword) \($0)" } ?? keyword, announcesClose: resolved,
      notifier: notifier)
  }

  package var secrets: [SecretReference] { [url] }

  package func deliver(
    _ notification: Notification, _ context: DeliveryContext
  ) async -> DeliveryAttempt {
    let target: String
    switch context.secrets[url] {
    case .success(let secret): target = secret
    case .failure(let failure):
      return .transient("Slack's webhook URL can't be read: \(failure.reason)")
    }
    func post(_ payload: JSONText) async -> HTTPTransferResult {
      await context.world.transfers.transfer(
        HTTPTransferRequest(
          method: "POST", url: target,
          headers: [Label("content-type", "application/json; charset=utf-8")],
          body: Array(payload.compact.utf8), timeout: Self.timeout, bodyLimit: 64 << 10,
          followsRedirects: false))
    }
    let (payload, replaced) = payload(notification, context.message)
    let first = SlackAnswer(await post(payload))
    guard first.refusesPayload else { return DeliveryAttempt(first.result, fallback: replaced) }
    let message = MessageWriter(context.message, limits: .slack).message(notification)
    let second = SlackAnswer(await post(SlackPayload.plain(message, channel: channel)))
    return DeliveryAttempt(
      second.result,
      fallback: "the plain built-in text, because Slack refused the message: \(first.body)")
  }

  package func preview(_ notification: Notification, _ context: MessageContext) -> String {
    payload(notification, context).payload.pretty + "\n"
  }

  private func payload(
    _ notification: Notification, _ context: MessageContext
  ) -> (payload: JSONText, fallback: String?) {
    let message = MessageWriter(context, limits: .slack).message(notification)
    guard title != nil || text != nil else {
      return (SlackPayload.payload(message, channel: channel), nil)
    }
    func rendered(_ template: Template) -> RenderedText {
      NotificationData.rendered(
        template, notification, context, limit: MessageLimits.slack.alerts,
        size: 4 * SlackPayload.textLimit)
    }
    func encode(_ inserted: String) -> String {
      SlackPayload.escaped(Inline.paragraph(inserted, limit: 3000), limit: 4000)
    }
    let written = text.map { rendered($0).flattened(encode) }
    let heading = title.map {
      Inline.cut(
        Inline.line(rendered($0).flattened(encode), limit: SlackPayload.headerLimit),
        to: SlackPayload.headerLimit)
    }
    if let written, written.utf16.count > SlackPayload.textLimit {
      return (
        SlackPayload.payload(message, channel: channel),
        "the built-in text, because the written one is longer than 40,000 characters"
      )
    }
    return (
      SlackPayload.payload(message, title: heading, text: written, channel: channel), nil
    )
  }
}

/// What an incoming webhook's answer means
/// (docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, "Handling errors").
struct SlackAnswer {
  var result: DeliveryOutcome.Result
  /// The body's first line.
  var body: String
  var refusesPayload = false

  init(_ answer: HTTPTransferResult) {
    body = Inline.line(String(decoding: answer.body.prefix(400), as: UTF8.self), limit: 200)
    if let failure = answer.failure {
      result = HTTPOutcome.failed(failure)
      return
    }
    switch answer.status {
    case 200..<300 where body.hasPrefix("<"):
      // A proxy's or a portal's page: the message did not reach Slack.
      result = .transientFailure(
        reason: "Slack's address answered with a web page instead of `ok`", retryAfter: nil)
    case 200..<300 where body.contains("\"ok\":false"):
      result = .permanentFailure(reason: "Slack refused the message: \(body)")
      refusesPayload = true
    case 200..<300: result = .delivered(detail: body.isEmpty ? "ok" : body, rejected: [])
    case 400:
      result = .permanentFailure(reason: "Slack refused the message: \(body)")
      refusesPayload = !["no_service", "no_team", "team_disabled"].contains(body)
    default: result = HTTPOutcome.refused(answer, by: "Slack", Self.meaning(body))
    }
  }

  private static func meaning(_ body: String) -> String {
    switch body {
    case "no_service", "no_active_hooks": "\(body): this webhook was removed"
    case "channel_not_found": "\(body): there is no such channel"
    case "channel_is_archived": "\(body): the channel is archived"
    case "action_prohibited": "\(body): an administrator has forbidden it"
    case "invalid_token": "\(body): the webhook's URL is wrong or no longer valid"
    default: body
    }
  }
}
