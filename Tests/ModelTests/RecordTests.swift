import FoundationEssentials
import Testing

@testable import Model

/// Records of state: what is written is read again, and what older versions wrote, too.
@Suite struct RecordTests {
  private enum Shape: Codable, Hashable {
    case plain
    case one(Double)
    case two(name: String, more: [Shape])
  }
  private struct Empty: Codable, Hashable {}
  private struct Everything: Codable, Hashable {
    var yes = true
    var no: Bool? = false
    var nothing: Int?
    var text = "quote \" backslash \\ line\nbell \u{7} unit \u{1F} é \u{1F514} end"
    var whole = Int.min
    var large = UInt64.max
    var small: UInt8 = 255
    var numbers: [Double] = [
      0, -0.0, 1, -1.5, 0.1, 5e-324, 1.7976931348623157e308, 1e18, 1e22, .infinity, -.infinity,
    ]
    var shapes: [Shape] = [.plain, .one(-2.5), .two(name: "n", more: [.plain, .one(3)])]
    var lists: [[String]] = [[], ["a"], ["b", "c"]]
    var empty = Empty()
    var none: [Empty] = []
    var last = "after them"
  }

  private func record(_ value: some Encodable) -> StateRecord {
    StateRecord(table: "t", key: "k", version: 1, of: value)
  }
  private func text(_ value: some Encodable) -> String {
    String(decoding: record(value).bytes, as: UTF8.self)
  }
  private func read<Value: Decodable>(_ type: Value.Type, _ json: String) throws -> Value {
    try StateRecord(table: "t", key: "k", version: 1, bytes: Array(json.utf8)).value(type)
  }

  @Test func everythingThatIsWrittenIsReadAgain() throws {
    let value = Everything()
    let again = try record(value).value(Everything.self)
    #expect(again == value)
    #expect(again.numbers.map(\.bitPattern) == value.numbers.map(\.bitPattern))
    // Another reader of JSON agrees that it is some.
    #expect(throws: Never.self) {
      let decoder = JSONDecoder()
      decoder.nonConformingFloatDecodingStrategy = .convertFromString(
        positiveInfinity: "+Inf", negativeInfinity: "-Inf", nan: "NaN")
      _ = try decoder.decode(Everything.self, from: Data(record(value).bytes))
    }
    #expect(try record([Double.nan]).value([Double].self)[0].isNaN)
  }

  @Test func keysStandInTheOrderOfTheValue() {
    struct Pair: Codable {
      var z = 1
      var a = Shape.two(name: "x", more: [.one(0.5)])
      var m = [1, 2]
    }
    #expect(
      text(Pair())
        == #"{"z":1,"a":{"two":{"name":"x","more":[{"one":{"_0":0.5}}]}},"m":[1,2]}"#)
    #expect(text(Empty()) == "{}")
    #expect(text([Empty]()) == "[]")
    #expect(text("\u{1}\n") == #""\u0001\u000a""#)
  }

  @Test func nounsAreWrittenShort() throws {
    let labels = Labels(["a": "1", "b": "x\"y"])
    #expect(text(labels) == #"["a","1","b","x\"y"]"#)
    #expect(text(Timestamp(milliseconds: -5)) == "-5")
    #expect(text(Fingerprint(value: 0xAB)) == #""00000000000000ab""#)
    #expect(text(IncidentID("01M8")) == #""01M8""#)
    #expect(try record(labels).value(Labels.self) == labels)
    #expect(try record(Labels()).value(Labels.self) == Labels())
    #expect(try record(Timestamp.distantPast).value(Timestamp.self) == .distantPast)
    let fingerprint = Fingerprint(value: .max)
    #expect(try record(fingerprint).value(Fingerprint.self) == fingerprint)
    #expect(try record(IncidentID("x")).value(IncidentID.self) == IncidentID("x"))
  }

  @Test func whatOlderVersionsWroteIsRead() throws {
    let labels = try read(
      Labels.self, #"[{"name":"a","value":"1"},{"name":"b","value":"2"}]"#)
    #expect(labels == Labels(["a": "1", "b": "2"]))
    #expect(try read(Labels.self, "[]") == Labels())
    #expect(try read(Timestamp.self, #"{"milliseconds":12}"#) == Timestamp(milliseconds: 12))
    #expect(
      try read(Fingerprint.self, #"{"value":18446744073709551615}"#) == Fingerprint(value: .max))
    #expect(try read(IncidentID.self, #"{"text":"01M8"}"#) == IncidentID("01M8"))
  }

  @Test func whatIsNoSuchValueIsRefused() {
    #expect(throws: (any Error).self) { try read(Labels.self, #"["a","1","b"]"#) }
    #expect(throws: (any Error).self) { try read(Labels.self, #"{"a":"1"}"#) }
    #expect(throws: (any Error).self) { try read(Fingerprint.self, #""xyz""#) }
    #expect(throws: (any Error).self) { try read(Timestamp.self, #""1""#) }
    #expect(throws: (any Error).self) { try read(IncidentID.self, "7") }
  }

  /// Swift calls these names equal: as keys of an object one of them would be lost.
  @Test func namesThatDifferInBytesOnlyAreBothKept() throws {
    let labels = Labels([Label("\u{E9}", "1"), Label("e\u{301}", "2")])
    let again = try record(labels).value(Labels.self)
    #expect(again == labels)
    #expect(again.count == 2)
  }
}
