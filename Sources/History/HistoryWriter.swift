import Model
import Outside
import Synchronization

/// Writes what happened: to the journal, and to the state store when no journal answers or it is
/// stuck. `record` never waits, so that history never delays a page.
package final class HistoryWriter: Sendable {
  /// How long the journal may hold entries before the store takes them and what waits behind them;
  /// longer than the journal itself waits, which knows how many of them it has taken.
  package static let patience: Duration = .seconds(3)
  /// How many entries the store takes at once, and the journal.
  private static let batch = (store: 256, journal: 32)

  private struct Waiting {
    var journal = EntryLine()
    /// The entries the journal is being asked to take: copied to the store if it sticks.
    var handed: (entries: [HistoryEntry], since: Duration)?
    var store: [HistoryEntry] = []
    var dropped = 0
    var journalAnswers = true
    var storeAnswers = true
    var isEmpty: Bool { journal.isEmpty && handed == nil && store.isEmpty }
  }

  private let world: World
  private let limit: Int
  private let log: @Sendable (String) -> Void
  private let waiting = Mutex(Waiting())
  private let journalBell = Bell()
  private let storeBell = Bell()
  private let lateBell = Bell()

  /// `limit`: entries that may wait for each of journal and store, more than any storm of alerts
  /// that this program is made for. `log` is told, once a change, which of the two takes the
  /// history.
  package init(world: World, limit: Int = 100_000, log: @escaping @Sendable (String) -> Void) {
    self.world = world
    self.limit = limit
    self.log = log
  }

  /// Entries that were lost because neither journal nor store took them in time.
  package var dropped: Int { waiting.withLock { $0.dropped } }

  /// Takes entries to be written; returns at once.
  package func record(_ entries: [HistoryEntry]) {
    guard !entries.isEmpty else { return }
    let spilled = waiting.withLock { waiting in
      waiting.journal.append(entries)
      let excess = waiting.journal.count - limit
      guard excess > 0 else { return false }
      waiting.store += waiting.journal.take(excess)
      shorten(&waiting)
      return true
    }
    journalBell.ring()
    lateBell.ring()
    if spilled { storeBell.ring() }
  }

  /// Writes until the task is cancelled, then writes what is left.
  package func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { for await _ in self.journalBell.rings { await self.writeJournal() } }
      group.addTask { for await _ in self.storeBell.rings { await self.writeStore() } }
      group.addTask {
        for await _ in self.lateBell.rings {
          while !Task.isCancelled, self.waiting.withLock({ !$0.isEmpty }) {
            await self.world.time.sleep(for: .seconds(1))
            self.spillLate()
          }
        }
      }
      await group.waitForAll()
    }
    await drain()
  }

  /// Hands over everything that waits: to the journal when it answers, the rest to the store.
  package func drain() async {
    if waiting.withLock({ $0.journalAnswers && $0.handed == nil }) { await writeJournal() }
    waiting.withLock { waiting in
      waiting.store += waiting.journal.take(.max)
    }
    await writeStore()
  }

  private func writeJournal() async {
    while let entries = waiting.withLock({ waiting -> [HistoryEntry]? in
      let entries = waiting.journal.take(Self.batch.journal)
      guard !entries.isEmpty else { return nil }
      waiting.handed = (entries, world.time.sinceBoot())
      return entries
    }) {
      let count = await world.journal.append(entries.map(\.journalFields))
      let taken = count == entries.count
      let changed = waiting.withLock { waiting in
        let wasSpilled = waiting.handed == nil
        waiting.handed = nil
        if !wasSpilled { waiting.store += entries[count...] }
        shorten(&waiting)
        defer { waiting.journalAnswers = taken }
        return waiting.journalAnswers != taken
      }
      if changed {
        log(
          taken
            ? "the journal answers again: history goes there"
            : "no journal answers: history is kept in the state store")
      }
      if !taken { storeBell.ring() }
    }
  }

  private func writeStore() async {
    while let batch = waiting.withLock({ waiting -> [HistoryEntry]? in
      guard !waiting.store.isEmpty else { return nil }
      let batch = Array(waiting.store.prefix(Self.batch.store))
      waiting.store.removeFirst(batch.count)
      return batch
    }) {
      switch await world.state.appendHistory(batch) {
      case .success:
        waiting.withLock { $0.storeAnswers = true }
      case .failure(let failure):
        let changed = waiting.withLock { waiting in
          waiting.store.insert(contentsOf: batch, at: 0)
          shorten(&waiting)
          defer { waiting.storeAnswers = false }
          return waiting.storeAnswers
        }
        if changed { log("history can't be kept in the state store: \(failure.reason)") }
        // Tried again when the next entry comes or the next second passes.
        return
      }
    }
  }

  /// Moves what has waited too long for the journal over to the store.
  private func spillLate() {
    let now = world.time.sinceBoot()
    let spilled = waiting.withLock { waiting in
      if let handed = waiting.handed, now - handed.since >= Self.patience {
        waiting.store += handed.entries
        waiting.handed = nil
        waiting.store += waiting.journal.take(.max)
      }
      shorten(&waiting)
      return !waiting.store.isEmpty
    }
    if spilled { storeBell.ring() }
  }

  /// Keeps the newest when even the store does not keep up.
  private func shorten(_ waiting: inout Waiting) {
    let excess = waiting.store.count - limit
    guard excess > 0 else { return }
    waiting.store.removeFirst(excess)
    waiting.dropped += excess
  }
}

/// Entries that wait in a line: taking some from its front does not move all the others.
private struct EntryLine {
  private var entries: [HistoryEntry] = []
  private var first = 0

  var count: Int { entries.count - first }
  var isEmpty: Bool { count == 0 }

  mutating func append(_ more: [HistoryEntry]) { entries += more }

  /// Takes the first ones, at most as many as are wanted.
  mutating func take(_ wanted: Int) -> [HistoryEntry] {
    let taken = Array(entries[first..<first + min(wanted, count)])
    first += taken.count
    if first * 2 >= entries.count {
      entries.removeFirst(first)
      first = 0
    }
    return taken
  }
}

/// Wakes one waiter; rings while it works are one ring.
private struct Bell: Sendable {
  let rings: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  init() {
    (rings, continuation) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  func ring() { continuation.yield() }
}
