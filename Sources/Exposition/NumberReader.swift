/// Reads sample values out of bytes, with Go's `strconv.ParseFloat` as the measure of what is a
/// number, less the hexadecimal and underscored forms that Prometheus refuses.
enum NumberReader {
  private static let powersOfTen: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
    1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// Reads a decimal number at `position` and moves behind it; nil, with `position` untouched, when
  /// there is none that the exact fast path can hold (Clinger: at most 53 bits of digits, a power
  /// of ten up to 22).
  @inline(__always)
  static func readFast(
    _ base: UnsafePointer<UInt8>, _ position: inout Int, _ end: Int
  ) -> Double? {
    var index = position
    var negative = false
    if index < end, base[index] == 0x2D {
      negative = true
      index += 1
    } else if index < end, base[index] == 0x2B {
      index += 1
    }
    var mantissa: UInt64 = 0
    var digits = 0
    while index < end, case let digit = base[index] &- 0x30, digit < 10 {
      mantissa = mantissa &* 10 &+ UInt64(digit)
      digits += 1
      index += 1
    }
    if digits > 18 { return nil }
    if index == end || base[index] <= 0x20 {
      // An integer: the whole of most bodies.
      if digits == 0 || mantissa > 1 << 53 { return nil }
      position = index
      return negative ? -Double(mantissa) : Double(mantissa)
    }
    return readFraction(base, &position, index, end, negative, mantissa, digits)
  }

  /// Reads a decimal number without sign and exponent, of at most 16 digits before the point and 8
  /// behind it, and moves to the byte behind it; nil for any other, and near the end. Eight digits
  /// are read at a time.
  @inline(__always)
  static func readPlain(
    _ base: UnsafePointer<UInt8>, _ position: inout Int, _ end: Int
  ) -> Double? {
    // As far as reads of eight bytes may reach.
    guard end - position > 40 else { return nil }
    var index = position
    var (whole, count) = readDigits(base, index)
    if count == 0 { return nil }
    index += count
    if count == 8 {
      let more = readDigits(base, index)
      whole = whole &* wholePowers[more.count] &+ more.value
      index += more.count
      if more.count == 8, base[index] &- 0x30 < 10 { return nil }
    }
    guard base[index] == 0x2E else {
      guard whole <= 1 << 53 else { return nil }
      position = index
      return Double(whole)
    }
    let (fraction, decimals) = readDigits(base, index + 1)
    index += 1 + decimals
    if base[index] &- 0x30 < 10 { return nil }
    let (shifted, overflows) = whole.multipliedReportingOverflow(by: wholePowers[decimals])
    guard !overflows, shifted <= 1 << 53, shifted + fraction <= 1 << 53 else { return nil }
    position = index
    // Exact by Clinger: both numbers are, and the division is rounded once.
    return Double(shifted + fraction) / Double(wholePowers[decimals])
  }

  private static let wholePowers: [UInt64] = [
    1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000,
  ]

  /// The digits among the next eight bytes, up to the first that is none.
  @inline(__always)
  private static func readDigits(
    _ base: UnsafePointer<UInt8>, _ index: Int
  ) -> (value: UInt64, count: Int) {
    let bytes = UInt64(
      littleEndian: UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self))
    // Each byte's value as a digit; more than 9 in those that are none.
    let digits = bytes ^ 0x3030_3030_3030_3030
    let others =
      (((digits & 0x7F7F_7F7F_7F7F_7F7F) &+ 0x7676_7676_7676_7676) | digits)
      & 0x8080_8080_8080_8080
    let count = others.trailingZeroBitCount / 8
    if count == 0 { return (0, 0) }
    // The last digit to the highest byte, zeros before the first; then pairs, fours, all eight are
    // put together.
    var value = digits << UInt64(64 - 8 * count)
    value = value &* 10 &+ (value >> 8)
    let mask: UInt64 = 0x0000_00FF_0000_00FF
    value =
      ((value & mask) &* 0x000F_4240_0000_0064
        &+ ((value >> 16) & mask) &* 0x0000_2710_0000_0001) >> 32
    return (value, count)
  }

  private static func readFraction(
    _ base: UnsafePointer<UInt8>, _ position: inout Int, _ start: Int, _ end: Int,
    _ negative: Bool, _ whole: UInt64, _ wholeDigits: Int
  ) -> Double? {
    var (index, mantissa, digits, exponent) = (start, whole, wholeDigits, 0)
    if base[index] == 0x2E {
      index += 1
      while index < end, case let digit = base[index] &- 0x30, digit < 10 {
        mantissa = mantissa &* 10 &+ UInt64(digit)
        digits += 1
        exponent -= 1
        index += 1
      }
    }
    if digits == 0 || digits > 18 || mantissa > 1 << 53 { return nil }
    if index < end, base[index] | 0x20 == 0x65 {
      index += 1
      var (sign, value, count) = (1, 0, 0)
      if index < end, base[index] == 0x2D || base[index] == 0x2B {
        sign = base[index] == 0x2D ? -1 : 1
        index += 1
      }
      while index < end, case let digit = base[index] &- 0x30, digit < 10, count < 5 {
        value = value * 10 + Int(digit)
        count += 1
        index += 1
      }
      if count == 0 { return nil }
      exponent += sign * value
    }
    guard index == end || base[index] <= 0x20, exponent >= -22, exponent <= 22 else { return nil }
    position = index
    let magnitude =
      exponent < 0
      ? Double(mantissa) / powersOfTen[-exponent] : Double(mantissa) * powersOfTen[exponent]
    return negative ? -magnitude : magnitude
  }

  /// Reads a whole token; nil when it is no number or out of a double's range.
  static func read(_ token: UnsafeBufferPointer<UInt8>) -> Double? {
    guard let base = token.baseAddress, !token.isEmpty else { return nil }
    var position = 0
    if let value = readFast(base, &position, token.count), position == token.count { return value }
    if let special = readSpecial(token) { return special }
    guard isDecimal(token), token.count < 4096 else { return nil }
    guard let value = Double(String(decoding: token, as: UTF8.self)), value.isFinite else {
      return nil
    }
    return value
  }

  /// `Inf`, `infinity` and `NaN` in any case, as Go takes them.
  private static func readSpecial(_ token: UnsafeBufferPointer<UInt8>) -> Double? {
    let signed = token[0] == 0x2B || token[0] == 0x2D
    let start = signed ? 1 : 0
    guard token.count - start >= 3, token.count - start <= 8 else { return nil }
    let word = String(decoding: token[start...].map { $0 | 0x20 }, as: UTF8.self)
    switch word {
    case "inf", "infinity": return token[0] == 0x2D ? -Double.infinity : Double.infinity
    case "nan": return signed ? nil : Double.nan
    default: return nil
    }
  }

  private static func isDecimal(_ token: UnsafeBufferPointer<UInt8>) -> Bool {
    var index = token[0] == 0x2B || token[0] == 0x2D ? 1 : 0
    var digits = 0
    func skipDigits() {
      while index < token.count, token[index] &- 0x30 < 10 {
        index += 1
        digits += 1
      }
    }
    skipDigits()
    if index < token.count, token[index] == 0x2E {
      index += 1
      skipDigits()
    }
    if digits == 0 { return false }
    if index < token.count, token[index] | 0x20 == 0x65 {
      index += 1
      if index < token.count, token[index] == 0x2B || token[index] == 0x2D { index += 1 }
      digits = 0
      skipDigits()
      if digits == 0 { return false }
    }
    return index == token.count
  }
}
