import Glibc
import Model
import Outside
import Synchronization

/// Files through blocking calls on worker threads, each with a deadline.
final class HostFiles: Files {
  private let workers: WorkerThreads
  private let stuck = StuckMounts()
  private let open = OpenProcFiles()
  /// For the calls whose protocol names no deadline.
  private let patience: Duration = .seconds(30)

  init(reactor: Reactor) {
    workers = WorkerThreads("files", limit: 6, most: 48, reactor: reactor)
  }

  func read(_ path: String, limit: Int, timeout: Duration) async -> Result<[UInt8], FileFailure> {
    await ask(path, timeout) { FileCalls.read(path, limit: limit) }
  }

  func read(
    _ paths: [String], limit: Int, timeout: Duration
  ) async -> [Result<[UInt8], FileFailure>] {
    let open = open
    return await ask(paths, timeout) {
      var scratch: [UInt8] = []
      return { path in
        let result = open.read(path, limit: limit, by: &scratch)
        return result ?? FileCalls.read(path, limit: limit, by: &scratch)
      }
    }
  }

  /// Makes a call for one path after another on one worker thread; `caller` is asked there for what
  /// makes them.
  private func ask<Value: Sendable>(
    _ paths: [String], _ timeout: Duration,
    _ caller: @escaping @Sendable () -> (String) -> Result<Value, FileFailure>
  ) async -> [Result<Value, FileFailure>] {
    let (progress, stuck) = (CallProgress<Value>(), stuck)
    let outcome = await workers.run(
      timeout: timeout, onGivingUp: { stuck.note(paths[progress.giveUp()]) },
      onReturn: { stuck.forget(paths[progress.givenUp]) }
    ) {
      let call = caller()
      for path in paths {
        let refusal = Self.refusal(of: path, stuck)
        if !progress.add(refusal.map { .failure($0) } ?? call(path)) { return }
      }
    }
    var results = progress.results
    if results.count < paths.count {
      let reason =
        switch outcome {
        case .done, .timedOut: "no answer within \(describe(timeout))"
        case .cancelled: "given up before an answer"
        case .refused: "too many calls wait for file systems"
        }
      // Calls that were never made say nothing about the file systems.
      let kind: FileFailure.Kind = if case .refused = outcome { .other } else { .timeout }
      results += paths[results.count...].map { .failure(FileFailure(kind, "\($0): \(reason)")) }
    }
    return results
  }

  func write(_ bytes: [UInt8], to path: String) async -> Result<Void, FileFailure> {
    await ask(path, patience) { FileCalls.write(bytes, to: path) }
  }

  func list(_ directory: String, timeout: Duration) async -> Result<[String], FileFailure> {
    await ask(directory, timeout) { FileCalls.list(directory) }
  }

  func attributes(_ path: String, timeout: Duration) async -> Result<FileAttributes, FileFailure> {
    await ask(path, timeout) { FileCalls.attributes(path) }
  }

  func space(_ path: String, timeout: Duration) async -> Result<FileSystemSpace, FileFailure> {
    await ask(path, timeout) { FileCalls.space(path) }
  }

  func space(
    _ paths: [String], timeout: Duration
  ) async -> [Result<FileSystemSpace, FileFailure>] {
    await ask(paths, timeout) { FileCalls.space }
  }

  func glob(_ pattern: String) async -> [String] {
    let found = await ask(pattern, patience) { .success(FileCalls.glob(pattern)) }
    return (try? found.get()) ?? []
  }

  func createDirectory(_ path: String, mode: UInt16) async -> Result<Void, FileFailure> {
    await ask(path, patience) { FileCalls.createDirectory(path, mode: mode) }
  }

  /// Makes a call on a worker thread. A path whose file system does not answer is not asked again
  /// until the thread that hangs in it has returned.
  private func ask<Value: Sendable>(
    _ path: String, _ timeout: Duration,
    _ call: @escaping @Sendable () -> Result<Value, FileFailure>
  ) async -> Result<Value, FileFailure> {
    if let refusal = Self.refusal(of: path, stuck) { return .failure(refusal) }
    let stuck = stuck
    let outcome = await workers.run(
      timeout: timeout, onGivingUp: { stuck.note(path) }, onReturn: { stuck.forget(path) }, call)
    switch outcome {
    case .done(let result): return result
    case .timedOut:
      return .failure(FileFailure(.timeout, "\(path): no answer within \(describe(timeout))"))
    case .cancelled: return .failure(FileFailure(.timeout, "\(path): given up before an answer"))
    case .refused:
      return .failure(FileFailure(.other, "\(path): too many calls wait for file systems"))
    }
  }

  /// Why a path is not asked at all.
  private static func refusal(of path: String, _ stuck: StuckMounts) -> FileFailure? {
    if path.utf8.contains(0) { return FileFailure(.other, "the path holds a zero byte") }
    guard let mount = stuck.mount(of: path) else { return nil }
    return FileFailure(.timeout, "\(path): the file system at \(mount) has not answered so far")
  }
}

/// What several calls brought so far; the caller may stop waiting at any moment.
final class CallProgress<Value: Sendable>: Sendable {
  private struct State {
    var results: [Result<Value, FileFailure>] = []
    /// The number of the path that did not answer.
    var givenUp: Int?
  }
  private let state = Mutex(State())

  var results: [Result<Value, FileFailure>] { state.withLock { $0.results } }
  var givenUp: Int { state.withLock { $0.givenUp ?? 0 } }

  /// False when nobody waits for the next any more.
  func add(_ result: Result<Value, FileFailure>) -> Bool {
    state.withLock { state in
      if state.givenUp != nil { return false }
      state.results.append(result)
      return true
    }
  }

  func giveUp() -> Int {
    state.withLock { state in
      state.givenUp = state.results.count
      return state.results.count
    }
  }
}
