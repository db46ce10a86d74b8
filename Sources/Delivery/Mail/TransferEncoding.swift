/// Base64 (RFC 4648).
enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encoded(_ bytes: [UInt8]) -> String {
    var out: [UInt8] = []
    out.reserveCapacity((bytes.count + 2) / 3 * 4)
    var index = 0
    while index < bytes.count {
      let first = bytes[index]
      let second = index + 1 < bytes.count ? bytes[index + 1] : 0
      let third = index + 2 < bytes.count ? bytes[index + 2] : 0
      out.append(alphabet[Int(first >> 2)])
      out.append(alphabet[Int((first & 3) << 4 | second >> 4)])
      let padding = UInt8(ascii: "=")
      out.append(index + 1 < bytes.count ? alphabet[Int((second & 15) << 2 | third >> 6)] : padding)
      out.append(index + 2 < bytes.count ? alphabet[Int(third & 63)] : padding)
      index += 3
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// In lines of 76 characters ended by CRLF, as mail carries it (RFC 2045, 6.8).
  static func lines(_ bytes: [UInt8]) -> String {
    var out = ""
    var index = 0
    while index < bytes.count {
      out += encoded(Array(bytes[index..<min(index + 57, bytes.count)])) + "\r\n"
      index += 57
    }
    return out
  }
}

/// Quoted-printable (RFC 2045, 6.7).
enum QuotedPrintable {
  /// Text with LF line ends, encoded in lines of at most 76 characters ended by CRLF.
  static func encoded(_ text: String) -> String {
    var out: [UInt8] = []
    let source = text.hasSuffix("\n") ? text.dropLast() : text[...]
    for line in source.split(separator: "\n", omittingEmptySubsequences: false) {
      var column = 0
      let bytes = Array(line.utf8)
      for (index, byte) in bytes.enumerated() {
        let isLast = index == bytes.count - 1
        let piece = self.piece(byte, isLast: isLast)
        // The last character of an encoded line is the soft break's `=`.
        if column + piece.count > (isLast ? 76 : 75) {
          out += Array("=\r\n".utf8)
          column = 0
        }
        // A dot alone on a line would end the message for a careless server.
        let dot = column == 0 && byte == UInt8(ascii: ".")
        let written = dot ? Array("=2E".utf8) : piece
        out += written
        column += written.count
      }
      out += Array("\r\n".utf8)
    }
    return String(decoding: out, as: UTF8.self)
  }

  private static func piece(_ byte: UInt8, isLast: Bool) -> [UInt8] {
    switch byte {
    case 0x20, 0x09: isLast ? Array("=\(hex(byte))".utf8) : [byte]
    case 0x21...0x3C, 0x3E...0x7E: [byte]
    default: Array("=\(hex(byte))".utf8)
    }
  }
}
