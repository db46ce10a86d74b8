import Model
import Outside
import Testing

@testable import HostWorld

/// With aiosmtpd, a real mail server, and TLS.
@Suite(
  .enabled(
    if: RealServer.has("/usr/lib/python3/dist-packages/aiosmtpd"), "aiosmtpd is not installed"))
struct RealMailTests {
  private func withServer(
    _ more: (String, String) -> [String],
    _ body: (_ port: Int, _ authority: String, _ log: String) async throws -> Void
  ) async throws {
    let folder = TestWorld.folder()
    let (certificate, key) = try await RealServer.makeCertificate(in: folder)
    let port = TestWorld.freePort()
    let log = folder + "/log"
    let program = [
      "/usr/bin/python3", RealServer.repository("contrib/stand-ins/smtp.py"), "--port", "\(port)",
      "--log", log,
    ]
    try await RealServer.with(program + more(certificate, key), port: port) {
      try await body(port, certificate, log)
    }
    await TestWorld.removeFolder(folder)
  }

  private func send(
    _ port: Int, _ security: MailTransfer.Security, authority: String?, password: String = "pw",
    to recipients: [String] = ["a@example.org", "gone@example.org", "c@example.org"]
  ) async -> MailResult {
    await TestWorld.world.mail.send(
      MailTransfer(
        host: "localhost", port: port, security: security, authorityFile: authority, user: "me",
        password: password, localName: "tocsin.example", sender: "me@example.org",
        recipients: recipients,
        message: Array("Subject: over TLS\r\n\r\nhello\r\n.dot\r\n".utf8), timeout: .seconds(60)))
  }

  private func text(_ path: String) async throws -> String {
    let result = await TestWorld.world.files.read(path, limit: 1 << 20, timeout: .seconds(60))
    return String(decoding: try result.get(), as: UTF8.self)
  }

  @Test func startTLSWithLoginAndOneRefusal() async throws {
    try await withServer({
      ["--tls", $0, $1, "--user", "me", "--password", "pw", "--reject", "gone@example.org"]
    }) { port, authority, log in
      let result = await send(port, .starttls, authority: authority)
      #expect(result.failure == nil)
      #expect(result.accepted == ["a@example.org", "c@example.org"])
      #expect(
        result.refused
          == [.init(recipient: "gone@example.org", code: 550, reason: "5.1.1 no such mailbox")])
      let kept = try await text(log)
      #expect(kept.contains("\"tls\": true"))
      #expect(kept.contains("over TLS"))
      let login = await send(port, .starttls, authority: authority, password: "wrong")
      #expect(login.failure?.kind == .authentication)
      #expect(login.failureCode == 535)
      let untrusted = await send(port, .starttls, authority: nil)
      #expect(untrusted.failure?.kind == .tls)
      #expect(untrusted.failure?.reason.contains("self-signed") == true)
      // Nothing was handed over to a server that is not trusted.
      let after = try await text(log)
      #expect(after == kept)
    }
  }

  @Test func implicitTLS() async throws {
    try await withServer({ ["--tls", $0, $1, "--implicit", "--user", "me", "--password", "pw"] }) {
      port, authority, log in
      let result = await send(port, .implicit, authority: authority, to: ["a@example.org"])
      #expect(result == MailResult(accepted: ["a@example.org"]))
      let kept = try await text(log)
      #expect(kept.contains("over TLS"))
    }
  }
}
