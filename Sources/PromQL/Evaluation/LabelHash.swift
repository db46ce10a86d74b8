import Model

/// The hash that Prometheus gives a label set: XXH64 with seed 0 over names and values in the
/// order of the names, each after its length (`model/labels/labels_stringlabels.go`).
enum LabelHash {
  static func value(of labels: Labels) -> UInt64 {
    var bytes: [UInt8] = []
    func append(_ text: String) {
      let count = text.utf8.count
      if count < 255 {
        bytes.append(UInt8(count))
      } else {
        bytes += [
          255, UInt8(truncatingIfNeeded: count), UInt8(truncatingIfNeeded: count >> 8),
          UInt8(truncatingIfNeeded: count >> 16),
        ]
      }
      bytes += text.utf8
    }
    for label in labels {
      append(label.name)
      append(label.value)
    }
    return bytes.withUnsafeBytes { XXH64.hash($0) }
  }
}

/// XXH64 with seed 0 (`xxhash_spec.md` of Cyan4973/xxHash).
enum XXH64 {
  private static let primes: (UInt64, UInt64, UInt64, UInt64, UInt64) = (
    0x9E37_79B1_85EB_CA87, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9, 0x85EB_CA77_C2B2_AE63,
    0x27D4_EB2F_1656_67C5
  )

  static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    let end = bytes.count
    func word(_ offset: Int) -> UInt64 {
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
    var offset = 0
    var hash: UInt64
    if end >= 32 {
      var lanes = [primes.0 &+ primes.1, primes.1, 0, 0 &- primes.0]
      while offset + 32 <= end {
        for lane in 0..<4 { lanes[lane] = round(lanes[lane], word(offset + 8 * lane)) }
        offset += 32
      }
      hash = 0
      for (lane, turn) in zip(lanes, [UInt64(1), 7, 12, 18]) { hash &+= rotated(lane, turn) }
      for lane in lanes { hash = (hash ^ round(0, lane)) &* primes.0 &+ primes.3 }
    } else {
      hash = primes.4
    }
    hash &+= UInt64(end)
    while offset + 8 <= end {
      hash = rotated(hash ^ round(0, word(offset)), 27) &* primes.0 &+ primes.3
      offset += 8
    }
    if offset + 4 <= end {
      let half = UInt32(
        littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      hash = rotated(hash ^ UInt64(half) &* primes.0, 23) &* primes.1 &+ primes.2
      offset += 4
    }
    while offset < end {
      hash = rotated(hash ^ UInt64(bytes[offset]) &* primes.4, 11) &* primes.0
      offset += 1
    }
    hash = (hash ^ hash >> 33) &* primes.1
    hash = (hash ^ hash >> 29) &* primes.2
    return hash ^ hash >> 32
  }

  private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
    rotated(lane &+ input &* primes.1, 31) &* primes.0
  }

  private static func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 {
    value << bits | value >> (64 - bits)
  }
}
