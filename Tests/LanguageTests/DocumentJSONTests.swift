import Diagnostics
import FoundationEssentials
import Language
import Testing

private func golden(_ name: String) -> String {
  let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
  let path = parts.joined(separator: "/") + "/Golden/\(name).tocsin"
  return FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    ?? ""
}

@Test func theJSONFormIsTheOneOfTheReference() {
  let document = parsed("alert Disk { # c\n  watch 1 - x\n  to a, \"b c\" # d\n}\n")
  #expect(
    document.json["body"]?.compact == """
      [{"statement":"alert","span":[0,50],"args":[[{"word":"Disk"}]],"body":[{"comment":"# c"},\
      {"statement":"watch","span":[19,30],"expr":"1 - x"},\
      {"statement":"to","span":[33,44],"args":[[{"word":"a"}],[{"string":"b c"}]],\
      "trailing":"# d"}]}]
      """)
}

@Test(arguments: ["canon", "service"])
func textToJSONToTextKeepsTheMeaningAndTheComments(_ name: String) throws {
  let source = SourceText(name: name, text: golden(name))
  let document = DocumentParser.parse(source)
  let json = document.json
  let read = try JSONTree.parse(Array(json.indented().utf8)).get()
  #expect(read == json)
  let text = try DocumentWriter.text(of: read).get()
  let again = DocumentParser.parse(SourceText(name: name, text: text))
  #expect(again.diagnostics.isEmpty)
  #expect(withoutSpans(again.json) == withoutSpans(json))
}

/// Comments move from within a statement to above it, once.
private func withoutSpans(_ tree: JSONTree) -> String {
  switch tree {
  case .object(let members):
    return members.filter { $0.name != "span" && $0.name != "comment" }
      .map { "\($0.name):\(withoutSpans($0.value))" }.joined(separator: " ")
  case .array(let items):
    return items.map(withoutSpans).filter { !$0.isEmpty }.joined(separator: ",")
  case .string(let text): return text.filter { $0 != " " && $0 != "\n" }
  default: return tree.compact
  }
}

@Test func anyTextBecomesAValueThatReadsBack() throws {
  for text in ["", "a b", "a\nb\n", "\"\"\"", "{", "#x", "a,b", "é\u{1}", "--x=1", "=", "\\", "`"] {
    for kind in ["word", "string", "raw", "text"] {
      let tree = JSONTree.array([
        .object([
          "statement": .string("x"),
          "args": .array([.array([.object([JSONTree.Member(kind, .string(text))])])]),
        ])
      ])
      let written = try DocumentWriter.text(of: tree).get()
      let document = parsed(written)
      #expect(document.diagnostics.isEmpty, "\(written)")
      #expect(document.statements.first?.words.map(\.text) == [text], "\(written)")
    }
  }
}

@Test(arguments: [
  (#"{"body":3}"#, "body"), (#"[{"statement":"Alert"}]"#, "body[0].statement"),
  (#"[{"statement":"and"}]"#, "body[0].statement"), (#"[{}]"#, "body[0]"),
  (#"[{"statement":"x","args":[{}]}]"#, "body[0].args[0]"),
  (#"[{"statement":"x","args":[[{"op":"~"}]]}]"#, "body[0].args[0][0]"),
  (#"[{"statement":"when","expr":"up ==\n}"}]"#, "body[0].expr"),
  (#"[{"comment":"a\nb"}]"#, "body[0].comment"),
  (#"[{"statement":"series","series":"a b"}]"#, "body[0].series"),
])
func whatHasNoTextFormIsNamedByItsPath(_ json: String, _ path: String) throws {
  let tree = try JSONTree.parse(Array(json.utf8)).get()
  guard case .failure(let failure) = DocumentWriter.text(of: tree) else {
    Issue.record("\(json) was written")
    return
  }
  #expect(failure.path == path)
}
