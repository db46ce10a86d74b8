/// The memory of a ring: blocks one after the other, each with its head.
final class RingBuffer: ManagedBuffer<RingBuffer.Header, UInt8> {
  struct Header {
    /// In bytes.
    var capacity: UInt32
  }
  /// Bytes of memory besides the samples.
  static let overhead = 24

  // Reading `header` itself would be checked for overlapping changes.
  @inline(__always)
  var size: UInt32 { withUnsafeMutablePointerToHeader { $0.pointee.capacity } }

  static func make(capacity: UInt32) -> RingBuffer {
    // Memory comes in steps of 16 bytes, the allocator's own word among them.
    let size = (capacity + UInt32(overhead) + 8 + 15) / 16 * 16 - UInt32(overhead) - 8
    let made = RingBuffer.create(minimumCapacity: Int(size)) { _ in Header(capacity: size) }
    // `create` gives an object of the class it is called on.
    return unsafeDowncast(made, to: RingBuffer.self)
  }

  func copy(from other: RingBuffer, offset: UInt32, count: UInt32) {
    other.withUnsafeMutablePointerToElements { source in
      withUnsafeMutablePointerToElements { target in
        target.update(from: source + Int(offset), count: Int(count))
      }
    }
  }

  @inline(__always)
  func block(at offset: UInt32) -> BlockHead {
    withUnsafeMutablePointerToElements { bytes in
      UnsafeRawPointer(bytes + Int(offset)).loadUnaligned(as: BlockHead.self)
    }
  }

  func write<Value: BitwiseCopyable>(_ value: Value, at offset: UInt32) {
    withUnsafeMutablePointerToElements { bytes in
      UnsafeMutableRawPointer(bytes + Int(offset)).storeBytes(of: value, as: Value.self)
    }
  }
}

/// What a block begins with: its first sample in full, and where it stands among all samples.
struct BlockHead {
  static let size = MemoryLayout<BlockHead>.size

  var time: Int64
  var bits: UInt64
  /// The number of its first sample.
  var number: UInt32
  /// How often, up to its first sample, the value fell or the series ended.
  var breaks: UInt32
  /// Bytes from the beginning of the block before.
  var back: UInt32
}

/// How a sample follows from the one before.
enum PackedSample {
  // The upper half of a sample's first byte says in how many bytes the change of the interval
  // stands: 0, 1, 2, 4, 8. The lower half says how the value follows: the same; a whole number's
  // change in 1, 2 or 4 bytes; the lowest 1…8 or the highest 1…4 bytes of the exclusive or.
  static let same: UInt8 = 0
  static let step: UInt8 = 1
  static let low: UInt8 = 3
  static let high: UInt8 = 11
  /// Stands before the head of every block but the first.
  static let head: UInt8 = 0xFF

  /// Writes at most 17 bytes, and gives how many.
  @inline(__always)
  static func write(
    change: Int64, bits: UInt64, after last: UInt64, to bytes: UnsafeMutablePointer<UInt8>
  ) -> UInt32 {
    let raw = UnsafeMutableRawPointer(bytes)
    var length = 1
    var timeCode: UInt8 = 0
    if change != 0 {
      // Eight bytes are written whatever counts; what follows overwrites the rest.
      raw.storeBytes(of: change.littleEndian, toByteOffset: 1, as: Int64.self)
      if Int64(Int8(truncatingIfNeeded: change)) == change {
        (timeCode, length) = (1, 2)
      } else if Int64(Int16(truncatingIfNeeded: change)) == change {
        (timeCode, length) = (2, 3)
      } else if Int64(Int32(truncatingIfNeeded: change)) == change {
        (timeCode, length) = (3, 5)
      } else {
        (timeCode, length) = (4, 9)
      }
    }
    let value = encode(bits, after: last)
    if value.length > 0 {
      raw.storeBytes(of: value.payload.littleEndian, toByteOffset: length, as: UInt64.self)
    }
    bytes[0] = timeCode << 4 | value.code
    return UInt32(length + value.length)
  }

  @inline(__always)
  private static func encode(
    _ bits: UInt64, after last: UInt64
  ) -> (code: UInt8, payload: UInt64, length: Int) {
    if bits == last { return (same, 0, 0) }
    if let now = wholeNumber(bits), let before = wholeNumber(last) {
      let change = now - before
      let payload = UInt64(bitPattern: change)
      if Int64(Int8(truncatingIfNeeded: change)) == change { return (step, payload, 1) }
      if Int64(Int16(truncatingIfNeeded: change)) == change { return (step + 1, payload, 2) }
      if Int64(Int32(truncatingIfNeeded: change)) == change { return (step + 2, payload, 4) }
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

  @inline(__always)
  private static func wholeNumber(_ bits: UInt64) -> Int64? {
    let value = Double(bitPattern: bits)
    guard abs(value) < 9_007_199_254_740_992 else { return nil }
    let whole = Int64(value)
    return Double(whole).bitPattern == bits ? whole : nil
  }
}
