import Language
import Model
import Outside
import SimulatedWorld
import Templates
import Testing

@testable import Delivery

@Suite struct EmailNotifierTests {
  private let simulated = SimulatedWorld(startingAt: Fixture.now)
  private let notification = Fixture.notification(
    [NotifiedAlert(alert: Fixture.disk(), standing: .new)])
  private let addresses = ["a@x.org", "b@x.org", "c@x.org"]

  private func email(password: SecretReference? = nil, body: Template? = nil) -> EmailNotifier {
    var server = MailServer(host: "mail.x.org", port: 587, security: .starttls)
    server.user = password == nil ? nil : "tocsin"
    server.password = password
    return EmailNotifier(
      server: server, from: MailAddress(address: "from@x.org"),
      to: addresses.map { MailAddress(address: $0) }, carbonCopy: [], replyTo: [], body: body,
      limit: 40)
  }

  private func deliver(
    _ email: EmailNotifier, _ notification: Notification? = nil,
    secrets: ResolvedSecrets = ResolvedSecrets()
  ) async -> DeliveryAttempt {
    await email.deliver(
      notification ?? self.notification, .testing(simulated, secrets: secrets))
  }

  private func answer(_ result: MailResult) {
    simulated.mail.respond { _ in .answer(result) }
  }

  @Test func everybodyTookIt() async {
    let attempt = await deliver(email())
    #expect(
      attempt.result == .delivered(detail: "mail.x.org:587 took it for 3 recipients", rejected: []))
    let sent = simulated.mail.transfers
    #expect(sent.count == 1)
    #expect(sent[0].recipients == addresses)
    #expect(sent[0].sender == "from@x.org")
    #expect(sent[0].security == .starttls)
    #expect(DecodedMail(String(decoding: sent[0].message, as: UTF8.self)).problems == [])
  }

  @Test func refusedForGoodIsFinalAndTheRestDelivered() async {
    answer(
      MailResult(
        accepted: ["a@x.org", "c@x.org"],
        refused: [.init(recipient: "b@x.org", code: 550, reason: "no such user")]))
    guard case .delivered(_, let rejected) = await deliver(email()).result else {
      Issue.record("not delivered")
      return
    }
    #expect(rejected == [.init(recipient: "b@x.org", reason: "550 no such user")])
  }

  @Test func refusedForNowIsOwedAndOnlyThatIsTriedAgain() async {
    answer(
      MailResult(
        accepted: ["a@x.org"],
        refused: [
          .init(recipient: "b@x.org", code: 451, reason: "greylisted"),
          .init(recipient: "c@x.org", code: 550, reason: "gone"),
        ]))
    let attempt = await deliver(email())
    #expect(
      attempt.result
        == .partial(
          remaining: ["b@x.org"], rejected: [.init(recipient: "c@x.org", reason: "550 gone")],
          reason: "b@x.org: 451 greylisted"))
    var again = notification
    again.remainingRecipients = ["b@x.org"]
    simulated.mail.respond(nil)
    #expect(
      await deliver(email(), again).result
        == .delivered(detail: "mail.x.org:587 took it for 1 recipient", rejected: []))
    #expect(simulated.mail.transfers.last?.recipients == ["b@x.org"])
  }

  @Test func nobodyTookIt() async {
    answer(
      MailResult(refused: addresses.map { .init(recipient: $0, code: 450, reason: "later") }))
    #expect(
      await deliver(email()).result
        == .transientFailure(reason: "a@x.org: 450 later", retryAfter: nil))
    answer(MailResult(refused: addresses.map { .init(recipient: $0, code: 550, reason: "no") }))
    guard case .permanentFailure(let reason) = await deliver(email()).result else {
      Issue.record("a refusal of all is final")
      return
    }
    #expect(reason.contains("mail.x.org:587 refused every recipient"))
  }

  @Test func whoIsNotNamedIsStillOwed() async {
    answer(MailResult(accepted: ["a@x.org"]))
    guard case .partial(let remaining, _, _) = await deliver(email()).result else {
      Issue.record("not partial")
      return
    }
    #expect(remaining == ["b@x.org", "c@x.org"])
  }

  @Test(arguments: [
    (TransferFailure.Kind.reset, 0, true), (.connect, 0, true), (.timeout, 0, true),
    (.protocolError, 421, true), (.protocolError, 451, true), (.tls, 0, true),
    (.protocolError, 554, false), (.invalidRequest, 0, false), (.authentication, 454, true),
    (.authentication, 535, false), (.authentication, 0, false),
  ])
  func sessionsThatFail(kind: TransferFailure.Kind, code: Int, isTransient: Bool) async {
    answer(MailResult(failure: TransferFailure(kind, "it broke"), failureCode: code))
    switch await deliver(email()).result {
    case .transientFailure: #expect(isTransient)
    case .permanentFailure(let reason):
      #expect(!isTransient)
      if kind == .authentication { #expect(reason.contains("user and password")) }
    default: Issue.record("delivered")
    }
  }

  @Test func theServersSilenceIsTransient() async {
    simulated.mail.respond { _ in .silence }
    let email = email()
    let attempt = await withTaskGroup(of: DeliveryAttempt?.self) { group in
      group.addTask { await deliver(email) }
      // Time goes on until the delivery has given up and ends this task.
      group.addTask {
        while !Task.isCancelled { await simulated.time.advance(by: .seconds(1)) }
        return nil
      }
      defer { group.cancelAll() }
      return await group.next() ?? nil
    }
    guard case .transientFailure = attempt?.result else {
      Issue.record("not transient")
      return
    }
  }

  @Test func aRefusedTextIsSentAgainInOurWords() async {
    simulated.mail.respond { mail in
      let text = String(decoding: mail.message, as: UTF8.self)
      return .answer(
        text.contains("written by hand")
          ? MailResult(failure: TransferFailure(.protocolError, "spam"), failureCode: 554)
          : MailResult(accepted: mail.recipients))
    }
    let body = Template(literal: "written by hand", scope: .notification)
    let attempt = await deliver(email(body: body))
    guard case .delivered = attempt.result else {
      Issue.record("not delivered")
      return
    }
    #expect(attempt.fallback?.contains("554") == true)
    #expect(simulated.mail.transfers.count == 2)
  }

  @Test func ownTextsReplaceTheBuiltInOnes() {
    var email = email(body: Template(literal: "by hand\n", scope: .notification))
    email.subject = Template(literal: "my\nsubject", scope: .notification)
    let mail = DecodedMail(email.preview(notification, Fixture.context))
    #expect(mail["Subject"] == "my subject")
    #expect(mail.parts.count == 1)
    #expect(mail.parts[0].text == "by hand\n")
  }

  @Test func secretsAreReadOnceAndNeverPrinted() async {
    let reference = SecretReference.credential("smtp")
    let notifier = email(password: reference)
    let receiver = Receiver(
      name: "ops",
      channels: [.init(id: Fixture.channel, announcesClose: true, notifier: notifier)])
    let secrets = await ResolvedSecrets(of: [receiver]) { _ in .success("hunter2\n") }
    #expect(secrets.failures == [])
    answer(
      MailResult(
        failure: TransferFailure(.authentication, "AUTH with hunter2 failed"), failureCode: 535))
    let outcome = await receiver.channels[0].deliver(
      notification, .testing(simulated, secrets: secrets))
    #expect(simulated.mail.transfers.last?.password == "hunter2")
    guard case .permanentFailure(let reason) = outcome.result else {
      Issue.record("not permanent")
      return
    }
    #expect(!reason.contains("hunter2"))
    let missing = await ResolvedSecrets(of: [receiver]) { _ in
      .failure(FileFailure(.notFound, "there is no credential smtp"))
    }
    #expect(missing.failures.count == 1)
    guard case .transientFailure = await deliver(notifier, secrets: missing).result else {
      Issue.record("a secret may be there at the next try")
      return
    }
  }
}

extension DeliveryContext {
  /// A context on a simulated machine.
  static func testing(
    _ simulated: SimulatedWorld, secrets: ResolvedSecrets = ResolvedSecrets(),
    terminal: TerminalOutput = TerminalOutput(style: .plain) { _ in }
  ) -> DeliveryContext {
    DeliveryContext(
      world: simulated.world, message: Fixture.context, secrets: secrets, terminal: terminal)
  }
}
