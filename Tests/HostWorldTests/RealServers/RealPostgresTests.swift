import Glibc
import Model
import Outside
import Testing

@testable import HostWorld

private let programs = "/usr/lib/postgresql/15/bin"

/// With a real PostgreSQL on loopback.
@Suite(.enabled(if: RealServer.has(programs + "/postgres"), "PostgreSQL 15 is not installed"))
struct RealPostgresTests {
  private func ask(
    _ target: String, _ statement: String?, password: String? = "right",
    timeout: Duration = .seconds(60)
  ) async -> DatabaseResult {
    await TestWorld.world.databases.query(
      DatabaseQuery(
        kind: .postgres, target: target, user: "scout", password: password, statement: statement,
        timeout: timeout))
  }

  private func withServer(_ body: (String, Int) async throws -> Void) async throws {
    let folder = TestWorld.folder()
    let port = TestWorld.freePort()
    // The server refuses to run as root.
    let plain =
      geteuid() == 0
      ? ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"] : []
    if geteuid() == 0 { try await RealServer.run(["chown", "nobody:nogroup", folder]) }
    let secret = folder + "/secret"
    try await TestWorld.world.files.write(Array("right\n".utf8), to: secret).get()
    try await RealServer.run(
      plain + [
        programs + "/initdb", "-D", folder + "/data", "-U", "scout", "--auth=scram-sha-256",
        "--pwfile=" + secret, "--no-sync", "-E", "UTF8", "--locale=C",
      ])
    let server =
      plain + [
        programs + "/postgres", "-D", folder + "/data", "-c", "listen_addresses=127.0.0.1", "-c",
        "port=\(port)", "-c", "unix_socket_directories=" + folder, "-c", "fsync=off",
      ]
    try await RealServer.with(server, port: port) {
      let target = "postgres://127.0.0.1:\(port)/postgres"
      // It listens a moment before it takes logins.
      for _ in 0..<200 {
        if await ask(target, nil).failure == nil { break }
        await TestWorld.world.time.sleep(for: .milliseconds(50))
      }
      try await body(target, port)
    }
    await TestWorld.removeFolder(folder)
  }

  @Test func questionsAreAnsweredAndMistakesNamed() async throws {
    try await withServer { target, port in
      let result = await ask(
        target, "SELECT 1 AS a, NULL AS b, 'x' AS c UNION ALL SELECT 2, 'y', ''")
      #expect(result.failure == nil)
      #expect(result.columns == ["a", "b", "c"])
      #expect(result.rows == [["1", nil, "x"], ["2", "y", ""]])
      #expect(result.connect > .zero && result.query > .zero)
      let wrong = await ask(target, "SELECT nonsense")
      #expect(wrong.failure?.kind == .protocolError)
      #expect(wrong.failure?.reason.contains("column \"nonsense\" does not exist") == true)
      let login = await ask(target, nil, password: "wrong")
      #expect(login.failure?.kind == .authentication)
      #expect(login.failure?.reason.contains("wrong") == false)
      let database = await ask("postgres://127.0.0.1:\(port)/none", nil)
      #expect(database.failure?.reason.contains("database \"none\" does not exist") == true)
    }
  }

  @Test func aQueryThatIsGivenUpIsStoppedInTheServer() async throws {
    try await withServer { target, _ in
      let slow = await ask(target, "SELECT pg_sleep(300)", timeout: .seconds(1))
      #expect(slow.failure?.kind == .timeout)
      #expect(slow.failure?.reason.hasSuffix("while the query ran") == true)
      let running = """
        SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'
        """
      var left: String? = "1"
      for _ in 0..<200 where left != "0" {
        left = await ask(target, running).rows.first?.first ?? nil
        await TestWorld.world.time.sleep(for: .milliseconds(25))
      }
      #expect(left == "0")
    }
  }
}
