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

  /// All labels but one.
  init(without name: String) {
    names = [name]
    isExcluding = true
    keepsName = true
  }

  init(_ matching: VectorMatching) {
    names = matching.labels
    isExcluding = !matching.isOn
  }

  @inline(__always)
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

  /// The labels of the projection as a set of its own.
  func labels(of row: Row) -> Labels {
    if !isExcluding, names.isEmpty { return Labels() }
    return row.source.filtered { includes($0, isNameless: row.isNameless) }
  }

  func hash(of row: Row) -> UInt64 {
    if !isExcluding, names.isEmpty { return 0 }
    var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
    for label in row.source where includes(label.name, isNameless: row.isNameless) {
      hash = Self.mix(hash, label.name)
      hash = Self.mix(hash, label.value)
    }
    return hash
  }

  /// Whether two rows are alike in the projection.
  func areEqual(_ left: Row, _ right: Row) -> Bool {
    if !isExcluding, names.isEmpty { return true }
    var rest = right.source[...]
    for label in left.source where includes(label.name, isNameless: left.isNameless) {
      while let next = rest.first, !includes(next.name, isNameless: right.isNameless) {
        rest.removeFirst()
      }
      guard let next = rest.popFirst(), next == label else { return false }
    }
    return !rest.contains { includes($0.name, isNameless: right.isNameless) }
  }

  private static func mix(_ hash: UInt64, _ text: String) -> UInt64 {
    var text = text
    return text.withUTF8 { bytes in
      var hash = hash ^ UInt64(bytes.count)
      var offset = 0
      let raw = UnsafeRawBufferPointer(bytes)
      while offset + 8 <= raw.count {
        hash = step(hash, raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        offset += 8
      }
      var tail: UInt64 = 0
      while offset < raw.count {
        tail = tail << 8 | UInt64(raw[offset])
        offset += 1
      }
      return step(hash, tail)
    }
  }

  @inline(__always)
  private static func step(_ hash: UInt64, _ word: UInt64) -> UInt64 {
    let product = (hash ^ word).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
    return product.high ^ product.low
  }
}

/// Numbers groups of rows by a projection, in the order they come.
struct RowGroups {
  let projection: LabelProjection
  /// The first row of each group.
  private(set) var first: [Row] = []
  private var byHash: [UInt64: Int] = [:]
  /// The next group with the same hash, −1 for none.
  private var next: [Int] = []

  init(_ projection: LabelProjection) { self.projection = projection }

  var count: Int { first.count }

  /// The number of the row's group; a group it is the first of is new.
  mutating func place(of row: Row) -> Int {
    let hash = projection.hash(of: row)
    var place = byHash[hash] ?? -1
    let head = place
    while place >= 0 {
      if projection.areEqual(first[place], row) { return place }
      place = next[place]
    }
    byHash[hash] = first.count
    next.append(head)
    first.append(row)
    return first.count - 1
  }
}
