import SimulatedWorld
import Synchronization

/// Lines that closures add from anywhere.
final class Lines: Sendable {
  private let kept = Mutex<[String]>([])
  var all: [String] { kept.withLock { $0 } }
  func add(_ line: String) { kept.withLock { $0.append(line) } }
}

extension SimulatedTime {
  /// Lets tasks run until the condition holds; false when it still does not after many chances.
  func settles(_ condition: () async -> Bool) async -> Bool {
    for _ in 0..<500 {
      if await condition() { return true }
      await settle()
    }
    return false
  }
}
