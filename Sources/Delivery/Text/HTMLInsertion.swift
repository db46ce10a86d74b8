import Model

/// The author's HTML with data inserted: escaped in text and attributes, percent-encoded inside an
/// address, refused where it would begin an address of another scheme than http, https or mailto,
/// and left out where a browser would run it.
enum HTMLInsertion {
  static func flattened(_ text: RenderedText) -> String {
    var place = HTMLPlace()
    var out = ""
    for segment in text.segments {
      switch segment {
      case .literal(let literal):
        out += literal
        place.pass(literal)
      case .inserted(let data):
        let written = encoded(data, place)
        out += written
        place.passData(written)
      }
    }
    return out
  }

  private static func encoded(_ data: String, _ place: HTMLPlace) -> String {
    let visible = Inline.paragraph(data, limit: 10_000)
    switch place.kind {
    case .text: return HTMLText.escaped(visible)
    case .attribute where place.isAddress:
      if place.attributeLength > 0 { return percentEncoded(data) }
      return HTMLText.isWebLink(data) ? HTMLText.escaped(Inline.line(data, limit: 2000)) : "#"
    case .attribute where place.isCode: return ""
    case .attribute: return HTMLText.escaped(Inline.line(visible, limit: 2000))
    // Outside quotes a space would begin another attribute.
    case .tag: return String(data.filter { $0.isASCII && ($0.isLetter || $0.isNumber) })
    case .code: return ""
    }
  }

  /// RFC 3986's unreserved characters as they are.
  private static func percentEncoded(_ text: String) -> String {
    var out = ""
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
        out.unicodeScalars.append(Unicode.Scalar(byte))
      default: out += "%" + hex(byte)
      }
    }
    return out
  }
}

/// Where in an HTML text its end is.
private struct HTMLPlace {
  enum Kind { case text, tag, attribute, code }
  var kind = Kind.text
  /// How much of the attribute's value stands already.
  var attributeLength = 0
  private var quote: Character = "\""
  private var tag = ""
  private var attribute = ""
  private var isNaming = false

  var isAddress: Bool { ["href", "src", "action", "background", "cite"].contains(attribute) }
  var isCode: Bool { attribute.hasPrefix("on") || attribute == "style" || attribute == "srcdoc" }

  mutating func passData(_ text: String) {
    if kind == .attribute { attributeLength += text.count }
  }

  mutating func pass(_ literal: String) {
    for character in literal { pass(character) }
  }

  private mutating func pass(_ character: Character) {
    switch kind {
    case .text:
      guard character == "<" else { return }
      kind = .tag
      (tag, attribute, isNaming) = ("", "", true)
    case .code:
      // Inside script and style, nothing ends but by an end tag.
      if character == "<" {
        tag = "<"
      } else if !tag.isEmpty {
        tag.append(character)
        if tag.lowercased() == "</script" || tag.lowercased() == "</style" { kind = .tag }
        if tag.count > 8 { tag = "" }
      }
    case .attribute:
      if character == quote { (kind, attribute) = (.tag, "") } else { attributeLength += 1 }
    case .tag: passTag(character)
    }
  }

  private mutating func passTag(_ character: Character) {
    switch character {
    case ">":
      let isCodeTag = ["script", "style"].contains(tag.lowercased())
      (kind, tag, isNaming) = (isCodeTag ? .code : .text, "", false)
    case "\"", "'":
      (kind, quote, attributeLength) = (.attribute, character, 0)
      attribute = attribute.lowercased()
    case "=": break
    case let space where space.isWhitespace: (isNaming, attribute) = (false, "")
    default:
      if isNaming { tag.append(character) } else { attribute.append(character) }
    }
  }
}
