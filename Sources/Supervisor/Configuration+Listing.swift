import Diagnostics
import Language

extension Configuration {
  /// What was found wrong, as people read it.
  package var rendered: String {
    files.failures.map { "error: \($0)\n" }.joined() + DiagnosticRenderer().render(diagnostics)
  }

  /// The errors in a line each, for logs and history: place, code, message, remedy.
  package var errorLines: [String] {
    files.failures
      + diagnostics.filter { $0.severity == .error }.map { error in
        let range = error.subject.range
        let place =
          "\(range.source.name):\(range.source.line(at: range.lower)):"
          + "\(range.source.column(at: range.lower))"
        return "\(place): \(error.code): \(error.message)"
          + (error.help.map { " (\($0))" } ?? "")
      }
  }

  /// The files' texts one after another, for the API; a secret written into a file is left out.
  package var listing: String {
    files.documents.map { document in
      let text = document.source.text.split(separator: "\n", omittingEmptySubsequences: false)
      let shown = text.map { line -> String in
        let words = line.split(separator: " ", maxSplits: 1)
        let named = ["credential ", "file ", "env "]
        guard let first = words.first, Self.secretSettings.contains(String(first)),
          words.count > 1, !named.contains(where: words[1].drop { $0 == " " }.hasPrefix)
        else { return String(line) }
        return line.prefix { $0 == " " } + first + " (not shown)"
      }
      return "# \(document.source.name)\n" + shown.joined(separator: "\n")
    }.joined(separator: "\n")
  }

  /// Settings whose value may be a secret written out.
  private static let secretSettings = ["password", "token", "url", "webhook", "header"]
}
