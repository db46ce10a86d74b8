import CHostWorld
import Glibc
import Synchronization

/// Waits for time and for sockets: deadlines on CLOCK_BOOTTIME and readiness from epoll. It lives
/// as long as the process; its actions must not block.
final class Reactor: Sendable {
  /// The process' own: the threads for tasks wait for it, where there are any.
  static let shared = Reactor(poll: host_task_poll())

  /// Lets tasks run on so many threads at most, which serve the shared reactor when they have none.
  static func serveByTaskThreads(_ limit: Int32) {
    let events = HostEvents(
      settle: { Reactor.shared.settle() },
      handle: { Reactor.shared.handle(UnsafeBufferPointer(start: $0, count: Int($1))) })
    host_run_tasks(limit, events)
  }

  enum Readiness: Sendable { case ready, timedOut, cancelled, failed(Int32) }

  private struct State {
    var queue = DeadlineQueue()
    var actions: [UInt64: @Sendable () -> Void] = [:]
    var waits: [Int32: Reply<Readiness>] = [:]
    var nextNumber: UInt64 = 1
    var armed = Int64.max
    var clockAction: (@Sendable () -> Void)?
    var sources: [Int32: any EventSource] = [:]
  }
  private let state = Mutex(State())
  /// All sources, for `settle`, which is called before every wait.
  private let settling = Mutex<[any EventSource]>([])
  private let poll: Int32
  private let isServedByTasks: Bool
  private let timer: Int32
  /// Expires never, but is cancelled by the kernel when the wall clock is set and after a suspend.
  private let clockTimer: Int32

  /// On a descriptor that others wait on, or, without one, with a thread of its own.
  init(poll given: Int32 = -1) {
    isServedByTasks = given >= 0
    poll = isServedByTasks ? given : epoll_create1(Int32(EPOLL_CLOEXEC))
    timer = timerfd_create(CLOCK_BOOTTIME, Int32(TFD_NONBLOCK) | Int32(TFD_CLOEXEC))
    precondition(poll >= 0 && timer >= 0, "the kernel gives no epoll or timer descriptor")
    clockTimer = timerfd_create(CLOCK_REALTIME, Int32(TFD_NONBLOCK) | Int32(TFD_CLOEXEC))
    for descriptor in [timer, clockTimer] {
      // Edge-triggered: of several threads that wait, one awakes.
      var event = epoll_event(
        events: EPOLLIN.rawValue | EPOLLET.rawValue, data: epoll_data_t(fd: descriptor))
      epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event)
    }
    if !isServedByTasks {
      precondition(startThread("reactor") { self.run() }, "the kernel gives no thread")
    }
  }

  // MARK: Time

  /// Runs an action after a duration, on a thread that waited. The number cancels it.
  @discardableResult
  func after(_ duration: Duration, _ action: @escaping @Sendable () -> Void) -> UInt64 {
    let deadline = Clocks.boot() + max(0, duration.nanoseconds)
    return state.withLock { state in
      let number = state.nextNumber
      state.nextNumber += 1
      state.actions[number] = action
      state.queue.insert(Deadline(at: deadline, number: number))
      // Most deadlines pass unneeded: a thread that comes to the end of its tasks first sets the
      // timer once, before it waits.
      if !settlesSoon() { arm(&state, onlySooner: true) }
      return number
    }
  }

  func cancel(_ number: UInt64) {
    state.withLock { state in
      guard state.actions.removeValue(forKey: number) != nil else { return }
      if state.queue.count > 2 * state.actions.count + 64 {
        let live = state.actions
        state.queue.keep { live[$0.number] != nil }
      }
    }
  }

  /// When the thread wakes for time next, on CLOCK_BOOTTIME in nanoseconds; nil for never.
  var nextWake: Int64? { state.withLock { $0.armed == .max ? nil : $0.armed } }

  /// Waits; returns early when the task is cancelled.
  func sleep(for duration: Duration) async {
    let reply = Reply<Bool>()
    let number = after(duration) { reply.give(true) }
    if await !reply.value(cancelled: false) { cancel(number) }
  }

  /// Runs an action whenever the wall clock was set or the machine was suspended; false when the
  /// kernel can't tell.
  func onClockSet(_ action: @escaping @Sendable () -> Void) -> Bool {
    state.withLock { $0.clockAction = action }
    return armClockTimer()
  }

  private func armClockTimer() -> Bool {
    var setting = itimerspec()
    setting.it_value.tv_sec = Int.max / 2_000_000_000
    let flags = Int32(TFD_TIMER_ABSTIME) | Int32(TFD_TIMER_CANCEL_ON_SET)
    return timerfd_settime(clockTimer, flags, &setting, nil) == 0
  }

  private func clockWasSet() {
    var expirations: UInt64 = 0
    guard read(clockTimer, &expirations, 8) < 0, errno == ECANCELED else { return }
    _ = armClockTimer()
    state.withLock { $0.clockAction }?()
  }

  /// Sets the timer to the earliest deadline that anybody still waits for.
  private func arm(_ state: inout State, onlySooner: Bool) {
    while let first = state.queue.first, state.actions[first.number] == nil {
      state.queue.removeFirst()
    }
    let earliest = state.queue.first?.at ?? Int64.max
    guard onlySooner ? earliest < state.armed : earliest != state.armed else { return }
    state.armed = earliest
    var setting = itimerspec()
    // Nothing is waited for while the setting is zero.
    if earliest < .max {
      setting.it_value.tv_sec = Int(earliest / 1_000_000_000)
      setting.it_value.tv_nsec = Int(earliest % 1_000_000_000)
    }
    timerfd_settime(timer, Int32(TFD_TIMER_ABSTIME), &setting, nil)
  }

  private func runDue() {
    let now = Clocks.boot()
    let due = state.withLock { state -> [@Sendable () -> Void] in
      state.armed = Int64.max
      var due: [@Sendable () -> Void] = []
      while let first = state.queue.first, first.at <= now {
        state.queue.removeFirst()
        if let action = state.actions.removeValue(forKey: first.number) { due.append(action) }
      }
      arm(&state, onlySooner: false)
      return due
    }
    for action in due { action() }
  }

  // MARK: Readiness

  enum Interest: Sendable { case reading, writing }

  /// Waits until a descriptor can be read or written, at most until `deadline` on CLOCK_BOOTTIME.
  /// A descriptor has one waiter at a time.
  func ready(_ descriptor: Int32, for interest: Interest, until deadline: Int64) async -> Readiness
  {
    let reply = Reply<Readiness>()
    let flags = (interest == .reading ? EPOLLIN : EPOLLOUT).rawValue | EPOLLONESHOT.rawValue
    let failure = state.withLock { state -> Int32? in
      if state.waits[descriptor] != nil { return EBUSY }
      var event = epoll_event(events: flags, data: epoll_data_t(fd: descriptor))
      if epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) != 0 { return errno }
      state.waits[descriptor] = reply
      return nil
    }
    if let failure { return .failed(failure) }
    let left = Duration.nanoseconds(max(0, deadline - Clocks.boot()))
    let number = after(left) { reply.give(.timedOut) }
    let readiness = await reply.value(cancelled: .cancelled)
    cancel(number)
    state.withLock { state in
      guard state.waits[descriptor] === reply else { return }
      state.waits[descriptor] = nil
      epoll_ctl(poll, EPOLL_CTL_DEL, descriptor, nil)
    }
    return readiness
  }

  /// Ends a wait for a descriptor that is about to be closed.
  func forget(_ descriptor: Int32) {
    let reply = state.withLock { state -> Reply<Readiness>? in
      guard let reply = state.waits.removeValue(forKey: descriptor) else { return nil }
      epoll_ctl(poll, EPOLL_CTL_DEL, descriptor, nil)
      return reply
    }
    reply?.give(.failed(EBADF))
  }

  // MARK: Sources

  /// Calls the source's `turn` whenever its descriptor can be read, until the process ends.
  func serve(_ source: any EventSource) {
    state.withLock { $0.sources[source.descriptor] = source }
    settling.withLock { $0.append(source) }
    rearm(source, EPOLL_CTL_ADD)
  }

  /// Watches a source again after its turn.
  func rearm(_ source: any EventSource) { rearm(source, EPOLL_CTL_MOD) }

  /// Leaves a source alone until it is watched again.
  func rest(_ source: any EventSource) { rearm(source, EPOLL_CTL_MOD, events: 0) }

  private func rearm(
    _ source: any EventSource, _ operation: Int32, events: UInt32 = EPOLLIN.rawValue
  ) {
    var event = epoll_event(
      events: events | EPOLLONESHOT.rawValue, data: epoll_data_t(fd: source.descriptor))
    epoll_ctl(poll, operation, source.descriptor, &event)
  }

  // MARK: Threads

  /// Sees to it that sources settle soon; false when they have to be woken instead.
  func settlesSoon() -> Bool { isServedByTasks && host_settles_soon() }

  /// What a thread does before it waits.
  private func settle() {
    for source in settling.withLock({ $0 }) { source.settle() }
    state.withLock { arm(&$0, onlySooner: false) }
  }

  // Each turn is a call of its own: what a loop without an end makes is never released.
  private func run() {
    let events = EventRoom()
    while true { handle(UnsafeBufferPointer(rebasing: events.wait(poll, milliseconds: -1))) }
  }

  private func handle(_ events: UnsafeBufferPointer<epoll_event>) {
    var isTimeDue = false
    for event in events {
      switch event.data.fd {
      case timer: isTimeDue = true
      case clockTimer: clockWasSet()
      case let descriptor:
        let (wait, source) = state.withLock { ($0.waits[descriptor], $0.sources[descriptor]) }
        wait?.give(.ready)
        source?.turn()
      }
    }
    // After what is ready: an answer that came counts, however late this thread looks.
    if isTimeDue { runDue() }
  }
}

/// Something that waits for many events by itself, behind one descriptor.
protocol EventSource: AnyObject, Sendable {
  /// Readable when an event is there.
  var descriptor: Int32 { get }
  /// Handles what is there, and has itself watched again (`Reactor.rearm`).
  func turn()
  /// Does what was asked for on a thread that came to an end of its tasks.
  func settle()
}

/// Room for what epoll tells, used again and again by one thread.
struct EventRoom {
  private let events: UnsafeMutableBufferPointer<epoll_event> = .allocate(capacity: 256)

  /// Waits for events, at most so many milliseconds, -1 for ever; none when a signal came between.
  func wait(_ poll: Int32, milliseconds: Int32) -> Slice<UnsafeMutableBufferPointer<epoll_event>> {
    let count = epoll_wait(poll, events.baseAddress, Int32(events.count), milliseconds)
    return events[0..<max(0, Int(count))]
  }
}
