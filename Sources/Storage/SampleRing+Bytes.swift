/// A ring as bytes, for the state store of the same machine: the packed samples as they are.
extension SampleRing {
  /// What stands before the packed samples.
  private struct Preface {
    var lastTime: Int64
    var lastBits: UInt64
    var lastDelta: Int32
    var used: UInt32
    var lastBlock: UInt32
    var appended: UInt32
    var breaks: UInt32
    var inBlock: UInt8
    /// 1 where `lastStep` counts; earlier versions wrote 0 for both.
    var hasStep: UInt8
    var lastStep: Int16
  }

  /// Bytes that `write` appends.
  var writtenCount: Int { MemoryLayout<Preface>.size + Int(used) }

  func write(to bytes: inout [UInt8]) {
    guard let buffer else { preconditionFailure("a ring without samples is not written") }
    let preface = Preface(
      lastTime: lastTime, lastBits: lastBits, lastDelta: lastDelta, used: used,
      lastBlock: lastBlock, appended: appended, breaks: breaks, inBlock: inBlock, hasStep: 1,
      lastStep: lastStep)
    withUnsafeBytes(of: preface) { bytes.append(contentsOf: $0) }
    buffer.withUnsafeMutablePointerToElements { packed in
      bytes.append(contentsOf: UnsafeBufferPointer(start: packed, count: Int(used)))
    }
  }

  /// The ring at the beginning of some bytes, nil when they are too few or make no sense.
  init?(reading bytes: ArraySlice<UInt8>) {
    let read = bytes.withUnsafeBytes { raw -> (Preface, RingBuffer)? in
      guard raw.count >= MemoryLayout<Preface>.size else { return nil }
      let preface = raw.loadUnaligned(as: Preface.self)
      let used = Int(preface.used)
      guard used >= BlockHead.size, used <= raw.count - MemoryLayout<Preface>.size,
        Int(preface.lastBlock) + BlockHead.size <= used,
        preface.used - preface.lastBlock <= UInt32(UInt16.max),
        preface.inBlock <= Self.blockLength, preface.hasStep <= 1
      else { return nil }
      let buffer = RingBuffer.make(capacity: preface.used + Self.slack)
      buffer.withUnsafeMutablePointerToElements { target in
        UnsafeMutableRawPointer(target).copyMemory(
          from: raw.baseAddress! + MemoryLayout<Preface>.size, byteCount: used)
      }
      return (preface, buffer)
    }
    guard let (preface, buffer) = read else { return nil }
    self.init()
    self.buffer = buffer
    lastTime = preface.lastTime
    lastBits = preface.lastBits
    lastDelta = preface.lastDelta
    used = preface.used
    lastBlock = preface.lastBlock
    appended = preface.appended
    breaks = preface.breaks
    // Without the step nothing can follow the newest sample but a new block.
    inBlock = preface.hasStep == 1 ? preface.inBlock : Self.blockLength
    lastStep = preface.lastStep
  }
}
