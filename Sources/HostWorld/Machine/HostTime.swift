import CHostWorld
import Glibc
import Model
import Outside
import Synchronization

/// The kernel's clocks behind `TimeSource`.
final class HostTime: TimeSource {
  private let reactor: Reactor
  private let last = Mutex(Timestamp.distantPast)
  private let watch: ClockWatch

  init(reactor: Reactor) {
    self.reactor = reactor
    watch = ClockWatch(reactor: reactor)
  }

  func now() -> Timestamp {
    let wall = Timestamp(milliseconds: Clocks.wall() / 1_000_000)
    return last.withLock { last in
      last = Self.monotone(wall, after: last)
      return last
    }
  }

  /// The stamp for a reading of the wall clock: not earlier than the last one, unless the clock was
  /// stepped back by more than a second.
  static func monotone(_ wall: Timestamp, after last: Timestamp) -> Timestamp {
    wall < last && last.milliseconds - wall.milliseconds <= 1000 ? last : wall
  }

  func sinceBoot() -> Duration { .nanoseconds(Clocks.boot()) }

  func sleep(for duration: Duration) async {
    if Task.isCancelled { return }
    await reactor.sleep(for: duration)
  }

  func steps() -> AsyncStream<ClockStep> { watch.steps() }

  func uniqueIdentifier() -> String {
    var bytes = [UInt8](repeating: 0, count: 16)
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        getrandom($0.baseAddress! + filled, $0.count - filled, 0)
      }
      // Only an interrupting signal can keep sixteen bytes from coming.
      if count > 0 { filled += count }
    }
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for (index, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
