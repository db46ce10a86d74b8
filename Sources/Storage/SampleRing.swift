import Model

/// The recent samples of one series, packed: a byte that says how time and value follow from the
/// sample before, then the bytes that do not. A steady series takes one byte a sample, a counter
/// two to four. Every `blockLength` samples stands one in full, so that old ones can be cut off
/// and a window be read from near its beginning. The idea is Gorilla's (Pelkonen et al., VLDB
/// 2015), on whole bytes because they are read far more often than they are kept.
struct SampleRing: Sendable {
  /// The place of a block, which begins with a sample in full.
  private struct Block {
    var time: Int64
    var offset: UInt32
    var count: UInt32
  }
  static let blockLength: UInt32 = 32

  private var bytes: [UInt8] = []
  private var blocks: [Block] = []
  private(set) var count = 0
  private(set) var lastTime = Int64.min
  private var lastDelta: Int64 = 0
  private(set) var lastBits: UInt64 = 0

  /// Bytes allocated for samples.
  var allocatedBytes: Int { bytes.capacity + blocks.capacity * MemoryLayout<Block>.stride }
  var firstTime: Int64 { blocks.first?.time ?? .max }
  var last: Sample {
    Sample(Timestamp(milliseconds: lastTime), Double(bitPattern: lastBits))
  }

  /// Adds a sample, which must be newer than the last; `cutoff` is the time before which whole
  /// blocks may go when a new one is begun.
  mutating func append(time: Int64, bits: UInt64, cutoff: Int64) {
    if blocks.isEmpty || blocks[blocks.count - 1].count >= Self.blockLength {
      truncate(before: cutoff)
      makeRoom(16)
      blocks.append(Block(time: time, offset: UInt32(bytes.count), count: 1))
      appendInteger(UInt64(bitPattern: time), length: 8)
      appendInteger(bits, length: 8)
      lastDelta = 0
    } else {
      makeRoom(17)
      appendFollowing(time: time, bits: bits)
      blocks[blocks.count - 1].count += 1
    }
    lastTime = time
    lastBits = bits
    count += 1
  }

  /// Drops the blocks of which every sample is before `cutoff`.
  mutating func truncate(before cutoff: Int64) {
    var dropped = 0
    while dropped < blocks.count {
      let end = dropped + 1 < blocks.count ? blocks[dropped + 1].time : lastTime &+ 1
      if end > cutoff { break }
      count -= Int(blocks[dropped].count)
      dropped += 1
    }
    guard dropped > 0 else { return }
    let cut = dropped < blocks.count ? blocks[dropped].offset : UInt32(bytes.count)
    bytes.removeFirst(Int(cut))
    blocks.removeFirst(dropped)
    for index in blocks.indices { blocks[index].offset -= cut }
  }

  // Arrays double when they grow; a series keeps its size for its whole life, so a quarter more is
  // enough and half the memory.
  private mutating func makeRoom(_ need: Int) {
    let capacity = bytes.capacity
    if bytes.count + need > capacity {
      bytes.reserveCapacity(max(bytes.count + need, capacity + capacity / 4))
    }
  }

  private mutating func appendInteger(_ value: UInt64, length: Int) {
    var value = value
    for _ in 0..<length {
      bytes.append(UInt8(truncatingIfNeeded: value))
      value >>= 8
    }
  }
}

extension SampleRing {
  // The upper half of a sample's first byte: how many bytes the change of the interval takes.
  private static let timeLengths: [UInt8] = [0, 1, 2, 4, 8]
  // Its lower half: the same value; a whole number's change in 1, 2 or 4 bytes; the lowest 1…8 or
  // the highest 1…4 bytes of the exclusive or.
  private static let same: UInt8 = 0
  private static let step: UInt8 = 1
  private static let low: UInt8 = 3
  private static let high: UInt8 = 11

  private mutating func appendFollowing(time: Int64, bits: UInt64) {
    let delta = time &- lastTime
    let change = delta &- lastDelta
    lastDelta = delta
    let timeCode: UInt8 =
      change == 0
      ? 0
      : Int64(Int8(truncatingIfNeeded: change)) == change
        ? 1
        : Int64(Int16(truncatingIfNeeded: change)) == change
          ? 2 : Int64(Int32(truncatingIfNeeded: change)) == change ? 3 : 4
    let (code, payload, length) = Self.encode(bits, after: lastBits)
    bytes.append(timeCode << 4 | code)
    appendInteger(UInt64(bitPattern: change), length: Int(Self.timeLengths[Int(timeCode)]))
    appendInteger(payload, length: length)
  }

  private static func encode(
    _ bits: UInt64, after last: UInt64
  ) -> (code: UInt8, payload: UInt64, length: Int) {
    if bits == last { return (same, 0, 0) }
    if let now = wholeNumber(bits), let before = wholeNumber(last) {
      let change = now - before
      if Int64(Int8(truncatingIfNeeded: change)) == change {
        return (step, UInt64(bitPattern: change), 1)
      }
      if Int64(Int16(truncatingIfNeeded: change)) == change {
        return (step + 1, UInt64(bitPattern: change), 2)
      }
      if Int64(Int32(truncatingIfNeeded: change)) == change {
        return (step + 2, UInt64(bitPattern: change), 4)
      }
    }
    let difference = bits ^ last
    let lowLength = 8 - difference.leadingZeroBitCount / 8
    let highLength = 8 - difference.trailingZeroBitCount / 8
    if highLength < lowLength, highLength <= 4 {
      let payload = difference >> UInt64(64 - 8 * highLength)
      return (high + UInt8(highLength), payload, highLength)
    }
    return (low + UInt8(lowLength), difference, lowLength)
  }

  private static func wholeNumber(_ bits: UInt64) -> Int64? {
    let value = Double(bitPattern: bits)
    guard abs(value) < 9_007_199_254_740_992 else { return nil }
    let whole = Int64(value)
    return Double(whole).bitPattern == bits ? whole : nil
  }

  /// Calls `body` with every sample in `(after, through]`, oldest first.
  @inline(__always)
  func forEach(after: Int64, through: Int64, _ body: (_ time: Int64, _ bits: UInt64) -> Void) {
    guard lastTime > after, let first = blocks.first, first.time <= through else { return }
    // The last block that begins at or before `after` holds the first sample that counts.
    var index = blocks.count - 1
    while index > 0, blocks[index].time > after { index -= 1 }
    bytes.withUnsafeBytes { buffer in
      while index < blocks.count {
        var reader = SampleReader(buffer: buffer, offset: Int(blocks[index].offset))
        var rest = blocks[index].count
        while true {
          if reader.time > through { return }
          if reader.time > after { body(reader.time, reader.bits) }
          rest -= 1
          if rest == 0 { break }
          reader.next()
        }
        index += 1
      }
    }
  }

  /// Writes the samples in `(after, through]` to a buffer that has room for `count` of them, and
  /// gives their number; staleness markers are left out on demand.
  func copy(
    after: Int64, through: Int64, dropsStale: Bool, to buffer: UnsafeMutablePointer<Sample>
  ) -> Int {
    var copied = 0
    forEach(after: after, through: through) { time, bits in
      if dropsStale, bits == StaleMarker.bits { return }
      (buffer + copied).initialize(
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
    if lastTime <= through { return lastTime > after && count > 0 ? last : nil }
    // Later blocks than the one that holds `through` need not be read.
    guard let block = blocks.last(where: { $0.time <= through }) else { return nil }
    var found: Sample?
    forEach(after: max(after, block.time - 1), through: through) { time, bits in
      found = Sample(Timestamp(milliseconds: time), Double(bitPattern: bits))
    }
    return found
  }
}

/// Walks the packed samples of a block.
struct SampleReader {
  private let buffer: UnsafeRawBufferPointer
  private var offset: Int
  private(set) var time: Int64
  private var delta: Int64 = 0
  private(set) var bits: UInt64

  /// At the first sample of the block at `offset`.
  @inline(__always)
  init(buffer: UnsafeRawBufferPointer, offset: Int) {
    self.buffer = buffer
    self.offset = offset + 16
    time = Int64(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: Int64.self))
    bits = UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
  }

  /// Moves on to the next sample of the block, which must have one.
  @inline(__always)
  mutating func next() {
    let tag = buffer[offset]
    offset += 1
    if tag >= 16 {
      switch tag >> 4 {
      case 1: delta &+= Int64(load(Int8.self))
      case 2: delta &+= Int64(load(Int16.self))
      case 3: delta &+= Int64(load(Int32.self))
      default: delta &+= load(Int64.self)
      }
    }
    time &+= delta
    switch tag & 15 {
    case 0: break
    case 1: add(Int64(load(Int8.self)))
    case 2: add(Int64(load(Int16.self)))
    case 3: add(Int64(load(Int32.self)))
    case let code where code <= 11: bits ^= integer(Int(code) - 3)
    case let code:
      let length = Int(code) - 11
      bits ^= integer(length) << UInt64(64 - 8 * length)
    }
  }

  @inline(__always)
  private mutating func load<Integer: FixedWidthInteger>(_ type: Integer.Type) -> Integer {
    let value = buffer.loadUnaligned(fromByteOffset: offset, as: Integer.self)
    offset += MemoryLayout<Integer>.size
    return Integer(littleEndian: value)
  }

  @inline(__always)
  private mutating func integer(_ length: Int) -> UInt64 {
    var value: UInt64 = 0
    if offset + 8 <= buffer.count {
      value = UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      value &= ~0 >> UInt64(64 - 8 * length)
    } else {
      for index in 0..<length { value |= UInt64(buffer[offset + index]) << UInt64(8 * index) }
    }
    offset += length
    return value
  }

  @inline(__always)
  private mutating func add(_ step: Int64) {
    bits = Double(Int64(Double(bitPattern: bits)) &+ step).bitPattern
  }
}
