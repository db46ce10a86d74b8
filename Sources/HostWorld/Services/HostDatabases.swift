import CHostWorld
import Glibc
import Model
import Outside

/// Database probes' clients: libpq, opened when first asked for, and SQLite.
final class HostDatabases: Databases {
  private let workers: WorkerThreads
  private let cancellers: WorkerThreads

  init(reactor: Reactor) {
    workers = WorkerThreads("database", limit: 16, most: 64, reactor: reactor)
    cancellers = WorkerThreads("database-cancel", limit: 2, most: 2, reactor: reactor)
  }

  func query(_ request: DatabaseQuery) async -> DatabaseResult {
    let cancellers = cancellers
    let outcome = await workers.run(timeout: request.timeout + .milliseconds(250)) {
      () -> DatabaseResult in
      switch request.kind {
      case .postgres: PostgresQuery.run(request, cancellers)
      case .sqlite: SQLiteQuery.run(request)
      }
    }
    let target = PostgresQuery.name(of: request)
    switch outcome {
    case .done(let result): return result
    case .timedOut:
      return DatabaseResult(
        failure: .init(.timeout, "\(target): no answer within \(describe(request.timeout))"))
    case .cancelled:
      return DatabaseResult(failure: .init(.cancelled, "the query was cancelled"))
    case .refused:
      return DatabaseResult(failure: .init(.connect, "too many database queries wait already"))
    }
  }
}

/// A query through libpq.
enum PostgresQuery {
  static func run(_ request: DatabaseQuery, _ cancellers: WorkerThreads) -> DatabaseResult {
    var answer = host_postgres_answer()
    let milliseconds = Int32(clamping: max(1, request.timeout.wholeMilliseconds))
    host_postgres_run(
      request.target, request.user, request.password, request.statement,
      Int32(clamping: max(0, request.rowLimit)), milliseconds, &answer)
    defer { host_postgres_free(&answer) }
    if let pointer = answer.cancellation {
      // The server may hang, and then so does asking it to stop: that is never waited for.
      nonisolated(unsafe) let cancellation = pointer
      cancellers.post { host_postgres_cancel(cancellation) }
    }
    return result(answer, request)
  }

  private static func result(
    _ answer: host_postgres_answer, _ request: DatabaseQuery
  ) -> DatabaseResult {
    var result = DatabaseResult(
      connect: .nanoseconds(answer.connect_nanoseconds),
      query: .nanoseconds(answer.query_nanoseconds))
    result.failure = failure(answer, request)
    guard result.failure == nil else { return result }
    let count = Int(answer.column_count)
    result.columns = (0..<count).map { text(answer.columns[$0]) ?? "" }
    result.rows = (0..<Int(answer.row_count)).map { row in
      (0..<count).map { text(answer.cells[row * count + $0]) }
    }
    return result
  }

  private static func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String? {
    pointer.map { String(cString: $0) }
  }

  private static func failure(
    _ answer: host_postgres_answer, _ request: DatabaseQuery
  ) -> TransferFailure? {
    let name = name(of: request)
    // libpq's messages run over several lines.
    let words = (text(answer.message) ?? "").split(separator: "\n")
      .map { String($0).trimmingBlanks() }.filter { !$0.isEmpty }.joined(separator: "; ")
      // A URL that libpq can't read is quoted in its message, password and all.
      .replacing(request.target, with: name)
    switch answer.end {
    case host_postgres_answered: return nil
    case host_postgres_no_library:
      return .init(
        .invalidRequest, "the library libpq.so.5 is not there; install the Debian package libpq5")
    case host_postgres_no_name: return .init(.resolve, "\(name): \(words)")
    case host_postgres_no_connection: return .init(.connect, "\(name): \(words)")
    case host_postgres_no_login: return .init(.authentication, "\(name): \(words)")
    case host_postgres_late:
      let phase = answer.connected ? "while the query ran" : "while connecting"
      return .init(.timeout, "\(name): no answer within \(describe(request.timeout)), \(phase)")
    default: return .init(.protocolError, "\(name): the query failed: \(words)")
    }
  }

  /// The target without the user and password a URL may hold.
  static func name(of request: DatabaseQuery) -> String {
    let target = request.target
    guard request.kind == .postgres else { return target }
    guard let scheme = ["postgres://", "postgresql://"].first(where: target.hasPrefix) else {
      return "the PostgreSQL server"
    }
    let rest = target.dropFirst(scheme.count)
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] }
    let path = rest.dropFirst(authority.count).prefix { $0 != "?" }
    return String((host ?? authority) + path)
  }
}

/// A query of a SQLite file, opened for reading only.
enum SQLiteQuery {
  static func run(_ request: DatabaseQuery) -> DatabaseResult {
    let began = Clocks.boot()
    let deadline = began + request.timeout.nanoseconds
    var result = DatabaseResult()
    guard access(request.target, F_OK) == 0 else {
      result.failure = .init(.connect, "\(request.target): there is no such file")
      return result
    }
    do throws(SQLiteError) {
      let connection = try SQLiteConnection(
        request.target, flags: SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX)
      connection.setBusyTimeout(Int(clamping: request.timeout.wholeMilliseconds))
      connection.setDeadline(deadline)
      // Opening reads nothing; this shows whether the file is a database.
      _ = try connection.value("PRAGMA schema_version")
      result.connect = .nanoseconds(Clocks.boot() - began)
      guard let statement = request.statement else { return result }
      let ready = Clocks.boot()
      var rows: [[String?]] = []
      let columns = try connection.run(statement) { row in
        if rows.count < request.rowLimit { rows.append(row.map(text)) }
        return rows.count < request.rowLimit
      }
      result.query = .nanoseconds(Clocks.boot() - ready)
      result.columns = columns
      result.rows = rows
    } catch {
      result.failure = failure(error, request)
    }
    return result
  }

  private static func text(_ value: SQLiteValue) -> String? {
    switch value {
    case .null: nil
    case .integer(let value): String(value)
    case .real(let value): String(value)
    case .text(let value): value
    case .blob(let bytes): String(decoding: bytes, as: UTF8.self)
    }
  }

  private static func failure(_ error: SQLiteError, _ request: DatabaseQuery) -> TransferFailure {
    let name = request.target
    switch error.code & 0xFF {
    case SQLITE_INTERRUPT:
      return .init(.timeout, "\(name): no answer within \(describe(request.timeout))")
    case SQLITE_BUSY, SQLITE_LOCKED:
      return .init(.timeout, "\(name): another process holds it")
    case SQLITE_CANTOPEN, SQLITE_PERM: return .init(.connect, "\(name): \(error.message)")
    default: return .init(.protocolError, "\(name): \(error.message)")
    }
  }
}
