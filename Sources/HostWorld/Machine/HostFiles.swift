import Glibc
import Model
import Outside

/// Files through blocking calls on worker threads, each with a deadline.
final class HostFiles: Files {
  private let workers: WorkerThreads
  private let stuck = StuckMounts()
  /// For the calls whose protocol names no deadline.
  private let patience: Duration = .seconds(30)

  init(reactor: Reactor) {
    workers = WorkerThreads("files", limit: 6, most: 48, reactor: reactor)
  }

  func read(_ path: String, limit: Int, timeout: Duration) async -> Result<[UInt8], FileFailure> {
    await ask(path, timeout) { FileCalls.read(path, limit: limit) }
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
    if path.utf8.contains(0) {
      return .failure(FileFailure(.other, "the path holds a zero byte"))
    }
    if let mount = stuck.mount(of: path) {
      return .failure(
        FileFailure(.timeout, "\(path): the file system at \(mount) has not answered so far"))
    }
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
}
