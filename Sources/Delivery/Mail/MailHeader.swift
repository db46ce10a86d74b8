/// A header field of a mail, encoded and folded (RFC 5322, RFC 2047).
enum MailHeader {
  /// RFC 5322 asks for 78, RFC 2047 for 76 where there are encoded words.
  private static let lineLimit = 76
  /// An encoded word, delimiters included.
  private static let wordLimit = 75

  /// A field of free text: at most `limit` characters, without control characters, as encoded words
  /// where it isn't plain ASCII.
  static func text(_ name: String, _ value: String, limit: Int = 250) -> String {
    let clean = Inline.cut(Inline.line(value, limit: limit * 2), to: limit)
    let words = isPlain(clean) ? plainWords(clean) : encodedWords(clean, after: name.count + 2)
    return folded(name, words)
  }

  /// A field of machine-readable words that need no encoding; anything else is dropped.
  static func token(_ name: String, _ value: String, limit: Int = 250) -> String {
    let ascii = value.unicodeScalars.filter { (0x20..<0x7F).contains($0.value) }
    let words = String(String.UnicodeScalarView(ascii)).prefix(limit).split(separator: " ")
    return folded(name, words.map(String.init))
  }

  /// A list of addresses.
  static func addresses(_ name: String, _ addresses: [MailAddress]) -> String {
    let words = addresses.enumerated().flatMap { index, address in
      let comma = index == addresses.count - 1 ? "" : ","
      return phrase(address.name) + [
        address.name.isEmpty ? address.address + comma : "<\(address.address)>\(comma)"
      ]
    }
    return folded(name, words)
  }

  /// A display name as words of a phrase: as it is, quoted, or encoded.
  private static func phrase(_ name: String) -> [String] {
    let clean = Inline.line(name, limit: 100)
    if clean.isEmpty { return [] }
    guard isPlain(clean) else { return encodedWords(clean, after: 10) }
    let isAtoms = clean.allSatisfy { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" }
    if isAtoms { return clean.split(separator: " ").map(String.init) }
    return ["\"\(clean.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""]
  }

  /// Whether text can stand in a header as it is: ASCII, no look-alike of an encoded word, and no
  /// word too long for a line.
  private static func isPlain(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { (0x20..<0x7F).contains($0.value) } && !text.contains("=?")
      && text.split(separator: " ").allSatisfy { $0.count <= lineLimit - 2 }
  }

  private static func plainWords(_ text: String) -> [String] {
    text.split(separator: " ").map(String.init)
  }

  /// RFC 2047 encoded words in UTF-8, base64 or Q, whichever is shorter; no character is split.
  private static func encodedWords(_ text: String, after column: Int) -> [String] {
    let special = text.utf8.count { !isQPlain($0) && $0 != UInt8(ascii: " ") }
    let usesQ = special * 2 < text.utf8.count
    var words: [String] = []
    var piece: [UInt8] = []
    var room = wordLimit - 12 - column
    for scalar in text.unicodeScalars {
      let bytes = Array(String(scalar).utf8)
      let next = piece + bytes
      let length = usesQ ? qEncoded(next).count : (next.count + 2) / 3 * 4
      if length > max(12, room), !piece.isEmpty {
        words.append(encodedWord(piece, usesQ))
        piece = bytes
        room = wordLimit - 12
      } else {
        piece = next
      }
    }
    if !piece.isEmpty { words.append(encodedWord(piece, usesQ)) }
    return words
  }

  private static func encodedWord(_ bytes: [UInt8], _ usesQ: Bool) -> String {
    usesQ ? "=?UTF-8?Q?\(qEncoded(bytes))?=" : "=?UTF-8?B?\(Base64.encoded(bytes))?="
  }

  private static func qEncoded(_ bytes: [UInt8]) -> String {
    var out = ""
    for byte in bytes {
      if byte == UInt8(ascii: " ") {
        out += "_"
      } else if isQPlain(byte) {
        out.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        out += "=" + hex(byte)
      }
    }
    return out
  }

  /// The characters RFC 2047, 5 (3) allows in a phrase, so that one encoding serves every field.
  private static func isQPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    case UInt8(ascii: "!"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "/"):
      true
    default: false
    }
  }

  /// Words joined by spaces, with a line break before a word that would pass the limit.
  private static func folded(_ name: String, _ words: [String]) -> String {
    var out = "\(name):"
    var column = out.count
    for word in words {
      if column + 1 + word.count > lineLimit, column > name.count + 1 {
        out += "\r\n"
        column = 0
      }
      out += " " + word
      column += 1 + word.count
    }
    return out + "\r\n"
  }
}

/// Two upper-case hexadecimal digits.
func hex(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16, uppercase: true)
  return digits.count < 2 ? "0" + digits : digits
}
