import Model
import Outside
import Testing

@testable import HostWorld

/// With nginx: HTTP/2, a client certificate that is asked for, and a reload in between.
@Suite(.enabled(if: RealServer.has("/usr/sbin/nginx"), "nginx is not installed"))
struct RealWebServerTests {
  private func withServer(
    _ settings: String, _ body: (_ port: Int, _ folder: String) async throws -> Void
  ) async throws {
    let folder = TestWorld.folder()
    let (certificate, key) = try await RealServer.makeCertificate(in: folder)
    let port = TestWorld.freePort()
    let configuration = """
      daemon off; master_process off; pid \(folder)/pid; error_log stderr;
      events {}
      http {
        access_log off; root \(folder);
        client_body_temp_path \(folder)/body; proxy_temp_path \(folder)/proxy;
        fastcgi_temp_path \(folder)/fastcgi; uwsgi_temp_path \(folder)/uwsgi;
        scgi_temp_path \(folder)/scgi;
        server {
          listen 127.0.0.1:\(port) ssl http2;
          ssl_certificate \(certificate); ssl_certificate_key \(key);
          \(settings)
        }
      }
      """
    let path = folder + "/nginx.conf"
    try await TestWorld.world.files.write(Array(configuration.utf8), to: path).get()
    let program = ["/usr/sbin/nginx", "-p", folder, "-c", path]
    try await RealServer.with(program, port: port) { try await body(port, folder) }
    await TestWorld.removeFolder(folder)
  }

  @Test func aSecondVersionOfHTTPIsSpoken() async throws {
    try await withServer("location / { return 200 'hello'; add_header X-Proto $server_protocol; }")
    {
      port, folder in
      let result = await TestWorld.world.transfers.transfer(
        HTTPTransferRequest(
          url: "https://localhost:\(port)/", timeout: .seconds(60),
          authorityFile: folder + "/certificate.pem"))
      #expect(result.failure == nil)
      #expect(result.httpVersion == "2")
      #expect(result.header("x-proto") == "HTTP/2.0")
      #expect(result.body == Array("hello".utf8))
      #expect(result.certificates.first?.alternativeNames == ["localhost"])
    }
  }

  @Test func aClientCertificateIsShown() async throws {
    let settings = """
      ssl_client_certificate certificate.pem; ssl_verify_client on;
      location / { return 200 $ssl_client_s_dn; }
      """
    try await withServer(settings) { port, folder in
      var request = HTTPTransferRequest(
        url: "https://localhost:\(port)/", timeout: .seconds(60),
        authorityFile: folder + "/certificate.pem", freshConnection: true)
      #expect(await TestWorld.world.transfers.transfer(request).status == 400)
      request.clientCertificateFile = folder + "/certificate.pem"
      request.clientKeyFile = folder + "/key.pem"
      let shown = await TestWorld.world.transfers.transfer(request)
      #expect(String(decoding: shown.body, as: UTF8.self) == "CN=localhost")
      request.clientKeyFile = folder + "/none.pem"
      #expect(await TestWorld.world.transfers.transfer(request).failure?.kind == .invalidRequest)
    }
  }

  @Test func aLargeBodyArrivesWhole() async throws {
    try await withServer("") { port, folder in
      let bytes = [UInt8](repeating: 66, count: 5_000_000)
      try await TestWorld.world.files.write(bytes, to: folder + "/large").get()
      let result = await TestWorld.world.transfers.transfer(
        HTTPTransferRequest(
          url: "https://localhost:\(port)/large", timeout: .seconds(60),
          authorityFile: folder + "/certificate.pem"))
      #expect(result.failure == nil)
      #expect(result.body == bytes)
    }
  }
}
