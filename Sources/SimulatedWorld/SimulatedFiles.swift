import Model
import Outside
import Synchronization

/// A file tree in memory, with disks that fill and mounts that hang.
package final class SimulatedFiles: Files {
  private struct File {
    var bytes: [UInt8]
    var modified: Timestamp
    var mode: UInt16
    var owner: UInt32
  }
  private struct State {
    var files: [String: File] = [:]
    var directories: [String: UInt16] = ["/": 0o755]
    var spaces: [String: FileSystemSpace] = [:]
    var hung: [String] = []
    var denied: [String] = []
    var isFull = false
    var calls = 0
  }
  private let time: SimulatedTime
  private let state = Mutex(State())

  init(time: SimulatedTime) { self.time = time }

  // MARK: The test's hand

  /// Puts a file into place, whatever the disk thinks of it.
  package func put(_ text: String, at path: String, mode: UInt16 = 0o644, owner: UInt32 = 0) {
    put(Array(text.utf8), at: path, mode: mode, owner: owner)
  }

  /// Puts a file into place, whatever the disk thinks of it.
  package func put(_ bytes: [UInt8], at path: String, mode: UInt16 = 0o644, owner: UInt32 = 0) {
    let now = time.now()
    state.withLock { state in
      state.files[path] = File(bytes: bytes, modified: now, mode: mode, owner: owner)
    }
  }

  /// Removes a file.
  package func remove(_ path: String) { state.withLock { _ = $0.files.removeValue(forKey: path) } }

  /// What a file holds, nil when there is none.
  package func text(at path: String) -> String? {
    state.withLock { $0.files[path].map { String(decoding: $0.bytes, as: UTF8.self) } }
  }

  /// Says how large and how full the file system mounted here is.
  package func setSpace(_ space: FileSystemSpace, of mount: String) {
    state.withLock { $0.spaces[mount] = space }
  }

  /// Calls on paths that begin with `prefix` answer never, whatever their deadline.
  package func hang(_ prefix: String) { state.withLock { $0.hung.append(prefix) } }

  /// Calls on paths for which `hang` was called with `prefix` answer again.
  package func unhang(_ prefix: String) { state.withLock { $0.hung.removeAll { $0 == prefix } } }

  /// Paths that begin with `prefix` may not be read.
  package func deny(_ prefix: String) { state.withLock { $0.denied.append(prefix) } }

  /// Writes fail for want of space while true.
  package func setFull(_ isFull: Bool) { state.withLock { $0.isFull = isFull } }

  /// How often the door was used; several files in one call count once.
  package var calls: Int { state.withLock { $0.calls } }

  // MARK: The door

  private func enter(_ path: String, timeout: Duration) async -> FileFailure? {
    time.stir()
    let (hangs, isDenied) = state.withLock { state in
      state.calls += 1
      return (
        state.hung.contains { path.hasPrefix($0) }, state.denied.contains { path.hasPrefix($0) }
      )
    }
    if hangs {
      await time.sleep(for: timeout)
      return FileFailure(.timeout, "\(path) did not answer within \(timeout)")
    }
    return isDenied ? FileFailure(.permission, "\(path): permission denied") : nil
  }

  package func read(
    _ path: String, limit: Int, timeout: Duration
  ) async -> Result<[UInt8], FileFailure> {
    if let failure = await enter(path, timeout: timeout) { return .failure(failure) }
    guard let file = state.withLock({ $0.files[path] }) else {
      return .failure(FileFailure(.notFound, "\(path) does not exist"))
    }
    guard file.bytes.count <= limit else {
      return .failure(FileFailure(.tooLarge, "\(path) is larger than \(limit) bytes"))
    }
    return .success(file.bytes)
  }

  package func read(
    _ paths: [String], limit: Int, timeout: Duration
  ) async -> [Result<[UInt8], FileFailure>] {
    await inTurn(paths) { await read($0, limit: limit, timeout: timeout) }
  }

  /// Several paths in one call: behind one that hangs nothing else is answered.
  private func inTurn<Value>(
    _ paths: [String], _ call: (String) async -> Result<Value, FileFailure>
  ) async -> [Result<Value, FileFailure>] {
    var results: [Result<Value, FileFailure>] = []
    for path in paths {
      if case .failure(let failure) = results.last, failure.kind == .timeout {
        results.append(.failure(failure))
      } else {
        results.append(await call(path))
      }
    }
    let made = results.count
    state.withLock { $0.calls -= max(0, made - 1) }
    return results
  }

  package func write(_ bytes: [UInt8], to path: String) async -> Result<Void, FileFailure> {
    if let failure = await enter(path, timeout: .seconds(3600)) { return .failure(failure) }
    if state.withLock({ $0.isFull }) {
      return .failure(FileFailure(.full, "no space left for \(path)"))
    }
    put(bytes, at: path)
    return .success(())
  }

  package func list(
    _ directory: String, timeout: Duration
  ) async -> Result<[String], FileFailure> {
    if let failure = await enter(directory, timeout: timeout) { return .failure(failure) }
    let prefix = directory.hasSuffix("/") ? directory : directory + "/"
    let names = state.withLock { state in
      Set(
        (Array(state.files.keys) + Array(state.directories.keys)).filter { $0.hasPrefix(prefix) }
          .compactMap { $0.dropFirst(prefix.count).split(separator: "/").first.map(String.init) })
    }
    let known = state.withLock { $0.directories[directory] != nil }
    if names.isEmpty, !known {
      return .failure(FileFailure(.notFound, "\(directory) does not exist"))
    }
    return .success(names.sorted())
  }

  package func attributes(
    _ path: String, timeout: Duration
  ) async -> Result<FileAttributes, FileFailure> {
    if let failure = await enter(path, timeout: timeout) { return .failure(failure) }
    return state.withLock { state in
      if let file = state.files[path] {
        return .success(
          FileAttributes(
            size: Int64(file.bytes.count), modified: file.modified, isDirectory: false,
            mode: file.mode, owner: file.owner))
      }
      let holds = state.files.keys.contains { $0.hasPrefix(path + "/") }
      guard let mode = state.directories[path] ?? (holds ? 0o755 : nil) else {
        return .failure(FileFailure(.notFound, "\(path) does not exist"))
      }
      return .success(
        FileAttributes(size: 0, modified: .epoch, isDirectory: true, mode: mode, owner: 0))
    }
  }

  package func space(
    _ path: String, timeout: Duration
  ) async -> Result<FileSystemSpace, FileFailure> {
    if let failure = await enter(path, timeout: timeout) { return .failure(failure) }
    guard let space = state.withLock({ $0.spaces[path] }) else {
      return .failure(FileFailure(.notFound, "\(path) does not exist"))
    }
    return .success(space)
  }

  package func space(
    _ paths: [String], timeout: Duration
  ) async -> [Result<FileSystemSpace, FileFailure>] {
    await inTurn(paths) { await space($0, timeout: timeout) }
  }

  package func glob(_ pattern: String) async -> [String] {
    time.stir()
    let paths = state.withLock { Array($0.files.keys) }
    return paths.filter { Self.matches(Array(pattern.utf8)[...], Array($0.utf8)[...]) }.sorted()
  }

  package func createDirectory(
    _ path: String, mode: UInt16
  ) async -> Result<Void, FileFailure> {
    if let failure = await enter(path, timeout: .seconds(3600)) { return .failure(failure) }
    if state.withLock({ $0.isFull }) {
      return .failure(FileFailure(.full, "no space left for \(path)"))
    }
    state.withLock { $0.directories[path] = mode }
    return .success(())
  }

  /// `*` and `?` of the shell; neither crosses a slash.
  private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    if first == UInt8(ascii: "*") {
      var rest = text
      while true {
        if matches(pattern.dropFirst(), rest) { return true }
        guard let next = rest.first, next != UInt8(ascii: "/") else { return false }
        rest = rest.dropFirst()
      }
    }
    guard let byte = text.first else { return false }
    let fits = first == byte || (first == UInt8(ascii: "?") && byte != UInt8(ascii: "/"))
    return fits && matches(pattern.dropFirst(), text.dropFirst())
  }
}
