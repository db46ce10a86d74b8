import CHostWorld
import Glibc
import Model
import Outside

/// Child processes, each watched by a thread of its own while it runs.
// posix_spawn rather than a package: the deadline must hold although a grandchild keeps the pipes.
final class HostProcesses: Processes {
  private let workers: WorkerThreads

  init(reactor: Reactor) {
    workers = WorkerThreads("process", limit: 32, most: 64, reactor: reactor)
  }

  func run(_ command: ProcessCommand) async -> ProcessResult {
    let wish = EndWish()
    let began = Clocks.boot()
    let result = await withTaskCancellationHandler {
      await workers.finish {
        let waited = Duration.nanoseconds(Clocks.boot() - began)
        return ChildProcess.run(command, after: waited, wish)
      }
    } onCancel: {
      wish.end()
    }
    return result ?? ProcessResult(end: .couldNotStart("too many processes run already"))
  }
}

/// A descriptor that becomes readable when the child shall end early.
final class EndWish: Sendable {
  let descriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
  deinit { if descriptor >= 0 { close(descriptor) } }
  func end() {
    var one: UInt64 = 1
    _ = write(descriptor, &one, 8)
  }
  var isMade: Bool {
    var one = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&one, 1, 0) == 1
  }
}

/// One child from its start to its end, on one thread.
struct ChildProcess {
  private let command: ProcessCommand
  private let child: pid_t
  private let began: Int64
  private let deadline: Int64
  private var output = PipeEnd()
  private var errors = PipeEnd()
  private var input: Int32
  private var given = 0
  /// Between the polite signal and the other one.
  private static let grace: Int64 = 2_000_000_000

  private struct PipeEnd {
    var descriptor: Int32 = -1
    var bytes: [UInt8] = []
    mutating func close() {
      if descriptor >= 0 { Glibc.close(descriptor) }
      descriptor = -1
    }
    /// Takes what is there; what is beyond the limit is dropped.
    mutating func drain(limit: Int) {
      var chunk = [UInt8](repeating: 0, count: 16 << 10)
      while descriptor >= 0 {
        let count = read(descriptor, &chunk, chunk.count)
        if count > 0 {
          bytes += chunk[0..<min(count, max(0, limit - bytes.count))]
        } else if count < 0 && errno == EINTR {
          continue
        } else {
          if count == 0 || errno != EAGAIN { close() }
          return
        }
      }
    }
  }

  // MARK: Starting

  /// Runs a command to its end. `after` is the time it has waited for its thread.
  static func run(_ command: ProcessCommand, after: Duration, _ wish: EndWish) -> ProcessResult {
    guard let name = command.arguments.first, !name.isEmpty else {
      return ProcessResult(end: .couldNotStart("the command is empty"))
    }
    if after >= command.timeout || wish.isMade { return ProcessResult(end: .timedOut) }
    let texts = command.arguments + command.environment.flatMap { [$0.name, $0.value] }
    if texts.contains(where: { $0.utf8.contains(0) }) {
      return ProcessResult(end: .couldNotStart("the command or its environment holds a zero byte"))
    }
    let search = command.environment.first { $0.name == "PATH" }?.value
    guard let path = find(name, in: search ?? "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin") else {
      return ProcessResult(end: .couldNotStart("\(name): no such program"))
    }
    switch start(command, path, after) {
    case .failure(let failure): return ProcessResult(end: .couldNotStart(failure.reason))
    case .success(var process): return process.watch(wish)
    }
  }

  static func find(_ name: String, in search: String) -> String? {
    if name.contains("/") { return access(name, F_OK) == 0 ? name : nil }
    for directory in search.split(separator: ":") {
      let path = "\(directory)/\(name)"
      if access(path, X_OK) == 0 { return path }
    }
    return nil
  }

  private static func start(
    _ command: ProcessCommand, _ path: String, _ after: Duration
  ) -> Result<ChildProcess, FileFailure> {
    var pipes: [Int32] = []
    for _ in 0..<3 {
      var both: [Int32] = [-1, -1]
      guard host_pipe(&both) == 0 else {
        let code = errno
        pipes.forEach { close($0) }
        return .failure(FileFailure(.other, "\(path): no pipe: \(describeErrno(code))"))
      }
      pipes += both
    }
    let environment =
      command.environment.isEmpty
      ? ["PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG=C.UTF-8"]
      : command.environment.map { "\($0.name)=\($0.value)" }
    var child = pid_t()
    let code = withArgumentPointers(command.arguments) { arguments in
      withArgumentPointers(environment) { environment in
        host_spawn(&child, path, arguments, environment, pipes[0], pipes[3], pipes[5])
      }
    }
    for index in [0, 3, 5] { close(pipes[index]) }
    guard code == 0 else {
      for index in [1, 2, 4] { close(pipes[index]) }
      let kind: FileFailure.Kind = code == EACCES ? .permission : .other
      return .failure(FileFailure(kind, "\(path): can't be run: \(describeErrno(code))"))
    }
    for index in [1, 2, 4] { _ = fcntl(pipes[index], F_SETFL, O_NONBLOCK) }
    return .success(
      ChildProcess(command, child, after, input: pipes[1], output: pipes[2], errors: pipes[4]))
  }

  private init(
    _ command: ProcessCommand, _ child: pid_t, _ after: Duration, input: Int32, output: Int32,
    errors: Int32
  ) {
    self.command = command
    self.child = child
    self.input = input
    self.output.descriptor = output
    self.errors.descriptor = errors
    began = Clocks.boot()
    deadline = began + max(0, (command.timeout - after).nanoseconds)
  }

  // MARK: Watching

  private enum Watch { case running, asked(killAt: Int64), killed }

  /// Feeds and drains the child until it has ended and its pipes are closed, or the deadline is
  /// there.
  private mutating func watch(_ wish: EndWish) -> ProcessResult {
    let ending = host_pidfd_open(child)
    defer { if ending >= 0 { close(ending) } }
    var isLate = false
    var watch = Watch.running
    while true {
      feed()
      output.drain(limit: command.outputLimit)
      errors.drain(limit: command.outputLimit)
      let hasEnded = host_has_ended(child)
      if hasEnded && output.descriptor < 0 && errors.descriptor < 0 { break }
      let now = Clocks.boot()
      switch watch {
      case .running where now >= deadline || wish.isMade:
        isLate = true
        kill(-child, SIGTERM)
        watch = .asked(killAt: now + Self.grace)
      case .asked(let killAt) where now >= killAt || hasEnded:
        kill(-child, SIGKILL)
        watch = .killed
      default: break
      }
      // The leader is gone and its group was killed: who left the group may keep the pipes open.
      if case .killed = watch, hasEnded { break }
      wait(ending, wish, watch, hasEnded: hasEnded)
    }
    let status = finish()
    return ProcessResult(
      end: isLate ? .timedOut : end(status), output: output.bytes, errors: errors.bytes,
      duration: .nanoseconds(Clocks.boot() - began))
  }

  private mutating func feed() {
    while input >= 0 {
      guard given < command.input.count else {
        close(input)
        input = -1
        return
      }
      let count = command.input.withUnsafeBytes {
        write(input, $0.baseAddress! + given, $0.count - given)
      }
      if count >= 0 {
        given += count
      } else if errno == EAGAIN {
        return
      } else if errno != EINTR {
        close(input)
        input = -1
      }
    }
  }

  private func wait(_ ending: Int32, _ wish: EndWish, _ watch: Watch, hasEnded: Bool) {
    var waits: [pollfd] = []
    func add(_ descriptor: Int32, _ events: Int32) {
      if descriptor >= 0 {
        waits.append(pollfd(fd: descriptor, events: Int16(events), revents: 0))
      }
    }
    add(output.descriptor, POLLIN)
    add(errors.descriptor, POLLIN)
    add(input, POLLOUT)
    if !hasEnded { add(ending, POLLIN) }
    var until = Int64.max
    switch watch {
    case .running:
      add(wish.descriptor, POLLIN)
      until = deadline
    case .asked(let killAt): until = killAt
    case .killed: break
    }
    let left = until == .max ? 1000 : max(0, (until - Clocks.boot() + 999_999) / 1_000_000)
    // Without a descriptor for the child's end it is looked for ten times a second.
    let most: Int64 = ending >= 0 || hasEnded ? 60_000 : 100
    poll(&waits, nfds_t(waits.count), Int32(min(left, most)))
  }

  /// Closes the pipes and takes the status of the child, which has ended. A leader that ends by
  /// itself leaves its group alone: a shell may leave a daemon behind on purpose.
  private mutating func finish() -> Int32 {
    if input >= 0 { close(input) }
    output.close()
    errors.close()
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    return status
  }

  private func end(_ status: Int32) -> ProcessResult.End {
    host_exited(status) ? .exited(host_exit_code(status)) : .signalled(host_exit_signal(status))
  }
}

/// Texts as the null-ended array of C strings that exec(3) takes.
private func withArgumentPointers<Value>(
  _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Value
) -> Value {
  var pointers: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) }
  pointers.append(nil)
  defer { pointers.forEach { free($0) } }
  return pointers.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
}
