import Diagnostics
import Model
import PromQLSyntax
import Testing

@Suite struct SeriesNotationTests {
  private func values(_ text: String) -> [SeriesValue]? {
    try? SeriesNotation.parse(text).get().values
  }

  private func floats(_ numbers: [Double]) -> [SeriesValue] { numbers.map { .value($0) } }

  @Test(
    arguments: [
      ("x 1 -2 +3 .5 2. 1e3 1_000 010", [1, -2, 3, 0.5, 2, 1000, 1000, 8]),
      ("x 5x3", [5, 5, 5, 5]), ("x 1+2x3", [1, 3, 5, 7]), ("x 1-1x2 9", [1, 0, -1, 9]),
      ("x 0x2", [0, 0, 0]), ("x -1.5e2x1", [-150, -150]), ("x\t1\t  2", [1, 2]),
      ("x Inf -inf", [.infinity, -.infinity]),
      ("x", []), ("x  ", []), ("x 7x0", [7]),
    ] as [(String, [Double])])
  func numbersRepeatAndStep(_ text: String, _ expected: [Double]) {
    #expect(values(text) == floats(expected))
  }

  @Test func stepsAddUpOneByOne() {
    #expect(values("x 0+0.1x3") == floats([0, 0.1, 0.2, 0.1 + 0.1 + 0.1]))
  }

  @Test func gapsAndMarkersAreTold() {
    #expect(
      values("x _ 1 _x2 stale")
        == [.omitted, .value(1), .omitted, .omitted, .value(SeriesNotation.staleMarker)])
  }

  @Test func labelsAreRead() throws {
    let series = try SeriesNotation.parse(#"sum{b='x', "a b"="\u00e4", c=""} 1"#).get()
    #expect(series.labels == Labels(["__name__": "sum", "a b": "ä", "b": "x"]))
    let quoted = try SeriesNotation.parse(#"{"my.metric", a="1",} 1"#).get()
    #expect(quoted.labels == Labels(["__name__": "my.metric", "a": "1"]))
    #expect(try SeriesNotation.parse("{} 1").get().labels.isEmpty)
  }

  @Test func histogramsAreCheckedAndKept() {
    let histogram = "{{schema:1 sum:-0.3 buckets:[5 10 7] offset:-3 counter_reset_hint:gauge}}"
    #expect(values("x \(histogram) 1") == [.histogram(histogram), .value(1)])
    #expect(values("x {{}}x1") == [.histogram("{{}}"), .histogram("{{}}")])
    #expect(values("x {{schema:2}}+{{schema:1}}x0") == [.histogram("{{schema:2}}")])
    #expect(
      values("x {{sum:1}}+{{sum:2}}x2")
        == ["{{sum:1}}", "{{sum:1}}+{{sum:2}}x1", "{{sum:1}}+{{sum:2}}x2"].map {
          .histogram($0)
        })
  }

  @Test(arguments: [
    ("x 1+1", "1:6: parse error: unexpected end of input in series values"),
    (
      "x 1 b",
      "1:5: parse error: unexpected identifier \"b\" in series values, expected number or \"stale\""
    ),
    ("x 1xa", "1:5: parse error: unexpected identifier \"a\" in series values"),
    ("x _1", "1:4: parse error: unexpected number \"1\" in series values"),
    ("x{a} 1", "1:4: parse error: unexpected \"}\" in label set, expected \"=\""),
    ("x{a='b' 1", "1:9: parse error: unexpected character inside braces: '1'"),
    ("x {{sum:1 sum:2}}", "1:1: parse error: duplicate key \"sum\" in histogram"),
    ("x {{colour:1}}", "1:5: parse error: bad histogram descriptor found: \"colour\""),
    ("x {{sum 1}}", "1:5: parse error: missing `:` for histogram descriptor"),
    (
      "x {{ n_offset:1}}",
      "1:6: parse error: unexpected \"<Item 57374>\" \"n_offset\" in series values"
    ),
    ("x {{ colour:1}}", "1:6: parse error: bad histogram descriptor found: \"colour\""),
    (
      "x {{schema:2}}+{{schema:-1}}x3",
      "1:30: parse error: error combining histograms: cannot merge from schema -1 to 2"
    ),
  ])
  func mistakesAreToldInUpstreamsWords(_ text: String, _ expected: String) {
    guard case .failure(let error) = SeriesNotation.parse(text) else {
      Issue.record("\(text) parsed")
      return
    }
    #expect(error.description() == expected)
  }

  @Test(arguments: ["x 1x99999999999", "x _x1000001", "x 1x600000 1x600000"])
  func seriesHaveALimit(_ text: String) {
    #expect(values(text) == nil)
  }

  @Test func valuesAloneAreReadInPlace() throws {
    let source = SourceText(name: "test.tocsin", text: "series up   1 2x1 # later\n")
    #expect(
      try SeriesNotation.parseValues(in: source, from: 12, to: 18).get() == floats([1, 2, 2]))
    guard case .failure(let error) = SeriesNotation.parseValues(in: source, from: 12, to: 20) else {
      Issue.record("a comment is no value")
      return
    }
    #expect(error.range.lower == 18)
  }
}
