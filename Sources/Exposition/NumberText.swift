/// Numbers as bodies write them.
enum NumberText {
  /// The shortest text that reads back to the same double; whole numbers without a fraction.
  static func prometheus(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    if value == value.rounded(), abs(value) < 1e15 {
      return value == 0 && value.sign == .minus ? "-0" : String(Int64(value))
    }
    return "\(value)"
  }

  /// As OpenMetrics wants bounds: `1.0`, `0.001`, `1e-05`, `1e+06`, `+Inf`.
  static func openMetrics(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    let magnitude = abs(value)
    // Go's shortest form: an exponent from 1e+06 on and below 1e-04.
    if magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e6) {
      if value == value.rounded() {
        return (value.sign == .minus ? "-" : "") + String(Int64(magnitude)) + ".0"
      }
      return plain(value)
    }
    return scientific(value)
  }

  /// The digits and the power of ten behind the first of them.
  private static func digits(_ value: Double) -> (digits: [UInt8], exponent: Int) {
    var mantissa: [UInt8] = []
    var (exponent, point, seenPoint) = (0, 0, false)
    let text = "\(abs(value))"
    let parts = text.split(separator: "e")
    for byte in parts[0].utf8 {
      if byte == UInt8(ascii: ".") {
        seenPoint = true
      } else {
        mantissa.append(byte)
        if !seenPoint { point += 1 }
      }
    }
    if parts.count == 2 { exponent = Int(parts[1]) ?? 0 }
    let zeros = mantissa.prefix { $0 == UInt8(ascii: "0") }.count
    mantissa.removeFirst(zeros)
    while mantissa.last == UInt8(ascii: "0") { mantissa.removeLast() }
    return (mantissa, exponent + point - zeros - 1)
  }

  private static func plain(_ value: Double) -> String {
    let (digits, exponent) = digits(value)
    let sign = value < 0 ? "-" : ""
    let text = String(decoding: digits, as: UTF8.self)
    if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + text }
    if digits.count <= exponent + 1 {
      return sign + text + String(repeating: "0", count: exponent + 1 - digits.count) + ".0"
    }
    return sign + text.prefix(exponent + 1) + "." + text.dropFirst(exponent + 1)
  }

  private static func scientific(_ value: Double) -> String {
    let (digits, exponent) = digits(value)
    let text = String(decoding: digits, as: UTF8.self)
    let fraction = text.dropFirst().isEmpty ? "" : "." + text.dropFirst()
    let power = String(abs(exponent))
    return (value < 0 ? "-" : "") + text.prefix(1) + fraction + "e" + (exponent < 0 ? "-" : "+")
      + (power.count < 2 ? "0" : "") + power
  }
}
