/// JSON with its members in written order (RFC 8259).
indirect enum JSONText: Sendable, Hashable {
  case null
  case flag(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  case list([JSONText])
  case object([Member])

  struct Member: Sendable, Hashable {
    var name: String
    var value: JSONText
    init(_ name: String, _ value: JSONText) {
      self.name = name
      self.value = value
    }
  }

  /// An object from pairs, in order.
  static func members(_ pairs: KeyValuePairs<String, JSONText>) -> JSONText {
    .object(pairs.map { Member($0.key, $0.value) })
  }

  /// On one line.
  var compact: String { written(indent: nil, level: 0) }
  /// Indented by two spaces, for people.
  var pretty: String { written(indent: 2, level: 0) }

  private func written(indent: Int?, level: Int) -> String {
    switch self {
    case .null: return "null"
    case .flag(let flag): return flag ? "true" : "false"
    case .integer(let number): return String(number)
    case .number(let number): return Self.number(number)
    case .text(let text): return "\"\(Self.escaped(text))\""
    case .list(let items):
      return Self.joined(
        "[", items.map { $0.written(indent: indent, level: level + 1) }, "]",
        indent, level)
    case .object(let members):
      let colon = indent == nil ? ":" : ": "
      let written = members.map { member in
        "\"\(Self.escaped(member.name))\"\(colon)"
          + member.value.written(indent: indent, level: level + 1)
      }
      return Self.joined("{", written, "}", indent, level)
    }
  }

  private static func joined(
    _ open: String, _ items: [String], _ close: String, _ indent: Int?, _ level: Int
  ) -> String {
    guard let indent, !items.isEmpty else { return open + items.joined(separator: ",") + close }
    let inner = String(repeating: " ", count: indent * (level + 1))
    let outer = String(repeating: " ", count: indent * level)
    return open + "\n" + items.map { inner + $0 }.joined(separator: ",\n") + "\n" + outer + close
  }

  /// JSON has no infinities: they are texts, as Prometheus writes them.
  static func number(_ value: Double) -> String {
    if value.isNaN { return "\"NaN\"" }
    if value.isInfinite { return value < 0 ? "\"-Inf\"" : "\"+Inf\"" }
    if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
    return "\(value)"
  }

  /// The inside of a JSON string.
  static func escaped(_ text: String) -> String {
    var out = ""
    out.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case let scalar where scalar.value < 0x20 || scalar.value == 0x2028 || scalar.value == 0x2029:
        let digits = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }
}
