import Diagnostics
import Language
import Model
import Testing

/// The value of a setting `x` written as `text`, and the help of the first mistake.
private func value<T: Sendable>(_ text: String, _ type: SettingType<T>) -> (T?, String?) {
  let document = parsed("a {\n  x \(text)\n}\n")
  let context = ReadingContext()
  let block = BlockReader(document.statements[0], kind: "a", context: context)
  let value = block.read("x", type, "A value.")?.value
  block.finish()
  return (value, context.diagnostics.first.map { "\($0.code) \($0.help ?? "")" })
}

private let durations: [(String, Int64?)] = [
  ("90s", 90_000), ("1h30m", 5_400_000), ("1w2d", 777_600_000), ("250ms", 250), ("0", 0),
  ("0s", 0), ("5", nil), ("1.5s", nil), ("m5", nil), ("-5s", nil), ("5 s", nil), ("5S", nil),
  ("99999999999999999999s", nil), ("999999999999w", nil), ("\"5s\"", nil),
]

@Test(arguments: durations)
func durationsSayTheirUnit(_ text: String, _ milliseconds: Int64?) {
  #expect(value(text, .duration).0 == milliseconds.map { Duration.milliseconds($0) })
}

private let quantities: [(String, Quantity?)] = [
  ("80%", Quantity(0.8, .ratio)), ("512MiB", Quantity(536_870_912, .bytes)),
  ("1.5kB", Quantity(1500, .bytes)), ("300ms", Quantity(0.3, .seconds)), ("20", Quantity(20)),
  ("-1e3", Quantity(-1000)), ("-5s", Quantity(-5, .seconds)),
  ("2MiB/s", Quantity(2_097_152, .bytesPerSecond)),
  ("5/s", Quantity(5, .perSecond)), ("70°C", Quantity(70, .celsius)), ("abc", nil), ("nan", nil),
  ("inf", nil), ("1e999", nil), ("5KiBB", nil), ("0x10", nil), ("%", nil), ("-", nil),
]

@Test(arguments: quantities)
func numbersCarryTheirUnit(_ text: String, _ expected: Quantity?) {
  #expect(value(text, .quantity).0 == expected)
}

@Test func wordsThatAreAlmostRightAreHelped() {
  #expect(value("5", .duration).1 == "E012 say the unit: `5s`")
  #expect(value("true", .yesNo).1 == "E012 did you mean `yes`?")
  #expect(
    value("starttsl", .oneOf(["starttls", "implicit", "none"])).1 == "E012 did you mean `starttls`?"
  )
  #expect(value("example.com", .url).1 == "E012 did you mean `http://example.com`?")
  #expect(value("a b", .words).1 == "E012 ")
  #expect(value("severity == x", .matchers).1 == "E012 write `=`")
  #expect(value("a = b c = d", .matchers).1 == "E012 put a comma between matchers")
  #expect(value("warnig", .severity).1 == "E013 did you mean `warning`?")
}

@Test func simpleValuesAreRead() {
  #expect(value("no", .text).0 == "no")
  #expect(value("no", .yesNo).0 == false)
  #expect(value("465", .integer(in: 1...65_535)).0 == 465)
  #expect(value("0", .integer(in: 1...65_535)).0 == nil)
  #expect(value("2GiB", .size).0 == 2_147_483_648)
  #expect(value("12.5%", .percent).0 == 0.125)
  #expect(value("https://x.example.com/?a=b", .url).0 == "https://x.example.com/?a=b")
  #expect(value("a, \"b c\"", .words).0 == ["a", "b c"])
  #expect(value("/bin/x --a=b \"c d\"", .command).0 == ["/bin/x", "--a=b", "c d"])
  #expect(value("critical", .severity).0?.rank == 2)
}

@Test func matchersAreCompiled() {
  #expect(
    value("severity = critical, team =~ \"pay|core\"", .matchers).0?.map(\.description)
      == ["severity=\"critical\"", "team=~\"pay|core\""])
  #expect(value("team =~ \"(\"", .matchers).0 == nil)
  #expect(value("team", .matchers).0 == nil)
}

@Test func comparisonsKeepTheirPieces() {
  let setting = value("json \"$.a\" >= 4", .comparison).0
  #expect(setting?.subject.map(\.text) == ["json", "$.a"])
  #expect(setting?.sign == .greaterOrEqual)
  #expect(setting?.sign.comparison == .greaterOrEqual)
  #expect(setting?.value.text == "4")
  #expect(value("status == 200", .comparison).0?.sign == .equal)
  #expect(value("status 200", .comparison).0 == nil)
  #expect(value("= 200", .comparison).0 == nil)
}

@Test func datesAreDaysThatExist() {
  #expect(value("2026-12-01", .date).0?.description == "2026-12-01")
  #expect(value("2028-02-29", .date).0?.start == Timestamp(milliseconds: 1_835_395_200_000))
  for wrong in ["2026-02-29", "2026-13-01", "26-01-01", "2026-1-1", "tomorrow"] {
    #expect(value(wrong, .date).0 == nil)
  }
  #expect(CalendarDate("1970-01-01")?.start == .epoch)
}

@Test func secretsNameTheirPlaceAndAreNeverPrinted() {
  #expect(value("credential \"x\"", .secret).0 == .credential("x"))
  #expect(value("file /etc/x", .secret).0 == .file("/etc/x"))
  #expect(value("env X", .secret).0 == .environment("X"))
  #expect(value("env X", .secret).1?.hasPrefix("N001") == true)
  let literal = value("hunter2", .secret)
  #expect(literal.0 == .literal("hunter2"))
  #expect(literal.1?.hasPrefix("W115") == true)
  #expect(!"\(SecretReference.literal("hunter2"))".contains("hunter2"))
  #expect(!String(reflecting: SecretReference.literal("hunter2")).contains("hunter2"))
  #expect(value("credental \"x\"", .secret).1 == "E012 did you mean `credential`?")
  #expect(value("credential", .secret).0 == nil)
}

@Test func durationsAreWrittenAsTheyWouldBeTyped() {
  #expect(NumberNotation.text(.seconds(90)) == "1m30s")
  #expect(NumberNotation.text(.zero) == "0s")
  #expect(NumberNotation.text(.milliseconds(1500)) == "1s500ms")
  #expect(NumberNotation.text(.seconds(14 * 86_400)) == "14d")
}
