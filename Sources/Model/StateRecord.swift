/// A piece of durable state. Each deciding room owns its tables and the bytes in them; the store
/// knows only (table, key, version, bytes).
package struct StateRecord: Sendable, Hashable {
  package var table: String
  package var key: String
  /// The version of the bytes' layout; a room migrates older ones forward.
  package var version: Int
  package var bytes: [UInt8]
  package init(table: String, key: String, version: Int, bytes: [UInt8]) {
    self.table = table
    self.key = key
    self.version = version
    self.bytes = bytes
  }
}

/// A change to durable state; changes are applied in order, all or none.
package enum StateChange: Sendable, Hashable {
  case put(StateRecord)
  case remove(table: String, key: String)
}
