import CHostWorld
import Model
import Outside
import Testing

@testable import HostWorld

private func query(_ request: DatabaseQuery) async -> DatabaseResult {
  await TestWorld.world.databases.query(request)
}

@Test func aSQLiteFileIsAsked() async throws {
  let folder = TestWorld.folder()
  let path = folder + "/app.db"
  do {
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    let connection = try SQLiteConnection(path, flags: flags)
    try connection.run("CREATE TABLE jobs (name TEXT, size REAL, note TEXT)")
    try connection.run("INSERT INTO jobs VALUES ('a', 1.5, NULL), ('b', 2, 'x')")
  }
  let sql = "SELECT name, size, note FROM jobs ORDER BY name"
  let result = await query(
    DatabaseQuery(kind: .sqlite, target: path, statement: sql, timeout: .seconds(60)))
  #expect(result.failure == nil)
  #expect(result.columns == ["name", "size", "note"])
  #expect(result.rows == [["a", "1.5", nil], ["b", "2.0", "x"]])
  let one = await query(
    DatabaseQuery(kind: .sqlite, target: path, statement: sql, rowLimit: 1, timeout: .seconds(60)))
  #expect(one.rows.count == 1)
  #expect(
    await query(DatabaseQuery(kind: .sqlite, target: path, timeout: .seconds(60))).failure == nil)
  let wrong = await query(
    DatabaseQuery(kind: .sqlite, target: path, statement: "SELECT x FROM y", timeout: .seconds(60)))
  #expect(wrong.failure == TransferFailure(.protocolError, "\(path): no such table: y"))
  let write = await query(
    DatabaseQuery(
      kind: .sqlite, target: path, statement: "DELETE FROM jobs", timeout: .seconds(60)))
  #expect(write.failure?.reason.contains("readonly") == true)
  await TestWorld.removeFolder(folder)
}

@Test func aSQLiteFileThatIsNoneIsASentence() async {
  let missing = await query(
    DatabaseQuery(kind: .sqlite, target: "/no/such/file.db", timeout: .seconds(60)))
  #expect(missing.failure == TransferFailure(.connect, "/no/such/file.db: there is no such file"))
  let text = await query(
    DatabaseQuery(kind: .sqlite, target: "/etc/passwd", timeout: .seconds(60)))
  #expect(text.failure?.reason == "/etc/passwd: file is not a database")
}

@Test func anEndlessQueryIsInterrupted() async throws {
  let folder = TestWorld.folder()
  try await TestWorld.world.files.write([], to: folder + "/empty.db").get()
  let endless =
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
  let result = await query(
    DatabaseQuery(
      kind: .sqlite, target: folder + "/empty.db", statement: endless,
      timeout: .milliseconds(200)))
  #expect(result.failure?.kind == .timeout)
  await TestWorld.removeFolder(folder)
}

@Test func aPostgresThatRefusesIsASentence() async {
  let port = TestWorld.freePort()
  let result = await query(
    DatabaseQuery(
      kind: .postgres, target: "postgres://me:secret@127.0.0.1:\(port)/db", timeout: .seconds(60)))
  #expect(result.failure?.kind == .connect)
  #expect(result.failure?.reason.hasPrefix("127.0.0.1:\(port)/db: ") == true)
  #expect(result.failure?.reason.contains("secret") == false)
}

@Test func aPostgresThatHangsAfterAcceptingHoldsNobody() async {
  let server = LoopbackServer { $0.hang() }
  var result = DatabaseResult()
  let duration = await TestWorld.measure {
    result = await query(
      DatabaseQuery(
        kind: .postgres, target: "postgres://me@127.0.0.1:\(server.port)/db",
        timeout: .milliseconds(300)))
  }
  #expect(result.failure?.kind == .timeout)
  #expect(duration < .seconds(100))
}

@Test func aPostgresURLThatIsNoneIsNotQuoted() async {
  let result = await query(
    DatabaseQuery(
      kind: .postgres, target: "postgres://me:secret@[::1/db", timeout: .seconds(60)))
  #expect(result.failure != nil)
  #expect(result.failure?.reason.contains("secret") == false)
}

@Test func targetsAreNamedWithoutTheirSecrets() {
  func name(_ target: String) -> String {
    PostgresQuery.name(of: DatabaseQuery(kind: .postgres, target: target, timeout: .seconds(1)))
  }
  #expect(name("postgres://u:p@h:5432/d?sslmode=require&password=x") == "h:5432/d")
  #expect(name("postgresql://h/d") == "h/d")
  #expect(name("host=h password=p") == "the PostgreSQL server")
}
