import CHostWorld
import Glibc

/// What SQLite answered, with its own words.
struct SQLiteError: Error, Sendable {
  var code: Int32
  var message: String
  /// The file is damaged, or is no database at all.
  var isCorrupt: Bool { [SQLITE_CORRUPT, SQLITE_NOTADB].contains(code & 0xFF) }
}

/// A value of a row or of a statement's parameter.
enum SQLiteValue: Sendable, Equatable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case blob([UInt8])

  var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
  var text: String? { if case .text(let value) = self { value } else { nil } }
  var blob: [UInt8]? { if case .blob(let value) = self { value } else { nil } }
}

/// A connection to a SQLite database.
// Used by one thread at a time: by the store's own thread, or by the thread of one query.
final class SQLiteConnection: @unchecked Sendable {
  private let database: OpaquePointer
  /// Statements kept for their next use, by their text.
  private var prepared: [String: OpaquePointer] = [:]
  /// When a running statement is to be interrupted, on CLOCK_BOOTTIME.
  private var deadline = Int64.max

  /// `flags` as sqlite3_open_v2 takes them.
  init(_ path: String, flags: Int32) throws(SQLiteError) {
    var pointer: OpaquePointer?
    let code = sqlite3_open_v2(path, &pointer, flags, nil)
    guard code == SQLITE_OK, let pointer else {
      let message = pointer.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
      sqlite3_close(pointer)
      throw SQLiteError(code: code, message: message)
    }
    database = pointer
    sqlite3_extended_result_codes(pointer, 1)
  }

  deinit {
    for statement in prepared.values { sqlite3_finalize(statement) }
    sqlite3_close_v2(database)
  }

  func setBusyTimeout(_ milliseconds: Int) { sqlite3_busy_timeout(database, Int32(milliseconds)) }

  /// Interrupts statements that still run at a moment on CLOCK_BOOTTIME.
  func setDeadline(_ moment: Int64) {
    deadline = moment
    sqlite3_progress_handler(
      database, 1000,
      { context in
        let connection = Unmanaged<SQLiteConnection>.fromOpaque(context!).takeUnretainedValue()
        return Clocks.boot() >= connection.deadline ? 1 : 0
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  private func error(_ code: Int32) -> SQLiteError {
    SQLiteError(code: code, message: String(cString: sqlite3_errmsg(database)))
  }

  /// Runs a statement and gives its rows to `take`, which answers whether it wants more. Gives the
  /// names of the columns.
  @discardableResult
  func run(
    _ sql: String, _ parameters: [SQLiteValue] = [],
    _ take: ([SQLiteValue]) -> Bool = { _ in true }
  ) throws(SQLiteError) -> [String] {
    let statement = try prepare(sql)
    defer {
      sqlite3_reset(statement)
      sqlite3_clear_bindings(statement)
    }
    for (index, value) in parameters.enumerated() {
      let code = bind(statement, Int32(index + 1), value)
      guard code == SQLITE_OK else { throw error(code) }
    }
    let columns = (0..<sqlite3_column_count(statement)).map {
      String(cString: sqlite3_column_name(statement, $0))
    }
    while true {
      let code = sqlite3_step(statement)
      if code == SQLITE_DONE { return columns }
      guard code == SQLITE_ROW else { throw error(code) }
      guard take(row(of: statement)) else { return columns }
    }
  }

  /// The first value of the first row.
  func value(_ sql: String) throws(SQLiteError) -> SQLiteValue {
    var value = SQLiteValue.null
    try run(sql) { row in
      value = row.first ?? .null
      return false
    }
    return value
  }

  private func prepare(_ sql: String) throws(SQLiteError) -> OpaquePointer {
    if let statement = prepared[sql] { return statement }
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v2(database, sql, -1, &statement, nil)
    guard code == SQLITE_OK else { throw error(code) }
    guard let statement else {
      throw SQLiteError(code: SQLITE_ERROR, message: "an empty statement")
    }
    prepared[sql] = statement
    return statement
  }

  private func bind(_ statement: OpaquePointer, _ index: Int32, _ value: SQLiteValue) -> Int32 {
    switch value {
    case .null: return sqlite3_bind_null(statement, index)
    case .integer(let value): return sqlite3_bind_int64(statement, index, value)
    case .real(let value): return sqlite3_bind_double(statement, index, value)
    case .text(var value):
      return value.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) {
          host_sqlite_bind_text(statement, index, $0.baseAddress, Int32($0.count))
        }
      }
    case .blob(let value):
      return value.withUnsafeBytes {
        host_sqlite_bind_blob(statement, index, $0.baseAddress, Int32($0.count))
      }
    }
  }

  private func row(of statement: OpaquePointer) -> [SQLiteValue] {
    (0..<sqlite3_column_count(statement)).map { column in
      let count = Int(sqlite3_column_bytes(statement, column))
      switch sqlite3_column_type(statement, column) {
      case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, column))
      case SQLITE_FLOAT: return .real(sqlite3_column_double(statement, column))
      case SQLITE_TEXT:
        let bytes = UnsafeBufferPointer(start: sqlite3_column_text(statement, column), count: count)
        return .text(String(decoding: bytes, as: UTF8.self))
      case SQLITE_BLOB:
        let bytes = UnsafeRawBufferPointer(
          start: sqlite3_column_blob(statement, column), count: count)
        return .blob(Array(bytes))
      default: return .null
      }
    }
  }
}
