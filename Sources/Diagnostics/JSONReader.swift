/// Why a text is not JSON.
package struct JSONFailure: Error, Sendable, Hashable {
  /// One sentence.
  package var reason: String
  /// UTF-8 offset.
  package var offset: Int
}

extension JSONTree {
  /// Reads one JSON value (RFC 8259), at most 64 levels deep.
  package static func parse(_ bytes: [UInt8]) -> Result<JSONTree, JSONFailure> {
    var reader = JSONReader(bytes: bytes)
    do throws(JSONFailure) {
      let value = try reader.value(depth: 0)
      reader.space()
      guard reader.position == bytes.count else { throw reader.failure("the text goes on") }
      return .success(value)
    } catch {
      return .failure(error)
    }
  }
}

private struct JSONReader {
  let bytes: [UInt8]
  var position = 0
  private static let depthLimit = 64

  init(bytes: [UInt8]) { self.bytes = bytes }

  var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

  func failure(_ reason: String) -> JSONFailure { JSONFailure(reason: reason, offset: position) }

  mutating func space() {
    while let next = byte, next == 0x20 || next == 0x0A || next == 0x0D || next == 0x09 {
      position += 1
    }
  }

  mutating func value(depth: Int) throws(JSONFailure) -> JSONTree {
    space()
    guard depth < Self.depthLimit else { throw failure("values stand too deep inside values") }
    switch byte {
    case UInt8(ascii: "{"): return .object(try members(depth))
    case UInt8(ascii: "["): return .array(try items(depth))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(_ text: String, _ value: JSONTree) throws(JSONFailure) -> JSONTree {
    guard bytes[position...].starts(with: text.utf8) else { throw failure("not a value") }
    position += text.utf8.count
    return value
  }

  private mutating func number() throws(JSONFailure) -> JSONTree {
    let start = position
    while let next = byte,
      (0x30...0x39).contains(next) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(next)
    {
      position += 1
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if let whole = Int(text), !text.hasPrefix("+") { return .integer(whole) }
    guard let number = Double(text), number.isFinite, !text.hasPrefix("+") else {
      position = start
      throw failure("not a value")
    }
    return .number(number)
  }

  /// After an item: whether another follows.
  private mutating func continues(_ close: UInt8) throws(JSONFailure) -> Bool {
    space()
    guard let next = byte, next == UInt8(ascii: ",") || next == close else {
      throw failure("expected a comma or the end of the list")
    }
    position += 1
    return next != close
  }

  private mutating func items(_ depth: Int) throws(JSONFailure) -> [JSONTree] {
    position += 1
    space()
    if byte == UInt8(ascii: "]") {
      position += 1
      return []
    }
    var items: [JSONTree] = []
    repeat { items.append(try value(depth: depth + 1)) } while try continues(UInt8(ascii: "]"))
    return items
  }

  private mutating func members(_ depth: Int) throws(JSONFailure) -> [JSONTree.Member] {
    position += 1
    space()
    if byte == UInt8(ascii: "}") {
      position += 1
      return []
    }
    var members: [JSONTree.Member] = []
    repeat {
      space()
      guard byte == UInt8(ascii: "\"") else { throw failure("expected a name between quotes") }
      let name = try string()
      space()
      guard byte == UInt8(ascii: ":") else { throw failure("expected `:`") }
      position += 1
      members.append(.init(name, try value(depth: depth + 1)))
    } while try continues(UInt8(ascii: "}"))
    return members
  }

  private mutating func string() throws(JSONFailure) -> String {
    position += 1
    var out: [UInt8] = []
    while let next = byte, next != UInt8(ascii: "\"") {
      guard next >= 0x20 else { throw failure("a control character inside a string") }
      if next == UInt8(ascii: "\\") {
        out += String(Character(try escape())).utf8
      } else {
        out.append(next)
        position += 1
      }
    }
    guard byte != nil else { throw failure("this string is never closed") }
    position += 1
    return String(decoding: out, as: UTF8.self)
  }

  private mutating func escape() throws(JSONFailure) -> Unicode.Scalar {
    position += 1
    guard let next = byte else { throw failure("this string is never closed") }
    position += 1
    switch next {
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(next)
    case UInt8(ascii: "u"): return try codePoint()
    default: throw failure("there is no such escape")
    }
  }

  /// Four hexadecimal digits, or two such escapes that make a surrogate pair.
  private mutating func codePoint() throws(JSONFailure) -> Unicode.Scalar {
    let high = try unit()
    if (0xD800..<0xDC00).contains(high), byte == UInt8(ascii: "\\"), position + 1 < bytes.count,
      bytes[position + 1] == UInt8(ascii: "u")
    {
      position += 2
      let low = try unit()
      guard (0xDC00..<0xE000).contains(low) else { throw failure("half a surrogate pair") }
      return Unicode.Scalar(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)) ?? "\u{FFFD}"
    }
    return Unicode.Scalar(high) ?? "\u{FFFD}"
  }

  private mutating func unit() throws(JSONFailure) -> UInt32 {
    let digits = bytes[min(position, bytes.count)...].prefix(4)
    guard digits.count == 4,
      let unit = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw failure("expected four hexadecimal digits") }
    position += 4
    return unit
  }
}
