import Model

/// Labels as a JSON object in label order, `{"alertname":"DiskFilling"}`, and back.
enum LabelsText {
  static func written(_ labels: Labels) -> String {
    let members = labels.map { "\(quoted($0.name)):\(quoted($0.value))" }
    return "{\(members.joined(separator: ","))}"
  }

  /// nil for anything but an object of texts.
  static func read(_ text: String) -> Labels? {
    var reader = Reader(bytes: Array(text.utf8))
    return reader.labels()
  }

  private static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case let scalar where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }

  private struct Reader {
    var bytes: [UInt8]
    var at = 0

    mutating func labels() -> Labels? {
      var items: [Label] = []
      guard take("{") else { return nil }
      if take("}") { return isAtEnd ? Labels(items) : nil }
      repeat {
        guard let name = text(), take(":"), let value = text() else { return nil }
        items.append(Label(name, value))
      } while take(",")
      return take("}") && isAtEnd ? Labels(items) : nil
    }

    private var isAtEnd: Bool { bytes[at...].allSatisfy(Self.isSpace) }

    private static func isSpace(_ byte: UInt8) -> Bool {
      byte == 0x20 || (0x09...0x0D).contains(byte)
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
      while at < bytes.count, Self.isSpace(bytes[at]) { at += 1 }
      guard at < bytes.count, bytes[at] == UInt8(ascii: character) else { return false }
      at += 1
      return true
    }

    private mutating func text() -> String? {
      guard take("\"") else { return nil }
      var out: [UInt8] = []
      while at < bytes.count {
        let byte = bytes[at]
        at += 1
        if byte == UInt8(ascii: "\"") { return String(validating: out, as: UTF8.self) }
        guard byte == UInt8(ascii: "\\") else {
          out.append(byte)
          continue
        }
        guard let scalar = escape() else { return nil }
        out += Array(String(scalar).utf8)
      }
      return nil
    }

    private mutating func escape() -> Unicode.Scalar? {
      guard at < bytes.count else { return nil }
      let byte = bytes[at]
      at += 1
      switch byte {
      case UInt8(ascii: "n"): return "\n"
      case UInt8(ascii: "t"): return "\t"
      case UInt8(ascii: "r"): return "\r"
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
      case UInt8(ascii: "u"):
        guard at + 4 <= bytes.count else { return nil }
        let digits = String(decoding: bytes[at..<at + 4], as: UTF8.self)
        at += 4
        return UInt32(digits, radix: 16).flatMap { Unicode.Scalar($0) }
      default: return nil
      }
    }
  }
}
