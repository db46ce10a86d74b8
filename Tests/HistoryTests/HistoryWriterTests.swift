import Model
import Outside
import SimulatedWorld
import Synchronization
import Testing

@testable import History

@Suite struct HistoryWriterTests {
  private let simulated = SimulatedWorld()

  private func entry(_ number: Int, _ event: HistoryEvent = .firing) -> HistoryEntry {
    HistoryEntry(
      time: simulated.time.now() + .milliseconds(number), event: event, message: "entry \(number)",
      priority: 4, alert: "A", labels: Labels(["alertname": "A", "n": "\(number)"]))
  }

  /// Runs a writer beside `body`, then ends it.
  private func running(
    _ writer: HistoryWriter, _ body: () async -> Void
  ) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await writer.run() }
      await simulated.time.settle()
      await body()
      await simulated.time.settle()
      group.cancelAll()
    }
  }

  private var stored: [HistoryEntry] {
    get async {
      if case .success(let entries) = await simulated.state.history(
        since: nil, until: nil, limit: 100_000)
      {
        return entries
      }
      return []
    }
  }

  @Test func entriesGoToTheJournalInOrder() async {
    let log = Lines()
    let writer = HistoryWriter(world: simulated.world, log: log.add)
    let entries = (0..<50).map { entry($0) }
    await running(writer) {
      writer.record(entries)
      #expect(await simulated.time.settles { simulated.journal.entries.count == 50 })
    }
    let written = simulated.journal.entries.map(\.fields)
    #expect(written == entries.map(\.journalFields))
    #expect(await stored.isEmpty)
    #expect(log.all == [])
  }

  @Test func withoutAJournalTheStoreKeepsThemAndTheLogSaysSoOnce() async {
    let log = Lines()
    let writer = HistoryWriter(world: simulated.world, log: log.add)
    simulated.journal.setAnswering(false)
    let first = (0..<3).map { entry($0) }
    await running(writer) {
      writer.record(first)
      #expect(await simulated.time.settles { await stored == first })
      writer.record([entry(3)])
      #expect(await simulated.time.settles { await stored.count == 4 })
      #expect(log.all == ["no journal answers: history is kept in the state store"])
      simulated.journal.setAnswering(true)
      writer.record([entry(4)])
      #expect(await simulated.time.settles { log.all.count == 2 })
    }
    #expect(simulated.journal.entries.count == 1)
    #expect(log.all.count == 2)
    #expect(await stored.count == 4)
  }

  @Test func aFullDiskIsWaitedOut() async {
    let log = Lines()
    let writer = HistoryWriter(world: simulated.world, log: log.add)
    simulated.journal.setAnswering(false)
    simulated.state.fail("disk full")
    await running(writer) {
      writer.record((0..<3).map { entry($0) })
      #expect(await simulated.time.settles { log.all.count == 2 })
      await simulated.time.advance(by: .seconds(5))
      #expect(log.all.last == "history can't be kept in the state store: disk full")
      #expect(log.all.count == 2)
      simulated.state.fail(nil)
      let healed = await simulated.time.settles {
        await simulated.time.advance(by: .seconds(1))
        return await stored.count == 3
      }
      #expect(healed)
    }
    #expect(writer.dropped == 0)
  }

  @Test func nothingGrowsWithoutBound() async {
    let writer = HistoryWriter(world: simulated.world, limit: 10) { _ in }
    // Nobody runs the writer: journal and store are both stuck.
    for number in 0..<100 { writer.record([entry(number)]) }
    #expect(writer.dropped == 80)
    await writer.drain()
    let kept = simulated.journal.entries.count + (await stored.count)
    #expect(kept == 20)
    let newest = await HistoryReader(world: simulated.world).entries(HistoryQuery(limit: 1))
    #expect(newest.entries.first?.message == "entry 99")
  }

  @Test func aStuckJournalIsPassedBy() async {
    let stuck = StuckJournal()
    var world = simulated.world
    world.journal = stuck
    let writer = HistoryWriter(world: world) { _ in }
    await running(writer) {
      writer.record((0..<5).map { entry($0) })
      #expect(await simulated.time.settles { stuck.isHolding })
      #expect(await stored.isEmpty)
      // The entry in the journal's hands is kept too: it may never arrive.
      let passed = await simulated.time.settles {
        await simulated.time.advance(by: .seconds(1))
        return await stored.count == 5
      }
      #expect(passed)
      stuck.release()
    }
    #expect(await stored.count == 5)
  }

  @Test func aStormLosesNothing() async {
    let writer = HistoryWriter(world: simulated.world) { _ in }
    // The writer ends when everything is written, however long that takes.
    await running(writer) { writer.record((0..<50_000).map { entry($0) }) }
    #expect(simulated.journal.entries.count == 50_000)
    #expect(writer.dropped == 0)
    #expect(await stored.isEmpty)
  }

  @Test func whatTheJournalDoesNotTakeIsStoredOnce() async {
    let short = ShortJournal(room: 45)
    var world = simulated.world
    world.journal = short
    let writer = HistoryWriter(world: world) { _ in }
    let entries = (0..<100).map { entry($0) }
    await running(writer) {
      writer.record(entries)
      #expect(await simulated.time.settles { await stored.count == 55 })
      await simulated.time.advance(by: .seconds(10))
    }
    #expect(short.entries == entries.prefix(45).map(\.journalFields))
    #expect(await stored == Array(entries.suffix(55)))
  }
}

/// A journal that takes some entries and then no more.
private final class ShortJournal: Journal {
  private let room: Int
  private let held = Mutex<[[Label]]>([])
  var entries: [[Label]] { held.withLock { $0 } }

  init(room: Int) { self.room = room }

  func append(_ entries: [[Label]]) async -> Int {
    held.withLock { held in
      let taken = entries.prefix(room - held.count)
      held += taken
      return taken.count
    }
  }
  func entries(
    matching matches: [Label], since: Timestamp?, until: Timestamp?, limit: Int
  ) async -> Result<[JournalEntry], FileFailure> { .success([]) }
  func follow(matching matches: [Label]) -> AsyncStream<JournalEntry> {
    AsyncStream { $0.finish() }
  }
}

/// A journal that takes an entry and never comes back.
private final class StuckJournal: Journal {
  private let waiting = Mutex<[CheckedContinuation<Void, Never>]>([])

  var isHolding: Bool { waiting.withLock { !$0.isEmpty } }

  func release() {
    let held = waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
    for continuation in held { continuation.resume() }
  }

  func append(_ entries: [[Label]]) async -> Int {
    await withCheckedContinuation { continuation in waiting.withLock { $0.append(continuation) } }
    return entries.count
  }
  func entries(
    matching matches: [Label], since: Timestamp?, until: Timestamp?, limit: Int
  ) async -> Result<[JournalEntry], FileFailure> { .success([]) }
  func follow(matching matches: [Label]) -> AsyncStream<JournalEntry> {
    AsyncStream { $0.finish() }
  }
}
