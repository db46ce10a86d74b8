import Diagnostics
import Language
import Model
import Outside
import Templates

/// `webhook URL`: Alertmanager's webhook body, or one of the author's own, by POST.
package struct WebhookNotifier: Notifier {
  package static let keyword = "webhook"
  package static let documentation =
    "Posts JSON to an address: Alertmanager's webhook body (version 4), or a body of one's own."

  /// A request header whose value may be a secret.
  struct Header: Sendable {
    var name: String
    var value: SecretReference
    var isSecret: Bool
  }

  var url: SecretReference
  /// The address as far as it may be shown: without user, password and query.
  var shownURL: String
  var headers: [Header]
  var body: Template?
  var limit: Int?
  var user: String?
  var password: SecretReference?
  var authorityFile: String?
  private static let timeout: Duration = .seconds(15)

  /// An address or a header that stands in the configuration for all to see is no secret.
  package var secrets: [SecretReference] {
    let open = [url] + headers.filter { !$0.isSecret }.map(\.value)
    let kept = open.filter { if case .literal = $0 { false } else { true } }
    return kept + headers.filter(\.isSecret).map(\.value) + (password.map { [$0] } ?? [])
  }

  package func deliver(
    _ notification: Notification, _ context: DeliveryContext
  ) async -> DeliveryAttempt {
    let request: HTTPTransferRequest
    let (payload, fallback) = payload(notification, context.message)
    switch self.request(payload, context.secrets) {
    case .success(let made): request = made
    case .failure(let failure):
      return .transient("a secret of the webhook can't be read: \(failure.reason)")
    }
    let answer = await context.world.transfers.transfer(request)
    let first = outcome(answer)
    // Another body may please a server that finds this one malformed or too large.
    guard body != nil, fallback == nil, [400, 413, 422].contains(answer.status),
      case .permanentFailure(let reason) = first
    else { return DeliveryAttempt(first, fallback: fallback) }
    var second = request
    second.body = Array(builtIn(notification, context.message).utf8)
    return DeliveryAttempt(
      outcome(await context.world.transfers.transfer(second)),
      fallback: "the built-in body, because the written one was refused: \(reason)")
  }

  package func preview(_ notification: Notification, _ context: MessageContext) -> String {
    let fields = headers.map { "\($0.name): \($0.isSecret ? "(secret)" : shown($0.value))\n" }
    let body =
      self.body == nil
      ? WebhookPayload.payload(notification, context, limit: limit).pretty
      : payload(notification, context).payload
    return "POST \(shownURL)\n\(fields.joined())\n\(body)\n"
  }

  private func shown(_ value: SecretReference) -> String {
    if case .literal(let text) = value { text } else { "(secret)" }
  }

  private func request(
    _ payload: String, _ secrets: ResolvedSecrets
  ) -> Result<HTTPTransferRequest, FileFailure> {
    var fields: [Label] = []
    for header in headers {
      switch secrets[header.value] {
      case .success(let value): fields.append(Label(header.name, Inline.line(value, limit: 8192)))
      case .failure(let failure): return .failure(failure)
      }
    }
    if !fields.contains(where: { $0.name.lowercased() == "content-type" }) {
      fields.append(Label("content-type", "application/json"))
    }
    return secrets[url].flatMap { target in
      (password.map { secrets[$0].map(Optional.some) } ?? .success(nil)).map { password in
        HTTPTransferRequest(
          method: "POST", url: target, headers: fields, body: Array(payload.utf8),
          timeout: Self.timeout, bodyLimit: 64 << 10, followsRedirects: false,
          authorityFile: authorityFile, user: user, password: password)
      }
    }
  }

  private func outcome(_ answer: HTTPTransferResult) -> DeliveryOutcome.Result {
    if let failure = answer.failure { return HTTPOutcome.failed(failure) }
    let said = Inline.line(String(decoding: answer.body.prefix(400), as: UTF8.self), limit: 200)
    if (200..<300).contains(answer.status) {
      return .delivered(detail: "answered \(answer.status)", rejected: [])
    }
    return HTTPOutcome.refused(answer, by: shownURL, said)
  }

  private func builtIn(_ notification: Notification, _ context: MessageContext) -> String {
    WebhookPayload.payload(notification, context, limit: limit).compact
  }

  private func payload(
    _ notification: Notification, _ context: MessageContext
  ) -> (payload: String, fallback: String?) {
    guard let body else { return (builtIn(notification, context), nil) }
    let rendered = NotificationData.rendered(
      body, notification, context, limit: limit ?? 1000, size: 4 << 20)
    guard sendsJSON else {
      return (rendered.flattened { Inline.paragraph($0, limit: 10_000) }, nil)
    }
    let text = JSONInsertion.flattened(rendered)
    if JSONCheck.isValid(text) { return (text, nil) }
    return (
      builtIn(notification, context), "the built-in body, because the written one is not JSON"
    )
  }

  /// Unless the author's own header says that the body is something else.
  var sendsJSON: Bool {
    let type = headers.first { $0.name.lowercased() == "content-type" }
    guard case .literal(let text) = type?.value else { return true }
    return text.lowercased().contains("json")
  }
}
