import Model
import Outside
import Synchronization

/// A clock that stands still until `advance` or `run` moves it; sleepers wake in the order of their
/// times, and of their calls when the times are equal.
package final class SimulatedTime: TimeSource {
  private struct Sleeper {
    var id: UInt64
    var wake: Duration
    var continuation: CheckedContinuation<Void, Never>
  }
  private struct State {
    var wall: Timestamp
    var boot: Duration = .seconds(3600)
    var sleepers: [Sleeper] = []
    var nextID: UInt64 = 0
    var cancelled: Set<UInt64> = []
    var generator: SeededGenerator
    var activity: UInt64 = 0
    var observers: [UInt64: AsyncStream<ClockStep>.Continuation] = [:]
    var stuck: [CheckedContinuation<Void, Never>] = []
  }
  private let state: Mutex<State>
  let executor = SimulatedExecutor()

  package init(seed: UInt64, startingAt start: Timestamp) {
    state = Mutex(State(wall: start, generator: SeededGenerator(seed: seed)))
  }

  // MARK: The door

  package func now() -> Timestamp {
    state.withLock { state in
      state.activity &+= 1
      return state.wall
    }
  }

  package func sinceBoot() -> Duration { state.withLock { $0.boot } }

  package func sleep(for duration: Duration) async {
    let id = state.withLock { state in
      state.nextID += 1
      state.activity &+= 1
      return state.nextID
    }
    if duration <= .zero {
      await Task.yield()
      return
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if state.cancelled.remove(id) != nil { return true }
          let sleeper = Sleeper(id: id, wake: state.boot + duration, continuation: continuation)
          let place = state.sleepers.firstIndex { $0.wake > sleeper.wake } ?? state.sleepers.count
          state.sleepers.insert(sleeper, at: place)
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      let sleeper = state.withLock { state -> Sleeper? in
        state.activity &+= 1
        guard let place = state.sleepers.firstIndex(where: { $0.id == id }) else {
          state.cancelled.insert(id)
          return nil
        }
        return state.sleepers.remove(at: place)
      }
      sleeper?.continuation.resume()
    }
    state.withLock { state in
      state.cancelled.remove(id)
      state.activity &+= 1
    }
  }

  package func steps() -> AsyncStream<ClockStep> {
    let (stream, continuation) = AsyncStream<ClockStep>.makeStream()
    state.withLock { state in
      state.nextID += 1
      state.observers[state.nextID] = continuation
    }
    return stream
  }

  package func uniqueIdentifier() -> String {
    let (high, low) = state.withLock { ($0.generator.next(), $0.generator.next()) }
    func hex(_ value: UInt64, _ digits: Int) -> String {
      let text = String(value, radix: 16)
      return String(repeating: "0", count: max(0, digits - text.count)) + text.suffix(digits)
    }
    return [
      hex(high >> 32, 8), hex(high >> 16 & 0xFFFF, 4), "4" + hex(high & 0xFFF, 3),
      hex(0x8000 | low >> 48 & 0x3FFF, 4), hex(low & 0xFFFF_FFFF_FFFF, 12),
    ].joined(separator: "-")
  }

  // MARK: The test's hand on the clock

  /// Moves time forward, waking sleepers one time after another and letting what they started come
  /// to rest before the next.
  package func advance(by duration: Duration) async {
    await settle()
    let end = state.withLock { $0.boot } + duration
    while wakeNext(through: end) { await settle() }
    state.withLock { state in
      state.wall = state.wall + (end - state.boot)
      state.boot = end
    }
    await settle()
  }

  /// Moves time from wake-up to wake-up until the condition holds; false when `limit` of virtual
  /// time passes first, or nobody sleeps any more.
  package func run(
    limit: Duration = .seconds(86_400), until condition: @Sendable () async -> Bool
  ) async -> Bool {
    let end = state.withLock { $0.boot } + limit
    while true {
      await settle()
      if await condition() { return true }
      if !wakeNext(through: end) {
        await settle()
        return await condition()
      }
    }
  }

  /// Steps the wall clock without time passing, as an administrator or a bad NTP server does.
  package func stepWallClock(by duration: Duration) {
    state.withLock { state in
      let step = ClockStep(before: state.wall, after: state.wall + duration)
      state.wall = step.after
      for key in state.observers.keys.sorted() { state.observers[key]?.yield(step) }
    }
  }

  /// Tasks that are waiting for time to pass.
  package var sleeperCount: Int { state.withLock { $0.sleepers.count } }

  /// Notes that something outside was called, so that `settle` goes on waiting.
  func stir() { state.withLock { $0.activity &+= 1 } }

  /// Waits for nothing and for ever, until `releaseStuck`.
  func stick() async {
    stir()
    await withCheckedContinuation { continuation in
      state.withLock { $0.stuck.append(continuation) }
    }
  }

  /// Lets every stuck call go, so that a test can end.
  package func releaseStuck() {
    let stuck = state.withLock { state in
      defer { state.stuck = [] }
      return state.stuck
    }
    for continuation in stuck { continuation.resume() }
  }

  private func wakeNext(through end: Duration) -> Bool {
    let woken = state.withLock { state -> [Sleeper] in
      guard let first = state.sleepers.first, first.wake <= end else { return [] }
      let due = state.sleepers.prefix { $0.wake == first.wake }
      state.sleepers.removeFirst(due.count)
      state.wall = state.wall + (first.wake - state.boot)
      state.boot = first.wake
      state.activity &+= 1
      return Array(due)
    }
    for sleeper in woken { sleeper.continuation.resume() }
    return !woken.isEmpty
  }

  /// Lets every runnable task run until all of them wait: exactly so for tasks of
  /// `SimulatedWorld.run`, else until nothing has called the world for many yields.
  package func settle() async {
    if executor.runsCurrentTask {
      await executor.idle()
      return
    }
    var (last, quiet) = (state.withLock { $0.activity }, 0)
    while quiet < 64 {
      await Task.yield()
      let now = state.withLock { $0.activity }
      quiet = now == last ? quiet + 1 : 0
      last = now
    }
  }
}
