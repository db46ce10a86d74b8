import Model
import Outside
import Synchronization

/// A journal in memory, which can be absent.
package final class SimulatedJournal: Journal {
  private struct State {
    var entries: [JournalEntry] = []
    var isAnswering = true
    var followers: [(matches: [Label], continuation: AsyncStream<JournalEntry>.Continuation)] = []
  }
  private let time: SimulatedTime
  private let state = Mutex(State())

  init(time: SimulatedTime) { self.time = time }

  /// Whether a journal answers.
  package func setAnswering(_ isAnswering: Bool) {
    state.withLock { $0.isAnswering = isAnswering }
  }

  package var entries: [JournalEntry] { state.withLock { $0.entries } }

  package func append(_ entries: [[Label]]) async -> Int {
    let now = time.now()
    return state.withLock { state in
      guard state.isAnswering else { return 0 }
      for fields in entries {
        let entry = JournalEntry(time: now, cursor: "s=\(state.entries.count)", fields: fields)
        state.entries.append(entry)
        for follower in state.followers where Self.matches(entry, follower.matches) {
          follower.continuation.yield(entry)
        }
      }
      return entries.count
    }
  }

  package func entries(
    matching matches: [Label], since: Timestamp?, until: Timestamp?, limit: Int
  ) async -> Result<[JournalEntry], FileFailure> {
    time.stir()
    return state.withLock { state in
      guard state.isAnswering else {
        return .failure(FileFailure(.notFound, "no journal answers"))
      }
      let found = state.entries.filter { entry in
        Self.matches(entry, matches) && since.map { entry.time >= $0 } ?? true
          && until.map { entry.time <= $0 } ?? true
      }
      return .success(Array(found.suffix(limit)))
    }
  }

  package func follow(matching matches: [Label]) -> AsyncStream<JournalEntry> {
    let (stream, continuation) = AsyncStream<JournalEntry>.makeStream()
    state.withLock { $0.followers.append((matches, continuation)) }
    return stream
  }

  private static func matches(_ entry: JournalEntry, _ matches: [Label]) -> Bool {
    matches.allSatisfy { entry.fields.contains($0) }
  }
}

/// systemd, listening.
package final class SimulatedService: ServiceManager {
  private let state = Mutex<(sent: [String], watchdog: Duration?)>(([], nil))
  init() {}

  /// Every assignment sent so far.
  package var notifications: [String] { state.withLock { $0.sent } }
  /// Sets the watchdog's period, nil for none.
  package func setWatchdog(_ interval: Duration?) { state.withLock { $0.watchdog = interval } }

  package func notify(_ assignments: [String]) { state.withLock { $0.sent += assignments } }
  package var watchdogInterval: Duration? { state.withLock { $0.watchdog } }
  package var logsToJournal: Bool { false }
}

/// A state store in memory that survives as long as the test keeps it, with a disk that can fill.
package final class SimulatedState: StateStore {
  private struct State {
    var tables: [String: [String: StateRecord]] = [:]
    var history: [HistoryEntry] = []
    var failure: String?
    var changes: [StateChange] = []
  }
  private let time: SimulatedTime
  private let state = Mutex(State())

  init(time: SimulatedTime) { self.time = time }

  /// Every write fails for this reason from here on; nil heals the disk.
  package func fail(_ reason: String?) { state.withLock { $0.failure = reason } }

  /// Every change ever applied, in order.
  package var changes: [StateChange] { state.withLock { $0.changes } }

  package var openingRemarks: [String] { [] }

  package func records(in table: String) async -> Result<[StateRecord], StateFailure> {
    time.stir()
    return state.withLock { state in
      .success((state.tables[table] ?? [:]).values.sorted { $0.key < $1.key })
    }
  }

  package func apply(_ changes: [StateChange]) async -> Result<Void, StateFailure> {
    write { state in
      state.changes += changes
      for change in changes {
        switch change {
        case .put(let record): state.tables[record.table, default: [:]][record.key] = record
        case .remove(let table, let key): state.tables[table]?[key] = nil
        }
      }
    }
  }

  package func appendHistory(_ entries: [HistoryEntry]) async -> Result<Void, StateFailure> {
    write { $0.history += entries }
  }

  package func history(
    since: Timestamp?, until: Timestamp?, limit: Int
  ) async -> Result<[HistoryEntry], StateFailure> {
    time.stir()
    return state.withLock { state in
      let found = state.history.filter { entry in
        since.map { entry.time >= $0 } ?? true && until.map { entry.time <= $0 } ?? true
      }
      return .success(Array(found.suffix(limit)))
    }
  }

  package func trimHistory(before: Timestamp) async -> Result<Void, StateFailure> {
    write { $0.history.removeAll { $0.time < before } }
  }

  private func write(_ change: (inout State) -> Void) -> Result<Void, StateFailure> {
    time.stir()
    return state.withLock { state in
      if let reason = state.failure { return .failure(StateFailure(reason)) }
      change(&state)
      return .success(())
    }
  }
}
