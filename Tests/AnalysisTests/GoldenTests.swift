import Diagnostics
import FoundationEssentials
import Glibc
import Model
import Testing

@testable import Analysis

/// One mistake a file, and every word that is said about it. `TOCSIN_REGENERATE=1` writes the
/// expected texts anew, for a person to read.
@Test(arguments: [
  "E008-rest-of-line", "E009-commented-value", "E010-open-bracket", "E011-unknown-setting",
  "E013-unknown-severity", "E014-noisy-until", "E015-unknown-field", "E018-unknown-parent",
  "E019-unknown-receiver", "E021-range-of-sum", "E022-unknown-function", "E031-experimental",
  "W016-removed-label", "W102-short-range", "W106-misspelled-severity", "W106-missing-label",
  "W107-bare-unless", "W107-different-values", "W108-no-comparison", "W112-unused-receiver",
  "W114-misspelled-label", "W119-expired-exception",
])
func mistakeIsExplained(_ name: String) throws {
  let text = try String(contentsOfFile: goldenFile("\(name).tocsin"), encoding: .utf8)
  let configuration = ReadConfiguration(
    SourceText(name: "\(name).tocsin", text: text), now: .init(milliseconds: 1_800_000_000_000))
  #expect(configuration.diagnostics.contains { $0.code == name.prefix(4) })
  let rendered = DiagnosticRenderer().render(configuration.diagnostics)
  if getenv("TOCSIN_REGENERATE").map({ String(cString: $0) }) == "1" {
    try rendered.write(toFile: goldenFile("\(name).txt"), atomically: true, encoding: .utf8)
  }
  let wanted = try String(contentsOfFile: goldenFile("\(name).txt"), encoding: .utf8)
  #expect(rendered == wanted)
}
