import CHostWorld
import Glibc
import Synchronization

/// Something libcurl carries: set up, finished and freed on the transfer thread alone.
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

/// The one thread that runs every libcurl transfer: curl_multi_socket_action(3) on epoll. It starts
/// with the first transfer.
final class TransferThread: Sendable {
  private struct Commands {
    var starting: [any CurlWork] = []
    var cancelled: [any CurlWork] = []
    var hasThread = false
  }
  private let commands = Mutex(Commands())
  private let wake: Int32

  init() {
    wake = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
    precondition(wake >= 0, "the kernel gives no event descriptor")
  }

  func start(_ work: any CurlWork) {
    let isFirst = commands.withLock { commands in
      commands.starting.append(work)
      defer { commands.hasThread = true }
      return !commands.hasThread
    }
    if isFirst {
      let hasStarted = startThread("transfers") { TransferLoop(self, wake: self.wake).run() }
      precondition(hasStarted, "the kernel gives no thread")
    }
    ring()
  }

  /// Ends a transfer early. The mark is set first, so that a cancellation that overtakes its start
  /// is seen when the start is carried out.
  func cancel(_ work: any CurlWork) {
    work.isCancelled.store(true, ordering: .sequentiallyConsistent)
    commands.withLock { $0.cancelled.append(work) }
    ring()
  }

  private func ring() {
    var one: UInt64 = 1
    _ = write(wake, &one, 8)
  }

  fileprivate func takeCommands() -> (starting: [any CurlWork], cancelled: [any CurlWork]) {
    commands.withLock { commands in
      defer { (commands.starting, commands.cancelled) = ([], []) }
      return (commands.starting, commands.cancelled)
    }
  }
}

/// What the transfer thread owns; no other thread touches it.
private final class TransferLoop {
  private let thread: TransferThread
  private let wake: Int32
  private let poll: Int32
  private let multi: UnsafeMutableRawPointer
  private var running: [UnsafeMutableRawPointer: any CurlWork] = [:]
  private var handles: [ObjectIdentifier: UnsafeMutableRawPointer] = [:]
  /// When libcurl wants to be called next, on CLOCK_BOOTTIME.
  private var deadline: Int64?

  init(_ thread: TransferThread, wake: Int32) {
    self.thread = thread
    self.wake = wake
    poll = epoll_create1(Int32(EPOLL_CLOEXEC))
    curl_global_init(Int(CURL_GLOBAL_DEFAULT))
    guard let multi = curl_multi_init() else {
      preconditionFailure("libcurl gives no multi handle")
    }
    self.multi = multi
    var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(fd: wake))
    epoll_ctl(poll, EPOLL_CTL_ADD, wake, &event)
    let context = Unmanaged.passUnretained(self).toOpaque()
    host_multi_on_socket(
      multi,
      { _, socket, what, context, _ in
        Unmanaged<TransferLoop>.fromOpaque(context!).takeUnretainedValue().watch(socket, what)
        return 0
      }, context)
    host_multi_on_timer(
      multi,
      { _, milliseconds, context in
        let loop = Unmanaged<TransferLoop>.fromOpaque(context!).takeUnretainedValue()
        loop.deadline = milliseconds < 0 ? nil : Clocks.boot() + Int64(milliseconds) * 1_000_000
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

  // Each turn is a call of its own: what a loop without an end makes is never released.
  func run() {
    let events = EventRoom()
    while true { turn(events) }
  }

  private func turn(_ events: EventRoom) {
    var still: Int32 = 0
    for event in events.wait(poll, milliseconds: wait()) {
      if event.data.fd == wake {
        var rung: UInt64 = 0
        _ = read(wake, &rung, 8)
      } else {
        curl_multi_socket_action(multi, event.data.fd, mask(event.events), &still)
      }
    }
    obey()
    if let due = deadline, due <= Clocks.boot() {
      deadline = nil
      curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &still)
    }
    answerDone()
  }

  /// Milliseconds until libcurl wants to be called, rounded up; -1 for never.
  private func wait() -> Int32 {
    guard let deadline else { return -1 }
    let left = deadline - Clocks.boot()
    return left <= 0 ? 0 : Int32(min((left + 999_999) / 1_000_000, 60_000))
  }

  private func mask(_ events: UInt32) -> Int32 {
    var mask: Int32 = 0
    if events & EPOLLIN.rawValue != 0 { mask |= CURL_CSELECT_IN }
    if events & EPOLLOUT.rawValue != 0 { mask |= CURL_CSELECT_OUT }
    if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { mask |= CURL_CSELECT_ERR }
    return mask
  }

  private func obey() {
    let (starting, cancelled) = thread.takeCommands()
    for work in starting {
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
    for work in cancelled {
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
