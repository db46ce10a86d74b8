import Model

/// The name of a standing selector of a store.
package struct SelectorID: Hashable, Comparable, Sendable {
  let index: Int32
  package static func < (left: SelectorID, right: SelectorID) -> Bool { left.index < right.index }
}

/// What a batch changed in the store.
package struct Arrival: Sendable, Hashable {
  package var source: SourceID
  package var time: Timestamp
  /// The standing selectors of which a series got a sample or ended, in order.
  package var touched: [SelectorID]
  /// The cells in which a series got a sample or ended, in order.
  package var cells: [CellID] = []
  /// Series that did not exist before.
  package var births: Int
  /// Series that got the staleness marker.
  package var ends: Int
  /// Samples of series that found no room under the cap.
  package var refused: Int
  /// Samples older than the newest one of their series, which were left out.
  package var outOfOrder: Int
  /// Samples at the time of the newest one of their series, which were left out.
  package var duplicates: Int

  package init(
    source: SourceID, time: Timestamp, touched: [SelectorID] = [], births: Int = 0, ends: Int = 0,
    refused: Int = 0, outOfOrder: Int = 0, duplicates: Int = 0
  ) {
    self.source = source
    self.time = time
    self.touched = touched
    self.births = births
    self.ends = ends
    self.refused = refused
    self.outOfOrder = outOfOrder
    self.duplicates = duplicates
  }
}
