/// Which fractions of ten the values of a series count in: most floats that are exposed were
/// printed with a few decimals, and as a number of thousandths such a value changes by little where
/// its bits change in every byte. VictoriaMetrics keeps all values so; here only those that come
/// back bit by bit.
struct DecimalScale: Sendable {
  /// 1…5 for 1, 2, 3, 6 and 9 decimals; 0 before one was found.
  private(set) var position: UInt8 = 0
  /// No scale fitted: none is looked for again before the next block.
  private var isHopeless = false

  /// So many decimals as a factor; `position` from 1 to 5.
  @inline(__always)
  static func factor(at position: UInt8) -> Double {
    switch position {
    case 1: 10
    case 2: 100
    case 3: 1000
    case 4: 1_000_000
    default: 1_000_000_000
    }
  }

  /// How often the fraction goes into a value, rounded; nil where doubles begin to skip numbers.
  @inline(__always)
  static func count(_ bits: UInt64, factor: Double) -> Int64? {
    let scaled = Double(bitPattern: bits) * factor
    // Up to here the count of a value that is the quotient of a count and the factor is that count.
    guard abs(scaled) < 1_125_899_906_842_624 else { return nil }
    return Int64(scaled + (scaled < 0 ? -0.5 : 0.5))
  }

  /// The value of so many fractions: that is what reading the decimal would give, because a count
  /// and a factor are exact and the quotient is rounded once.
  @inline(__always)
  static func bits(_ count: Int64, factor: Double) -> UInt64 {
    (Double(count) / factor).bitPattern
  }

  /// By how many fractions two values differ, at the scale that was good before or the first that
  /// gives `bits` back.
  @inline(__always)
  mutating func change(to bits: UInt64, from last: UInt64) -> Int64? {
    if position != 0, let change = Self.change(to: bits, from: last, at: position) { return change }
    return isHopeless ? nil : search(bits, last)
  }

  @inline(never)
  private mutating func search(_ bits: UInt64, _ last: UInt64) -> Int64? {
    for candidate in UInt8(1)...5 where candidate != position {
      if let change = Self.change(to: bits, from: last, at: candidate) {
        position = candidate
        return change
      }
    }
    isHopeless = true
    return nil
  }

  @inline(__always)
  private static func change(to bits: UInt64, from last: UInt64, at position: UInt8) -> Int64? {
    let factor = factor(at: position)
    guard let count = count(bits, factor: factor), self.bits(count, factor: factor) == bits,
      let before = self.count(last, factor: factor)
    else { return nil }
    return count - before
  }
}
