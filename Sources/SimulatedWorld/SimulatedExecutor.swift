import Dispatch
import Synchronization

/// Runs every task of a simulation one after another on one queue, and knows when none is left to
/// run: then, and only then, may time move. It makes a simulation exact and repeatable.
package final class SimulatedExecutor: TaskExecutor {
  private struct State {
    var pending = 0
    var idleWaiters: [CheckedContinuation<Void, Never>] = []
  }
  private let queue = DispatchQueue(label: "simulation")
  private let state = Mutex(State())

  init() {}

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    state.withLock { $0.pending += 1 }
    queue.async { [self] in
      job.runSynchronously(on: asUnownedTaskExecutor())
      let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
        state.pending -= 1
        guard state.pending == 0 else { return [] }
        defer { state.idleWaiters = [] }
        return state.idleWaiters
      }
      for waiter in waiters { waiter.resume() }
    }
  }

  /// Whether the calling task runs here.
  var runsCurrentTask: Bool {
    withUnsafeCurrentTask { $0?.unownedTaskExecutor == asUnownedTaskExecutor() }
  }

  /// Returns when every other task here waits for time to move, or for something outside.
  func idle() async {
    await withCheckedContinuation { continuation in
      state.withLock { $0.idleWaiters.append(continuation) }
    }
  }
}
