import Model
import Outside
import Pipeline

/// The belt's durable state as a whole.
enum StateTables {
  static func load(_ store: any StateStore) async -> Result<[StateRecord], StateFailure> {
    var records: [StateRecord] = []
    for table in Pipeline.tables {
      switch await store.records(in: table) {
      case .success(let found): records += found
      case .failure(let failure): return .failure(failure)
      }
    }
    return .success(records)
  }

  /// Makes the store hold exactly these records of the belt's tables.
  static func save(
    _ records: [StateRecord], in store: any StateStore
  ) async -> Result<Void, StateFailure> {
    struct Key: Hashable {
      var table: String
      var key: String
    }
    let wanted = Set(records.map { Key(table: $0.table, key: $0.key) })
    switch await load(store) {
    case .failure(let failure): return .failure(failure)
    case .success(let present):
      let stale = present.filter { !wanted.contains(Key(table: $0.table, key: $0.key)) }
      return await store.apply(
        stale.map { .remove(table: $0.table, key: $0.key) } + records.map(StateChange.put))
    }
  }
}
