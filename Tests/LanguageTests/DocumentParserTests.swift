import Diagnostics
import Language
import Testing

@Test func smoke() {
  let source = SourceText(
    name: "a",
    text:
      "receiver team {\n  slack \"#a\" {\n    url x\n  }\n}\nalert A {\n  when up == 0\n    and x\n  for 5m\n}\nat 6m { quiet X } # c\n"
  )
  let document = DocumentParser.parse(source)
  #expect(document.printed == source.text)
  #expect(document.diagnostics.isEmpty)
  #expect(document.statements.map(\.keyword.value) == ["receiver", "alert", "at"])
  #expect(document.statements[1].block?.map(\.keyword.value) == ["when", "for"])
}
