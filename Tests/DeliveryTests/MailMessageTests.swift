import Language
import Model
import Outside
import Testing

@testable import Delivery

@Suite struct MailMessageTests {
  private let email = EmailNotifier(
    server: MailServer(host: "localhost", port: 25, security: .none),
    from: MailAddress("Tocsin at Zoë's <alerts@example.com>"),
    to: [MailAddress(address: "ops@example.com")],
    carbonCopy: [MailAddress("\"Doe, Jane\" <jane@example.com>")!],
    replyTo: [MailAddress(address: "team@example.com")], limit: 40)

  private func decoded(_ notification: Notification) -> DecodedMail {
    DecodedMail(email.preview(notification, Fixture.context))
  }

  @Test func aPageReadsBackAsWritten() {
    let notification = Fixture.notification(
      [NotifiedAlert(alert: Fixture.disk(), standing: .new)])
    let mail = decoded(notification)
    let message = MessageWriter(Fixture.context, limits: .mail).message(notification)
    #expect(mail.problems == [])
    #expect(mail["Subject"] == "[CRITICAL] web-1: DiskFilling / is 91 % full")
    #expect(mail["From"] == "Tocsin at Zoë's <alerts@example.com>")
    #expect(mail["To"] == "ops@example.com")
    #expect(mail["Cc"] == "\"Doe, Jane\" <jane@example.com>")
    #expect(mail["Reply-To"] == "team@example.com")
    #expect(mail["Date"] == "Sun, 22 Nov 2026 15:04:10 +0100")
    #expect(mail["Auto-Submitted"] == "auto-generated")
    #expect(mail["Precedence"] == "bulk")
    #expect(mail["X-Tocsin-Alert"] == "DiskFilling")
    #expect(mail["X-Tocsin-Severity"] == "critical")
    #expect(mail["X-Tocsin-Incident"] == Fixture.disk().incident.text)
    #expect(mail.parts.map(\.type) == ["text/plain; charset=utf-8", "text/html; charset=utf-8"])
    #expect(mail.parts.first?.text == PlainText.text(message))
    #expect(mail.parts.last?.text == HTMLText.text(message))
  }

  @Test func theWireFormIsAsItWas() {
    let one = Fixture.notification([NotifiedAlert(alert: Fixture.disk(), standing: .new)])
    expectGolden(email.preview(one, Fixture.context), "one.eml")
    expectGolden(email.preview(Fixture.hostile, Fixture.context), "hostile.eml")
  }

  @Test func messagesOfOneConversationPointAtItsFirst() {
    let alert = NotifiedAlert(alert: Fixture.disk(), standing: .ongoing)
    let incident = Fixture.disk().incident
    let first = decoded(Fixture.notification([alert], sent: 0))
    let third = decoded(Fixture.notification([alert], .reminder, sent: 2))
    let root = "<incident-\(incident)-1@web-1.example.com.tocsin>"
    #expect(first["Message-ID"] == root)
    #expect(first["In-Reply-To"] == nil)
    #expect(third["Message-ID"] == "<incident-\(incident)-3@web-1.example.com.tocsin>")
    #expect(third["In-Reply-To"] == root)
    #expect(third["References"] == root)
  }

  @Test func aRetryIsTheSameMessage() {
    var notification = Fixture.notification(
      [NotifiedAlert(alert: Fixture.disk(), standing: .new)])
    let first = email.preview(notification, Fixture.context)
    notification.attempt = 4
    #expect(email.preview(notification, Fixture.context) == first)
  }

  @Test func hostileValuesAddNoFieldAndNoPart() {
    let plain = decoded(
      Fixture.notification([NotifiedAlert(alert: Fixture.disk(), standing: .new)]))
    let mail = decoded(Fixture.hostile)
    #expect(mail.problems == [])
    #expect(mail.fields.map(\.name) == plain.fields.map(\.name))
    #expect(mail["Bcc"] == nil)
    #expect(mail.parts.count == 2)
    #expect(mail["Subject"]?.hasPrefix("[CRITICAL] web-1: Hostile<b> <!channel> שלום") == true)
    #expect((mail["Subject"]?.count ?? 999) <= 250)
    #expect(mail.parts[1].text.contains("<b>") == false)
    #expect(mail.parts[1].text.contains("javascript:alert(1)</a>") == false)
    #expect(mail.parts[1].text.contains("href=\"javascript") == false)
  }

  @Test(arguments: [
    "plain ascii", "ünïcödé", "日本語のとても長い件名がここに続きますので折り返しが必要です。まだまだ続きます。",
    "=?UTF-8?Q?fake?=", String(repeating: "x", count: 240), "🔥👩‍👩‍👧 family", "a  b", "",
  ])
  func headersReadBack(text: String) {
    let field = MailHeader.text("Subject", text)
    #expect(field.hasSuffix("\r\n"))
    for line in field.split(separator: "\r\n") { #expect(line.utf8.count <= 78) }
    let mail = DecodedMail(field + "\r\n")
    #expect(mail.problems == [])
    #expect(mail["Subject"] == Inline.line(text))
  }

  @Test(arguments: [
    "", "one\n", "a\n.\n..b\n", "trailing space \nand tab\t\n", "ü = 🔥\n",
    String(repeating: "long ", count: 100) + "\n", String(repeating: "ü", count: 500) + "\n",
    "From here\n", "=\n==\n",
  ])
  func bodiesReadBack(text: String) {
    var mail = MailMessage(
      from: MailAddress(address: "a@b"), to: [MailAddress(address: "c@d")], subject: "s",
      date: "d", identifier: "i@h", text: text)
    mail.html = nil
    let decoded = DecodedMail(mail.encoded)
    #expect(decoded.problems == [])
    #expect(decoded.parts.count == 1)
    let wanted = text.isEmpty ? "\n" : text
    #expect(decoded.parts[0].text == wanted)
    for line in mail.encoded.split(separator: "\r\n", omittingEmptySubsequences: false) {
      #expect(line.utf8.count <= 78)
      #expect(line != ".")
    }
  }

  @Test func base64IsRFC4648() {
    let vectors = [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
      ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ]
    for (text, wanted) in vectors { #expect(Base64.encoded(Array(text.utf8)) == wanted) }
  }

  @Test(arguments: [
    ("ops@example.com", "ops@example.com", ""),
    (" Ana <ana@example.com> ", "ana@example.com", "Ana"),
    ("\"Doe, J.\" <j@x.org>", "j@x.org", "Doe, J."),
  ])
  func addresses(text: String, address: String, name: String) {
    let parsed = MailAddress(text)
    #expect(parsed?.address == address)
    #expect(parsed?.name == name)
  }

  @Test(arguments: [
    "", "ops", "@example.com", "ops@", "a b@example.com", "ops@exa mple.com", "ö@example.com",
    "ops@example..com", "x@y\r\nBcc: z@w", "<>", "a@b@c",
  ])
  func thingsThatAreNoAddress(text: String) {
    #expect(MailAddress(text) == nil)
  }
}
