import CHostWorld
import Glibc
import Synchronization

/// Starts a detached thread with a name, which `top -H` shows; false when the kernel gives none.
@discardableResult
func startThread(
  _ name: String, stackBytes: Int = 1 << 20, _ body: @escaping @Sendable () -> Void
) -> Bool {
  final class Start: Sendable {
    let name: String
    let body: @Sendable () -> Void
    init(_ name: String, _ body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  pthread_attr_setstacksize(&attributes, stackBytes)
  var thread = pthread_t()
  let start = Unmanaged.passRetained(Start(name, body))
  let result = pthread_create(
    &thread, &attributes,
    { pointer in
      let start = Unmanaged<Start>.fromOpaque(pointer!).takeRetainedValue()
      host_name_thread(String(start.name.prefix(15)))
      start.body()
      return nil
    }, start.toOpaque())
  pthread_attr_destroy(&attributes)
  if result != 0 { start.release() }
  return result == 0
}

/// A bounded set of threads for calls that block, so that one that never returns costs one thread
/// and holds nobody. Threads start as they are needed and stay.
final class WorkerThreads: Sendable {
  /// How a call went.
  enum Outcome<Value: Sendable>: Sendable {
    case done(Value)
    case timedOut
    case cancelled
    /// Too many calls wait already.
    case refused
  }
  private enum Phase { case waiting, running, finished, abandoned }

  private let queue: JobQueue
  private let reactor: Reactor

  /// `limit` threads work at once. Calls that are given up count no longer, but together with them
  /// there are never more than `most`.
  init(_ name: String, limit: Int, most: Int, reactor: Reactor) {
    queue = JobQueue(name: name, limit: limit, most: max(limit, most))
    self.reactor = reactor
  }

  /// Runs `work` on a thread and waits for it, at most for `timeout`. `onGivingUp` runs when the
  /// caller stopped waiting while `work` was running, `onReturn` when such work returned after all.
  func run<Value: Sendable>(
    timeout: Duration, onGivingUp: @escaping @Sendable () -> Void = {},
    onReturn: @escaping @Sendable () -> Void = {}, _ work: @escaping @Sendable () -> Value
  ) async -> Outcome<Value> {
    let reply = Reply<Outcome<Value>>()
    let phase = SharedPhase()
    let queue = queue
    let accepted = queue.add {
      guard phase.advance(from: .waiting, to: .running) else { return }
      let value = work()
      if phase.advance(from: .running, to: .finished) {
        reply.give(.done(value))
      } else {
        onReturn()
        queue.oneReturned()
      }
    }
    guard accepted else { return .refused }
    let giveUp: @Sendable (Outcome<Value>) -> Void = { outcome in
      if phase.advance(from: .waiting, to: .abandoned) {
        reply.give(outcome)
      } else if phase.advance(from: .running, to: .abandoned) {
        onGivingUp()
        queue.oneGivenUp()
        reply.give(outcome)
      }
    }
    let number = reactor.after(timeout) { giveUp(.timedOut) }
    let outcome = await withTaskCancellationHandler {
      await reply.value()
    } onCancel: {
      giveUp(.cancelled)
    }
    reactor.cancel(number)
    return outcome
  }

  /// Runs `work` on a thread and waits as long as it takes: for calls that surely end.
  func finish<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value? {
    let reply = Reply<Value>()
    guard queue.add({ reply.give(work()) }) else { return nil }
    return await reply.value()
  }

  /// Runs `work` on a thread when one is free and waits for nothing.
  func post(_ work: @escaping @Sendable () -> Void) { _ = queue.add(work) }

  private final class SharedPhase: Sendable {
    private let phase = Mutex(Phase.waiting)
    func advance(from: Phase, to: Phase) -> Bool {
      phase.withLock { phase in
        guard phase == from else { return false }
        phase = to
        return true
      }
    }
  }
}

/// The jobs that wait for a thread, and the count of threads.
// Swift's Mutex has no condition to wait on, so this holds a pthread one and guards its own state.
final class JobQueue: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let name: String
  private let limit: Int
  private let most: Int
  private let mostWaiting = 4096
  private let stackBytes: Int
  private var jobs: [(@Sendable () -> Void)?] = []
  private var taken = 0
  private var threads = 0
  private var idle = 0
  private var givenUp = 0

  init(name: String, limit: Int, most: Int, stackBytes: Int = 1 << 20) {
    self.name = name
    self.stackBytes = stackBytes
    self.limit = limit
    self.most = most
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(mutex)
    changed.deallocate()
    mutex.deallocate()
  }

  /// Adds a job; false when too many wait.
  func add(_ job: @escaping @Sendable () -> Void) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    guard jobs.count - taken < mostWaiting else { return false }
    jobs.append(job)
    startIfNeeded()
    pthread_cond_signal(changed)
    return true
  }

  /// A thread's job was given up: another may take its place.
  func oneGivenUp() {
    pthread_mutex_lock(mutex)
    givenUp += 1
    startIfNeeded()
    pthread_mutex_unlock(mutex)
  }

  /// A job that was given up returned.
  func oneReturned() {
    pthread_mutex_lock(mutex)
    givenUp -= 1
    pthread_mutex_unlock(mutex)
  }

  private func startIfNeeded() {
    guard jobs.count - taken > idle, threads < min(limit + givenUp, most) else { return }
    // Without a thread the job waits for one that is there already.
    if startThread(name, stackBytes: stackBytes, { self.work() }) { threads += 1 }
  }

  private func work() {
    while let job = next() { job() }
  }

  /// The next job; nil when this thread is one too many.
  private func next() -> (@Sendable () -> Void)? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while taken == jobs.count {
      if threads > limit + givenUp {
        threads -= 1
        return nil
      }
      idle += 1
      pthread_cond_wait(changed, mutex)
      idle -= 1
    }
    let job = jobs[taken]
    jobs[taken] = nil
    taken += 1
    if taken > 64 && taken * 2 > jobs.count {
      jobs.removeFirst(taken)
      taken = 0
    }
    return job
  }
}
