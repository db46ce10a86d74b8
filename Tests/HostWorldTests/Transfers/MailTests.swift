import Model
import Outside
import Testing

@testable import HostWorld

/// A mail server that answers by a script: replies for what a command begins with.
private func mailServer(
  _ replies: [(String, String)] = [], hello: String = "250-here\r\n250 SIZE 1000000",
  seen: Collected<String> = Collected(), closesInData: Bool = false
) -> LoopbackServer {
  LoopbackServer { peer in
    peer.send("220 mail.example ESMTP\r\n")
    while let line = peer.line() {
      seen.add(line)
      let upper = line.uppercased()
      if let reply = replies.first(where: { upper.hasPrefix($0.0) })?.1 {
        peer.send(reply + "\r\n")
      } else if upper.hasPrefix("EHLO") {
        peer.send(hello + "\r\n")
      } else if upper == "DATA" {
        peer.send("354 go on\r\n")
        if closesInData {
          _ = peer.read(until: "\r\n")
          return
        }
        seen.add(peer.read(until: "\r\n.\r\n") ?? "")
        peer.send((replies.first { $0.0 == "." }?.1 ?? "250 queued as 42") + "\r\n")
      } else if upper == "QUIT" {
        peer.send("221 bye\r\n")
        return
      } else {
        peer.send("250 fine\r\n")
      }
    }
  }
}

private func send(
  _ server: LoopbackServer, to recipients: [String] = ["a@example.org"],
  security: MailTransfer.Security = .none, user: String? = nil,
  message: String = "Subject: x\r\n\r\nhello\r\n", timeout: Duration = .seconds(60)
) async -> MailResult {
  await TestWorld.world.mail.send(
    MailTransfer(
      host: "127.0.0.1", port: server.port, security: security, user: user, password: "pw",
      localName: "tocsin.example", sender: "me@example.org", recipients: recipients,
      message: Array(message.utf8), timeout: timeout))
}

@Test func aMailIsHandedOver() async {
  let seen = Collected<String>()
  let server = mailServer(seen: seen)
  let result = await send(server, message: "Subject: x\r\n\r\none\r\n.two\r\n..three\r\n")
  #expect(result == MailResult(accepted: ["a@example.org"]))
  let all = seen.all
  #expect(all.first == "EHLO tocsin.example")
  #expect(all.contains { $0.hasPrefix("MAIL FROM:<me@example.org>") })
  #expect(all.contains("RCPT TO:<a@example.org>"))
  // Dots at the beginning of a line are doubled (RFC 5321 §4.5.2).
  #expect(all.contains("Subject: x\r\n\r\none\r\n..two\r\n...three\r\n.\r\n"))
}

@Test func oneRefusedRecipientOfThreeIsKnownByAddressAndCode() async {
  let server = mailServer([("RCPT TO:<B@", "550-No such\r\n550 user here")])
  let result = await send(server, to: ["a@example.org", "b@example.org", "c@example.org"])
  #expect(result.accepted == ["a@example.org", "c@example.org"])
  #expect(
    result.refused
      == [.init(recipient: "b@example.org", code: 550, reason: "No such user here")])
  #expect(result.failure == nil)
}

@Test func theLastRecipientMayBeTheRefusedOne() async {
  let server = mailServer([("RCPT TO:<C@", "451 later")], closesInData: true)
  let result = await send(server, to: ["a@example.org", "c@example.org"])
  #expect(result.accepted == [])
  #expect(result.refused.map(\.code) == [0, 451])
  #expect(result.failure?.kind == .reset)
}

@Test func everyRecipientRefused() async {
  let server = mailServer([("RCPT TO:", "452 mailbox full")])
  let result = await send(server, to: ["a@example.org", "b@example.org"])
  #expect(result.accepted == [])
  #expect(result.refused.map(\.code) == [452, 452])
  #expect(result.failureCode == 452)
  #expect(
    result.failure?.reason
      == "127.0.0.1:\(server.port) refused every recipient: 452 mailbox full")
}

@Test func refusalsOfTheWholeSessionCarryTheirCode() async {
  let sender = await send(mailServer([("MAIL FROM:", "553 not you")]))
  #expect(sender.failureCode == 553)
  #expect(sender.failure?.reason.contains("refused the sender me@example.org: 553 not you") == true)
  #expect(
    sender.refused == [
      .init(recipient: "a@example.org", code: 553, reason: sender.failure?.reason ?? "")
    ])
  let message = await send(mailServer([(".", "554 spam")]))
  #expect(message.failureCode == 554)
  #expect(message.failure?.reason.contains("refused the message: 554 spam") == true)
  let data = await send(mailServer([("DATA", "421 going down")]))
  #expect(data.failureCode == 421)
}

@Test func theServerMayTurnAwayAtOnce() async {
  let server = LoopbackServer { peer in
    peer.send("421 too busy\r\n")
    peer.hang()
  }
  let result = await send(server)
  #expect(result.failureCode == 421)
  #expect(result.failure?.reason.contains("421 too busy") == true)
}

@Test func aLoginIsMadeAndItsRefusalIsOne() async {
  let hello = "250-here\r\n250 AUTH PLAIN LOGIN"
  let seen = Collected<String>()
  // The answer to the server's question: a zero byte before the user and one before the password.
  let answer = "AG1LAHB3"
  let fine = await send(
    mailServer([("AUTH PLAIN", "334 "), (answer, "235 welcome")], hello: hello, seen: seen),
    user: "me")
  #expect(fine.accepted == ["a@example.org"])
  #expect(seen.all.contains { $0.hasPrefix("AUTH PLAIN") })
  let refused = await send(
    mailServer([("AUTH PLAIN", "334 "), (answer, "535 no")], hello: hello), user: "me")
  #expect(refused.failure?.kind == .authentication)
  #expect(refused.failureCode == 535)
  #expect(refused.failure?.reason.contains("pw") == false)
}

@Test func aConnectionThatBreaksInTheMessageIsTransient() async {
  let result = await send(
    mailServer(closesInData: true), message: String(repeating: "x\r\n", count: 9))
  #expect(result.accepted == [])
  #expect(result.failure?.kind == .reset)
  #expect(result.failureCode == 0)
  #expect(result.refused.map(\.code) == [0])
}

@Test func startTLSIsRequiredWhenAsked() async {
  let seen = Collected<String>()
  let result = await send(mailServer(seen: seen), security: .starttls)
  #expect(result.failure?.kind == .tls)
  #expect(result.failure?.reason == "127.0.0.1:\(TestWorld.port(of: result)) offers no STARTTLS")
  #expect(!seen.all.contains { $0.hasPrefix("MAIL") })
}

extension TestWorld {
  /// The port a failure's sentence names.
  static func port(of result: MailResult) -> String {
    let reason = result.failure?.reason ?? ""
    return String(reason.drop { $0 != ":" }.dropFirst().prefix { $0 != " " })
  }
}

@Test func aSilentServerTimesOut() async {
  let server = LoopbackServer { $0.hang() }
  let result = await send(server, timeout: .milliseconds(150))
  #expect(result.failure?.kind == .timeout)
  #expect(result.failure?.reason.contains("150 ms") == true)
}

@Test func addressesThatWouldBreakTheDialogueAreRefused() async {
  let server = mailServer()
  for address in ["a@example.org>\r\nRCPT TO:<b@example.org", "a b@example.org", "<a@b>"] {
    #expect(await send(server, to: [address]).failure?.kind == .invalidRequest)
  }
  #expect(await send(server, to: []).failure?.kind == .invalidRequest)
  #expect(server.accepted == 0)
}

@Test func aCancelledMailEnds() async {
  let server = LoopbackServer { $0.hang() }
  let task = Task { await send(server, timeout: .seconds(300)) }
  task.cancel()
  #expect(await task.value.failure?.kind == .cancelled)
}
