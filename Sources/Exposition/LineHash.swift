/// Hashes lines: sixteen bytes at a step, multiplied and folded (after wyhash), in two lanes. Its
/// secrets differ from process to process, so that nobody outside can make lines that collide.
struct LineHash: Sendable {
  private let first: UInt64
  private let second: UInt64
  private let third: UInt64

  init() {
    func secret(_ number: Int) -> UInt64 {
      var hasher = Hasher()
      hasher.combine(number)
      return UInt64(bitPattern: Int64(hasher.finalize()))
    }
    (first, second, third) = (secret(1), secret(2), secret(3))
  }

  func callAsFunction(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    bytes.baseAddress.map { self($0, bytes.count) } ?? fold(first, second)
  }

  @inline(__always)
  func callAsFunction(_ start: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
    let raw = UnsafeRawPointer(start)
    func word(_ offset: Int) -> UInt64 {
      raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }
    var (a, b) = (third ^ UInt64(truncatingIfNeeded: count), third)
    if count >= 32 {
      var offset = 0
      repeat {
        a = fold(word(offset) ^ first, word(offset + 8) ^ a)
        b = fold(word(offset + 16) ^ second, word(offset + 24) ^ b)
        offset += 32
      } while offset + 32 <= count
      // The rest, with some bytes that were there before.
      a = fold(word(count - 32) ^ first, word(count - 24) ^ a)
      b = fold(word(count - 16) ^ second, word(count - 8) ^ b)
    } else if count >= 16 {
      a = fold(word(0) ^ first, word(8) ^ a)
      b = fold(word(count - 16) ^ second, word(count - 8) ^ b)
    } else if count >= 8 {
      a = fold(word(0) ^ first, word(count - 8) ^ a)
    } else {
      var rest: UInt64 = 0
      for offset in 0..<count { rest = rest << 8 | UInt64(start[offset]) }
      a = fold(rest ^ first, a)
    }
    return fold(a ^ second, b ^ first)
  }

  @inline(__always)
  private func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }
}
