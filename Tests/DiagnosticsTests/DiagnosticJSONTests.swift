import Diagnostics
import Testing

@Test func aDiagnosticForMachinesHasLinesAndColumns() {
  let source = SourceText(name: "a\"b", text: "é x\nfor 2m\n")
  let range = SourceRange(source, 5, 8)
  let diagnostic = Diagnostic(
    "E011", .error, "no", at: range, "unknown", help: "h", replacement: .init(range, "fro"))
  let place =
    #""file":"a\"b","line":2,"column":1,"endLine":2,"endColumn":4,"offset":5,"length":3"#
  #expect(
    [diagnostic].json().compact
      == #"{"diagnostics":[{"code":"E011","severity":"error","message":"no","at":{"#
      + place + #","label":"unknown"},"help":"h","replacement":{"range":{"# + place
      + #"},"text":"fro"}}],"errors":1,"warnings":0,"notes":0}"#)
}

@Test func jsonTextsAreEscaped() {
  #expect(JSONTree.quoted("a\"\\\n\u{1}é") == #""a\"\\\n\u0001é""#)
  #expect(JSONTree.number(.nan).compact == "null")
  let long = JSONTree.array(
    (0..<3).map { .string(String(repeating: "\($0)", count: 40)) })
  #expect(long.indented().split(separator: "\n").count == 5)
}
