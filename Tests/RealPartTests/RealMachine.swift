import Glibc
import HostWorld
import Model
import Outside
import Testing

/// The real machine, and real programs on it. A test whose program is not installed is skipped,
/// unless TOCSIN_REQUIRE_REAL_PARTS says that it must not be.
enum RealMachine {
  static let isRequired = getenv("TOCSIN_REQUIRE_REAL_PARTS") != nil

  static let world: World = {
    switch HostWorld.open(state: .memory(remark: "a test's")) {
    case .success(let world): world
    case .failure(let failure): preconditionFailure(failure.reason)
    }
  }()

  static func has(_ paths: String...) -> Bool {
    isRequired || paths.allSatisfy { access($0, F_OK) == 0 }
  }

  /// The built program: `contrib/test` names it.
  static let program = getenv("TOCSIN_BINARY").map { String(cString: $0) } ?? ""

  /// A new folder for one test.
  static func folder() throws -> String {
    var name = Array("/tmp/tocsin-test.XXXXXX".utf8CString)
    try #require(mkdtemp(&name) != nil)
    return String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  static func run(
    _ arguments: [String], environment: [Label] = []
  ) async -> (code: Int32, text: String) {
    let result = await world.processes.run(
      ProcessCommand(arguments: arguments, environment: environment, timeout: .seconds(60)))
    let text = String(decoding: result.output + result.errors, as: UTF8.self)
    if case .exited(let code) = result.end { return (code, text) }
    return (-1, "\(result.end) \(text)")
  }

  /// Runs a program while the body does; its end is asked for by cancelling.
  static func with(
    _ arguments: [String], port: Int, _ body: () async throws -> Void
  ) async throws {
    let server = Task {
      await world.processes.run(ProcessCommand(arguments: arguments, timeout: .seconds(300)))
    }
    let answers = await waitFor { await isListening(port) }
    var failure: (any Error)?
    do { if answers { try await body() } } catch { failure = error }
    server.cancel()
    let end = await server.value
    if !answers {
      Issue.record("\(arguments): \(String(decoding: end.errors + end.output, as: UTF8.self))")
    }
    if let failure { throw failure }
  }

  static func isListening(_ port: Int) async -> Bool {
    let target = SocketTarget.tcp(host: "127.0.0.1", port: port)
    guard case .success(let connection) = await world.sockets.connect(target, timeout: .seconds(1))
    else { return false }
    connection.close()
    return true
  }

  /// Asks until the answer is yes; false when it is not within twenty seconds.
  static func waitFor(_ condition: () async -> Bool) async -> Bool {
    for _ in 0..<400 {
      if await condition() { return true }
      await world.time.sleep(for: .milliseconds(50))
    }
    return false
  }

  static func get(_ url: String) async -> (status: Int, text: String) {
    let result = await world.transfers.transfer(
      HTTPTransferRequest(url: url, timeout: .seconds(10)))
    return (result.status, String(decoding: result.body, as: UTF8.self))
  }
}
