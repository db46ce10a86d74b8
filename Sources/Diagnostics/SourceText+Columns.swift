extension SourceText {
  /// The 1-based column of an offset in its line, in characters as a person counts them.
  package func column(at offset: Int) -> Int {
    prefixOfLine(upTo: offset).count + 1
  }

  /// The text of a line before an offset.
  func prefixOfLine(upTo offset: Int) -> String {
    let start = lineStarts[line(at: offset) - 1]
    return String(decoding: bytes[start..<max(start, min(offset, bytes.count))], as: UTF8.self)
  }
}

/// How wide texts are on a terminal, so that underlines stand below what they mean.
enum DisplayWidth {
  static let tab = 4

  /// Cells of a text: two for wide characters, none for marks that join the one before.
  static func of(_ text: String) -> Int { text.reduce(0) { $0 + cells($1) } }

  private static func cells(_ character: Character) -> Int {
    guard let first = character.unicodeScalars.first else { return 0 }
    if character == "\t" { return tab }
    if first.isASCII { return 1 }
    if first.properties.isEmojiPresentation { return 2 }
    if character.unicodeScalars.contains(where: { $0.value == 0xFE0F }) { return 2 }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: return isWide(first.value) ? 2 : 1
    }
  }

  /// The blocks of East Asian Wide and Fullwidth characters (Unicode Standard Annex 11).
  private static func isWide(_ value: UInt32) -> Bool {
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
      0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
      true
    default: false
    }
  }

  /// A line as printed: tabs as spaces, other control characters as their picture, so that a file
  /// cannot move the cursor.
  static func printable(_ text: String) -> String {
    var out = ""
    for character in text {
      if character == "\t" {
        out += String(repeating: " ", count: tab)
      } else if let scalar = character.unicodeScalars.first, scalar.value < 0x20 {
        out.unicodeScalars.append(Unicode.Scalar(0x2400 + scalar.value) ?? " ")
      } else if character.unicodeScalars.first?.value == 0x7F {
        out += "\u{2421}"
      } else {
        out.append(character)
      }
    }
    return out
  }
}
