import Diagnostics
import Language
import Model
import Outside
import Templates

/// Where mail is handed over.
struct MailServer: Sendable {
  var host: String
  var port: Int
  var security: MailTransfer.Security
  var authorityFile: String?
  var user: String?
  var password: SecretReference?

  var isLoopback: Bool {
    host == "localhost" || host == "::1" || host.hasPrefix("127.")
  }
}

extension EmailNotifier {
  package static func read(
    _ statement: Statement, _ context: ReadingContext
  ) -> ChannelSettings? {
    let block = BlockReader(statement, kind: keyword, context: context)
    defer { block.finish() }
    let head = block.words.compactMap { address($0.located, block) }
    let server = readServer(block)
    let from = block.read("from", .text, "The sender's address; default tocsin@HOST.")
    let to = block.read("to", .words, "More addresses, for use in `defaults email`.")
    let carbonCopy = block.read("cc", .words, "Addresses that get a copy.")
    let replyTo = block.read("reply-to", .words, "Where answers go.")
    let subject = block.readTemplate(
      "subject", scope: .notification, "The subject instead of the built-in one.")
    let body = block.readTemplate(
      "body", scope: .notification, "The plain text instead of the built-in one; sent alone.")
    let html = block.readTemplate(
      "html", scope: .notification, "The HTML instead of the built-in one; beside the plain text.")
    let resolved = block.readResolved()
    let limit = block.read(
      "limit", .integer(in: 1...1000), default: MessageLimits.mail.alerts,
      "Alerts drawn in one mail; the others are counted.")
    let recipients = head + addresses(to, block)
    guard !recipients.isEmpty else {
      if block.words.isEmpty {
        block.report(
          Diagnostic(
            "E009", .error, "`email` needs an address", at: statement.keyword.range,
            help: "email ops@example.com"))
      }
      return nil
    }
    let notifier = EmailNotifier(
      server: server, from: from.flatMap { address($0, block) }, to: recipients,
      carbonCopy: addresses(carbonCopy, block), replyTo: addresses(replyTo, block),
      subject: subject?.value, body: body?.value, html: html?.value, limit: limit)
    let names = recipients.map(\.address).joined(separator: ", ")
    return ChannelSettings(
      name: "\(keyword) \(names)", announcesClose: resolved, notifier: notifier)
  }

  private static func readServer(_ block: BlockReader) -> MailServer {
    let place = block.read("server", .text, default: "localhost:25", "The mail server, host:port.")
    let user = block.read("user", .text, "The name to log in with.")
    let password = block.read("password", .secret, "The password to log in with.")
    let tls = block.read(
      "tls", .oneOf(["starttls", "implicit", "none"]),
      "How the connection is encrypted: implicit by default on port 465, none to this host, else "
        + "starttls."
    )
    let authority = block.read("ca", .text, "A PEM file of authorities instead of the system's.")
    var (host, port) = (place, 25)
    if let colon = place.lastIndex(of: ":"), let number = Int(place[place.index(after: colon)...]),
      (1...65_535).contains(number)
    {
      host = String(place[..<colon])
      port = number
    }
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    var server = MailServer(
      host: host, port: port, security: .none, authorityFile: authority?.value, user: user?.value,
      password: password?.value)
    server.security =
      tls.flatMap { MailTransfer.Security(rawValue: $0.value) }
      ?? (port == 465 ? .implicit : server.isLoopback ? .none : .starttls)
    return server
  }

  private static func addresses(_ list: Located<[String]>?, _ block: BlockReader) -> [MailAddress] {
    guard let list else { return [] }
    return list.value.compactMap { address(Located(value: $0, range: list.range), block) }
  }

  private static func address(_ text: Located<String>, _ block: BlockReader) -> MailAddress? {
    if let address = MailAddress(text.value) { return address }
    let isForeign = !text.value.unicodeScalars.allSatisfy(\.isASCII)
    block.report(
      Diagnostic(
        "E012", .error, "`\(Inline.line(text.value, limit: 60))` is not an e-mail address",
        at: text.range, "not an address",
        help: isForeign ? "write the domain in its xn-- form" : nil))
    return nil
  }
}
