import Glibc
import Synchronization

/// Names of users by their number, remembered: the system's directory of users may be on a network.
final class UserNames: Sendable {
  private let known = Mutex<[UInt32: String]>([:])
  private let workers: WorkerThreads

  init(reactor: Reactor) {
    workers = WorkerThreads("users", limit: 1, most: 4, reactor: reactor)
  }

  /// The user's name, or `uid 1000` when there is none or no answer comes.
  func name(of user: UInt32) async -> String {
    if let name = known.withLock({ $0[user] }) { return name }
    let outcome = await workers.run(timeout: .seconds(2)) { Self.lookUp(user) }
    guard case .done(let found) = outcome, let name = found else { return "uid \(user)" }
    known.withLock { known in
      if known.count >= 1000 { known = [:] }
      known[user] = name
    }
    return name
  }

  private static func lookUp(_ user: UInt32) -> String? {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 16 << 10)
    guard getpwuid_r(user, &entry, &buffer, buffer.count, &found) == 0, found != nil,
      let name = entry.pw_name
    else { return nil }
    return String(cString: name)
  }
}
