import Model
import Outside
import Synchronization

/// Writes what happened: to the journal, and to the state store when no journal answers or it is
/// stuck. `record` never waits, so that history never delays a page.
package final class HistoryWriter: Sendable {
  /// How long the journal may hold an entry before the store takes what waits behind it.
  package static let patience: Duration = .seconds(2)
  private static let batch = 256

  private struct Waiting {
    var journal: [(entry: HistoryEntry, since: Duration)] = []
    /// The entry the journal is being asked to take: copied to the store if it sticks.
    var handed: (entry: HistoryEntry, since: Duration)?
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

  /// `limit`: entries that may wait for each of journal and store. `log` is told, once a change,
  /// which of the two takes the history.
  package init(world: World, limit: Int = 20_000, log: @escaping @Sendable (String) -> Void) {
    self.world = world
    self.limit = limit
    self.log = log
  }

  /// Entries that were lost because neither journal nor store took them in time.
  package var dropped: Int { waiting.withLock { $0.dropped } }

  /// Takes entries to be written; returns at once.
  package func record(_ entries: [HistoryEntry]) {
    guard !entries.isEmpty else { return }
    let now = world.time.sinceBoot()
    let spilled = waiting.withLock { waiting in
      waiting.journal += entries.map { ($0, now) }
      let excess = waiting.journal.count - limit
      guard excess > 0 else { return false }
      waiting.store += waiting.journal.prefix(excess).map(\.entry)
      waiting.journal.removeFirst(excess)
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
      waiting.store += waiting.journal.map(\.entry)
      waiting.journal = []
    }
    await writeStore()
  }

  private func writeJournal() async {
    while let next = waiting.withLock({ waiting -> (entry: HistoryEntry, since: Duration)? in
      guard !waiting.journal.isEmpty else { return nil }
      let next = (waiting.journal.removeFirst().entry, world.time.sinceBoot())
      waiting.handed = next
      return next
    }) {
      let taken = await world.journal.append(next.entry.journalFields)
      let changed = waiting.withLock { waiting in
        let wasSpilled = waiting.handed == nil
        waiting.handed = nil
        if !taken, !wasSpilled { waiting.store.append(next.entry) }
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
      let batch = Array(waiting.store.prefix(Self.batch))
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
        waiting.store.append(handed.entry)
        waiting.handed = nil
        waiting.store += waiting.journal.map(\.entry)
        waiting.journal = []
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
