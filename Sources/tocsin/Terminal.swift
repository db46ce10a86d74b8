import Glibc

/// Standard output and standard error.
enum Terminal {
  enum Colour: String {
    case red = "31"
    case yellow = "33"
    case green = "32"
    case blue = "34"
    case dim = "2"
    case bold = "1"
  }

  /// Colours are for people: not for pipes, and not where NO_COLOR is set (https://no-color.org).
  static let outputHasColour = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil
  static let errorsHaveColour = isatty(STDERR_FILENO) == 1 && getenv("NO_COLOR") == nil

  static func coloured(_ text: String, _ colour: Colour) -> String {
    outputHasColour ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
  }

  static func print(_ text: String, end: String = "\n") { write(text + end, to: STDOUT_FILENO) }

  static func complain(_ text: String, help: String? = nil) {
    let label = errorsHaveColour ? "\u{1B}[1;31merror\u{1B}[0m" : "error"
    write("\(label): \(text)\n" + (help.map { "  help: \($0)\n" } ?? ""), to: STDERR_FILENO)
  }

  static func remark(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

  private static func write(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while let base = rest.baseAddress, rest.count > 0 {
        let count = Glibc.write(descriptor, base, rest.count)
        if count < 0 {
          if errno == EINTR { continue }
          return
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }
  }

  /// Rows in columns; the last column is not padded.
  static func table(_ rows: [[String]]) {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? plainWidth($0[column]) : 0 }.max() ?? 0
    }
    for row in rows {
      let cells = row.enumerated().map { column, cell in
        column == row.count - 1
          ? cell : cell + String(repeating: " ", count: widths[column] - plainWidth(cell))
      }
      print(cells.joined(separator: "  "))
    }
  }

  private static func plainWidth(_ text: String) -> Int {
    var count = 0
    var inEscape = false
    for character in text {
      if character == "\u{1B}" { inEscape = true }
      if !inEscape { count += 1 }
      if inEscape, character == "m" { inEscape = false }
    }
    return count
  }
}
