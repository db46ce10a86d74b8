/// A point in time: milliseconds since the Unix epoch, the resolution of Prometheus samples.
///
/// Public, for the compiler inlines nothing of `package` in other rooms.
public struct Timestamp: Hashable, Comparable, Sendable {
  public var milliseconds: Int64

  @inlinable
  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// A point in time from seconds since the Unix epoch, rounded to the nearest millisecond.
  @inlinable
  public init(seconds: Double) { milliseconds = Int64((seconds * 1000).rounded()) }

  /// Seconds since the Unix epoch.
  @inlinable
  public var seconds: Double { Double(milliseconds) / 1000 }

  @inlinable
  public static var epoch: Timestamp { Timestamp(milliseconds: 0) }
  /// Earlier than every real time.
  @inlinable
  public static var distantPast: Timestamp { Timestamp(milliseconds: Int64.min / 4) }
  /// Later than every real time.
  @inlinable
  public static var distantFuture: Timestamp { Timestamp(milliseconds: Int64.max / 4) }

  @inlinable
  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.milliseconds < right.milliseconds
  }
  @inlinable
  public static func + (left: Timestamp, right: Duration) -> Timestamp {
    Timestamp(milliseconds: left.milliseconds + right.wholeMilliseconds)
  }
  @inlinable
  public static func - (left: Timestamp, right: Duration) -> Timestamp {
    Timestamp(milliseconds: left.milliseconds - right.wholeMilliseconds)
  }
  @inlinable
  public static func - (left: Timestamp, right: Timestamp) -> Duration {
    .milliseconds(left.milliseconds - right.milliseconds)
  }
}

extension Duration {
  /// The duration in milliseconds, cut toward zero.
  @inlinable
  public var wholeMilliseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1000 + attoseconds / 1_000_000_000_000_000
  }

  /// The duration in seconds.
  @inlinable
  public var inSeconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}

extension Timestamp: Codable {
  private enum CodingKeys: CodingKey { case milliseconds }

  /// From its number; older records have an object around it.
  public init(from decoder: any Decoder) throws {
    if let number = try? decoder.singleValueContainer().decode(Int64.self) {
      self.init(milliseconds: number)
    } else {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      self.init(milliseconds: try values.decode(Int64.self, forKey: .milliseconds))
    }
  }
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(milliseconds)
  }
}
