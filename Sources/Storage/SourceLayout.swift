import Model

/// What the store knows of a source: which series its slots feed.
struct SourceLayout: Sendable {
  struct Slot: Sendable {
    /// −1: the series has no room, or has gone from memory; its labels bring it back.
    var series: Int32
    /// The number of the batch that last had the slot.
    var batch: UInt32
    var labels: Labels
  }
  var source: SourceID
  var layout: UInt64?
  var slots: [Slot] = []
  /// Batches of this layout so far; the first is 1.
  var batch: UInt32 = 0
  /// How many slots the last batch had.
  var liveCount = 0
  /// The selectors that the last batch touched, and the generation of selectors it holds for.
  var touched: [SelectorID] = []
  var touchedGeneration: UInt64?
}
