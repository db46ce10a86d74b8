import Diagnostics
import Testing

private func parsed(_ text: String) -> JSONTree? { try? JSONTree.parse(Array(text.utf8)).get() }

@Test func jsonIsRead() {
  #expect(
    parsed(#" {"a": [1, -2.5e1, true, false, null], "b": "x\n\u00e9\ud83d\udea8\/"} "#)
      == .object([
        "a": .array([.integer(1), .number(-25), .bool(true), .bool(false), .null]),
        "b": .string("x\né🚨/"),
      ]))
  #expect(parsed("[]")?.compact == "[]")
  #expect(parsed("{}")?.compact == "{}")
}

@Test(arguments: [
  "", "[", "[1,]", "{\"a\"}", "{a:1}", "nul", "\"a", "\"\\x\"", "\"\\u12\"", "1 2", "+1", "--1",
  "\"\u{1}\"", "[1", "{\"a\":1,}", "1e999",
])
func whatIsNoJSONIsRefused(_ text: String) {
  #expect(parsed(text) == nil)
}

@Test func depthIsLimited() {
  #expect(parsed(String(repeating: "[", count: 100_000)) == nil)
  #expect(parsed(String(repeating: "[", count: 60) + String(repeating: "]", count: 60)) != nil)
}
