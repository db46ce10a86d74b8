import CHostWorld
import Glibc
import Model

/// The kernel's clocks, read directly.
enum Clocks {
  /// Nanoseconds of CLOCK_BOOTTIME: since boot, suspend included.
  static func boot() -> Int64 { read(CLOCK_BOOTTIME) }
  /// Nanoseconds of CLOCK_MONOTONIC: since boot, suspend left out.
  static func running() -> Int64 { read(CLOCK_MONOTONIC) }
  /// Nanoseconds of CLOCK_REALTIME: since the Unix epoch.
  static func wall() -> Int64 { read(CLOCK_REALTIME) }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

extension Duration {
  /// Nanoseconds, never more than a hundred years so that sums stay in range.
  var nanoseconds: Int64 {
    let most: Int64 = 3_155_760_000
    let (seconds, attoseconds) = components
    if seconds >= most { return most * 1_000_000_000 }
    if seconds <= -most { return -most * 1_000_000_000 }
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}

/// The system's sentence for an error number, beginning in lower case: `no such file or directory`.
func describeErrno(_ code: Int32) -> String {
  guard let text = strerror(code) else { return "error \(code)" }
  let sentence = String(cString: text)
  return sentence.prefix(1).lowercased() + sentence.dropFirst()
}

/// A duration as failure sentences write it: `5 s`, `1.5 s`, `250 ms`.
func describe(_ duration: Duration) -> String {
  let milliseconds = duration.wholeMilliseconds
  if milliseconds < 1000 { return "\(milliseconds) ms" }
  if milliseconds % 1000 == 0 { return "\(milliseconds / 1000) s" }
  return "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
}
