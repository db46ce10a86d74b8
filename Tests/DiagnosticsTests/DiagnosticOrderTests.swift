import Diagnostics
import Testing

private func at(_ code: String, _ offset: Int, in source: SourceText) -> Diagnostic {
  let severity: Diagnostic.Severity =
    code.hasPrefix("E") ? .error : code.hasPrefix("W") ? .warning : .note
  return Diagnostic(code, severity, "m", at: SourceRange(source, offset, offset + 1))
}

@Test func formComesFirstThenPositionFileByFile() {
  let a = SourceText(name: "a", text: "0123456789")
  let b = SourceText(name: "b", text: "0123456789")
  let shuffled = [
    at("W101", 7, in: a), at("E011", 2, in: b), at("E008", 9, in: a), at("E022", 1, in: a),
    at("E010", 3, in: a), at("E011", 2, in: b),
  ]
  #expect(
    shuffled.ordered().map { "\($0.file)\($0.code)" } == [
      "aE010", "aE008", "aE022", "aW101", "bE011",
    ])
}

@Test func theSummaryCountsInWords() {
  let a = SourceText(name: "a", text: "0123456789")
  #expect([Diagnostic]().summary() == nil)
  #expect([at("E011", 1, in: a)].summary() == "1 error")
  #expect(
    [at("W101", 1, in: a), at("E011", 1, in: a), at("W102", 2, in: a), at("N001", 1, in: a)]
      .summary() == "1 error, 2 warnings, 1 note")
}

@Test func renderingAllEndsWithTheSummary() {
  let a = SourceText(name: "a", text: "0123456789")
  let text = DiagnosticRenderer().render([at("W101", 1, in: a), at("E011", 4, in: a)])
  #expect(text.hasPrefix("warning[W101]: m\n"))
  #expect(text.hasSuffix("\n\n1 error, 1 warning\n"))
  #expect(DiagnosticRenderer().render([Diagnostic]()) == "")
}
