/// The memory of a ring: blocks one after the other, each with its head.
final class RingBuffer: ManagedBuffer<RingBuffer.Header, UInt8> {
  struct Header {
    /// In bytes.
    var capacity: UInt32
  }
  /// Bytes of memory besides the samples: an object's two words and the capacity.
  static let overhead = 20

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
