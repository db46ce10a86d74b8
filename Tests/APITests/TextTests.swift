import Model
import PromQL
import Testing

@testable import API

@Suite struct TextTests {
  @Test func matchersComeInManySpellings() throws {
    for text in ["a=b", "a=\"b\"", " a = \"b\" ", "{a=\"b\"}", "{ a=b }"] {
      let matchers = try MatcherText.parse(text).get()
      #expect(matchers == [LabelMatcher("a", equals: "b")], "\(text)")
    }
    let two = try MatcherText.parse(#"{a=~"x,y",b!="q\"r"}"#).get()
    #expect(two.map(\.value) == ["x,y", "q\"r"])
    #expect(two.map(\.comparison) == [.matches, .notEqual])
    for bad in ["", "{}", "a", "=b", "a=~(", "a~b"] {
      #expect(throws: CommandRefusal.self, "\(bad)") { try MatcherText.parse(bad).get() }
    }
  }

  @Test func timesReadBackAsWritten() {
    for milliseconds: Int64 in [0, 1, 951_782_400_000, 1_709_164_800_123, 4_102_444_799_999] {
      let time = Timestamp(milliseconds: milliseconds)
      #expect(SampleText.time(SampleText.rfc3339(time)) == time)
    }
    #expect(SampleText.time("2026-11-22T15:04:10+01:00") == SampleText.time("2026-11-22T14:04:10Z"))
    #expect(SampleText.time("1435781451.781") == Timestamp(milliseconds: 1_435_781_451_781))
    for bad in [
      "", "x", "2026-13-01T00:00:00Z", "2026-11-22", "2026-11-22T15:04:10",
      "2026-11x22T15:04:10Z", "2026-11-22 15:04:10Z", "2026-11-22T15:04x10Z",
      "2026-11-22T15:04:60Z", "2026-02-30T15:04:10Z", "2026-11-22T15:04:10z",
    ] {
      #expect(SampleText.time(bad) == nil, "\(bad)")
    }
  }

  @Test func durationsAddUp() {
    #expect(DurationText.parse("1h30m") == .seconds(5400))
    #expect(DurationText.parse("250ms") == .milliseconds(250))
    for bad in ["", "5", "h", "5x", "99999999999999999999s"] {
      #expect(DurationText.parse(bad) == nil, "\(bad)")
    }
  }

  @Test func numbersAreShort() {
    #expect(SampleText.number(1) == "1")
    #expect(SampleText.number(0.1) == "0.1")
    #expect(SampleText.number(-0.0) == "-0")
    #expect(SampleText.number(0.00001) == "0.00001")
    #expect(SampleText.number(1e16) == "10000000000000000")
    #expect(SampleText.number(1.5e21) == "1.5e+21")
    #expect(SampleText.number(2.5e-7) == "2.5e-07")
    #expect(SampleText.number(.nan) == "NaN")
    #expect(SampleText.number(-.infinity) == "-Inf")
  }

  @Test func jsonEscapesWhatMustBe() {
    let value: JSON = ["a\"b": .string("x\n\u{1}<\\"), "n": .number(.nan), "l": [1, true]]
    #expect(value.text == "{\"a\\\"b\":\"x\\n\\u0001\\u003c\\\\\",\"n\":\"NaN\",\"l\":[1,true]}")
  }

  @Test func jsonWritesNumbersAsSamplesAre() {
    var state: UInt64 = 11
    var numbers = [0, -0.0, 1, -1, 0.1, 13.043, -0.000_001, 1e15, 999_999_999_999_999, 1e-7, 1e21]
    numbers += [
      .nan, .infinity, -.infinity, 123_456_789.123_456, 0.5, 1 / 3, .leastNonzeroMagnitude,
    ]
    for _ in 0..<5000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      numbers.append(Double(bitPattern: state))
      numbers.append(Double(Int64(bitPattern: state) >> 24) / 1000)
    }
    for number in numbers {
      var writer = JSONWriter()
      writer.append(number)
      #expect(String(decoding: writer.bytes, as: UTF8.self) == SampleText.number(number))
    }
  }

  @Test func roomIsAskedForSeldom() {
    var writer = JSONWriter()
    var sizes: Set<Int> = []
    for _ in 0..<1000 {
      writer.reserve(200)
      for _ in 0..<10 { writer.append("0123456789") }
      sizes.insert(writer.bytes.capacity)
    }
    #expect(sizes.count < 20)
  }

  @Test func jsonWritesResultsAsPrometheusDoes() {
    var writer = JSONWriter()
    let labels = Labels(["__name__": "up", "job": "a\"b"])
    writer.append(
      .vector([.init(labels: labels, value: 0.5), .init(labels: Labels(), value: .nan)]),
      at: Timestamp(milliseconds: 1_435_781_451_780))
    writer.append(
      .matrix([
        .init(
          labels: labels,
          samples: [
            Sample(Timestamp(milliseconds: -1500), 1), Sample(Timestamp(milliseconds: 60_000), 2),
          ])
      ]), at: .epoch)
    let metric = #"{"__name__":"up","job":"a\"b"}"#
    #expect(
      String(decoding: writer.bytes, as: UTF8.self)
        == #"[{"metric":\#(metric),"value":[1435781451.78,"0.5"]},"#
        + #"{"metric":{},"value":[1435781451.78,"NaN"]}]"#
        + #"[{"metric":\#(metric),"values":[[-1.5,"1"],[60,"2"]]}]"#)
  }
}
