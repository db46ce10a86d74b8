import Foundation

/// A mail parsed back: written from the standards, independently of the encoder.
struct DecodedMail {
  var fields: [(name: String, value: String)] = []
  var parts: [(type: String, text: String)] = []
  var problems: [String] = []

  subscript(name: String) -> String? {
    fields.first { $0.name.lowercased() == name.lowercased() }?.value
  }

  init(_ wire: String) {
    let bytes = Array(wire.utf8)
    for (index, byte) in bytes.enumerated() {
      if byte == 10, index == 0 || bytes[index - 1] != 13 { problems.append("bare LF at \(index)") }
      if byte == 13, index + 1 == bytes.count || bytes[index + 1] != 10 {
        problems.append("bare CR at \(index)")
      }
      if byte >= 127 || (byte < 32 && ![9, 10, 13].contains(byte)) {
        problems.append("byte \(byte) at \(index)")
      }
    }
    for line in wire.components(separatedBy: "\r\n") where line.utf8.count > 200 {
      problems.append("a line of \(line.utf8.count) bytes")
    }
    let (head, body) = Self.split(wire)
    fields = Self.fields(head)
    let type = self["Content-Type"] ?? "text/plain"
    guard type.hasPrefix("multipart/alternative"),
      let boundary = type.components(separatedBy: "boundary=\"").last?.components(
        separatedBy: "\""
      ).first
    else {
      parts = [(type, Self.decoded(body, self["Content-Transfer-Encoding"] ?? "7bit"))]
      return
    }
    let pieces = ("\r\n" + body).components(separatedBy: "\r\n--\(boundary)")
    if pieces.last != "--\r\n" { problems.append("the last boundary is not closed") }
    for piece in pieces.dropFirst().dropLast() {
      let (head, content) = Self.split(String(piece.dropFirst()))
      let fields = Self.fields(head)
      func field(_ name: String) -> String {
        fields.first { $0.name.lowercased() == name }?.value ?? ""
      }
      parts.append(
        (field("content-type"), Self.decoded(content, field("content-transfer-encoding"))))
    }
  }

  private static func split(_ text: String) -> (head: String, body: String) {
    guard let gap = text.range(of: "\r\n\r\n") else { return (text, "") }
    return (String(text[..<gap.lowerBound]), String(text[gap.upperBound...]))
  }

  private static func fields(_ head: String) -> [(name: String, value: String)] {
    let unfolded = head.replacingOccurrences(of: "\r\n ", with: " ")
    return unfolded.components(separatedBy: "\r\n").compactMap { line in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      return (String(line[..<colon]), words(value))
    }
  }

  /// RFC 2047: encoded words, with the white space between two of them dropped.
  private static func words(_ value: String) -> String {
    var out = Data()
    var wasEncoded = false
    for word in value.components(separatedBy: " ") {
      let parts = word.components(separatedBy: "?")
      let isEncoded = word.hasPrefix("=?UTF-8?") && word.hasSuffix("?=") && parts.count == 5
      if !out.isEmpty, !(wasEncoded && isEncoded) { out.append(32) }
      if isEncoded, parts[2] == "B" {
        out.append(Data(base64Encoded: parts[3]) ?? Data("(bad base64)".utf8))
      } else if isEncoded {
        out.append(quoted(parts[3].replacingOccurrences(of: "_", with: "=20")))
      } else {
        out.append(Data(word.utf8))
      }
      wasEncoded = isEncoded
    }
    return String(decoding: out, as: UTF8.self)
  }

  private static func decoded(_ body: String, _ encoding: String) -> String {
    switch encoding {
    case "base64":
      let data = Data(base64Encoded: body.replacingOccurrences(of: "\r\n", with: ""))
      return data.map { String(decoding: $0, as: UTF8.self) } ?? "(bad base64)"
    case "quoted-printable":
      let joined = body.replacingOccurrences(of: "=\r\n", with: "")
      return String(decoding: quoted(joined), as: UTF8.self)
        .replacingOccurrences(of: "\r\n", with: "\n")
    default: return body
    }
  }

  private static func quoted(_ text: String) -> Data {
    var out = Data()
    var bytes = Array(text.utf8)[...]
    while let byte = bytes.popFirst() {
      if byte == UInt8(ascii: "="), bytes.count >= 2,
        let value = UInt8(String(decoding: bytes.prefix(2), as: UTF8.self), radix: 16)
      {
        out.append(value)
        bytes = bytes.dropFirst(2)
      } else {
        out.append(byte)
      }
    }
    return out
  }
}
