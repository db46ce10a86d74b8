import Model

/// What reading one body brought, in slots of the layout.
package struct ScrapeReading: Sendable {
  /// The layout's number; slots mean nothing across numbers.
  package var layout: UInt64
  package var births: [SampleBatch.Birth] = []
  package var values: [SampleBatch.Value] = []
  package var stamped: [SampleBatch.Stamped] = []
  /// New or changed metadata.
  package var metadata: [MetricMetadata] = []
  /// Samples in the body, before any were dropped.
  package var samples = 0
  /// Samples left after the target's keep and drop rules.
  package var kept = 0
  /// Samples of those that were left out because their series are over the limit.
  package var cut = 0
  /// The name of a target's fact that says so.
  package static let leftOut = "left out"
}

/// The layout of a target's last body: which series stands on which line. A line whose series part
/// has the hash and length of the line expected next needs only its value read; a line that moved
/// is found by the same hash; only a new line is parsed.
///
/// The bytes themselves are not kept: they would be most of what a series costs. The hash has 64
/// bits and a secret of the process in it, so that two lines of one hash are neither met by chance
/// nor made on purpose.
package struct ScrapeLayout: Sendable {
  /// A known line, and what it means.
  struct Entry {
    /// Of the line's bytes: of a series' name and labels, of all of a comment.
    let hash: UInt64
    /// A series' slot, or one of the marks below.
    let slot: UInt32
    /// The length in bytes, and above it both bound labels.
    private let packed: UInt32

    static let longest = 1 << 28 - 1

    init(hash: UInt64, length: Int, slot: UInt32, bound: BoundLabel, next: BoundLabel) {
      precondition(length <= Self.longest)
      self.hash = hash
      self.slot = slot
      packed = UInt32(length) | UInt32(bound.rawValue) << 28 | UInt32(next.rawValue) << 30
    }

    @inline(__always)
    var length: Int { Int(packed & 0x0FFF_FFFF) }
    /// The bound label in force when the line was read, as its raw value.
    @inline(__always)
    var bound: UInt8 { UInt8(truncatingIfNeeded: packed >> 28 & 3) }
    /// Behind a comment line: the bound label in force from there on.
    var next: BoundLabel { BoundLabel(rawValue: UInt8(packed >> 30)) ?? .none }
  }
  /// A comment or metadata line: its bytes are compared whole.
  static let comment = UInt32.max
  /// A series that the target's rules drop.
  static let dropped = UInt32.max - 1

  package private(set) var number: UInt64 = 0
  let firstSlot: UInt32
  var nextSlot: UInt32
  let hashing = LineHash()
  var entries: [Entry] = []
  /// The fingerprint of each entry's final labels, 0 for comments and dropped series.
  private var fingerprints: [UInt64] = []
  /// The body's lines in order, as indexes of entries.
  var lines: [UInt32] = []
  /// Open addressing over entries by the hash of their bytes; empty while no line moves.
  private var table: [UInt32] = []
  private var hasSearched = false
  /// Per slot the reading that saw it last, so that a second sample of one series is known.
  var seen: [UInt32] = []
  var reading: UInt32 = 0
  var metadata: [String: MetricMetadata] = [:]
  /// Slots by the fingerprint of their labels: differently written lines of one series share a
  /// slot. Kept while bodies bring new series, refilled from the entries when one does again.
  private var identities: [UInt64: UInt32] = [:]
  private var mustReset = true

  /// A layout that numbers its series from `firstSlot`, the slots below being the caller's, and
  /// itself from above `number`.
  package init(firstSlot: UInt32 = 0, above number: UInt64 = 0) {
    self.firstSlot = firstSlot
    self.number = number
    nextSlot = firstSlot
  }

  /// Series known to the layout, gone ones included.
  package var knownSeries: Int { Int(nextSlot - firstSlot) }

  /// Forgets everything: the next reading has a new number and bears every series anew.
  package mutating func reset() { mustReset = true }

  /// Reads a body. `relabel` gives a new series its final labels, or nil to drop it. After a
  /// failure the layout starts anew, so that no series is known that was never reported.
  package mutating func read(
    _ body: [UInt8], format: ExpositionFormat, limits: ExpositionLimits = .init(),
    honorsTimestamps: Bool = true, relabel: (Labels) -> Labels? = { $0 }
  ) -> Result<ScrapeReading, ExpositionFailure> {
    begin()
    var pass = LayoutPass(self, format: format, limits: limits, honorsTimestamps: honorsTimestamps)
    body.withUnsafeBufferPointer { pass.read($0, &self, relabel) }
    return finish(&pass)
  }

  mutating func begin() {
    if mustReset { startAnew() }
    reading &+= 1
    hasSearched = false
  }

  mutating func finish(_ pass: inout LayoutPass) -> Result<ScrapeReading, ExpositionFailure> {
    let result = pass.finish(&self)
    if case .success(let reading) = result, reading.cut > 0 {
      // Series that are gone hold places that others are cut for: when they are many, begin anew
      // with those that are there.
      let gone = knownSeries - reading.values.count - reading.stamped.count
      if gone > knownSeries / 16 { mustReset = true }
    } else if case .success(let reading) = result, reading.births.isEmpty {
      // A body that only repeated what is known says that the table is not needed for now, and that
      // the arrays have stopped growing.
      identities = [:]
      if entries.capacity > entries.count + entries.count / 4 { giveRoomBack() }
    }
    if case .failure = result { mustReset = true }
    if !hasSearched { table = [] }
    // Half of the entries are of lines long gone: start over rather than grow without end.
    if entries.count > 4096, entries.count > 2 * lines.count { mustReset = true }
    return result
  }

  /// Arrays double while they grow; what that leaves over is not needed while nothing new comes.
  private mutating func giveRoomBack() {
    func fitted<Element>(_ array: [Element]) -> [Element] {
      var copy: [Element] = []
      copy.reserveCapacity(array.count)
      copy += array
      return copy
    }
    entries = fitted(entries)
    fingerprints = fitted(fingerprints)
    lines = fitted(lines)
    seen = fitted(seen)
  }

  private mutating func startAnew() {
    mustReset = false
    number += 1
    nextSlot = firstSlot
    entries.removeAll()
    fingerprints.removeAll()
    lines.removeAll()
    table.removeAll()
    seen.removeAll()
    metadata.removeAll()
    identities = [:]
  }

  // MARK: Entries

  mutating func append(
    _ bytes: UnsafeBufferPointer<UInt8>, slot: UInt32, bound: BoundLabel, next: BoundLabel,
    identity: UInt64 = 0
  ) -> UInt32 {
    let index = UInt32(entries.count)
    entries.append(
      Entry(hash: hashing(bytes), length: bytes.count, slot: slot, bound: bound, next: next))
    fingerprints.append(identity)
    if !table.isEmpty {
      if entries.count * 2 > table.count { fillTable() } else { insert(index) }
    }
    return index
  }

  /// The slot of a series with these labels, and whether it is new; nil when a new one would be one
  /// too many.
  mutating func slot(of identity: UInt64, limit: Int) -> (slot: UInt32, isNew: Bool)? {
    if identities.isEmpty {
      for (entry, fingerprint) in zip(entries, fingerprints) where entry.slot < Self.dropped {
        identities[fingerprint] = entry.slot
      }
    }
    if let slot = identities[identity] { return (slot, false) }
    if knownSeries >= limit { return nil }
    let slot = nextSlot
    nextSlot += 1
    seen.append(0)
    identities[identity] = slot
    return (slot, true)
  }

  /// The entry of these bytes under this bound label, nil when there is none.
  mutating func find(_ bytes: UnsafeBufferPointer<UInt8>, bound: BoundLabel) -> UInt32? {
    if entries.isEmpty { return nil }
    hasSearched = true
    if table.isEmpty { fillTable() }
    let mask = table.count - 1
    let hash = hashing(bytes)
    var place = Int(truncatingIfNeeded: hash) & mask
    while table[place] != .max {
      let entry = entries[Int(table[place])]
      if entry.hash == hash, entry.length == bytes.count, entry.bound == bound.rawValue {
        return table[place]
      }
      place = (place + 1) & mask
    }
    return nil
  }

  private mutating func fillTable() {
    var capacity = 1024
    while capacity < entries.count * 4 { capacity *= 2 }
    table = [UInt32](repeating: .max, count: capacity)
    for index in entries.indices { insert(UInt32(index)) }
  }

  private mutating func insert(_ index: UInt32) {
    let mask = table.count - 1
    var place = Int(truncatingIfNeeded: entries[Int(index)].hash) & mask
    while table[place] != .max { place = (place + 1) & mask }
    table[place] = index
  }
}
