import Model

/// A series as the store keeps it.
struct StoredSeries: Sendable {
  var labels: Labels
  var ring = SampleRing()
  /// A second source or slot has fed the series too.
  var isShared = false
  /// The source that feeds the series, −1 for recorded series.
  var source: Int32
  /// The slot in the source's layout.
  var slot: UInt32
  /// The cell it lies in: see `SeriesCells`.
  var cell: CellID = .none
  /// The list of standing selectors that accept the series, by its number in `SelectorLists`.
  var selectors: SelectorLists.Number = 0

  /// Whether the series has ended: its last sample is the staleness marker.
  var hasEnded: Bool { ring.lastBits == StaleMarker.bits }
}

/// What became of a sample.
enum AppendVerdict {
  case stored, outOfOrder, duplicate
}

extension StoredSeries {
  @inline(__always)
  mutating func append(time: Int64, value: Double, retention: Int64) -> AppendVerdict {
    if time <= ring.lastTime, ring.buffer != nil {
      return time == ring.lastTime ? .duplicate : .outOfOrder
    }
    ring.append(time: time, bits: value.bitPattern, cutoff: time - retention)
    return .stored
  }
}
