import Model

/// How a sample follows from the one before.
enum PackedSample {
  // The upper half of a sample's first byte says in how many bytes the change of the interval
  // stands: 0, 1, 2, 4. The lower half says how the value follows: the same; a whole number's
  // change in 1, 2 or 4 bytes; the lowest 1…8 or the highest 1…4 bytes of the exclusive or.
  static let same: UInt8 = 0
  static let step: UInt8 = 1
  static let low: UInt8 = 3
  static let high: UInt8 = 11
  // Five more upper halves say that the value changed by so many tenths, hundredths and so on, and
  // five that besides the interval changed by one byte; the lower half has the bytes of the change.
  static let decimal: UInt8 = 4
  static let decimalLater: UInt8 = 9
  // The last upper half is for counters whose steps are nearly equal: `again` has in a byte by how
  // much a whole number's step differs from the one before, those behind it say it themselves.
  static let again: UInt8 = 0xF0
  /// As `again`, behind a byte by which the interval changed.
  static let againLater: UInt8 = 0x40
  /// By how much a step may be smaller to be said in the first byte, and by how much larger.
  static let less: Int64 = 7
  static let more: Int64 = 6
  /// Stands before the head of every block but the first.
  static let head: UInt8 = 0xFF

  /// Writes at most 13 bytes, and gives how many; `change` fits four. `lastStep` is the whole
  /// number by which the last value differed from the one before, 0 when that was no step or too
  /// wide.
  @inline(__always)
  static func write(
    change: Int64, bits: UInt64, after last: UInt64, scale: inout DecimalScale,
    lastStep: inout Int16, to bytes: UnsafeMutablePointer<UInt8>
  ) -> UInt32 {
    let raw = UnsafeMutableRawPointer(bytes)
    var step: Int64 = 0
    if bits != last, let now = wholeNumber(bits), let before = wholeNumber(last) {
      step = now - before
      let difference = step - Int64(lastStep)
      lastStep = Int16(exactly: step) ?? 0
      if Int64(Int8(truncatingIfNeeded: change)) == change, step == Int64(lastStep) {
        // What need not stand is overwritten, or lies behind the end.
        let later = change == 0 ? 0 : 1
        bytes[1] = UInt8(truncatingIfNeeded: change)
        let first = change == 0 ? again : againLater
        if difference >= -less, difference <= more {
          bytes[0] = first + 1 + UInt8(difference + less)
          return UInt32(1 + later)
        }
        if Int64(Int8(truncatingIfNeeded: step)) != step,
          Int64(Int8(truncatingIfNeeded: difference)) == difference
        {
          bytes[0] = first
          bytes[1 + later] = UInt8(truncatingIfNeeded: difference)
          return UInt32(2 + later)
        }
      }
    } else {
      lastStep = 0
    }
    var length = 1
    var timeCode: UInt8 = 0
    if change != 0 {
      // Eight bytes are written whatever counts; what follows overwrites the rest.
      raw.storeBytes(of: change.littleEndian, toByteOffset: 1, as: Int64.self)
      if Int64(Int8(truncatingIfNeeded: change)) == change {
        (timeCode, length) = (1, 2)
      } else if Int64(Int16(truncatingIfNeeded: change)) == change {
        (timeCode, length) = (2, 3)
      } else {
        (timeCode, length) = (3, 5)
      }
    }
    var value = encode(bits, after: last, step: step)
    var tag = timeCode << 4 | value.code
    if value.length > 2, value.code > low, timeCode < 2,
      let change = scale.change(to: bits, from: last)
    {
      // One bit more than the number has, for its sign.
      let size = (64 - (change ^ change >> 63).leadingZeroBitCount) / 8 + 1
      if size < value.length {
        value.length = size
        value.payload = UInt64(bitPattern: change)
        tag =
          ((timeCode == 0 ? decimal : decimalLater) + scale.position) << 4 | UInt8(size)
      }
    }
    if value.length > 0 {
      raw.storeBytes(of: value.payload.littleEndian, toByteOffset: length, as: UInt64.self)
    }
    bytes[0] = tag
    return UInt32(length + value.length)
  }

  @inline(__always)
  private static func encode(
    _ bits: UInt64, after last: UInt64, step: Int64
  ) -> (code: UInt8, payload: UInt64, length: Int) {
    if bits == last { return (same, 0, 0) }
    if step != 0 {
      let payload = UInt64(bitPattern: step)
      if Int64(Int8(truncatingIfNeeded: step)) == step { return (Self.step, payload, 1) }
      if Int64(Int16(truncatingIfNeeded: step)) == step { return (Self.step + 1, payload, 2) }
      if Int64(Int32(truncatingIfNeeded: step)) == step { return (Self.step + 2, payload, 4) }
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
