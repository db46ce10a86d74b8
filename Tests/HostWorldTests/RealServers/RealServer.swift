import Glibc
import Model
import Outside
import Testing

@testable import HostWorld

/// Real servers the tests start for themselves; a test whose server is not installed is skipped,
/// unless TOCSIN_REQUIRE_REAL_PARTS says that it must not be.
enum RealServer {
  static let isRequired = getenv("TOCSIN_REQUIRE_REAL_PARTS") != nil

  static func has(_ paths: String...) -> Bool {
    isRequired || paths.allSatisfy { access($0, F_OK) == 0 }
  }

  /// Whether a journal is behind the system's socket: the file alone may be left over.
  static var journalAnswers: Bool {
    if isRequired { return true }
    guard let address = SocketAddress(unixPath: JournalWriter.systemSocket) else { return false }
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(descriptor) }
    return address.withPointer { connect(descriptor, $0, $1) } == 0
  }

  /// Where the repository is, from this file's own place.
  static func repository(_ path: String, file: String = #filePath) -> String {
    let parts = file.split(separator: "/").dropLast(4)
    return "/" + parts.joined(separator: "/") + "/" + path
  }

  /// Runs a program to its end, which must be a good one.
  static func run(_ arguments: [String]) async throws {
    let result = await TestWorld.world.processes.run(
      ProcessCommand(arguments: arguments, timeout: .seconds(120)))
    let said = String(decoding: result.errors + result.output, as: UTF8.self)
    try #require(result.end == .exited(0), "\(arguments.joined(separator: " ")): \(said)")
  }

  /// Runs a server while the body does.
  static func with(
    _ arguments: [String], port: Int, _ body: () async throws -> Void
  ) async throws {
    let server = Task {
      await TestWorld.world.processes.run(
        ProcessCommand(arguments: arguments, timeout: .seconds(300)))
    }
    let answers = await TestWorld.waitForPort(port)
    var failure: (any Error)?
    do { if answers { try await body() } } catch { failure = error }
    server.cancel()
    let end = await server.value
    if !answers { Issue.record("\(String(decoding: end.errors, as: UTF8.self))") }
    if let failure { throw failure }
  }

  /// A certificate for localhost and its key, in a folder.
  static func makeCertificate(in folder: String) async throws -> (certificate: String, key: String)
  {
    let (certificate, key) = (folder + "/certificate.pem", folder + "/key.pem")
    try await run([
      "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out",
      certificate, "-days", "10", "-subj", "/CN=localhost", "-addext",
      "subjectAltName=DNS:localhost",
    ])
    return (certificate, key)
  }
}
