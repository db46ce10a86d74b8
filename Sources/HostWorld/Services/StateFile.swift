import CHostWorld
import Glibc
import Model
import Outside

/// The state's file on disk: its layout, and what is done to open it.
enum StateFile {
  static let name = "state.db"

  /// One step of the layout a number; a file's `user_version` counts the steps it has taken. Steps
  /// are only ever added at the end.
  static let layout: [[String]] = [
    [
      """
      CREATE TABLE records (kind TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL,
        bytes BLOB NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID
      """,
      "CREATE TABLE history (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, entry BLOB NOT NULL)",
      "CREATE INDEX history_time ON history (time)",
    ]
  ]

  // MARK: Opening

  /// Opens the state in a folder, creating what is missing. A file that is damaged is set aside
  /// under another name and what can be read of it carried over; one that is newer than the
  /// program, or in use by another process, is refused.
  static func open(
    in directory: String, now: Timestamp, reactor: Reactor
  ) -> Result<SQLiteStateStore, StateFailure> {
    let path = directory + "/" + name
    switch FileCalls.createDirectory(directory, mode: 0o750) {
    case .failure(let failure): return .failure(StateFailure(failure.reason))
    case .success: break
    }
    let lock: StateLock
    switch StateLock.take(directory + "/lock") {
    case .failure(let failure): return .failure(failure)
    case .success(let taken): lock = taken
    }
    var remarks: [String] = []
    if access(path, F_OK) != 0 { remarks.append("\(path): created") }
    createPrivately(path)
    do throws(SQLiteError) {
      let connection = try open(path, &remarks)
      return .success(
        SQLiteStateStore(connection, name: path, lock: lock, remarks: remarks, reactor: reactor))
    } catch  where error.isCorrupt {
      return replace(path, error, now, lock, reactor)
    } catch {
      return .failure(StateFailure("\(path): can't be opened: \(describe(error))"))
    }
  }

  /// Begins a file that others may not read; SQLite would take the mode the process has, and gives
  /// its other files the mode of this one.
  private static func createPrivately(_ path: String) {
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
    // SQLite fails the same way, and says so.
    if descriptor >= 0 { close(descriptor) }
  }

  /// State that ends with the process, for when no folder can be written.
  static func inMemory(
    because remark: String, reactor: Reactor
  ) -> Result<SQLiteStateStore, StateFailure> {
    var remarks = remark.isEmpty ? [] : [remark]
    do throws(SQLiteError) {
      let connection = try open(":memory:", &remarks)
      return .success(
        SQLiteStateStore(
          connection, name: "the state in memory", lock: nil, remarks: remarks, reactor: reactor))
    } catch {
      return .failure(StateFailure("the state in memory can't be opened: \(describe(error))"))
    }
  }

  private static func open(
    _ path: String, _ remarks: inout [String]
  ) throws(SQLiteError) -> SQLiteConnection {
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    let connection = try SQLiteConnection(path, flags: flags)
    connection.setBusyTimeout(5000)
    let found = try connection.value("PRAGMA user_version").integer ?? 0
    if found > layout.count {
      throw SQLiteError(
        code: SQLITE_ERROR,
        message: "it was written by a newer program (layout \(found), this one knows "
          + "\(layout.count)); run the newer one or move the file away")
    }
    // FULL: a change that was answered is on the disk.
    try connection.run("PRAGMA journal_mode = WAL")
    try connection.run("PRAGMA synchronous = FULL")
    try hold(.little, connection)
    let verdict = try connection.value("PRAGMA quick_check(1)").text
    if verdict != "ok" {
      throw SQLiteError(code: SQLITE_CORRUPT, message: verdict ?? "the check gave no answer")
    }
    try migrate(connection, from: Int(found))
    if found > 0 && found < layout.count {
      remarks.append("\(path): moved from layout \(found) to \(layout.count)")
    }
    return connection
  }

  private static func migrate(
    _ connection: SQLiteConnection, from: Int
  ) throws(SQLiteError) {
    guard from < layout.count else { return }
    try inTransaction(connection) { () throws(SQLiteError) in
      for step in layout[from...] {
        for statement in step { try connection.run(statement) }
      }
      try connection.run("PRAGMA user_version = \(layout.count)")
    }
  }

  // MARK: Damage

  /// Sets a damaged file aside and begins a new one with the records that can still be read.
  private static func replace(
    _ path: String, _ error: SQLiteError, _ now: Timestamp, _ lock: StateLock, _ reactor: Reactor
  ) -> Result<SQLiteStateStore, StateFailure> {
    let saved = salvage(path)
    let aside = freeName("\(path).damaged-\(stamp(now))")
    guard rename(path, aside) == 0 else {
      let why = describeErrno(errno)
      return .failure(StateFailure("\(path): is damaged and can't be set aside: \(why)"))
    }
    // They belong to the damaged file, and would be taken for the new one's.
    for suffix in ["-wal", "-shm"] { rename(path + suffix, aside + suffix) }
    var remarks = [
      "\(path): damaged (\(error.message)); set aside as \(aside), "
        + "\(saved.count) records were carried over"
    ]
    createPrivately(path)
    do throws(SQLiteError) {
      let connection = try open(path, &remarks)
      try inTransaction(connection) { () throws(SQLiteError) in
        for record in saved { try put(record, connection) }
      }
      return .success(
        SQLiteStateStore(connection, name: path, lock: lock, remarks: remarks, reactor: reactor))
    } catch {
      return .failure(StateFailure("\(path): can't be begun anew: \(describe(error))"))
    }
  }

  /// The records a damaged file still gives.
  private static func salvage(_ path: String) -> [StateRecord] {
    var records: [StateRecord] = []
    do throws(SQLiteError) {
      let connection = try SQLiteConnection(path, flags: SQLITE_OPEN_READWRITE)
      try connection.run("SELECT kind, key, version, bytes FROM records") { row in
        if let record = record(row) { records.append(record) }
        return true
      }
    } catch {
      // What was read before the damage is all there is.
    }
    return records
  }

  private static func freeName(_ wanted: String) -> String {
    var name = wanted
    var number = 2
    while access(name, F_OK) == 0 {
      name = "\(wanted)-\(number)"
      number += 1
    }
    return name
  }

  /// UTC in the basic form of ISO 8601, which sorts: `20261119T103000Z`.
  private static func stamp(_ now: Timestamp) -> String {
    var seconds = time_t(now.milliseconds / 1000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func digits(_ value: Int32, _ count: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    let date =
      digits(parts.tm_year + 1900, 4) + digits(parts.tm_mon + 1, 2) + digits(parts.tm_mday, 2)
    return date + "T" + digits(parts.tm_hour, 2) + digits(parts.tm_min, 2) + digits(parts.tm_sec, 2)
      + "Z"
  }

  // MARK: Reading and writing

  static func records(
    of connection: SQLiteConnection, in table: String
  ) throws(SQLiteError) -> [StateRecord] {
    var records: [StateRecord] = []
    let sql = "SELECT kind, key, version, bytes FROM records WHERE kind = ? ORDER BY key"
    try connection.run(sql, [.text(table)]) { row in
      if let record = record(row) { records.append(record) }
      return true
    }
    return records
  }

  private static func record(_ row: [SQLiteValue]) -> StateRecord? {
    guard row.count == 4, let table = row[0].text, let key = row[1].text,
      let version = row[2].integer, let bytes = row[3].blob
    else { return nil }
    return StateRecord(table: table, key: key, version: Int(version), bytes: bytes)
  }

  static func put(_ record: StateRecord, _ connection: SQLiteConnection) throws(SQLiteError) {
    let sql = "INSERT OR REPLACE INTO records (kind, key, version, bytes) VALUES (?, ?, ?, ?)"
    try connection.run(
      sql,
      [
        .text(record.table), .text(record.key), .integer(Int64(record.version)),
        .blob(record.bytes),
      ])
  }

  /// How much of the file is held in memory, in kB.
  enum Held: Int {
    /// What is written is not read again before the next start.
    case little = 256
    /// Pages that thousands of changes touch need not go to the disk and come back in between.
    case much = 16384
  }

  static func hold(_ held: Held, _ connection: SQLiteConnection) throws(SQLiteError) {
    try connection.run("PRAGMA cache_size = -\(held.rawValue)")
  }

  static func inTransaction(
    _ connection: SQLiteConnection, _ body: () throws(SQLiteError) -> Void
  ) throws(SQLiteError) {
    try connection.run("BEGIN IMMEDIATE")
    do throws(SQLiteError) {
      try body()
      try connection.run("COMMIT")
    } catch {
      // SQLite may have rolled back by itself; the first error is the one to tell.
      _ = try? connection.run("ROLLBACK")
      throw error
    }
  }

  static func describe(_ error: SQLiteError) -> String {
    switch error.code & 0xFF {
    case SQLITE_FULL: "the disk is full"
    case SQLITE_BUSY, SQLITE_LOCKED: "another process holds it"
    case SQLITE_READONLY: "it can't be written (\(error.message))"
    case SQLITE_CANTOPEN: "it can't be opened or created (check the folder's permissions)"
    case SQLITE_IOERR: "the disk failed (\(error.message))"
    default: error.message
    }
  }
}
