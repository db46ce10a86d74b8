import Model

/// The systemd journal.
package protocol Journal: Sendable {
  /// Hands entries over, in order and without waiting for the disk. How many it took, from the
  /// first on: less than all when no journal answers, or one does not answer any more.
  func append(_ entries: [[Label]]) async -> Int
  /// Entries that carry all of `matches`, newest last, at most `limit` of the newest.
  func entries(
    matching matches: [Label], since: Timestamp?, until: Timestamp?, limit: Int
  ) async -> Result<[JournalEntry], FileFailure>
  /// Entries as they arrive.
  func follow(matching matches: [Label]) -> AsyncStream<JournalEntry>
}

package struct JournalEntry: Sendable, Hashable {
  package var time: Timestamp
  package var cursor: String
  package var fields: [Label]
  package init(time: Timestamp, cursor: String, fields: [Label]) {
    self.time = time
    self.cursor = cursor
    self.fields = fields
  }
  package subscript(name: String) -> String? { fields.first { $0.name == name }?.value }
}

/// systemd's service protocol (sd_notify(3)); does nothing when not started by systemd.
package protocol ServiceManager: Sendable {
  /// Sends assignments such as `READY=1`, `STATUS=…`, `WATCHDOG=1`.
  func notify(_ assignments: [String])
  /// The watchdog's period when systemd watches us.
  var watchdogInterval: Duration? { get }
  /// Whether standard error is connected to the journal.
  var logsToJournal: Bool { get }
}

/// Durable state: SQLite in WAL mode behind it.
package protocol StateStore: Sendable {
  /// Every record of a table, sorted by key.
  func records(in table: String) async -> Result<[StateRecord], StateFailure>
  /// Applies the changes in order, all or none, on disk when it returns.
  func apply(_ changes: [StateChange]) async -> Result<Void, StateFailure>
  /// History kept here when there is no journal.
  func appendHistory(_ entries: [HistoryEntry]) async -> Result<Void, StateFailure>
  func history(
    since: Timestamp?, until: Timestamp?, limit: Int
  ) async -> Result<[HistoryEntry], StateFailure>
  func trimHistory(before: Timestamp) async -> Result<Void, StateFailure>
  /// What had to be done to open the store: migrated, set aside, created. Empty in the normal case.
  var openingRemarks: [String] { get }
}

package struct StateFailure: Error, Sendable, Hashable {
  /// One sentence that names the file.
  package var reason: String
  package init(_ reason: String) { self.reason = reason }
}

/// Database probes' clients. Each call runs on a thread of its own and is given up at the deadline.
package protocol Databases: Sendable {
  func query(_ request: DatabaseQuery) async -> DatabaseResult
}

package struct DatabaseQuery: Sendable {
  package enum Kind: String, Sendable, Hashable { case postgres, sqlite }
  package var kind: Kind
  /// A `postgres://` URL or the path of a SQLite file.
  package var target: String
  package var user: String?
  package var password: String?
  /// nil: connect and authenticate only.
  package var statement: String?
  package var rowLimit: Int
  package var timeout: Duration
  package init(
    kind: Kind, target: String, user: String? = nil, password: String? = nil,
    statement: String? = nil, rowLimit: Int = 1000, timeout: Duration
  ) {
    self.kind = kind
    self.target = target
    self.user = user
    self.password = password
    self.statement = statement
    self.rowLimit = rowLimit
    self.timeout = timeout
  }
}

package struct DatabaseResult: Sendable, Hashable {
  /// nil when the query was answered.
  package var failure: TransferFailure?
  package var columns: [String]
  /// Values as text; nil is NULL.
  package var rows: [[String?]]
  package var connect: Duration
  package var query: Duration
  package init(
    failure: TransferFailure? = nil, columns: [String] = [], rows: [[String?]] = [],
    connect: Duration = .zero, query: Duration = .zero
  ) {
    self.failure = failure
    self.columns = columns
    self.rows = rows
    self.connect = connect
    self.query = query
  }
}
