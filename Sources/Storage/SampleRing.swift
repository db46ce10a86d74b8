import CProcessor
import Model

/// The recent samples of one series, packed: a byte that says how time and value follow from the
/// sample before, then the bytes that do not. A steady series takes one byte a sample, a counter
/// two to four, a value with a few decimals three to five. Every `blockLength` samples stands one
/// in full, so that old ones can be cut off and a window be read from near its beginning. The idea
/// is Gorilla's (Pelkonen et al., VLDB 2015), on whole bytes because they are read far more often
/// than they are kept.
struct SampleRing: Sendable {
  static let blockLength: UInt8 = 32
  /// The most that one sample takes: writing may touch as much behind the last one.
  static let slack: UInt32 = 13
  /// What reading may touch behind the last sample.
  static let readSlack: UInt32 = 8

  // `ManagedBuffer` can't be Sendable; a shared one is copied before it is changed.
  nonisolated(unsafe) var buffer: RingBuffer?
  var lastTime = Int64.min
  var lastBits: UInt64 = 0
  /// The newest interval; wider ones than it can hold begin a block.
  var lastDelta: Int32 = 0
  /// Bytes of the buffer in use.
  var used: UInt32 = 0
  /// Samples appended so far, cut ones among them: the next one's number.
  var appended: UInt32 = 0
  /// How often so far the value fell or the series ended.
  var breaks: UInt32 = 0
  /// Bytes of the newest block.
  private var blockBytes: UInt16 = 0
  /// The whole number by which the newest sample differs from the one before: see `PackedSample`.
  var lastStep: Int16 = 0
  /// Samples in the newest block.
  var inBlock: UInt8 = 0
  /// What the newest block's values count in.
  private var scale = DecimalScale()

  /// Where the newest block begins.
  var lastBlock: UInt32 {
    get { used - UInt32(blockBytes) }
    set { blockBytes = UInt16(used - newValue) }
  }
  /// Samples held.
  var count: Int { buffer.map { Int(appended &- $0.block(at: 0).number) } ?? 0 }
  /// Bytes allocated for samples.
  var allocatedBytes: Int { buffer.map { Int($0.size) + RingBuffer.overhead } ?? 0 }
  var firstTime: Int64 { buffer?.block(at: 0).time ?? .max }
  var last: Sample {
    Sample(Timestamp(milliseconds: lastTime), Double(bitPattern: lastBits))
  }

  /// Has the memory brought near for a sample that is added soon.
  @inline(__always)
  mutating func approach() {
    let used = Int(used)
    withUnsafePointer(to: &buffer) { buffer in
      // As a number: to hold the object would be to wait for its memory.
      let address = UnsafeRawPointer(buffer).load(as: Int.self)
      cprocessor_prefetch(UnsafeRawPointer(bitPattern: address))
      cprocessor_prefetch(UnsafeRawPointer(bitPattern: address &+ RingBuffer.overhead &+ used))
    }
  }

  /// Adds a sample, which must be newer than the last; `cutoff` is the time before which whole
  /// blocks may go when a new one is begun.
  @inline(__always)
  mutating func append(time: Int64, bits: UInt64, cutoff: Int64) {
    // Not negative, so that the change of an interval that fits four bytes fits them, too.
    let delta = time &- lastTime
    let change = delta &- Int64(lastDelta)
    let opensBlock =
      buffer == nil || inBlock >= Self.blockLength
      || Int64(Int32(truncatingIfNeeded: delta)) != delta
    if opensBlock { return openBlock(time: time, bits: bits, cutoff: cutoff) }
    note(bits)
    lastDelta = Int32(truncatingIfNeeded: delta)
    if hasRoom(Self.slack) {
      buffer.unsafelyUnwrapped.withUnsafeMutablePointerToElements { bytes in
        let length = PackedSample.write(
          change: change, bits: bits, after: lastBits, scale: &scale, lastStep: &lastStep,
          to: bytes + Int(used))
        used += length
        blockBytes += UInt16(length)
      }
    } else {
      writeNearEnd(change, bits)
    }
    lastTime = time
    lastBits = bits
    appended &+= 1
    inBlock += 1
  }

  /// Writes a sample beside the buffer first: most take a few bytes, and fit where the longest does
  /// not.
  @inline(never)
  private mutating func writeNearEnd(_ change: Int64, _ bits: UInt64) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(Self.slack)) { sample in
      guard let start = sample.baseAddress else { return }
      let length = PackedSample.write(
        change: change, bits: bits, after: lastBits, scale: &scale, lastStep: &lastStep, to: start)
      makeRoom(length + Self.readSlack)
      buffer.unsafelyUnwrapped.withUnsafeMutablePointerToElements { bytes in
        (bytes + Int(used)).update(from: start, count: Int(length))
      }
      used += length
      blockBytes += UInt16(length)
    }
  }

  @inline(never)
  private mutating func openBlock(time: Int64, bits: UInt64, cutoff: Int64) {
    truncate(before: cutoff)
    if buffer != nil { note(bits) }
    makeRoom(UInt32(BlockHead.size) + Self.slack)
    let before = lastBlock
    if used > 0 {
      buffer.unsafelyUnwrapped.write(PackedSample.head, at: used)
      used += 1
    }
    let head = BlockHead(
      time: time, bits: bits, number: appended, breaks: breaks,
      back: used == 0 ? 0 : used - before)
    buffer.unsafelyUnwrapped.write(head, at: used)
    used += UInt32(BlockHead.size)
    blockBytes = UInt16(BlockHead.size)
    inBlock = 1
    scale = DecimalScale()
    lastStep = 0
    lastDelta = 0
    lastTime = time
    lastBits = bits
    appended &+= 1
  }

  /// Counts a fall or an end.
  @inline(__always)
  private mutating func note(_ bits: UInt64) {
    if bits == StaleMarker.bits || lastBits == StaleMarker.bits
      || Double(bitPattern: bits) < Double(bitPattern: lastBits)
    {
      breaks &+= 1
    }
  }

  /// Drops the blocks of which every sample is before `cutoff`.
  mutating func truncate(before cutoff: Int64) {
    guard let buffer else { return }
    if lastTime < cutoff {
      self.buffer = nil
      (used, blockBytes) = (0, 0)
      return
    }
    // The last block that begins at or before the cutoff is the first to stay.
    var keep = lastBlock
    while keep > 0 {
      let head = buffer.block(at: keep)
      if head.time <= cutoff { break }
      keep -= head.back
    }
    guard keep > 0 else { return }
    let size = used - keep
    let fresh = RingBuffer.make(capacity: size + size / 8 + UInt32(BlockHead.size) + Self.slack)
    fresh.copy(from: buffer, offset: keep, count: size)
    self.buffer = fresh
    used = size
  }

  @inline(__always)
  private mutating func makeRoom(_ need: UInt32) {
    if !hasRoom(need) { grow(need) }
  }

  @inline(__always)
  private mutating func hasRoom(_ need: UInt32) -> Bool {
    // Nothing may hold the buffer while it is asked whether it is shared.
    isKnownUniquelyReferenced(&buffer) && buffer.unsafelyUnwrapped.size >= used + need
  }

  // A series keeps its size for its whole life, so an eighth more is enough.
  @inline(never)
  private mutating func grow(_ need: UInt32) {
    var capacity = buffer?.size ?? 24
    if capacity < used + need { capacity = max(used + need, capacity + capacity / 8 + 8) }
    let fresh = RingBuffer.make(capacity: capacity)
    if let buffer { fresh.copy(from: buffer, offset: 0, count: used) }
    buffer = fresh
  }
}

extension SampleRing {
  /// The block in which reading for samples after a time begins: the newest that begins at or
  /// before it, or the first.
  @inline(__always)
  private func start(after: Int64, _ buffer: RingBuffer) -> UInt32 {
    var block = lastBlock
    while block > 0 {
      let head = buffer.block(at: block)
      if head.time <= after { break }
      block -= head.back
    }
    return block
  }

  /// Calls `body` with every sample in `(after, through]`, oldest first.
  @inline(__always)
  func forEach(after: Int64, through: Int64, _ body: (_ time: Int64, _ bits: UInt64) -> Void) {
    guard let buffer, lastTime > after else { return }
    let begin = start(after: after, buffer)
    buffer.withUnsafeMutablePointerToElements { bytes in
      var reader = SampleReader(bytes, offset: Int(begin), end: Int(used))
      while true {
        if reader.time > through { return }
        if reader.time > after { body(reader.time, reader.bits) }
        if !reader.next() { return }
      }
    }
  }

  /// Writes the samples in `(after, through]` to a buffer that has room for `count` of them, and
  /// gives their number; staleness markers are left out on demand.
  func copy(
    after: Int64, through: Int64, dropsStale: Bool, to target: UnsafeMutablePointer<Sample>
  ) -> Int {
    var copied = 0
    forEach(after: after, through: through) { time, bits in
      if dropsStale, bits == StaleMarker.bits { return }
      (target + copied).initialize(
        to: Sample(Timestamp(milliseconds: time), Double(bitPattern: bits)))
      copied += 1
    }
    return copied
  }

  /// The samples in `(after, through]`.
  func samples(after: Int64, through: Int64) -> [Sample] {
    [Sample](unsafeUninitializedCapacity: count) { buffer, copied in
      copied = 0
      if let start = buffer.baseAddress {
        copied = copy(after: after, through: through, dropsStale: false, to: start)
      }
    }
  }

  /// The newest sample in `(after, through]`.
  func newest(after: Int64, through: Int64) -> Sample? {
    guard let buffer else { return nil }
    if lastTime <= through { return lastTime > after ? last : nil }
    // Earlier blocks than the one that holds `through` need not be read.
    let block = buffer.block(at: start(after: through, buffer))
    guard block.time <= through else { return nil }
    var found: Sample?
    forEach(after: max(after, block.time - 1), through: through) { time, bits in
      found = Sample(Timestamp(milliseconds: time), Double(bitPattern: bits))
    }
    return found
  }

  /// The ends of `(after, through]` when the series reaches no further, and in between neither
  /// fell nor ended: all that the change of a counter depends on, without reading what is between.
  @inline(__always)
  func ends(after: Int64, through: Int64) -> WindowEnds? {
    guard let buffer, lastTime <= through, lastTime > after else { return nil }
    let begin = start(after: after, buffer)
    let head = buffer.block(at: begin)
    return buffer.withUnsafeMutablePointerToElements { bytes -> WindowEnds? in
      var reader = SampleReader(bytes, offset: Int(begin), end: Int(used))
      var number = head.number
      var seen = head.breaks
      while reader.time <= after {
        let before = reader.bits
        guard reader.next() else { return nil }
        number &+= 1
        if reader.bits == StaleMarker.bits || before == StaleMarker.bits
          || Double(bitPattern: reader.bits) < Double(bitPattern: before)
        {
          seen &+= 1
        }
      }
      guard seen == breaks, reader.bits != StaleMarker.bits else { return nil }
      return WindowEnds(
        first: Sample(Timestamp(milliseconds: reader.time), Double(bitPattern: reader.bits)),
        last: last, count: Int(appended &- number))
    }
  }
}
