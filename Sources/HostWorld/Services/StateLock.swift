import Glibc
import Outside

/// Held while a process uses a folder of state: two daemons on one state would undo each other.
final class StateLock: Sendable {
  private let descriptor: Int32
  private init(_ descriptor: Int32) { self.descriptor = descriptor }
  deinit { close(descriptor) }

  static func take(_ path: String) -> Result<StateLock, StateFailure> {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else {
      return .failure(StateFailure(FileCalls.failure(path, "open it").reason))
    }
    // A child between fork and exec still holds its parent's locks, and a daemon that is being
    // replaced may take a moment to end.
    var tries = 40
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK && tries > 0 {
      tries -= 1
      usleep(25_000)
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      var holder = [UInt8](repeating: 0, count: 32)
      let count = read(descriptor, &holder, holder.count)
      close(descriptor)
      guard code == EWOULDBLOCK else {
        return .failure(StateFailure(FileCalls.failure(path, "lock it", code).reason))
      }
      let number = String(decoding: holder.prefix(max(0, count)).prefix { $0 > 32 }, as: UTF8.self)
      let who = number.isEmpty ? "another process" : "process \(number)"
      return .failure(StateFailure("\(path): \(who) uses this state already"))
    }
    let number = Array("\(getpid())\n".utf8)
    if ftruncate(descriptor, 0) == 0 { _ = write(descriptor, number, number.count) }
    return .success(StateLock(descriptor))
  }
}
