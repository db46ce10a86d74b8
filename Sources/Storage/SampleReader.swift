import Model

/// Walks packed samples, block after block.
struct SampleReader {
  private let bytes: UnsafePointer<UInt8>
  private let end: Int
  private var offset: Int
  private var delta: Int64 = 0
  /// What the last value counts in, and how many of it: kept while values follow in decimals.
  private var scale: UInt8 = 0
  private var factor = 1.0
  private var fractions: Int64 = 0
  /// By how much the last value differed, as `PackedSample.write` counts it.
  private var step: Int64 = 0
  private(set) var time: Int64
  private(set) var bits: UInt64

  /// At the first sample of the block at `offset`; `end` is where the bytes end.
  @inline(__always)
  init(_ bytes: UnsafePointer<UInt8>, offset: Int, end: Int) {
    self.bytes = bytes
    self.end = end
    let head = UnsafeRawPointer(bytes + offset).loadUnaligned(as: BlockHead.self)
    self.offset = offset + BlockHead.size
    time = head.time
    bits = head.bits
  }

  /// Moves on to the next sample; false when there is none.
  @inline(__always)
  mutating func next() -> Bool {
    if offset >= end { return false }
    let tag = bytes[offset]
    offset += 1
    if tag >= 16 {
      switch tag >> 4 {
      case 1: delta &+= Int64(load(Int8.self))
      case 2: delta &+= Int64(load(Int16.self))
      case 3: delta &+= Int64(load(Int32.self))
      case 4:
        delta &+= Int64(load(Int8.self))
        addAgain(tag &- PackedSample.againLater)
        return true
      default:
        if tag < PackedSample.again {
          addDecimal(tag)
        } else if tag == PackedSample.head {
          enterBlock()
        } else {
          addAgain(tag &- PackedSample.again)
        }
        return true
      }
    }
    time &+= delta
    let code = Int(tag & 15)
    step = 0
    if code == 0 { return true }
    scale = 0
    switch code {
    case 1: add(Int64(load(Int8.self)))
    case 2: add(Int64(load(Int16.self)))
    case 3: add(Int64(load(Int32.self)))
    case ...11: bits ^= integer(code - 3)
    default:
      let length = code - 11
      bits ^= integer(length) << UInt64(64 - 8 * length)
    }
    return true
  }

  @inline(__always)
  private mutating func addDecimal(_ tag: UInt8) {
    var position = tag >> 4 &- PackedSample.decimal
    if position > 5 {
      position = tag >> 4 &- PackedSample.decimalLater
      delta &+= Int64(load(Int8.self))
    }
    time &+= delta
    step = 0
    if position != scale {
      scale = position
      factor = DecimalScale.factor(at: position)
      fractions = DecimalScale.count(bits, factor: factor) ?? 0
    }
    let unused = UInt64(64 - 8 * Int(tag & 15))
    fractions &+= Int64(bitPattern: integer(Int(tag & 15)) << unused) >> Int64(unused)
    bits = DecimalScale.bits(fractions, factor: factor)
  }

  @inline(__always)
  private mutating func addAgain(_ code: UInt8) {
    time &+= delta
    scale = 0
    let difference =
      code == 0 ? Int64(load(Int8.self)) : Int64(code) - 1 - PackedSample.less
    add(step &+ difference)
  }

  private mutating func enterBlock() {
    let head = UnsafeRawPointer(bytes + offset).loadUnaligned(as: BlockHead.self)
    offset += BlockHead.size
    delta = 0
    scale = 0
    step = 0
    time = head.time
    bits = head.bits
  }

  @inline(__always)
  private mutating func load<Integer: FixedWidthInteger>(_ type: Integer.Type) -> Integer {
    let value = UnsafeRawPointer(bytes + offset).loadUnaligned(as: Integer.self)
    offset += MemoryLayout<Integer>.size
    return Integer(littleEndian: value)
  }

  // Eight bytes are read whatever counts: a ring's memory reaches far enough (`SampleRing.slack`).
  @inline(__always)
  private mutating func integer(_ length: Int) -> UInt64 {
    let value = UnsafeRawPointer(bytes + offset).loadUnaligned(as: UInt64.self)
    offset += length
    return UInt64(littleEndian: value) & (~0 >> UInt64(64 - 8 * length))
  }

  @inline(__always)
  private mutating func add(_ step: Int64) {
    self.step = Int64(Int16(truncatingIfNeeded: step)) == step ? step : 0
    bits = Double(Int64(Double(bitPattern: bits)) &+ step).bitPattern
  }
}
