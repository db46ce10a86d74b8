import Model

/// A selector whose members are known at all times: rules ask for the same series again and again.
struct StandingSelector: Sendable {
  var matchers: [LabelMatcher]
  /// How many have asked for it; nobody: the place is free.
  var uses = 0
  /// The series it accepts, cell by cell.
  var members = CellMembers()
}

/// Places of series, kept apart by cell.
struct CellMembers: Sendable {
  struct Part: Sendable {
    var cell: CellID
    /// Ascending.
    var places: [Int32]
  }
  /// In the order of their cells.
  private(set) var parts: [Part] = []

  var isEmpty: Bool { parts.isEmpty }
  var count: Int { parts.reduce(0) { $0 + $1.places.count } }

  /// Where a cell's part stands, or would stand.
  private func position(of cell: CellID) -> Int {
    var (low, high) = (0, parts.count)
    while low < high {
      let middle = (low + high) / 2
      if parts[middle].cell < cell { low = middle + 1 } else { high = middle }
    }
    return low
  }

  mutating func insert(_ place: Int32, _ cell: CellID) {
    let position = position(of: cell)
    if position < parts.count, parts[position].cell == cell {
      parts[position].places.insertAscending(place)
    } else {
      parts.insert(Part(cell: cell, places: [place]), at: position)
    }
  }

  mutating func remove(_ place: Int32, _ cell: CellID) {
    let position = position(of: cell)
    guard position < parts.count, parts[position].cell == cell else { return }
    parts[position].places.removeAscending(place)
    if parts[position].places.isEmpty { parts.remove(at: position) }
  }

  /// The places in one cell, ascending.
  func places(in cell: CellID) -> [Int32] {
    let position = position(of: cell)
    return position < parts.count && parts[position].cell == cell ? parts[position].places : []
  }
}

/// The metric name that a list of matchers demands with `=`, nil when it does not.
func requiredMetric(of matchers: [LabelMatcher]) -> String? {
  matchers.first {
    $0.comparison == .equal && $0.name == Labels.metricName && !$0.value.isEmpty
  }?.value
}

extension [Int32] {
  mutating func insertAscending(_ value: Int32) {
    if count == capacity { reserveCapacity(count + count / 4 + 4) }
    if let last, last >= value {
      insert(value, at: lowerBound(of: value))
    } else {
      append(value)
    }
  }

  mutating func removeAscending(_ value: Int32) {
    let index = lowerBound(of: value)
    if index < endIndex, self[index] == value { remove(at: index) }
  }

  private func lowerBound(of value: Int32) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
