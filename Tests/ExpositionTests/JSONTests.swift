import Model
import Testing

@testable import Exposition

private func parse(_ text: String) -> Result<JSONValue, ExpositionFailure> {
  JSONValue.parse(Array(text.utf8))
}

@Test func jsonIsReadWithItsMembersInOrder() throws {
  let value = try parse(
    #" {"b":[1,2.5,-3e2],"a":{"t":true,"n":null},"s":"x\u00e4\n\ud83d\ude00"} "#
  ).get()
  #expect(
    value
      == .object([
        .init("b", .array([.number(1), .number(2.5), .number(-300)])),
        .init("a", .object([.init("t", .bool(true)), .init("n", .null)])),
        .init("s", .string("xä\n😀")),
      ]))
}

@Test(arguments: [
  "", "{", "[1,", "{\"a\"}", "{\"a\":}", "tru", "\"open", "\"\\x\"", "1 2", "nul", "\"\u{1}\"", "-",
  "[1,]",
])
func brokenJSONIsRefused(_ text: String) {
  #expect(throws: ExpositionFailure.self) { try parse(text).get() }
}

@Test func deepNestingIsRefusedAndNotFollowed() {
  let deep = String(repeating: "[", count: 100_000)
  #expect(throws: ExpositionFailure.self) { try parse(deep).get() }
}

@Test func pathsLeadIntoADocument() throws {
  let document = try parse(
    #"{"checks":{"database":{"status":"failed"}},"items":[{"n":1},{"n":2}]}"#
  )
  .get()
  #expect(document.value(at: "$.checks.database.status")?.plain == "failed")
  #expect(document.value(at: "checks.database.status")?.plain == "failed")
  #expect(document.value(at: "$.items[1].n")?.plain == "2")
  #expect(document.value(at: "$.items[-1].n")?.plain == "2")
  #expect(document.value(at: "$[\"checks\"]['database'].status")?.plain == "failed")
  #expect(document.value(at: "$.items[2]") == nil)
  #expect(document.value(at: "$.missing") == nil)
  #expect(document.value(at: "$..x") == nil)
}

@Test func numbersInJSONBecomeMetrics() throws {
  let body = #"""
    {"uptime": 12.5, "version": "1.2", "cpu-usage": 0.5, "nested": {"9x": 1, "ok": true,
     "list": [1, 2], "deeper": {"z": -1}}, "uptime": 13}
    """#
  let metrics = try JSONMetrics.read(Array(body.utf8), prefix: "kit_").get()
  #expect(
    metrics.map { "\($0.name) \($0.value)" } == [
      "kit_uptime 13.0", "kit_cpu_usage 0.5", "kit_nested_9x 1.0", "kit_nested_ok 1.0",
      "kit_nested_deeper_z -1.0",
    ])
}

@Test func jsonNamesAreAlwaysLegal() throws {
  let body = Array(#"{"9":1,"":2,"ä":3,"a b":4}"#.utf8)
  let metrics = try JSONMetrics.read(body, prefix: "").get()
  var layout = ScrapeLayout()
  let reading = try layout.read(JSONMetrics.text(metrics), format: .text).get()
  #expect(reading.births.map(\.labels.name) == ["_9", "_", "a_b"])
  #expect(reading.values.map(\.value) == [1, 3, 4])
}

@Test func aJSONBodyThatIsNoObjectIsRefused() {
  #expect(throws: ExpositionFailure(line: 1, reason: "the JSON is not an object")) {
    try JSONMetrics.read(Array("[1]".utf8), prefix: "").get()
  }
}
