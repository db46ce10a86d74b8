import Model

/// What the store knows of a source: which series its slots feed.
struct SourceLayout: Sendable {
  struct Slot: Sendable {
    /// −1: the series has no room, or has gone from memory; its labels bring it back.
    var series: Int32
    /// The number of the batch that last had the slot.
    var batch: UInt32
  }
  var source: SourceID
  var layout: UInt64?
  var slots: [Slot] = []
  /// The labels of the slots that have no series.
  var homeless: [UInt32: Labels] = [:]
  /// Batches of this layout so far; the first is 1.
  var batch: UInt32 = 0
  /// How many slots the last batch had.
  var liveCount = 0
  /// The selectors that the last batch touched and the cells of its series, and the generation of
  /// selectors they hold for.
  var touched: [SelectorID] = []
  var cells: [CellID] = []
  var touchedGeneration: UInt64?

  /// Makes room for a slot.
  mutating func extend(to slot: Int) {
    if slots.capacity <= slot { slots.reserveCapacity(slot + 1 + slots.count / 4) }
    while slots.count <= slot { slots.append(Slot(series: -1, batch: 0)) }
  }

  /// A series has gone from memory; its slot keeps the labels.
  mutating func forget(_ slot: Int, of place: Int32, labels: Labels) {
    guard slots.indices.contains(slot), slots[slot].series == place else { return }
    slots[slot].series = -1
    homeless[UInt32(slot)] = labels
  }
}
