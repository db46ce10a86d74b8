import Model

/// A series as the store keeps it.
struct StoredSeries: Sendable {
  var labels: Labels
  var ring = SampleRing()
  /// The source that feeds the series, −1 for recorded series.
  var source: Int32
  /// The slot in the source's layout.
  var slot: UInt32
  /// A second source or slot has fed the series too.
  var isShared = false
  /// The standing selectors that accept the series.
  var selectors: [SelectorID] = []

  /// Whether the series has ended: its last sample is the staleness marker.
  var hasEnded: Bool { ring.lastBits == StaleMarker.bits }
}

/// What became of a sample.
enum AppendVerdict {
  case stored, outOfOrder, duplicate
}

extension StoredSeries {
  mutating func append(time: Int64, value: Double, retention: Int64) -> AppendVerdict {
    if time <= ring.lastTime, ring.count > 0 {
      return time == ring.lastTime ? .duplicate : .outOfOrder
    }
    ring.append(time: time, bits: value.bitPattern, cutoff: time - retention)
    return .stored
  }
}
