/// A JSON parser over bytes: no recursion deeper than `JSONValue.depthLimit`.
struct JSONParser {
  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  private func problem(_ reason: String) -> BodyProblem {
    BodyProblem(position: position, reason: reason)
  }

  mutating func skipBlanks() {
    while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
      position += 1
    }
  }

  mutating func readValue(depth: Int) throws(BodyProblem) -> JSONValue {
    skipBlanks()
    guard position < bytes.count else { throw problem("the JSON ends where a value should be") }
    guard depth < JSONValue.depthLimit else {
      throw problem("the JSON is nested deeper than \(JSONValue.depthLimit) levels")
    }
    switch bytes[position] {
    case Ascii.braceOpen: return .object(try readMembers(depth: depth))
    case UInt8(ascii: "["): return .array(try readElements(depth: depth))
    case Ascii.quote: return .string(try readString())
    case UInt8(ascii: "t"): return try readWord("true", .bool(true))
    case UInt8(ascii: "f"): return try readWord("false", .bool(false))
    case UInt8(ascii: "n"): return try readWord("null", .null)
    default: return .number(try readNumber())
    }
  }

  private mutating func readWord(
    _ word: String, _ value: JSONValue
  ) throws(BodyProblem) -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else {
      throw problem("this is not a JSON value")
    }
    position += word.utf8.count
    return value
  }

  private mutating func readNumber() throws(BodyProblem) -> Double {
    let start = position
    while position < bytes.count,
      bytes[position] &- 0x30 < 10 || [0x2B, 0x2D, 0x2E, 0x65, 0x45].contains(bytes[position])
    {
      position += 1
    }
    let value = bytes[start..<position].withUnsafeBufferPointer {
      $0.isEmpty ? nil : NumberReader.read($0)
    }
    guard let value else {
      position = start
      throw problem("this is not a JSON value")
    }
    return value
  }

  private mutating func readMembers(depth: Int) throws(BodyProblem) -> [JSONValue.Member] {
    position += 1
    var members: [JSONValue.Member] = []
    skipBlanks()
    if take(Ascii.braceClose) { return members }
    while true {
      skipBlanks()
      guard position < bytes.count, bytes[position] == Ascii.quote else {
        throw problem("expected a quoted name in the JSON object")
      }
      let name = try readString()
      skipBlanks()
      guard take(UInt8(ascii: ":")) else { throw problem("expected `:` after the name") }
      members.append(JSONValue.Member(name, try readValue(depth: depth + 1)))
      skipBlanks()
      if take(Ascii.braceClose) { return members }
      guard take(Ascii.comma) else { throw problem("expected `,` or `}` in the JSON object") }
    }
  }

  private mutating func readElements(depth: Int) throws(BodyProblem) -> [JSONValue] {
    position += 1
    var items: [JSONValue] = []
    skipBlanks()
    if take(UInt8(ascii: "]")) { return items }
    while true {
      items.append(try readValue(depth: depth + 1))
      skipBlanks()
      if take(UInt8(ascii: "]")) { return items }
      guard take(Ascii.comma) else { throw problem("expected `,` or `]` in the JSON array") }
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func readString() throws(BodyProblem) -> String {
    let start = position
    position += 1
    var out: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case Ascii.quote:
        guard let text = String(validating: out, as: UTF8.self) else {
          position = start
          throw problem("a JSON string is not valid UTF-8")
        }
        return text
      case Ascii.backslash: try readEscape(&out)
      case 0..<0x20: throw problem("a control character in a JSON string must be escaped")
      default: out.append(byte)
      }
    }
    position = start
    throw problem("a JSON string is not closed")
  }

  private mutating func readEscape(_ out: inout [UInt8]) throws(BodyProblem) {
    guard position < bytes.count else { throw problem("a JSON string is not closed") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "n"): out.append(0x0A)
    case UInt8(ascii: "t"): out.append(0x09)
    case UInt8(ascii: "r"): out.append(0x0D)
    case UInt8(ascii: "b"): out.append(0x08)
    case UInt8(ascii: "f"): out.append(0x0C)
    case Ascii.quote, Ascii.backslash, UInt8(ascii: "/"): out.append(byte)
    case UInt8(ascii: "u"):
      var unit = try readHex()
      if unit >= 0xD800, unit < 0xDC00, bytes[position...].starts(with: [0x5C, 0x75]) {
        position += 2
        let low = try readHex()
        if low >= 0xDC00, low < 0xE000 { unit = 0x10000 + (unit - 0xD800) << 10 + low - 0xDC00 }
      }
      // Half of a surrogate pair stands for nothing.
      let scalar = UnicodeScalar(unit) ?? "\u{FFFD}"
      out.append(contentsOf: Array(String(Character(scalar)).utf8))
    default: throw problem("there is no such escape in JSON")
    }
  }

  private mutating func readHex() throws(BodyProblem) -> UInt32 {
    guard position + 4 <= bytes.count,
      let unit = UInt32(
        String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
    else { throw problem("expected four hexadecimal digits after `\\u`") }
    position += 4
    return unit
  }
}
