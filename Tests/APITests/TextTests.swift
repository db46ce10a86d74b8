import Model
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
    for bad in ["", "x", "2026-13-01T00:00:00Z", "2026-11-22", "2026-11-22T15:04:10"] {
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
}
