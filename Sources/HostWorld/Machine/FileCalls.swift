import CHostWorld
import Glibc
import Model
import Outside

/// The blocking calls behind `Files`.
enum FileCalls {
  static func failure(_ path: String, _ doing: String, _ code: Int32 = errno) -> FileFailure {
    let kind: FileFailure.Kind =
      switch code {
      case ENOENT, ENOTDIR: .notFound
      case EACCES, EPERM, EROFS: .permission
      case ENOSPC, EDQUOT: .full
      case ETIMEDOUT: .timeout
      default: .other
      }
    return FileFailure(kind, "\(path): can't \(doing): \(describeErrno(code))")
  }

  static func read(_ path: String, limit: Int) -> Result<[UInt8], FileFailure> {
    var scratch: [UInt8] = []
    return read(path, limit: limit, by: &scratch)
  }

  /// Reads by way of a buffer that the next read can use again. Files of /proc say they hold
  /// nothing, so only the end decides.
  static func read(
    _ path: String, limit: Int, by scratch: inout [UInt8]
  ) -> Result<[UInt8], FileFailure> {
    // Not blocking, so that opening a named pipe without a writer does not wait for one.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return .failure(failure(path, "open it")) }
    defer { close(descriptor) }
    return read(path, limit: limit, by: &scratch) { Glibc.read(descriptor, $0, $1) }
  }

  /// Reads from a descriptor that stays open, from the beginning.
  static func read(
    _ path: String, at descriptor: Int32, limit: Int, by scratch: inout [UInt8]
  ) -> Result<[UInt8], FileFailure> {
    var offset = 0
    return read(path, limit: limit, by: &scratch) { room, size in
      let count = pread(descriptor, room, size, offset)
      offset += max(0, count)
      return count
    }
  }

  private static func read(
    _ path: String, limit: Int, by scratch: inout [UInt8],
    _ next: (UnsafeMutableRawPointer, Int) -> Int
  ) -> Result<[UInt8], FileFailure> {
    if scratch.count < 32768 { scratch = [UInt8](repeating: 0, count: 32768) }
    var filled = 0
    while true {
      let count = scratch.withUnsafeMutableBytes {
        next($0.baseAddress! + filled, $0.count - filled)
      }
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        return .failure(failure(path, "read it"))
      }
      filled += count
      if filled > limit {
        return .failure(FileFailure(.tooLarge, "\(path): is larger than \(limit) bytes"))
      }
      if filled == scratch.count { scratch += [UInt8](repeating: 0, count: scratch.count) }
    }
    return .success(Array(scratch[..<filled]))
  }

  static func write(_ bytes: [UInt8], to path: String) -> Result<Void, FileFailure> {
    var facts = stat()
    let mode: mode_t = stat(path, &facts) == 0 ? facts.st_mode & 0o7777 : 0o644
    var name = Array((path + "." + String(repeating: "X", count: 6)).utf8CString)
    let descriptor = host_open_temporary(&name)
    guard descriptor >= 0 else { return .failure(failure(path, "write it")) }
    func giveUp() -> Result<Void, FileFailure> {
      let code = errno
      close(descriptor)
      unlink(name)
      return .failure(failure(path, "write it", code))
    }
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress! + written, $0.count - written)
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { return giveUp() }
      written += count
    }
    guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else { return giveUp() }
    guard rename(name, path) == 0 else { return giveUp() }
    close(descriptor)
    syncDirectory(of: path)
    return .success(())
  }

  /// Makes a rename last: the directory is what changed.
  private static func syncDirectory(of path: String) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let directory = parts.count > 1 ? parts.dropLast().joined(separator: "/") + "/" : "."
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  static func list(_ path: String) -> Result<[String], FileFailure> {
    guard let directory = opendir(path) else { return .failure(failure(path, "list it")) }
    defer { closedir(directory) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
      if names.count > 100_000 {
        return .failure(FileFailure(.tooLarge, "\(path): holds more than 100000 entries"))
      }
      errno = 0
    }
    if errno != 0 { return .failure(failure(path, "list it")) }
    return .success(names.sorted(by: Bytes.less))
  }

  static func attributes(_ path: String) -> Result<FileAttributes, FileFailure> {
    var facts = stat()
    guard stat(path, &facts) == 0 else { return .failure(failure(path, "look at it")) }
    let milliseconds = Int64(facts.st_mtim.tv_sec) * 1000 + Int64(facts.st_mtim.tv_nsec) / 1_000_000
    return .success(
      FileAttributes(
        size: Int64(facts.st_size), modified: Timestamp(milliseconds: milliseconds),
        isDirectory: facts.st_mode & S_IFMT == S_IFDIR, mode: UInt16(facts.st_mode & 0o7777),
        owner: facts.st_uid))
  }

  static func space(_ path: String) -> Result<FileSystemSpace, FileFailure> {
    var facts = statvfs()
    guard statvfs(path, &facts) == 0 else { return .failure(failure(path, "ask for its space")) }
    let block = UInt64(facts.f_frsize)
    return .success(
      FileSystemSpace(
        size: UInt64(facts.f_blocks) &* block, free: UInt64(facts.f_bfree) &* block,
        available: UInt64(facts.f_bavail) &* block, files: UInt64(facts.f_files),
        filesFree: UInt64(facts.f_ffree), isReadOnly: facts.f_flag & UInt(ST_RDONLY) != 0))
  }

  static func glob(_ pattern: String) -> [String] {
    var found = glob_t()
    defer { globfree(&found) }
    guard Glibc.glob(pattern, GLOB_BRACE, nil, &found) == 0 else { return [] }
    var paths: [String] = []
    for index in 0..<Int(found.gl_pathc) {
      if let path = found.gl_pathv[index] { paths.append(String(cString: path)) }
    }
    return paths.sorted(by: Bytes.less)
  }

  /// Creates a directory and those above it; one that is there already is fine.
  static func createDirectory(_ path: String, mode: UInt16) -> Result<Void, FileFailure> {
    var made = path.hasPrefix("/") ? "/" : ""
    let parts = path.split(separator: "/")
    for (index, part) in parts.enumerated() {
      made += part
      let isLast = index == parts.count - 1
      if mkdir(made, isLast ? mode_t(mode) : 0o755) != 0 && errno != EEXIST {
        return .failure(failure(path, "create it"))
      }
      made += "/"
    }
    var facts = stat()
    guard stat(path, &facts) == 0 else { return .failure(failure(path, "create it")) }
    guard facts.st_mode & S_IFMT == S_IFDIR else {
      return .failure(FileFailure(.other, "\(path): is there already and is no directory"))
    }
    return .success(())
  }
}
