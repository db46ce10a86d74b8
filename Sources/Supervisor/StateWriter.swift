import Model
import Outside

/// Writes state changes in order, and lets a message wait for the state it speaks of: on disk
/// before it leaves, so that a crash in between repeats a message rather than forgetting it. A disk
/// that hangs or fails holds a message for two seconds at most.
actor StateWriter {
  private struct Waiter {
    var ticket: Int
    var since: Duration
    var resume: CheckedContinuation<Void, Never>
  }
  private let state: any StateStore
  private let time: any TimeSource
  private var pending: [StateChange] = []
  private var enqueued = 0
  private var written = 0
  private var waiters: [Waiter] = []
  private let signals: AsyncStream<Void>
  private let signal: AsyncStream<Void>.Continuation
  private(set) var failures = 0
  /// Why the last write failed; nil when it worked.
  private(set) var lastFailure: String?
  private static let patience: Duration = .seconds(2)

  init(state: any StateStore, time: any TimeSource) {
    self.state = state
    self.time = time
    (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Queues changes; the ticket is for `wait(for:)`.
  func enqueue(_ changes: [StateChange]) -> Int {
    pending += changes
    enqueued += 1
    signal.yield()
    return enqueued
  }

  /// Returns when the changes of the ticket are on disk, or patience is over.
  func wait(for ticket: Int) async {
    guard written < ticket else { return }
    await withDiscardingTaskGroup { group in
      group.addTask {
        await self.time.sleep(for: Self.patience)
        await self.releaseImpatient()
      }
      await withCheckedContinuation { continuation in
        waiters.append(Waiter(ticket: ticket, since: time.sinceBoot(), resume: continuation))
      }
      group.cancelAll()
    }
  }

  /// Writes until the task is cancelled.
  func run() async {
    for await _ in signals { await flush() }
    release { _ in true }
  }

  /// Writes what is queued. What a disk refuses stays queued and is written with what comes next.
  func flush() async {
    var isRefused = false
    while !pending.isEmpty, !isRefused {
      let (changes, through) = (Self.latest(of: pending), enqueued)
      pending = []
      switch await state.apply(changes) {
      case .success: lastFailure = nil
      case .failure(let failure):
        failures += 1
        lastFailure = failure.reason
        // Shortened, for a disk may be full for days.
        pending = Self.latest(of: changes + pending)
        isRefused = true
      }
      // No message waits for a disk that refuses.
      written = max(written, through)
      release { $0.ticket <= written }
    }
    guard pending.isEmpty else { return }
    written = enqueued
    release { $0.ticket <= written }
  }

  /// The last change to each record, in the order of those: all are written together, so that what
  /// came before it is never seen.
  private static func latest(of changes: [StateChange]) -> [StateChange] {
    struct Place: Hashable {
      var table: String
      var key: String
    }
    var seen = Set<Place>(minimumCapacity: changes.count)
    var kept: [StateChange] = []
    for change in changes.reversed() {
      let place: Place =
        switch change {
        case .put(let record): Place(table: record.table, key: record.key)
        case .remove(let table, let key): Place(table: table, key: key)
        }
      if seen.insert(place).inserted { kept.append(change) }
    }
    return kept.reversed()
  }

  /// Lets messages go whose patience is over.
  private func releaseImpatient() {
    let now = time.sinceBoot()
    release { now - $0.since >= Self.patience }
  }

  private func release(where isDue: (Waiter) -> Bool) {
    let due = waiters.filter(isDue)
    waiters.removeAll(where: isDue)
    for waiter in due { waiter.resume.resume() }
  }
}
