/// Prints diagnostics with the lines they are about.
///
///     error[E011]: `fro` is not a setting of `alert`
///      --> bad.tocsin:7:3
///       |
///     7 |   fro         2m
///       |   ^^^ unknown setting
///       = help: did you mean `for`?
package struct DiagnosticRenderer: Sendable {
  /// Whether to colour for a terminal (SGR sequences of ECMA-48).
  package var isColoured: Bool

  package init(isColoured: Bool = false) { self.isColoured = isColoured }

  /// All diagnostics in order, an empty line after each, and a summary line.
  package func render(_ diagnostics: some Sequence<Diagnostic>) -> String {
    let ordered = diagnostics.ordered()
    guard let summary = ordered.summary() else { return "" }
    return ordered.map { render($0) + "\n" }.joined() + summary + "\n"
  }

  /// One diagnostic, ending in a newline.
  package func render(_ diagnostic: Diagnostic) -> String {
    let labels = [diagnostic.subject] + diagnostic.context
    let lines = labels.map { $0.range.source.line(at: $0.range.lower) }
    let gutter = "\(lines.max() ?? 1)".count
    let margin = String(repeating: " ", count: gutter)
    var out = paint(diagnostic.severity.rawValue + "[\(diagnostic.code)]", style(diagnostic)) + ": "
    out += paint(diagnostic.message, .bold) + "\n"

    var files: [SourceText] = []
    for label in labels where !files.contains(where: { $0 === label.range.source }) {
      files.append(label.range.source)
    }
    for (index, file) in files.enumerated() {
      let marks = labels.enumerated().filter { $0.element.range.source === file }
      let first = marks[0].element.range
      let arrow = index == 0 ? "-->" : ":::"
      let place = "\(file.name):\(file.line(at: first.lower)):\(file.column(at: first.lower))"
      out += "\(margin)\(paint(arrow, .gutter)) \(place)\n"
      out += "\(margin) \(paint("|", .gutter))\n"
      out += excerpt(
        of: file, gutter: gutter,
        marks: marks.map { Mark($0.element, isSubject: $0.offset == 0) }, diagnostic)
    }
    for note in diagnostic.notes { out += remark(margin, "note", note) }
    if let help = diagnostic.help { out += remark(margin, "help", help) }
    return out
  }

  private func remark(_ margin: String, _ kind: String, _ text: String) -> String {
    let indent = margin + String(repeating: " ", count: kind.count + 5)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return "\(margin) \(paint("=", .gutter)) \(paint(kind, .bold)): "
      + lines.joined(separator: "\n\(indent)") + "\n"
  }

  // MARK: Excerpts

  private struct Mark {
    var line: Int
    /// Cells before the underline, and its length.
    var start: Int
    var width: Int
    var text: String
    var isSubject: Bool

    init(_ label: Diagnostic.Label, isSubject: Bool) {
      let source = label.range.source
      line = source.line(at: label.range.lower)
      start = DisplayWidth.of(source.prefixOfLine(upTo: label.range.lower))
      // What goes on in the next line is underlined to the end of this one.
      let lineEnd = source.lineStarts[line - 1] + source.lineText(line).utf8.count
      let end = max(label.range.lower, min(label.range.upper, lineEnd))
      let covered = source.bytes[label.range.lower..<end]
      width = max(1, DisplayWidth.of(String(decoding: covered, as: UTF8.self)))
      text = label.text
      self.isSubject = isSubject
    }
  }

  /// The marked lines, each with its underlines below; a single line between two is shown as well.
  private func excerpt(
    of source: SourceText, gutter: Int, marks: [Mark], _ diagnostic: Diagnostic
  ) -> String {
    var out = ""
    var previous: Int?
    for line in Set(marks.map(\.line)).sorted() {
      if let previous, line == previous + 2 { out += numbered(source, line - 1, gutter) }
      out += numbered(source, line, gutter)
      let below = marks.enumerated().filter { $0.element.line == line }.sorted {
        ($0.element.start, $0.offset) < ($1.element.start, $1.offset)
      }
      for (_, mark) in below { out += underline(mark, gutter, diagnostic) }
      previous = line
    }
    return out
  }

  private func numbered(_ source: SourceText, _ line: Int, _ gutter: Int) -> String {
    let number = "\(line)"
    let padding = String(repeating: " ", count: gutter - number.count)
    let text = DisplayWidth.printable(source.lineText(line))
    let lead = padding + paint("\(number) |", .gutter)
    return text.isEmpty ? lead + "\n" : "\(lead) \(text)\n"
  }

  private func underline(_ mark: Mark, _ gutter: Int, _ diagnostic: Diagnostic) -> String {
    let margin = String(repeating: " ", count: gutter)
    let sign = String(repeating: mark.isSubject ? "^" : "-", count: mark.width)
    let note = mark.text.isEmpty ? sign : "\(sign) \(DisplayWidth.printable(mark.text))"
    return "\(margin) \(paint("|", .gutter)) " + String(repeating: " ", count: mark.start)
      + paint(note, mark.isSubject ? style(diagnostic) : .gutter) + "\n"
  }

  // MARK: Colour

  private enum Style: String {
    case bold = "1"
    case gutter = "1;34"
    case error = "1;31"
    case warning = "1;33"
    case note = "1;36"
  }

  private func style(_ diagnostic: Diagnostic) -> Style {
    switch diagnostic.severity {
    case .error: .error
    case .warning: .warning
    case .note: .note
    }
  }

  private func paint(_ text: String, _ style: Style) -> String {
    isColoured ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }
}
