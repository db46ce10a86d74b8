import CHostWorld
import Glibc
import Synchronization

/// Something libcurl carries: set up, finished and freed in the transfers' turns alone.
protocol CurlWork: AnyObject, Sendable {
  /// Set by the canceller, from any thread.
  var isCancelled: Atomic<Bool> { get }
  /// Makes the easy handle; nil when the request can't be, which has been answered then.
  func begin() -> UnsafeMutableRawPointer?
  /// Answers with what the handle knows. The handle is freed after.
  func end(_ easy: UnsafeMutableRawPointer, _ code: CURLcode)
  /// Answers a cancellation; `easy` is nil when the work had not begun.
  func endCancelled(_ easy: UnsafeMutableRawPointer?)
}

/// Runs every libcurl transfer: curl_multi_socket_action(3) on an epoll of its own, which the
/// reactor waits for. Turns run on whichever thread the reactor has, one at a time.
final class TransferLoop: EventSource {
  fileprivate struct Commands {
    var starting: [any CurlWork] = []
    var cancelled: [any CurlWork] = []
  }
  let descriptor: Int32
  private let reactor: Reactor
  private let commands = Mutex(Commands())
  private let hasCommands = Atomic(false)
  private let isWanted = Atomic(false)
  /// Made with the first transfer.
  private let desk = Mutex<TransferDesk?>(nil)
  /// Wakes a waiting thread for a command from outside.
  private let wake: Int32

  init(reactor: Reactor) {
    self.reactor = reactor
    descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
    wake = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
    precondition(descriptor >= 0 && wake >= 0, "the kernel gives no event descriptor")
    var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(fd: wake))
    epoll_ctl(descriptor, EPOLL_CTL_ADD, wake, &event)
    reactor.serve(self)
  }

  func start(_ work: any CurlWork) {
    command { $0.starting.append(work) }
  }

  /// Ends a transfer early. The mark is set first, so that a cancellation that overtakes its start
  /// is seen when the start is carried out.
  func cancel(_ work: any CurlWork) {
    work.isCancelled.store(true, ordering: .sequentiallyConsistent)
    command { $0.cancelled.append(work) }
  }

  private func command(_ change: (inout Commands) -> Void) {
    commands.withLock { change(&$0) }
    hasCommands.store(true, ordering: .sequentiallyConsistent)
    if reactor.settlesSoon() { return }
    var one: UInt64 = 1
    _ = write(wake, &one, 8)
  }

  func settle() {
    guard hasCommands.load(ordering: .sequentiallyConsistent) else { return }
    // The turn sees what becomes ready meanwhile: nobody else need be woken for it.
    reactor.rest(self)
    turn()
  }

  func turn() {
    isWanted.store(true, ordering: .sequentiallyConsistent)
    while isWanted.load(ordering: .sequentiallyConsistent) {
      let hadTurn: Void? = desk.withLockIfAvailable { desk in
        isWanted.store(false, ordering: .sequentiallyConsistent)
        if desk == nil { desk = TransferDesk(poll: descriptor, wake: wake) }
        desk?.turn { takeCommands() }
        reactor.rearm(self)
      }
      // Whoever has the turn sees that another is wanted.
      if hadTurn == nil { return }
    }
  }

  private func takeCommands() -> Commands {
    guard hasCommands.exchange(false, ordering: .sequentiallyConsistent) else { return Commands() }
    return commands.withLock { commands in
      defer { commands = Commands() }
      return commands
    }
  }
}

/// What turns work on.
private final class TransferDesk {
  private let wake: Int32
  private let poll: Int32
  private let multi: UnsafeMutableRawPointer
  private let events = EventRoom()
  private var running: [UnsafeMutableRawPointer: any CurlWork] = [:]
  private var handles: [ObjectIdentifier: UnsafeMutableRawPointer] = [:]
  /// When libcurl wants to be called next, on CLOCK_BOOTTIME, and when the timer is set to expire.
  private var deadline: Int64?
  private var armed: Int64?
  private let timer: Int32

  init(poll: Int32, wake: Int32) {
    self.wake = wake
    self.poll = poll
    curl_global_init(Int(CURL_GLOBAL_DEFAULT))
    timer = timerfd_create(CLOCK_BOOTTIME, Int32(TFD_NONBLOCK) | Int32(TFD_CLOEXEC))
    guard let multi = curl_multi_init(), timer >= 0 else {
      preconditionFailure("libcurl gives no multi handle, or the kernel no timer")
    }
    self.multi = multi
    var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(fd: timer))
    epoll_ctl(poll, EPOLL_CTL_ADD, timer, &event)
    let context = Unmanaged.passUnretained(self).toOpaque()
    host_multi_on_socket(
      multi,
      { _, socket, what, context, _ in
        Unmanaged<TransferDesk>.fromOpaque(context!).takeUnretainedValue().watch(socket, what)
        return 0
      }, context)
    host_multi_on_timer(
      multi,
      { _, milliseconds, context in
        let desk = Unmanaged<TransferDesk>.fromOpaque(context!).takeUnretainedValue()
        desk.deadline = milliseconds < 0 ? nil : Clocks.boot() + Int64(milliseconds) * 1_000_000
        return 0
      }, context)
    // Idle connections kept for the next scrape; libcurl closes the oldest beyond that.
    host_multi_long(multi, CURLMOPT_MAXCONNECTS, 2048)
  }

  private func watch(_ socket: Int32, _ what: Int32) {
    if what == CURL_POLL_REMOVE {
      epoll_ctl(poll, EPOLL_CTL_DEL, socket, nil)
      return
    }
    var flags: UInt32 = 0
    if what & CURL_POLL_IN != 0 { flags |= EPOLLIN.rawValue }
    if what & CURL_POLL_OUT != 0 { flags |= EPOLLOUT.rawValue }
    var event = epoll_event(events: flags, data: epoll_data_t(fd: socket))
    if epoll_ctl(poll, EPOLL_CTL_MOD, socket, &event) != 0 && errno == ENOENT {
      epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event)
    }
  }

  /// Does what is asked for and what is ready, until libcurl has to wait for something.
  func turn(_ commands: () -> TransferLoop.Commands) {
    var still: Int32 = 0
    while true {
      let ready = events.wait(poll, milliseconds: 0)
      for event in ready {
        if event.data.fd == wake || event.data.fd == timer {
          var count: UInt64 = 0
          _ = read(event.data.fd, &count, 8)
          if event.data.fd == timer { armed = nil }
        } else {
          curl_multi_socket_action(multi, event.data.fd, mask(event.events), &still)
        }
      }
      obey(commands())
      // After what is ready: an answer that came counts, however late the turn is.
      var isDue = false
      if let due = deadline, due <= Clocks.boot() {
        isDue = true
        deadline = nil
        curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &still)
      }
      answerDone()
      if ready.isEmpty, !isDue { break }
    }
    arm()
  }

  private func arm() {
    guard deadline != armed else { return }
    armed = deadline
    var setting = itimerspec()
    if let deadline {
      setting.it_value.tv_sec = Int(deadline / 1_000_000_000)
      setting.it_value.tv_nsec = Int(deadline % 1_000_000_000)
    }
    timerfd_settime(timer, Int32(TFD_TIMER_ABSTIME), &setting, nil)
  }

  private func mask(_ events: UInt32) -> Int32 {
    var mask: Int32 = 0
    if events & EPOLLIN.rawValue != 0 { mask |= CURL_CSELECT_IN }
    if events & EPOLLOUT.rawValue != 0 { mask |= CURL_CSELECT_OUT }
    if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { mask |= CURL_CSELECT_ERR }
    return mask
  }

  private func obey(_ commands: TransferLoop.Commands) {
    for work in commands.starting {
      if work.isCancelled.load(ordering: .sequentiallyConsistent) {
        work.endCancelled(nil)
        continue
      }
      guard let easy = work.begin() else { continue }
      running[easy] = work
      handles[ObjectIdentifier(work)] = easy
      let result = curl_multi_add_handle(multi, easy)
      if result != CURLM_OK { finish(easy, CURLE_FAILED_INIT) }
    }
    for work in commands.cancelled {
      guard let easy = handles[ObjectIdentifier(work)] else { continue }
      forget(easy, work)
      work.endCancelled(easy)
      curl_easy_cleanup(easy)
    }
  }

  private func answerDone() {
    var code = CURLE_OK
    while let easy = host_multi_next_done(multi, &code) { finish(easy, code) }
  }

  private func finish(_ easy: UnsafeMutableRawPointer, _ code: CURLcode) {
    guard let work = running[easy] else { return }
    forget(easy, work)
    work.end(easy, code)
    curl_easy_cleanup(easy)
  }

  private func forget(_ easy: UnsafeMutableRawPointer, _ work: any CurlWork) {
    running[easy] = nil
    handles[ObjectIdentifier(work)] = nil
    curl_multi_remove_handle(multi, easy)
  }
}
