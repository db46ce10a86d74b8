import Model
import Testing

@testable import Exposition

/// What a store would hold after each reading: the series by slot, and the values now.
private struct Replica {
  var layout = ScrapeLayout(firstSlot: 5)
  var series: [UInt32: Labels] = [:]
  var number: UInt64 = 0

  mutating func read(
    _ body: String, _ format: ExpositionFormat = .text, limits: ExpositionLimits = .init(),
    relabel: (Labels) -> Labels? = { $0 }
  ) throws -> (values: [Labels: Double], reading: ScrapeReading) {
    let reading = try layout.read(
      Array(body.utf8), format: format, limits: limits, relabel: relabel
    ).get()
    if reading.layout != number { series = [:] }
    number = reading.layout
    for birth in reading.births {
      #expect(series[birth.slot] == nil, "a slot is born twice")
      series[birth.slot] = birth.labels
    }
    var values: [Labels: Double] = [:]
    for value in reading.values {
      let labels = try #require(series[value.slot])
      #expect(values[labels] == nil, "a series has two values")
      values[labels] = value.value
    }
    return (values, reading)
  }
}

private func labels(_ name: String, _ pairs: KeyValuePairs<String, String> = [:]) -> Labels {
  Labels(pairs.map { Label($0.key, $0.value) } + [Label("__name__", name)])
}

@Test func aSecondBodyOfTheSameShapeBringsOnlyValues() throws {
  var replica = Replica()
  _ = try replica.read("# TYPE a counter\na{b=\"c\"} 1\nd 2\n")
  let (values, reading) = try replica.read("# TYPE a counter\na{b=\"c\"} 41\nd 2.5e1\n")
  #expect(values == [labels("a", ["b": "c"]): 41, labels("d"): 25])
  #expect(reading.births.isEmpty)
  #expect(reading.metadata.isEmpty)
  #expect(reading.layout == 1)
}

@Test(arguments: [ExpositionFormat.text, .openMetrics])
func anEscapedLineBreakEndsTheLineHoweverTheBodyIsCut(_ format: ExpositionFormat) {
  let body = Array("a 1\nb{c=\"x\\\ny\"} 2\n# EOF\n".utf8)
  var layout = ScrapeLayout()
  let whole = layout.read(body, format: format)
  var feed = BodyFeed(ScrapeLayout(), format: format)
  for byte in body { [byte].withUnsafeBytes { feed.take($0) } }
  let (_, cut) = feed.finish()
  for result in [whole, cut] {
    guard case .failure(let failure) = result else {
      Issue.record("the body was read")
      continue
    }
    #expect(failure.line == 2)
  }
}

@Test func linesThatComeGoAndMoveKeepTheirSlots() throws {
  var replica = Replica()
  _ = try replica.read("a 1\nb 2\nc 3\nd 4\n")
  let inserted = try replica.read("a 1\nnew 9\nb 2\nc 3\nd 4\n")
  #expect(inserted.reading.births.map(\.labels) == [labels("new")])
  let removed = try replica.read("a 1\nc 3\nd 4\n")
  #expect(removed.values == [labels("a"): 1, labels("c"): 3, labels("d"): 4])
  let moved = try replica.read("d 5\nc 6\nb 7\na 8\n")
  #expect(moved.values == [labels("a"): 8, labels("b"): 7, labels("c"): 6, labels("d"): 5])
  #expect(moved.reading.births.isEmpty)
}

@Test func aNameThatIsThePrefixOfAnotherIsNotTakenForIt() throws {
  var replica = Replica()
  _ = try replica.read("foo 1\n")
  #expect(try replica.read("foo_bar 2\n").values == [labels("foo_bar"): 2])
  #expect(try replica.read("foo{a=\"b\"} 3\n").values == [labels("foo", ["a": "b"]): 3])
  #expect(try replica.read("foo {a=\"b\"} 4\n").values == [labels("foo", ["a": "b"]): 4])
  #expect(try replica.read("foo 5\n").values == [labels("foo"): 5])
}

@Test func oneSeriesWrittenTwiceCountsOnce() throws {
  var replica = Replica()
  for _ in 0..<3 {
    let (values, _) = try replica.read("a{b=\"1\",c=\"2\"} 1\na{c=\"2\",b=\"1\"} 2\n")
    #expect(values == [labels("a", ["b": "1", "c": "2"]): 1])
  }
}

@Test func timestampsMakeStampedSamples() throws {
  var replica = Replica()
  for value in [1.0, 2] {
    let (values, reading) = try replica.read("a 1 1000\nb \(value)\n")
    #expect(values == [labels("b"): value])
    #expect(reading.stamped.map(\.sample) == [Sample(Timestamp(milliseconds: 1000), 1)])
  }
}

@Test func theTypeAboveDecidesHowABoundIsWritten() throws {
  var replica = Replica()
  _ = try replica.read("# TYPE a histogram\na_bucket{le=\"1\"} 1\n")
  let (values, _) = try replica.read("# TYPE a gauge\na_bucket{le=\"1\"} 2\n")
  #expect(values == [labels("a_bucket", ["le": "1"]): 2])
}

@Test func rulesDropAndRename() throws {
  var replica = Replica()
  for _ in 0..<2 {
    let (values, reading) = try replica.read("keep 1\ndrop 2\n") { series in
      series.name == "drop" ? nil : series.setting("job", to: "x")
    }
    #expect(values == [labels("keep", ["job": "x"]): 1])
    #expect(reading.samples == 2)
    #expect(reading.kept == 1)
  }
}

@Test func metadataIsReportedOnceAndWhenItChanges() throws {
  var replica = Replica()
  let first = try replica.read("# HELP a One.\n# TYPE a counter\na 1\n").reading
  #expect(first.metadata == [MetricMetadata(metric: "a", type: .counter, help: "One.")])
  #expect(try replica.read("# HELP a One.\n# TYPE a counter\na 1\n").reading.metadata.isEmpty)
  let changed = try replica.read("# HELP a Two.\n# TYPE a counter\na 1\n").reading
  #expect(changed.metadata == [MetricMetadata(metric: "a", type: .counter, help: "Two.")])
}

@Test func aBrokenBodyIsRefusedWholeAndStartsTheLayoutAnew() throws {
  var replica = Replica()
  _ = try replica.read("a 1\n")
  #expect(throws: ExpositionFailure(line: 2, reason: "the value \"x\" is not a number")) {
    try replica.read("a 1\nborn x\n")
  }
  let (values, reading) = try replica.read("a 1\nborn 2\n")
  #expect(reading.layout == 2)
  #expect(values == [labels("a"): 1, labels("born"): 2])
}

@Test func moreSamplesThanAllowedAreRefused() throws {
  var replica = Replica()
  var limits = ExpositionLimits()
  limits.samples = 2
  _ = try replica.read("a 1\nb 1\n", limits: limits)
  #expect(throws: ExpositionFailure.self) {
    try replica.read("a 1\nb 1\nc 1\n", limits: limits)
  }
}

@Test func seriesOverTheLimitAreLeftOutAndTheFirstStay() throws {
  var replica = Replica()
  var limits = ExpositionLimits()
  limits.series = 2
  _ = try replica.read("a 1\nb 1\n", limits: limits)
  for round in 2...4 {
    let (values, reading) = try replica.read(
      "# HELP x y\nnew{r=\"\(round)\"} 9\na \(round)\nother 9\nb 1\n", limits: limits)
    #expect(values == [labels("a"): Double(round), labels("b"): 1])
    #expect(reading.births.isEmpty)
    #expect((reading.samples, reading.kept, reading.cut) == (4, 4, 2))
    #expect(replica.layout.knownSeries == 2)
  }
  // What is not kept takes no place under the limit, and what is refused still fails.
  let dropping = try replica.read("a 1\nb 1\nc 1\n", limits: limits) {
    $0.name == "c" ? nil : $0
  }
  #expect(dropping.reading.cut == 0)
  #expect(throws: ExpositionFailure.self) { try replica.read("a 1\nb 1\nc{ 1\n", limits: limits) }
}

@Test func placesOfSeriesThatAreGoneAreGivenToOthers() throws {
  var replica = Replica()
  var limits = ExpositionLimits()
  limits.series = 2
  _ = try replica.read("a 1\nb 1\n", limits: limits)
  let first = try replica.read("a 1\nc 1\n", limits: limits)
  #expect(first.values == [labels("a"): 1])
  #expect(first.reading.cut == 1)
  let second = try replica.read("a 1\nc 1\n", limits: limits)
  #expect(second.values == [labels("a"): 1, labels("c"): 1])
  #expect(second.reading.cut == 0)
}

@Test func endlessNewSeriesDoNotGrowTheLayoutForEver() throws {
  var replica = Replica()
  for round in 0..<60 {
    let body = (0..<200).map { "a{session=\"\(round)-\($0)\"} 1\n" }.joined()
    #expect(try replica.read(body).values.count == 200)
    #expect(replica.layout.knownSeries <= 4400)
  }
  #expect(replica.number > 1)
}

@Test func openMetricsWithExemplarsKeepsItsLayout() throws {
  var replica = Replica()
  for value in [1.0, 2] {
    let body = "# TYPE a counter\na_total{b=\"c\"} \(value) # {id=\"\(value)\"} 1\n# EOF\n"
    let (values, reading) = try replica.read(body, .openMetrics)
    #expect(values == [labels("a_total", ["b": "c"]): value])
    #expect(reading.births.count == (value == 1 ? 1 : 0))
  }
}

@Test func longRunsOfKnownLinesAreReadLikeOneByOne() throws {
  // More lines than are gathered at a time, with every kind of value among them, in one body and in
  // pieces of any size.
  func body(_ round: Int) -> String {
    var text = "# TYPE a counter\n"
    for line in 0..<1500 {
      let value =
        switch line % 7 {
        case 0: "\(line * round)"
        case 1: "\(line).\(round)25"
        case 2: "-\(line)"
        case 3: "1234567\(line)\(round)"
        case 4: "1.5e-\(round)"
        case 5: "0.00000\(line)123456789"
        default: "123456789012345678"
        }
      text += "a{b=\"\(line)\",c=\"some longer text\"} \(value)\n"
      if line % 100 == 99 { text += "# HELP h\(line) help\n" }
    }
    return text
  }
  var whole = Replica()
  var layout = ScrapeLayout(firstSlot: 5)
  for round in 1...4 {
    let bytes = Array(body(round).utf8)
    let (values, _) = try whole.read(body(round))
    #expect(values.count == 1500)
    for line in stride(from: 0, to: 1500, by: 13) {
      let entry = try #require(values[labels("a", ["b": "\(line)", "c": "some longer text"])])
      let text = body(round).split(separator: "\n").first { $0.hasPrefix("a{b=\"\(line)\"") }
      #expect(entry == text.flatMap { Double($0.split(separator: " ").last ?? "") })
    }
    var feed = BodyFeed(layout, format: .text)
    var start = 0
    while start < bytes.count {
      let end = min(start + 17 + start % 911, bytes.count)
      bytes[start..<end].withUnsafeBytes { feed.take($0) }
      start = end
    }
    let (next, result) = feed.finish()
    layout = next
    #expect(try result.get().values.map(\.value).count == 1500)
    #expect(Set(try result.get().values.map(\.value)) == Set(values.values))
  }
}

@Test func aLimitIsKeptWithinARun() throws {
  let body =
    (0..<40).map { "a{b=\"\($0)\"} \($0)\n" }.joined() + String(repeating: "# c\n", count: 20)
  var replica = Replica()
  #expect(try replica.read(body).values.count == 40)
  var limits = ExpositionLimits()
  limits.samples = 40
  #expect(try replica.read(body, limits: limits).values.count == 40)
  limits.samples = 39
  #expect(throws: ExpositionFailure.self) {
    try replica.read(body, limits: limits)
  }
}
