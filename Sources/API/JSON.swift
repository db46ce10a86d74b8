import Model
import PromQLSyntax

/// A JSON value whose objects keep the order they were written in, so that answers read well and
/// compare byte for byte.
package indirect enum JSON: Sendable, ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral
{
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([(name: String, value: JSON)])
  /// JSON that is written already.
  case written([UInt8])

  package init(stringLiteral value: String) { self = .string(value) }
  package init(arrayLiteral elements: JSON...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(elements.map { (name: $0.0, value: $0.1) })
  }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(integerLiteral value: Int64) { self = .integer(value) }

  /// A label set as an object.
  package init(_ labels: some Sequence<Label>) {
    self = .object(labels.map { (name: $0.name, value: .string($0.value)) })
  }

  /// A string, or null.
  package init(_ text: String?) { self = text.map(JSON.string) ?? .null }

  /// The compact text (RFC 8259). Numbers that JSON can't write become strings, as Prometheus does.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The same in bytes.
  package var bytes: [UInt8] {
    var writer = JSONWriter()
    write(to: &writer)
    return writer.bytes
  }

  private func write(to writer: inout JSONWriter) {
    switch self {
    case .null: writer.append("null")
    case .bool(let value): writer.append(value ? "true" : "false")
    case .integer(let value): writer.append(value)
    case .number(let value):
      if value.isFinite {
        writer.append(value)
      } else {
        writer.append(quoted: SampleText.number(value))
      }
    case .string(let value): writer.append(quoted: value)
    case .array(let elements):
      writer.append("[")
      for (index, element) in elements.enumerated() {
        if index > 0 { writer.append(",") }
        element.write(to: &writer)
      }
      writer.append("]")
    case .object(let members):
      writer.append("{")
      for (index, member) in members.enumerated() {
        if index > 0 { writer.append(",") }
        writer.append(quoted: member.name)
        writer.append(":")
        member.value.write(to: &writer)
      }
      writer.append("}")
    case .written(let bytes): writer.append(written: bytes)
    }
  }
}

/// Numbers and times as the compatible APIs write them.
package enum SampleText {
  /// The shortest text that reads back as the same number; `+Inf`, `-Inf`, `NaN` otherwise.
  package static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    if value == value.rounded(), abs(value) < 1e15 {
      return value == 0 && value.sign == .minus ? "-0" : String(Int64(value))
    }
    // `util/jsonutil/marshal.go`: in full, an exponent only below 1e-6 and from 1e21.
    let size = abs(value)
    return size >= 1e-6 && size < 1e21 ? NumberText.fixed(value) : RulesEndpoint.scientific(value)
  }

  /// RFC 3339 in UTC with milliseconds: `2026-11-22T15:04:10.000Z`.
  package static func rfc3339(_ time: Timestamp) -> String {
    let reading = CivilTime(utc: time)
    func padded(_ value: Int, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return "\(padded(reading.year, 4))-\(padded(reading.month, 2))-\(padded(reading.day, 2))T"
      + "\(padded(reading.hour, 2)):\(padded(reading.minute, 2)):\(padded(reading.second, 2))"
      + ".\(padded(reading.millisecond, 3))Z"
  }

  /// A time as the query parameters give it: Unix seconds with a fraction, or RFC 3339.
  package static func time(_ text: String) -> Timestamp? {
    if let seconds = Double(text), seconds.isFinite, abs(seconds) < 9e12 {
      return Timestamp(seconds: seconds)
    }
    switch text {
    // The outermost times Prometheus' own clients send.
    case "-292273086-05-16T16:47:06Z": return .distantPast
    case "292277025-08-18T07:12:54.999999999Z": return .distantFuture
    default: return parseRFC3339(text)
    }
  }

  private static func parseRFC3339(_ text: String) -> Timestamp? {
    let bytes = Array(text.utf8)
    func integer(_ range: Range<Int>) -> Int64? {
      guard range.upperBound <= bytes.count else { return nil }
      let part = bytes[range]
      guard part.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
      return part.reduce(0) { $0 * 10 + Int64($1 - 48) }
    }
    guard bytes.count >= 20,
      zip([4, 7, 10, 13, 16], "--T::".utf8).allSatisfy({ bytes[$0] == $1 }),
      let year = integer(0..<4), let month = integer(5..<7), let day = integer(8..<10),
      let hour = integer(11..<13), let minute = integer(14..<16), let second = integer(17..<19),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 60
    else { return nil }
    var position = 19
    var milliseconds: Int64 = 0
    if bytes[position] == UInt8(ascii: ".") {
      let digits = bytes[(position + 1)...].prefix { $0 >= 48 && $0 <= 57 }
      guard !digits.isEmpty else { return nil }
      var scale = Int64(100)
      for digit in digits {
        milliseconds += Int64(digit - 48) * scale
        scale /= 10
      }
      position += 1 + digits.count
    }
    var offset: Int64 = 0
    guard position < bytes.count else { return nil }
    switch bytes[position] {
    case UInt8(ascii: "Z"):
      guard position == bytes.count - 1 else { return nil }
    case UInt8(ascii: "+"), UInt8(ascii: "-"):
      guard bytes.count == position + 6, let hours = integer(position + 1..<position + 3),
        let minutes = integer(position + 4..<position + 6)
      else { return nil }
      offset = (hours * 60 + minutes) * 60 * (bytes[position] == UInt8(ascii: "-") ? -1 : 1)
    default: return nil
    }
    let date = CivilTime.dayNumber(year: Int(year), month: Int(month), day: Int(day))
    // A day that the month does not have would be one of the next.
    let reading = CivilTime(utc: Timestamp(milliseconds: Int64(date) * 86_400_000))
    guard reading.day == Int(day) else { return nil }
    let seconds = Int64(date) * 86400 + hour * 3600 + minute * 60 + second - offset
    return Timestamp(milliseconds: seconds * 1000 + milliseconds)
  }
}
