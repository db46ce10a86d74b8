import Model
import PromQLSyntax

/// Some of the labels of a set: those named, or all but those named and the metric name. Rows are
/// grouped and paired by projections, without making label sets of them.
struct LabelProjection: Sendable {
  private let names: [String]
  private let isExcluding: Bool
  /// Excluding leaves the metric name, too.
  private var keepsName = false

  init(_ grouping: Grouping) {
    names = grouping.names
    isExcluding = grouping.isWithout
  }

  /// All labels but these.
  init(without names: [String]) {
    self.names = names
    isExcluding = true
    keepsName = true
  }

  /// What the result of a pair has of the labels of one of its elements.
  init(resultOf matching: VectorMatching) {
    self.init(matching)
    keepsName = true
  }

  init(_ matching: VectorMatching) {
    names = matching.labels
    isExcluding = !matching.isOn
  }

  private func includes(_ name: String, isNameless: Bool) -> Bool {
    if name.utf8.first == UInt8(ascii: "_") {
      if isExcluding, !keepsName, name == Labels.metricName { return false }
      if isNameless, name == Labels.metricName || name == "__type__" || name == "__unit__" {
        return false
      }
    }
    for listed in names where Bytes.equal(listed, name) { return !isExcluding }
    return isExcluding
  }

  /// What a row of these names has of the projection.
  func shape(of names: LabelNames, isNameless: Bool) -> ProjectedShape {
    let positions = names.items.indices.filter {
      includes(names.items[$0], isNameless: isNameless)
    }
    return ProjectedShape(
      positions: positions, names: LabelNames(positions.map { names.items[$0] }))
  }
}

/// Where the labels of a projection stand in sets of the same names.
struct ProjectedShape: Sendable {
  let positions: [Int]
  let names: LabelNames
  /// What the hash of the values begins with: the same for equal names, wherever they stand.
  let seed: UInt64

  init(positions: [Int], names: LabelNames) {
    self.positions = positions
    self.names = names
    var hash = TextHash()
    for name in names.items { hash.combine(name) }
    seed = hash.value
  }
}

/// Numbers groups of rows by a projection, in the order they come.
struct RowGroups {
  let projection: LabelProjection
  /// The first row of each group.
  private(set) var first: [Row] = []
  /// Of each group: its hash, and the shape of its first row by number.
  private var hashes: [UInt64] = []
  private var shapeOfFirst: [Int] = []
  /// Open addressing over groups; −1 for none.
  private var table = [Int32](repeating: -1, count: 16)

  // What the projection takes of rows with the same names is worked out once.
  private struct ShapeKey: Hashable {
    var names: ObjectIdentifier
    var isNameless: Bool
  }
  private var shapes: [ProjectedShape] = []
  private var shapeNumbers: [ShapeKey: Int] = [:]
  /// Keeps the names alive by whose identity shapes are found.
  private var shapeNames: [LabelNames] = []

  init(_ projection: LabelProjection) { self.projection = projection }

  var count: Int { first.count }

  private mutating func shape(of row: Row) -> Int {
    let names = row.source.names
    let key = ShapeKey(names: ObjectIdentifier(names), isNameless: row.isNameless)
    if let known = shapeNumbers[key] { return known }
    shapes.append(projection.shape(of: names, isNameless: row.isNameless))
    shapeNames.append(names)
    shapeNumbers[key] = shapes.count - 1
    return shapes.count - 1
  }

  /// The number of the row's group; a group it is the first of is new.
  mutating func place(of row: Row) -> Int {
    let shape = shape(of: row)
    let taken = shapes[shape]
    return taken.positions.withUnsafeBufferPointer { place(of: row, shape, $0, taken.seed) }
  }

  /// The numbers of the rows' groups.
  mutating func places(of rows: [Row]) -> [Int] {
    var places: [Int] = []
    places.reserveCapacity(rows.count)
    while places.count < rows.count {
      // Rows of one metric mostly have the same names: one shape for all of them.
      let start = places.count
      let shape = shape(of: rows[start])
      let taken = shapes[shape]
      taken.positions.withUnsafeBufferPointer { positions in
        repeat {
          places.append(place(of: rows[places.count], shape, positions, taken.seed))
        } while places.count < rows.count
          && rows[places.count].isNameless == rows[start].isNameless
          && rows[places.count].source.sharesNames(with: rows[start].source)
      }
    }
    return places
  }

  private mutating func place(
    of row: Row, _ shape: Int, _ positions: UnsafeBufferPointer<Int>, _ seed: UInt64
  ) -> Int {
    let hash = row.source.hash(at: positions, from: seed)
    let mask = table.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while table[slot] >= 0 {
      let group = Int(table[slot])
      if hashes[group] == hash, isAlike(group, row, shape, positions) { return group }
      slot = (slot + 1) & mask
    }
    table[slot] = Int32(first.count)
    first.append(row)
    hashes.append(hash)
    shapeOfFirst.append(shape)
    if first.count * 2 > table.count { growTable() }
    return first.count - 1
  }

  @inline(__always)
  private func isAlike(
    _ group: Int, _ row: Row, _ shape: Int, _ positions: UnsafeBufferPointer<Int>
  ) -> Bool {
    let other = shapeOfFirst[group]
    if other == shape {
      return row.source.agrees(at: positions, with: first[group].source, at: positions)
    }
    guard shapes[other].names == shapes[shape].names else { return false }
    return shapes[other].positions.withUnsafeBufferPointer {
      row.source.agrees(at: positions, with: first[group].source, at: $0)
    }
  }

  private mutating func growTable() {
    table = [Int32](repeating: -1, count: table.count * 4)
    let mask = table.count - 1
    for group in hashes.indices {
      var slot = Int(truncatingIfNeeded: hashes[group]) & mask
      while table[slot] >= 0 { slot = (slot + 1) & mask }
      table[slot] = Int32(group)
    }
  }
}
