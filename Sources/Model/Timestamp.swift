/// A point in time: milliseconds since the Unix epoch, the resolution of Prometheus samples.
package struct Timestamp: Hashable, Comparable, Sendable, Codable {
  package var milliseconds: Int64

  @inlinable
  package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// A point in time from seconds since the Unix epoch, rounded to the nearest millisecond.
  package init(seconds: Double) { milliseconds = Int64((seconds * 1000).rounded()) }

  /// Seconds since the Unix epoch.
  package var seconds: Double { Double(milliseconds) / 1000 }

  package static let epoch = Timestamp(milliseconds: 0)
  /// Earlier than every real time.
  package static let distantPast = Timestamp(milliseconds: Int64.min / 4)
  /// Later than every real time.
  package static let distantFuture = Timestamp(milliseconds: Int64.max / 4)

  @inlinable
  package static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.milliseconds < right.milliseconds
  }
  package static func + (left: Timestamp, right: Duration) -> Timestamp {
    Timestamp(milliseconds: left.milliseconds + right.wholeMilliseconds)
  }
  package static func - (left: Timestamp, right: Duration) -> Timestamp {
    Timestamp(milliseconds: left.milliseconds - right.wholeMilliseconds)
  }
  package static func - (left: Timestamp, right: Timestamp) -> Duration {
    .milliseconds(left.milliseconds - right.milliseconds)
  }
}

extension Duration {
  /// The duration in milliseconds, cut toward zero.
  package var wholeMilliseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1000 + attoseconds / 1_000_000_000_000_000
  }

  /// The duration in seconds.
  package var inSeconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}
