import CHostWorld
import FoundationEssentials
import Model
import Outside

/// Durable state in a SQLite database, used by one thread of its own.
final class SQLiteStateStore: StateStore {
  let openingRemarks: [String]
  /// The file's path as failures name it.
  private let name: String
  private let connection: SQLiteConnection
  private let lock: StateLock?
  private let worker: WorkerThreads

  /// So many changes at once are a storm.
  private static let manyChanges = 500

  init(
    _ connection: SQLiteConnection, name: String, lock: StateLock?, remarks: [String],
    reactor: Reactor
  ) {
    self.connection = connection
    self.name = name
    self.lock = lock
    openingRemarks = remarks
    worker = WorkerThreads("state", limit: 1, most: 1, reactor: reactor)
  }

  /// Makes a call on the store's thread and puts its failure into a sentence.
  private func ask<Value: Sendable>(
    _ doing: String, _ call: @escaping @Sendable (SQLiteConnection) throws(SQLiteError) -> Value
  ) async -> Result<Value, StateFailure> {
    let connection = connection
    let name = name
    let result = await worker.finish { () -> Result<Value, StateFailure> in
      do throws(SQLiteError) {
        return .success(try call(connection))
      } catch {
        return .failure(StateFailure("\(name): can't \(doing): \(StateFile.describe(error))"))
      }
    }
    return result ?? .failure(StateFailure("\(name): can't \(doing): too many calls wait for it"))
  }

  func records(in table: String) async -> Result<[StateRecord], StateFailure> {
    await ask("read its records") { (connection) throws(SQLiteError) -> [StateRecord] in
      try StateFile.records(of: connection, in: table)
    }
  }

  func apply(_ changes: [StateChange]) async -> Result<Void, StateFailure> {
    if changes.isEmpty { return .success(()) }
    return await ask("be written") { (connection) throws(SQLiteError) in
      let isLarge = changes.count >= Self.manyChanges
      if isLarge { try StateFile.hold(.much, connection) }
      // Memory, not state: what was written is written.
      defer { if isLarge { try? StateFile.hold(.little, connection) } }
      try StateFile.inTransaction(connection) { () throws(SQLiteError) in
        for change in changes {
          switch change {
          case .put(let record): try StateFile.put(record, connection)
          case .remove(let table, let key):
            try connection.run(
              "DELETE FROM records WHERE kind = ? AND key = ?", [.text(table), .text(key)])
          }
        }
      }
    }
  }

  func appendHistory(_ entries: [HistoryEntry]) async -> Result<Void, StateFailure> {
    var rows: [(Int64, [UInt8])] = []
    let encoder = JSONEncoder()
    for entry in entries {
      do {
        rows.append((entry.time.milliseconds, Array(try encoder.encode(entry))))
      } catch {
        return .failure(StateFailure("\(name): an entry of history can't be encoded: \(error)"))
      }
    }
    let encoded = rows
    return await ask("take history") { (connection) throws(SQLiteError) in
      try StateFile.inTransaction(connection) { () throws(SQLiteError) in
        for (time, bytes) in encoded {
          try connection.run(
            "INSERT INTO history (time, entry) VALUES (?, ?)", [.integer(time), .blob(bytes)])
        }
      }
    }
  }

  func history(
    since: Timestamp?, until: Timestamp?, limit: Int
  ) async -> Result<[HistoryEntry], StateFailure> {
    let bounds: [SQLiteValue] = [
      .integer((since ?? .distantPast).milliseconds),
      .integer((until ?? .distantFuture).milliseconds),
      .integer(Int64(max(0, limit))),
    ]
    let rows = await ask("read its history") { (connection) throws(SQLiteError) -> [[UInt8]] in
      var rows: [[UInt8]] = []
      let sql = """
        SELECT entry FROM history WHERE time >= ? AND time <= ? ORDER BY time DESC, id DESC LIMIT ?
        """
      try connection.run(sql, bounds) { row in
        if let bytes = row.first?.blob { rows.append(bytes) }
        return true
      }
      return rows
    }
    switch rows {
    case .failure(let failure): return .failure(failure)
    case .success(let rows):
      let decoder = JSONDecoder()
      do {
        let entries = try rows.map { try decoder.decode(HistoryEntry.self, from: Data($0)) }
        return .success(entries.reversed())
      } catch {
        return .failure(StateFailure("\(name): an entry of history can't be decoded: \(error)"))
      }
    }
  }

  func trimHistory(before: Timestamp) async -> Result<Void, StateFailure> {
    await ask("trim its history") { (connection) throws(SQLiteError) in
      try connection.run(
        "DELETE FROM history WHERE time < ?", [.integer(before.milliseconds)])
    }
  }
}
