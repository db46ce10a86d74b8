/// A stable code of a diagnostic with the page `tocsin check --explain CODE` prints.
package struct DiagnosticCode: Sendable, Hashable {
  /// `E011`, `W102`, `N001`. Errors refuse the file, warnings load, notes are about style.
  package var code: String
  /// One line, without a full stop.
  package var title: String
  /// One paragraph: what is wrong, why it matters, what to write instead.
  package var page: String

  init(_ code: String, _ title: String, _ page: String) {
    self.code = code
    self.title = title
    self.page = page
  }

  /// Every code there is, in the order of the codes.
  package static let all: [DiagnosticCode] = form + meaning + lints + notes

  /// A code by its name, in either case.
  package static func named(_ code: String) -> DiagnosticCode? {
    all.first { $0.code == code.uppercased() }
  }

  /// The code most like a name that is none.
  package static func nearest(to code: String) -> DiagnosticCode? {
    Suggestion.nearest(to: code.uppercased(), in: all.map(\.code)).flatMap(named)
  }

  /// The page as it is printed: wrapped at 80 columns below its title.
  package var printed: String {
    var lines: [String] = []
    var line = ""
    for word in page.split(separator: " ") {
      if !line.isEmpty, line.count + word.count + 1 > 80 {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? String(word) : " \(word)"
    }
    lines.append(line)
    return "\(code): \(title)\n\n" + lines.joined(separator: "\n") + "\n"
  }
}
