import Model

/// Finds the place of a series by its labels: open addressing over places alone, four bytes each;
/// the labels stand with the series.
struct SeriesIndex: Sendable {
  private static let empty: Int32 = -1
  private static let gone: Int32 = -2
  private var table: [Int32] = []
  private(set) var count = 0
  /// Entries of the table that are not empty, gone ones among them.
  private var taken = 0

  /// The place of these labels, nil when there is none.
  func place(of labels: Labels, _ series: [StoredSeries]) -> Int32? {
    guard !table.isEmpty else { return nil }
    let mask = table.count - 1
    var slot = Int(truncatingIfNeeded: labels.fastHash) & mask
    while table[slot] != Self.empty {
      let place = table[slot]
      if place >= 0, series[Int(place)].labels == labels { return place }
      slot = (slot + 1) & mask
    }
    return nil
  }

  /// Enters a place whose labels are not there yet.
  mutating func insert(_ place: Int32, _ series: [StoredSeries]) {
    if (taken + 1) * 4 > table.count * 3 { rebuild(series) }
    put(place, series[Int(place)].labels.fastHash)
    count += 1
  }

  mutating func remove(_ place: Int32, _ labels: Labels) {
    guard !table.isEmpty else { return }
    let mask = table.count - 1
    var slot = Int(truncatingIfNeeded: labels.fastHash) & mask
    while table[slot] != Self.empty {
      if table[slot] == place {
        table[slot] = Self.gone
        count -= 1
        return
      }
      slot = (slot + 1) & mask
    }
  }

  private mutating func put(_ place: Int32, _ hash: UInt64) {
    let mask = table.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while table[slot] >= 0 { slot = (slot + 1) & mask }
    if table[slot] == Self.empty { taken += 1 }
    table[slot] = place
  }

  private mutating func rebuild(_ series: [StoredSeries]) {
    let places = table.filter { $0 >= 0 }
    var size = 64
    while size < (places.count + 1) * 2 { size *= 2 }
    table = [Int32](repeating: Self.empty, count: size)
    taken = 0
    for place in places { put(place, series[Int(place)].labels.fastHash) }
  }

  /// All places, in no order.
  var places: [Int32] { table.filter { $0 >= 0 } }
}
