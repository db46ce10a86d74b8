import Model
import PromQL
import PromQLSyntax

/// Writes compact JSON (RFC 8259) as bytes.
struct JSONWriter {
  private(set) var bytes: [UInt8] = []

  mutating func reserve(_ count: Int) {
    // Asked for exactly what is needed, an array moves every time; it is asked for twice as much.
    if bytes.count + count > bytes.capacity {
      bytes.reserveCapacity(max(bytes.count + count, 2 * bytes.capacity))
    }
  }

  /// Appends what is JSON as it stands: punctuation, words, numbers.
  mutating func append(_ text: StaticString) {
    bytes.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
  mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
  mutating func append(written: [UInt8]) { bytes.append(contentsOf: written) }

  mutating func append(quoted text: String) {
    var text = text
    append("\"")
    text.withUTF8 { utf8 in
      // What needs no escape is copied at once.
      if !utf8.contains(where: Self.needsEscape) { return bytes.append(contentsOf: utf8) }
      for byte in utf8 {
        if Self.needsEscape(byte) { append(escaped: byte) } else { bytes.append(byte) }
      }
    }
    append("\"")
  }

  @inline(__always)
  private static func needsEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
      || byte == UInt8(ascii: "<")
  }

  private mutating func append(escaped byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): append("\\\"")
    case UInt8(ascii: "\\"): append("\\\\")
    case UInt8(ascii: "\n"): append("\\n")
    case UInt8(ascii: "\r"): append("\\r")
    case UInt8(ascii: "\t"): append("\\t")
    default:
      // `<` too, so that JSON inside a script element of the status page can't end it.
      append("\\u00")
      for digit in [byte >> 4, byte & 15] {
        bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
      }
    }
  }

  /// A number as `SampleText` writes it.
  mutating func append(_ number: Double) {
    if number == number.rounded(.towardZero), abs(number) < 1e15 {
      if number == 0, number.sign == .minus { return append("-0") }
      return append(Int64(number))
    }
    // Up to six decimals and 15 digits: the only text so short that reads back as the number.
    let scaled = (number * 1e6).rounded()
    if abs(scaled) < 1e15, scaled / 1e6 == number { return append(Int64(scaled), decimals: 6) }
    let size = abs(number)
    // In these bounds Swift, too, writes all digits and no exponent.
    append(size >= 1e-4 && size < 1e15 ? number.description : SampleText.number(number))
  }

  mutating func append(_ integer: Int64) { append(integer, decimals: 0) }

  /// A time in seconds.
  mutating func append(_ time: Timestamp) { append(time.milliseconds, decimals: 3) }

  /// The integer with its last digits behind a point, zeros at the end left out.
  private mutating func append(_ integer: Int64, decimals: Int) {
    if integer < 0 { append("-") }
    var rest = integer.magnitude
    var decimals = decimals
    while decimals > 0, rest % 10 == 0 {
      rest /= 10
      decimals -= 1
    }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { digits in
      var start = 32
      var written = 0
      while rest > 0 || written <= decimals {
        start -= 1
        if decimals > 0, written == decimals {
          digits.initializeElement(at: start, to: UInt8(ascii: "."))
          start -= 1
        }
        digits.initializeElement(at: start, to: UInt8(ascii: "0") + UInt8(rest % 10))
        rest /= 10
        written += 1
      }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[start...]))
    }
  }
}

extension JSONWriter {
  /// A query's result as Prometheus writes it, element by element.
  mutating func append(_ value: QueryValue, at time: Timestamp) {
    switch value {
    case .scalar(let number):
      // Without an exponent, unlike elements of a vector (`Scalar.MarshalJSON`).
      append("[")
      append(time)
      append(",")
      append(quoted: NumberText.fixed(number))
      append("]")
    case .string(let text):
      append("[")
      append(time)
      append(",")
      append(quoted: text)
      append("]")
    case .vector(let elements):
      reserve(elements.count * 160)
      append("[")
      for (index, element) in elements.enumerated() {
        append(index == 0 ? "{\"metric\":" : ",{\"metric\":")
        append(element.labels)
        append(",\"value\":")
        append(Sample(time, element.value))
        append("}")
      }
      append("]")
    case .matrix(let elements):
      append("[")
      for (index, element) in elements.enumerated() {
        reserve(element.samples.count * 32 + 160)
        append(index == 0 ? "{\"metric\":" : ",{\"metric\":")
        append(element.labels)
        append(",\"values\":[")
        for (place, sample) in element.samples.enumerated() {
          if place > 0 { append(",") }
          append(sample)
        }
        append("]}")
      }
      append("]")
    }
  }

  private mutating func append(_ labels: Labels) {
    append("{")
    var isFirst = true
    for label in labels {
      if !isFirst { append(",") }
      isFirst = false
      append(quoted: label.name)
      append(":")
      append(quoted: label.value)
    }
    append("}")
  }

  private mutating func append(_ sample: Sample) {
    append("[")
    append(sample.timestamp)
    append(",\"")
    append(sample.value)
    append("\"]")
  }
}
