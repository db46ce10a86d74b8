import Diagnostics
import Supervisor

/// What was found in a configuration, for people or for machines.
struct DiagnosticReport {
  let diagnostics: [Diagnostic]
  /// Paths that can't be read and the like: they have no place in a file.
  let failures: [String]

  init(_ configuration: Configuration) {
    diagnostics = configuration.diagnostics
    failures = configuration.files.failures
  }

  var isEmpty: Bool { diagnostics.isEmpty && failures.isEmpty }

  func text(colour: Bool) -> String {
    let rendered = DiagnosticRenderer(isColoured: colour).render(diagnostics)
    return (failures.map { "error: \($0)\n" } + [rendered]).joined()
  }

  var json: String { diagnostics.json().indented() }
}
