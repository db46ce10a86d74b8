import Language
import Model
import Outside

/// What the database kinds have in common: a statement, and expectations of its rows.
struct DatabaseCheck: Sendable, Hashable {
  var statement: String?
  var user: String?
  var password: SecretReference?
  var rowLimit: Int
  var expectations: [Expectation]

  static let subjects: [ExpectationSubject] = [
    .init("value", .text, "The first column of the first row."),
    .init("rows", .number(.none), "How many rows came back."),
    .init("time", .number(.seconds), "How long the statement took, connecting left out."),
  ]

  init(reading block: BlockReader, expectations: [Expectation], hasUser: Bool) {
    statement = block.read("query", .text, "The SQL statement; none only connects.")?.value
    if hasUser {
      user = block.read("user", .text, "The user to connect as.")?.value
      password = block.read("password", .secret, "The user's password.")?.value
    }
    rowLimit = block.read(
      "rows", .integer(in: 1...100_000), default: 1000, "The most rows that are read.")
    self.expectations = expectations
  }

  func run(
    _ kind: DatabaseQuery.Kind, _ target: String, _ run: CheckRun
  ) async -> CheckReport {
    var query = DatabaseQuery(
      kind: kind, target: target, user: user, statement: statement, rowLimit: rowLimit,
      timeout: run.remaining)
    if let password {
      switch run.secrets.value(of: password) {
      case .success(let value): query.password = value
      case .failure(let failure): return CheckReport(failure: failure.reason)
      }
    }
    let result = await run.world.databases.query(query)
    var report = CheckReport()
    report.add(
      "probe_sql_duration_seconds", result.connect.inSeconds, [Label("phase", "connect")])
    report.add("probe_sql_duration_seconds", result.query.inSeconds, [Label("phase", "query")])
    report.note("connect", Wording.duration(result.connect))
    if let failure = result.failure {
      report.fail(failure.reason)
      return report
    }
    guard statement != nil else { return report }
    report.note("query", Wording.duration(result.query))
    report.note("rows", "\(result.rows.count)")
    report.add("probe_sql_rows", Double(result.rows.count))
    let value = result.rows.first?.first
    if let text = value ?? nil, let number = NumberNotation.number(text) {
      report.add("probe_sql_value", number)
    }
    judge(result, value, &report)
    return report
  }

  private func judge(_ result: DatabaseResult, _ value: String??, _ report: inout CheckReport) {
    for expected in expectations {
      switch expected.subject {
      case "rows":
        if let reason = expected.failure(of: Double(result.rows.count)) { report.fail(reason) }
      case "time":
        if let reason = expected.failure(of: result.query.inSeconds, .seconds) {
          report.fail(reason)
        }
      default:
        switch value {
        case .some(.some(let text)):
          if let reason = expected.failure(of: text) { report.fail(reason) }
        case .some(.none): report.fail("value is NULL, expected \(expected.written)")
        case .none: report.fail("there is no row, expected \(expected.written)")
        }
      }
    }
  }
}

/// `probe postgres NAME postgres://host/database, …`.
package struct PostgresProbe: ProbeKind {
  package static let keyword = "postgres"
  package static let summary = "Connects to PostgreSQL, and may run a statement."
  package static let targetForm: String? = "a postgres:// URL"
  package static let subjects = DatabaseCheck.subjects
  var database: DatabaseCheck

  package init(reading block: BlockReader, expectations: [Expectation]) {
    database = DatabaseCheck(reading: block, expectations: expectations, hasUser: true)
  }

  package var secrets: [SecretReference] { [database.password].compactMap { $0 } }

  package static func instance(of target: String) -> Result<String, TargetMistake> {
    guard let range = target.firstRange(of: "://"),
      ["postgres", "postgresql"].contains(String(target[..<range.lowerBound]))
    else {
      return .failure(TargetMistake("expected postgres://HOST/DATABASE"))
    }
    let authority = target[range.upperBound...].prefix { $0 != "/" && $0 != "?" }
    let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
    if host.isEmpty { return .success("localhost:5432") }
    guard let address = HostPort(String(host), defaultPort: 5432) else {
      return .failure(TargetMistake("this URL has no usable host and port"))
    }
    return .success(address.text)
  }

  package func check(_ target: String, _ run: CheckRun) async -> CheckReport {
    await database.run(.postgres, target, run)
  }
}

/// `probe sqlite NAME PATH, …`.
package struct SQLiteProbe: ProbeKind {
  package static let keyword = "sqlite"
  package static let summary = "Opens a SQLite file, and may run a statement."
  package static let targetForm: String? = "a database file's path"
  package static let subjects = DatabaseCheck.subjects
  var database: DatabaseCheck

  package init(reading block: BlockReader, expectations: [Expectation]) {
    database = DatabaseCheck(reading: block, expectations: expectations, hasUser: false)
  }

  package static func instance(of target: String) -> Result<String, TargetMistake> {
    target.hasPrefix("/")
      ? .success(target) : .failure(TargetMistake("a database file's path begins with `/`"))
  }

  package func check(_ target: String, _ run: CheckRun) async -> CheckReport {
    await database.run(.sqlite, target, run)
  }
}
