import Glibc

/// The names of a label set in order. Sets of the same shape share one object, which makes them
/// small and lets work be done once for all of them.
package final class LabelNames: Sendable {
  /// Sorted by bytes, unique.
  package let items: [String]
  let hash: UInt64
  /// Where the metric's name stands, −1 when there is none.
  package let metricNamePosition: Int
  /// Whether labels are there that go along with the metric's name (`schema.IsMetadataLabel`).
  package let hasMetadataLabels: Bool

  package init(_ items: [String]) {
    self.items = items
    metricNamePosition = items.firstIndex { Bytes.equal($0, Labels.metricName) } ?? -1
    hasMetadataLabels = items.contains {
      Bytes.equal($0, "__type__") || Bytes.equal($0, "__unit__")
    }
    var hash = TextHash()
    for item in items { hash.combine(item) }
    self.hash = hash.value
  }

  /// Where a name stands, nil when it does not occur.
  package func position(of name: String) -> Int? {
    items.firstIndex { Bytes.equal($0, name) }
  }

  func holdsSame(as other: LabelNames) -> Bool {
    self === other
      || (hash == other.hash && items.count == other.items.count
        && zip(items, other.items).allSatisfy { Bytes.equal($0, $1) })
  }
}

extension LabelNames: Hashable {
  package static func == (left: LabelNames, right: LabelNames) -> Bool {
    left.holdsSame(as: right)
  }
  package func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}

/// The value of a label: one object for all the sets that have it in common, with its hash.
package final class LabelValue: Sendable {
  package let text: String
  let hash: UInt64

  package init(_ text: String) {
    self.text = text
    var hash = TextHash()
    hash.combine(text)
    self.hash = hash.value
  }

  @inline(__always)
  func holdsSame(as other: LabelValue) -> Bool {
    self === other || (hash == other.hash && Bytes.equal(text, other.text))
  }
}

extension LabelValue: Hashable {
  package static func == (left: LabelValue, right: LabelValue) -> Bool {
    left.holdsSame(as: right)
  }
  package func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}

/// What a label set holds: one allocation with the values behind the shared names.
final class LabelContent: ManagedBuffer<LabelContent.Header, LabelValue> {
  struct Header {
    let names: LabelNames
    let hash: UInt64
  }

  static func make(_ names: LabelNames, values: some Collection<LabelValue>) -> LabelContent {
    let count = names.items.count
    let made = LabelContent.create(minimumCapacity: count) { _ in
      Header(names: names, hash: 0)
    }
    // `create` gives an object of the class it is called on.
    let content = unsafeDowncast(made, to: LabelContent.self)
    var hash = TextHash(names.hash)
    content.withUnsafeMutablePointers { header, elements in
      var filled = 0
      for value in values {
        precondition(filled < count, "more values than names")
        (elements + filled).initialize(to: value)
        hash.combine(value.hash)
        filled += 1
      }
      precondition(filled == count, "fewer values than names")
      header.pointee = Header(names: names, hash: hash.value)
    }
    return content
  }

  // Reading `header` itself would be checked for overlapping changes, and nothing ever changes.
  @inline(__always)
  var names: LabelNames { withUnsafeMutablePointerToHeader { $0.pointee.names } }
  @inline(__always)
  var hash: UInt64 { withUnsafeMutablePointerToHeader { $0.pointee.hash } }

  deinit {
    _ = withUnsafeMutablePointers { header, elements in
      elements.deinitialize(count: header.pointee.names.items.count)
    }
  }

  @inline(__always)
  func value(at position: Int) -> LabelValue {
    withUnsafeMutablePointers { header, elements in
      precondition(position >= 0 && position < header.pointee.names.items.count)
      return elements[position]
    }
  }

  @inline(__always)
  func text(at position: Int) -> String {
    withUnsafeMutablePointers { header, elements in
      precondition(position >= 0 && position < header.pointee.names.items.count)
      return elements[position].text
    }
  }

  func holdsSame(as other: LabelContent) -> Bool {
    guard names.holdsSame(as: other.names) else { return false }
    return withUnsafeMutablePointerToElements { mine in
      other.withUnsafeMutablePointerToElements { theirs in
        (0..<names.items.count).allSatisfy { mine[$0].holdsSame(as: theirs[$0]) }
      }
    }
  }
}

extension LabelContent {
  /// Whether the values come before those of another set that has the same object of names.
  func valuesPrecede(_ other: LabelContent) -> Bool {
    withUnsafeMutablePointerToElements { mine in
      other.withUnsafeMutablePointerToElements { theirs in
        for index in 0..<names.items.count where !mine[index].holdsSame(as: theirs[index]) {
          return Bytes.less(mine[index].text, theirs[index].text)
        }
        return false
      }
    }
  }
}

// Work on values where they stand: taking them out would retain and release each.
extension Labels {
  /// The same set, of names and values that others have in common.
  package func shared(_ names: LabelNames, _ value: (LabelValue) -> LabelValue) -> Labels {
    Labels(names: names, shared: indices.map { value(content.value(at: $0)) })
  }

  /// The values at some positions under names of their own, which are in order and as many.
  package func picking(_ positions: [Int], named names: LabelNames) -> Labels {
    Labels(names: names, shared: positions.map(content.value))
  }

  /// All values under other names, with one put in at a position when it is new, or set there.
  package func setting(
    _ value: String, at position: Int, isNew: Bool, named names: LabelNames
  ) -> Labels {
    var values: [LabelValue] = []
    values.reserveCapacity(count + 1)
    for index in 0..<count {
      if index == position { values.append(LabelValue(value)) }
      if index != position || isNew { values.append(content.value(at: index)) }
    }
    if position == count { values.append(LabelValue(value)) }
    return Labels(names: names, shared: values)
  }

  /// Whether both sets have one object of names, which says that they have the same names.
  @inline(__always)
  package func sharesNames(with other: Labels) -> Bool {
    content.withUnsafeMutablePointerToHeader { mine in
      other.content.withUnsafeMutablePointerToHeader { mine.pointee.names === $0.pointee.names }
    }
  }

  /// Whether the values at a position, which both sets have, are the same.
  package func agrees(at position: Int, with other: Labels) -> Bool {
    content.withUnsafeMutablePointerToElements { mine in
      other.content.withUnsafeMutablePointerToElements {
        mine[position].holdsSame(as: $0[position])
      }
    }
  }

  /// A hash of the values at some positions, in their order.
  package func hash(at positions: UnsafeBufferPointer<Int>, from seed: UInt64) -> UInt64 {
    content.withUnsafeMutablePointerToElements { values in
      var hash = TextHash(seed)
      for position in positions { hash.combine(values[position].hash) }
      return hash.value
    }
  }

  /// Whether the values at some positions are those that another set has at as many of its own.
  package func agrees(
    at positions: UnsafeBufferPointer<Int>, with other: Labels,
    at others: UnsafeBufferPointer<Int>
  ) -> Bool {
    content.withUnsafeMutablePointerToElements { mine in
      other.content.withUnsafeMutablePointerToElements { theirs in
        for index in positions.indices
        where !mine[positions[index]].holdsSame(as: theirs[others[index]]) { return false }
        return true
      }
    }
  }
}

/// A hash of texts, eight bytes at a step, multiplied and folded. What is equal by it is compared.
package struct TextHash {
  /// Differs from process to process, so that nobody outside can prepare texts that collide.
  private static let seed = UInt64(bitPattern: Int64(Hasher().finalize()))

  package private(set) var value: UInt64

  package init() { value = Self.seed }
  package init(_ seed: UInt64) { value = seed }

  /// Adds a text.
  @inline(__always)
  package mutating func combine(_ text: String) {
    let seed = value
    let mixed = text.utf8.withContiguousStorageIfAvailable {
      Self.mixed(seed, UnsafeRawBufferPointer($0))
    }
    if let mixed {
      value = mixed
    } else {
      // Only a text that comes from outside Swift has no bytes in a row.
      value = Array(text.utf8).withUnsafeBytes { Self.mixed(seed, $0) }
    }
  }

  /// Adds the hash of a text.
  @inline(__always)
  mutating func combine(_ hash: UInt64) { value = Self.step(value, hash) }

  private static func mixed(_ start: UInt64, _ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hash = start ^ UInt64(truncatingIfNeeded: bytes.count)
    var offset = 0
    while offset + 8 <= bytes.count {
      hash = step(hash, bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      offset += 8
    }
    var tail: UInt64 = 0
    while offset < bytes.count {
      tail = tail << 8 | UInt64(bytes[offset])
      offset += 1
    }
    return step(hash, tail)
  }

  @inline(__always)
  private static func step(_ hash: UInt64, _ word: UInt64) -> UInt64 {
    let product = (hash ^ word ^ 0x9E37_79B9_7F4A_7C15)
      .multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
    return product.high ^ product.low
  }
}
