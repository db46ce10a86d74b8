import Model

/// Data from outside made fit for a line or a paragraph of a message.
enum Inline {
  /// One line: every run of white space is one space, control characters and characters that turn
  /// the writing direction are gone, at most `limit` characters with `…` for the rest.
  static func line(_ text: String, limit: Int = 300) -> String {
    var out = String.UnicodeScalarView()
    var pendingSpace = false
    var length = 0
    for scalar in text.unicodeScalars {
      if isSpace(scalar) {
        pendingSpace = !out.isEmpty
        continue
      }
      guard isVisible(scalar) else { continue }
      if pendingSpace {
        out.append(" ")
        length += 1
        pendingSpace = false
      }
      if length >= limit {
        return String(String(out).dropLast()) + "…"
      }
      out.append(scalar)
      length += 1
    }
    return String(out)
  }

  /// Several lines: line breaks are kept, at most two in a row, the rest as in `line`.
  static func paragraph(_ text: String, limit: Int) -> String {
    var lines: [String] = []
    var left = limit
    let unified = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
    for raw in unified.split(separator: "\n", omittingEmptySubsequences: false) {
      let line = line(String(raw), limit: max(1, left))
      if line.isEmpty, lines.last?.isEmpty ?? true { continue }
      lines.append(line)
      left -= line.count + 1
      if left <= 0 {
        if lines[lines.count - 1].last != "…" { lines.append("…") }
        break
      }
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines.joined(separator: "\n")
  }

  /// At most `limit` characters, the last of them `…` when something was cut.
  static func cut(_ text: String, to limit: Int) -> String {
    guard text.count > limit else { return text }
    return String(text.prefix(max(0, limit - 1))) + "…"
  }

  /// A label's value as messages show it: quoted when it is not one plain word, long ones cut with
  /// their size.
  static func labelValue(_ value: String, limit: Int = 120) -> String {
    let shown = line(value, limit: limit)
    if value.unicodeScalars.count > limit {
      return "\"\(cut(shown, to: limit / 2))\" (\(Wording.grouped(value.utf8.count)) bytes)"
    }
    let plain = !shown.isEmpty && shown == value && !shown.contains { $0 == " " || $0 == "\"" }
    return plain ? shown : "\"\(shown.replacing("\"", with: "\\\""))\""
  }

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || scalar.value == 0x85
  }

  /// Neither a control character nor one that hides or reorders its neighbours.
  static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0: false
    case 0x200B, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF: false
    case 0xE0000...0xE007F, 0xFFF9...0xFFFB: false
    default: true
    }
  }
}
