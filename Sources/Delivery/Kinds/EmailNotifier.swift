import Diagnostics
import Language
import Model
import Outside
import Templates

/// `email ADDRESS, …`: a mail with plain text and HTML, threaded by incident, over SMTP.
package struct EmailNotifier: Notifier {
  package static let keyword = "email"
  package static let documentation =
    "Sends a mail, as plain text and HTML, to one or more addresses."

  var server: MailServer
  var from: MailAddress?
  var to: [MailAddress]
  var carbonCopy: [MailAddress]
  var replyTo: [MailAddress]
  var subject: Template?
  var body: Template?
  var html: Template?
  /// Alerts in one mail.
  var limit: Int
  private static let timeout: Duration = .seconds(30)
  private static let longestBody = 512 << 10

  package var secrets: [SecretReference] { server.password.map { [$0] } ?? [] }

  var recipients: [MailAddress] { to + carbonCopy }

  package func deliver(
    _ notification: Notification, _ context: DeliveryContext
  ) async -> DeliveryAttempt {
    var password: String?
    if let reference = server.password {
      switch context.secrets[reference] {
      case .success(let secret): password = secret
      case .failure(let failure):
        return .transient("the password for \(server.host) can't be read: \(failure.reason)")
      }
    }
    let owed = notification.remainingRecipients ?? recipients.map(\.address)
    func send(_ message: MailMessage) async -> MailResult {
      await context.world.mail.send(
        MailTransfer(
          host: server.host, port: server.port, security: server.security,
          authorityFile: server.authorityFile, user: server.user, password: password,
          localName: context.message.hostName, sender: message.from.address, recipients: owed,
          message: Array(message.encoded.utf8), timeout: Self.timeout))
    }
    let (mail, fallback) = message(notification, context.message)
    let outcome = MailOutcome(await send(mail), owed: owed, server: server)
    guard outcome.rejectsContent, isCustom, fallback == nil,
      case .permanentFailure(let reason) = outcome.result
    else { return DeliveryAttempt(outcome.result, fallback: fallback) }
    let plain = builtIn(notification, context.message)
    let second = MailOutcome(await send(plain), owed: owed, server: server)
    return DeliveryAttempt(
      second.result,
      fallback: "the built-in text, because the server refused the written one: \(reason)")
  }

  package func preview(_ notification: Notification, _ context: MessageContext) -> String {
    message(notification, context).mail.encoded
  }

  private var isCustom: Bool { subject != nil || body != nil || html != nil }

  /// The mail as configured, and what had to be replaced in it.
  private func message(
    _ notification: Notification, _ context: MessageContext
  ) -> (mail: MailMessage, fallback: String?) {
    var mail = builtIn(notification, context)
    guard isCustom else { return (mail, nil) }
    func rendered(_ template: Template) -> RenderedText {
      NotificationData.rendered(
        template, notification, context, limit: limit, size: 2 * Self.longestBody)
    }
    let tooLong =
      "the built-in text, because the written one is longer than \(Self.longestBody) bytes"
    if let subject {
      let text = Inline.line(rendered(subject).plain)
      if !text.isEmpty { mail.subject = text }
    }
    if let body {
      let text = rendered(body).flattened { Inline.paragraph($0, limit: 10_000) }
      guard text.utf8.count <= Self.longestBody else {
        return (builtIn(notification, context), tooLong)
      }
      mail.text = text
      mail.html = nil
    }
    if let html {
      let text = HTMLInsertion.flattened(rendered(html))
      guard text.utf8.count <= Self.longestBody else {
        return (builtIn(notification, context), tooLong)
      }
      mail.html = text
    }
    return (mail, nil)
  }

  private func builtIn(_ notification: Notification, _ context: MessageContext) -> MailMessage {
    var limits = MessageLimits.mail
    limits.alerts = limit
    let message = MessageWriter(context, limits: limits).message(notification)
    let host = context.hostName
    let sender =
      from
      ?? MailAddress(
        name: "Tocsin on \(context.shortHost)",
        address: "tocsin@\(MailMessage.domain(host))")
    var mail = MailMessage(
      from: sender, to: to, subject: message.subject,
      date: context.zone.mailDate(notification.time),
      identifier: MailMessage.identifier(notification.id, host: host),
      text: PlainText.text(message), html: HTMLText.text(message))
    mail.carbonCopy = carbonCopy
    mail.replyTo = replyTo
    if notification.thread.count > 0 {
      mail.answers = MailMessage.identifier(notification.thread.first, host: host)
    }
    mail.extra = extraFields(notification)
    return mail
  }

  /// What mail filters go by.
  private func extraFields(_ notification: Notification) -> [Label] {
    let facts = NotificationFacts(notification)
    guard let first = facts.single ?? facts.all.first else { return [] }
    let severity = facts.firing.compactMap(\.alert.severity).max() ?? first.alert.severity
    var fields = [
      Label("X-Tocsin-Incident", first.alert.incident.text),
      Label("X-Tocsin-Alert", first.alert.name),
      Label("X-Tocsin-Status", notification.isClose ? "resolved" : "firing"),
    ]
    if let severity { fields.append(Label("X-Tocsin-Severity", severity.name)) }
    fields.append(Label("X-Tocsin-Receiver", notification.channel.receiver))
    fields.append(Label("X-Tocsin-Reason", notification.reason.rawValue))
    return fields
  }
}
