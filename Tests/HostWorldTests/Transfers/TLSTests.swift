import Model
import Outside
import Testing

@testable import HostWorld

/// A TLS web server of openssl's with a certificate made by the test, until the body ends.
private func withTLSServer(
  days: Int = 10, name: String = "localhost",
  _ body: (_ port: Int, _ authority: String) async throws -> Void
) async throws {
  let folder = TestWorld.folder()
  func run(_ arguments: [String]) async throws {
    let result = await TestWorld.world.processes.run(
      ProcessCommand(arguments: arguments, timeout: .seconds(60)))
    let errors = String(decoding: result.errors, as: UTF8.self)
    try #require(result.end == .exited(0), "\(errors)")
  }
  let (key, request) = (folder + "/key.pem", folder + "/request.pem")
  let (certificate, extensions) = (folder + "/certificate.pem", folder + "/extensions")
  try await TestWorld.world.files.write(
    Array("subjectAltName=DNS:\(name),IP:127.0.0.1\n".utf8), to: extensions
  ).get()
  try await run([
    "openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj",
    "/O=Tests/CN=\(name)",
  ])
  try await run([
    "openssl", "x509", "-req", "-in", request, "-signkey", key, "-out", certificate, "-days",
    "\(days)", "-extfile", extensions, "-set_serial", "0x1234",
  ])
  let port = TestWorld.freePort()
  let server = Task {
    await TestWorld.world.processes.run(
      ProcessCommand(
        arguments: [
          "openssl", "s_server", "-accept", "127.0.0.1:\(port)", "-cert", certificate, "-key", key,
          "-www", "-quiet",
        ], timeout: .seconds(60)))
  }
  try #require(await TestWorld.waitForPort(port))
  try await body(port, certificate)
  server.cancel()
  _ = await server.value
  await TestWorld.removeFolder(folder)
}

private func get(
  _ url: String, authority: String? = nil, verifies: Bool = true
) async -> HTTPTransferResult {
  await TestWorld.world.transfers.transfer(
    HTTPTransferRequest(
      url: url, timeout: .seconds(60), verifiesTLS: verifies, authorityFile: authority,
      freshConnection: true))
}

@Test func aTrustedCertificateShowsItsFacts() async throws {
  try await withTLSServer { port, authority in
    let result = await get("https://localhost:\(port)/", authority: authority)
    #expect(result.failure == nil)
    #expect(result.status == 200)
    #expect(result.tlsVersion == "TLSv1.3")
    #expect(result.phases.tls > .zero)
    let leaf = try #require(result.certificates.first)
    #expect(leaf.subject == "O=Tests, CN=localhost")
    #expect(leaf.issuer == leaf.subject)
    #expect(leaf.serialNumber == "1234")
    #expect(leaf.alternativeNames == ["localhost", "127.0.0.1"])
    let life = leaf.notAfter - leaf.notBefore
    #expect(life == .seconds(10 * 86400))
    #expect(leaf.notAfter > TestWorld.world.time.now())
  }
}

@Test func anUntrustedCertificateIsRefusedAndStillShown() async throws {
  try await withTLSServer { port, _ in
    let result = await get("https://localhost:\(port)/")
    #expect(result.failure?.kind == .tls)
    #expect(result.failure?.reason.contains("self-signed certificate") == true)
    #expect(result.status == 0)
    #expect(result.certificates.first?.serialNumber == "1234")
    #expect(result.tlsVersion == "TLSv1.3")
    let unverified = await get("https://localhost:\(port)/", verifies: false)
    #expect(unverified.status == 200)
    #expect(unverified.certificates.first?.serialNumber == "1234")
  }
}

@Test func anExpiredCertificateIsRefusedAndStillShown() async throws {
  try await withTLSServer(days: -1) { port, authority in
    let result = await get("https://localhost:\(port)/", authority: authority)
    #expect(result.failure?.kind == .tls)
    #expect(result.failure?.reason.contains("certificate has expired") == true)
    let leaf = try #require(result.certificates.first)
    #expect(leaf.notAfter < TestWorld.world.time.now())
  }
}

@Test func aCertificateForAnotherNameIsRefusedAndStillShown() async throws {
  try await withTLSServer(name: "elsewhere.example") { port, authority in
    let result = await get("https://localhost:\(port)/", authority: authority)
    #expect(result.failure?.kind == .tls)
    #expect(result.failure?.reason.contains("localhost") == true)
    #expect(result.certificates.first?.alternativeNames == ["elsewhere.example", "127.0.0.1"])
  }
}

@Test func aReusedConnectionShowsItsCertificateToo() async throws {
  try await withTLSServer { port, authority in
    let request = HTTPTransferRequest(
      url: "https://localhost:\(port)/", timeout: .seconds(60), authorityFile: authority)
    for _ in 0..<2 {
      let result = await TestWorld.world.transfers.transfer(request)
      #expect(result.failure == nil)
      #expect(result.certificates.first?.serialNumber == "1234")
    }
  }
}

@Test func aServerWithoutTLSFailsTheHandshake() async {
  let server = LoopbackServer { peer in
    peer.send("HTTP/1.1 400 Bad Request\r\n\r\n")
    peer.hang()
  }
  let result = await get("https://127.0.0.1:\(server.port)/")
  #expect(result.failure?.kind == .tls)
  #expect(result.failure?.reason.hasPrefix("127.0.0.1:\(server.port)") == true)
}
