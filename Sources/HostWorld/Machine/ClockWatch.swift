import Model
import Outside
import Synchronization

/// Compares the clocks when the kernel says that the wall clock was set or the machine slept, and
/// tells of steps and suspends. Where the kernel can't say so it compares once a second.
final class ClockWatch: Sendable {
  /// The three clocks, read together, in nanoseconds.
  struct Reading: Sendable, Equatable {
    var wall: Int64
    var boot: Int64
    /// Without the time spent suspended.
    var running: Int64
    static func now() -> Reading {
      Reading(wall: Clocks.wall(), boot: Clocks.boot(), running: Clocks.running())
    }
  }

  private struct State {
    var listeners: [Int: AsyncStream<ClockStep>.Continuation] = [:]
    var nextListener = 0
    var last = Reading.now()
    var isWatching = false
    /// The kernel says when to look.
    var isTold = false
  }
  private let state = Mutex(State())
  private let reactor: Reactor

  init(reactor: Reactor) { self.reactor = reactor }

  /// What happened between two readings: a suspend, a step above one second, or nothing.
  static func step(from: Reading, to: Reading) -> ClockStep? {
    let second: Int64 = 1_000_000_000
    let elapsed = to.boot - from.boot
    let suspended = elapsed - (to.running - from.running)
    let stepped = (to.wall - from.wall) - elapsed
    let after = Timestamp(milliseconds: to.wall / 1_000_000)
    if abs(stepped) > second {
      let expected = from.wall + elapsed
      return ClockStep(before: Timestamp(milliseconds: expected / 1_000_000), after: after)
    }
    if suspended > second {
      return ClockStep(before: Timestamp(milliseconds: from.wall / 1_000_000), after: after)
    }
    return nil
  }

  func steps() -> AsyncStream<ClockStep> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: ClockStep.self, bufferingPolicy: .bufferingNewest(16))
    let (number, starts) = state.withLock { state -> (Int, Bool) in
      let number = state.nextListener
      state.nextListener += 1
      state.listeners[number] = continuation
      let starts = !state.isWatching
      state.isWatching = true
      if starts { state.last = Reading.now() }
      return (number, starts)
    }
    continuation.onTermination = { [self] _ in
      state.withLock { $0.listeners[number] = nil }
    }
    if starts { watch() }
    return stream
  }

  private func watch() {
    let isTold = reactor.onClockSet { self.look() }
    state.withLock { $0.isTold = isTold }
    if !isTold { lookLater() }
  }

  private func lookLater() { reactor.after(.seconds(1)) { self.look() } }

  private func look() {
    let now = Reading.now()
    let (step, listeners, isTold) = state.withLock {
      state -> (ClockStep?, [AsyncStream<ClockStep>.Continuation], Bool) in
      let step = Self.step(from: state.last, to: now)
      state.last = now
      state.isWatching = !state.listeners.isEmpty
      return (step, Array(state.listeners.values), state.isTold)
    }
    if let step { for listener in listeners { listener.yield(step) } }
    if !isTold, !listeners.isEmpty { lookLater() }
  }
}
