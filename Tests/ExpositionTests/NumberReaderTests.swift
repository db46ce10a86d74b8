import Testing

@testable import Exposition

private func read(_ text: String) -> Double? {
  var text = text
  return text.withUTF8 { NumberReader.read($0) }
}

@Test(arguments: [
  ("0", 0), ("1", 1), ("-1", -1), ("+7", 7), ("1.5", 1.5), (".5", 0.5), ("5.", 5), ("1e3", 1000),
  ("1E-3", 0.001), ("1e+06", 1e6), ("4.9351e-05", 4.9351e-05), ("9223372036854775808", 0x1p63),
  ("7.424100000000001e-05", 7.424100000000001e-05), ("0000000000000000000000000000001.2e-1", 0.12),
  ("123456789012345678", 123_456_789_012_345_678), ("1e-400", 0),
  ("179769313486231570e291", 1.7976931348623157e308),
  ("9007199254740993", 9_007_199_254_740_992),
])
func decimalNumbersAreReadExactly(_ text: String, _ value: Double) {
  #expect(read(text) == value)
}

@Test(arguments: ["Inf", "+Inf", "inf", "INFINITY", "+infinity"])
func infinityIsReadInAnyCase(_ text: String) { #expect(read(text) == .infinity) }

@Test func minusInfinityAndNaNAreRead() {
  #expect(read("-Inf") == -.infinity)
  #expect(read("NaN")?.isNaN == true)
  #expect(read("nan")?.isNaN == true)
}

@Test(arguments: [
  "", "-", "+", ".", "e5", "1e", "1e+", "true", "1_2", "0x1p-3", "0x1", "0b1", "0o1", "1.1.1", "1z",
  "1e400", "-1e999", "+NaN", "infinit", "--1", "1 ", "1\r",
])
func whatIsNoNumberIsRefused(_ text: String) { #expect(read(text) == nil) }

@Test func minusZeroKeepsItsSign() { #expect(read("-0")?.sign == .minus) }

@Test(arguments: [
  (0.0, "0", "0.0"), (1, "1", "1.0"), (0.25, "0.25", "0.25"), (1e6, "1000000", "1e+06"),
  (123_456_789, "123456789", "1.23456789e+08"), (1e-5, "1e-05", "1e-05"), (-2, "-2", "-2.0"),
  (0.0001, "0.0001", "0.0001"), (99_999, "99999", "99999.0"), (1e300, "1e+300", "1e+300"),
])
func numbersAreWrittenAsTheFormatsWantThem(
  _ value: Double, _ plain: String, _ bound: String
) {
  #expect(NumberText.prometheus(value) == plain)
  #expect(NumberText.openMetrics(value) == bound)
  #expect(read(bound) == value)
}

@Test(arguments: [
  ("0", 0), ("7", 7), ("12345678", 12_345_678), ("123456789", 123_456_789),
  ("9007199254740992", 9_007_199_254_740_992), ("0.5", 0.5), ("12.00000001", 12.00000001),
  ("5.", 5), ("00001", 1), ("0.1", 0.1), ("1234567.7654321", 1_234_567.7654321),
  ("9007199254740993", nil), ("12345678901234567", nil), ("0.123456789", nil), ("", nil),
  (".5", nil), ("-1", nil), ("NaN", nil), ("90071992547409.92123", nil),
])
func plainNumbersAreReadEightDigitsAtATime(_ text: String, _ value: Double?) {
  for end in ["\n", " ", "e", "/", ":", "\u{FF}"] {
    let bytes = Array((text + end + String(repeating: "8", count: 60)).utf8)
    var position = 0
    let read = bytes.withUnsafeBufferPointer {
      NumberReader.readPlain($0.baseAddress!, &position, $0.count)
    }
    #expect(read == value)
    #expect(position == (value == nil ? 0 : text.utf8.count))
  }
}

@Test func plainNumbersAgreeWithOthers() {
  var random = Seeded(state: 7)
  var compared = 0
  for _ in 0..<20_000 {
    let whole =
      UInt64.random(in: 0...9_999_999_999_999_999, using: &random)
      >> UInt64.random(in: 0...53, using: &random)
    let decimals = Int.random(in: 0...9, using: &random)
    var text = "\(whole)"
    if decimals > 0 {
      text += "."
      for _ in 0..<decimals { text += "\(Int.random(in: 0...9, using: &random))" }
    }
    let bytes = Array((text + "\n" + String(repeating: "#", count: 60)).utf8)
    var position = 0
    let plain = bytes.withUnsafeBufferPointer {
      NumberReader.readPlain($0.baseAddress!, &position, $0.count)
    }
    guard let plain else { continue }
    compared += 1
    #expect(plain == Double(text), "\(text)")
  }
  #expect(compared > 10_000)
}
