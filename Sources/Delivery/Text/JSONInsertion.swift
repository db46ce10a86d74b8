import Model

/// The author's JSON with data inserted: inside a string as its escaped content, elsewhere as a
/// value of its own, a number where it is one, else a string.
enum JSONInsertion {
  static func flattened(_ text: RenderedText) -> String {
    var out = ""
    var isInString = false
    var isEscaped = false
    for segment in text.segments {
      switch segment {
      case .literal(let literal):
        out += literal
        for byte in literal.utf8 {
          if isEscaped {
            isEscaped = false
          } else if isInString, byte == UInt8(ascii: "\\") {
            isEscaped = true
          } else if byte == UInt8(ascii: "\"") {
            isInString.toggle()
          }
        }
      case .inserted(let data):
        let isValue = !isInString && isBare(data)
        out +=
          isInString
          ? JSONText.escaped(data) : isValue ? data : "\"\(JSONText.escaped(data))\""
      }
    }
    return out
  }

  /// Whether data may stand outside a string as it is.
  private static func isBare(_ text: String) -> Bool {
    guard let first = text.utf8.first, first != 0x22, first != 0x7B, first != 0x5B else {
      return false
    }
    return JSONCheck.isValid(text)
  }
}

/// Whether a text is one JSON value (RFC 8259).
struct JSONCheck {
  private let bytes: [UInt8]
  private var at = 0
  private static let deepest = 128

  static func isValid(_ text: String) -> Bool {
    var check = JSONCheck(bytes: Array(text.utf8))
    guard check.value(depth: 0) else { return false }
    check.skipSpace()
    return check.at == check.bytes.count
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { at += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard next == UInt8(ascii: character) else { return false }
    at += 1
    return true
  }

  private mutating func value(depth: Int) -> Bool {
    guard depth < Self.deepest else { return false }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return object(depth)
    case UInt8(ascii: "["): return list(depth)
    case UInt8(ascii: "\""): return text()
    case UInt8(ascii: "t"): return word("true")
    case UInt8(ascii: "f"): return word("false")
    case UInt8(ascii: "n"): return word("null")
    default: return number()
    }
  }

  private mutating func object(_ depth: Int) -> Bool {
    at += 1
    if take("}") { return true }
    repeat {
      skipSpace()
      guard text(), take(":"), value(depth: depth + 1) else { return false }
    } while take(",")
    return take("}")
  }

  private mutating func list(_ depth: Int) -> Bool {
    at += 1
    if take("]") { return true }
    repeat {
      guard value(depth: depth + 1) else { return false }
    } while take(",")
    return take("]")
  }

  private mutating func word(_ word: String) -> Bool {
    guard bytes[at...].starts(with: word.utf8) else { return false }
    at += word.utf8.count
    return true
  }

  private mutating func text() -> Bool {
    guard next == UInt8(ascii: "\"") else { return false }
    at += 1
    while let byte = next {
      at += 1
      if byte == UInt8(ascii: "\"") { return true }
      if byte < 0x20 { return false }
      guard byte == UInt8(ascii: "\\") else { continue }
      guard let escape = next else { return false }
      at += 1
      if escape == UInt8(ascii: "u") {
        guard at + 4 <= bytes.count, bytes[at..<at + 4].allSatisfy(Self.isHex) else { return false }
        at += 4
      } else if !Array("\"\\/bfnrt".utf8).contains(escape) {
        return false
      }
    }
    return false
  }

  private mutating func number() -> Bool {
    if next == UInt8(ascii: "-") { at += 1 }
    if next == UInt8(ascii: "0") {
      at += 1
    } else {
      guard digits() else { return false }
    }
    if next == UInt8(ascii: ".") {
      at += 1
      guard digits() else { return false }
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      at += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { at += 1 }
      return digits()
    }
    return true
  }

  private mutating func digits() -> Bool {
    let start = at
    while let byte = next, (0x30...0x39).contains(byte) { at += 1 }
    return at > start
  }

  private static func isHex(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
  }
}
