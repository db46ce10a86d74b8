import Diagnostics
import Language

extension FuzzTarget {
  /// `.tocsin` files: mistakes lie in the text, and formatting keeps a file without mistakes so,
  /// and formatting twice is formatting once.
  package static let tocsin = FuzzTarget(
    name: "tocsin",
    fragments: [
      "{", "}", "\"", "\"\"\"", "alert A", "when ", "for 5m", "warning > 80%", "keep firing 5m",
      "# text\n", "\n", "[", "]", ",", "5m", "10MiB", "up == 0", "watch ", "rate(x[5m])", "to ops",
      "severity critical", "receiver", "route", "every 10s", "<<", "\\", "${secret}", "(", ")",
    ]
  ) { bytes in
    let source = SourceText(name: "fuzz.tocsin", bytes: bytes)
    let document = DocumentParser.parse(source)
    for diagnostic in document.diagnostics {
      let places = [diagnostic.subject.range] + diagnostic.context.map(\.range)
      if !places.allSatisfy({ isInside($0, source) }) {
        return "\(diagnostic.code) lies outside the text: \(diagnostic.message)"
      }
    }
    if document.hasErrors { return nil }
    let once = Formatter.format(document)
    let again = DocumentParser.parse(SourceText(name: "fuzz.tocsin", text: once))
    if again.hasErrors {
      let first = again.diagnostics.first?.message ?? ""
      return "formatted it has mistakes (\(first)):\n\(once)"
    }
    let twice = Formatter.format(again)
    return twice == once ? nil : "formatting twice differs:\n\(once)\n--\n\(twice)"
  }
}
