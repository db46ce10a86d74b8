import Model
import Testing

@testable import Delivery

@Suite struct EncodingTests {
  @Test(arguments: [
    ("{}", true), ("[1, -2.5e+3, true, null, \"a\\u00e9\\n\"]", true), (" 0 ", true), ("01", false),
    ("{\"a\":1,}", false), ("[1,]", false), ("\"\n\"", false), ("\"\\x\"", false), ("", false),
    ("1 2", false), ("nul", false), (String(repeating: "[", count: 100_000), false), ("+1", false),
    ("1.", false), ("{\"a\" 1}", false), ("\"abc", false),
  ])
  func validJSON(text: String, isValid: Bool) {
    #expect(JSONCheck.isValid(text) == isValid)
  }

  @Test func whatIsWrittenIsValid() {
    let value = JSONText.members([
      "text": .text("a \"b\" \\ \n \u{1} \u{2028} 🔥"), "number": .number(0.5),
      "whole": .number(3), "inf": .number(.infinity), "nan": .number(.nan), "none": .null,
      "list": .list([.flag(true), .integer(-1), .list([])]), "empty": .object([]),
    ])
    #expect(JSONCheck.isValid(value.compact))
    #expect(JSONCheck.isValid(value.pretty))
    #expect(value.compact.contains("\"whole\":3,\"inf\":\"+Inf\""))
  }

  @Test(arguments: [
    ("plain", "plain"), ("/var/log", "/var/log"), ("", "''"), ("a b", "'a b'"),
    ("it's", "'it'\\''s'"), ("$(x)", "'$(x)'"), ("a=b", "a=b"), ("ü", "'ü'"), ("*", "'*'"),
  ])
  func shellWords(text: String, word: String) {
    #expect(PastedCommand.shellWord(text) == word)
  }

  @Test func silencesQuoteOddValues() {
    func silence(_ value: String) -> String {
      PastedCommand.silence(Labels([Label("alertname", "A"), Label("x", value)]))
    }
    let end = " --for 2h --reason \"…\""
    #expect(silence("a b") == "tocsin silence add alertname=A 'x=a b'" + end)
    #expect(silence("~a") == "tocsin silence add alertname=A 'x=\"~a\"'" + end)
    #expect(silence("one\ntwo") == "tocsin silence add alertname=A 'x=\"one\\ntwo\"'" + end)
    #expect(silence("it's") == "tocsin silence add alertname=A 'x=it'\\''s'" + end)
    let left = silence(String(repeating: "x", count: 500))
    #expect(
      left == "tocsin silence add alertname=A" + end + "  # leaves out x: mutes every value of it")
    #expect(silence("a\u{202E}b").contains("leaves out x"))
    #expect(silence("\u{1B}[31m").contains("leaves out x"))
    #expect(silence("a\tb").contains("leaves out x"))
    #expect(silence(" a") == "tocsin silence add alertname=A 'x=\" a\"'" + end)
    #expect(silence("a,b") == "tocsin silence add alertname=A 'x=\"a,b\"'" + end)
    #expect(silence("a\"b") == "tocsin silence add alertname=A 'x=\"a\\\"b\"'" + end)
    let odd = PastedCommand.silence(Labels([Label("alertname", "A"), Label("x=y", "1")]))
    #expect(odd.contains("leaves out x=y"))
  }

  @Test func severityIsNoPartOfASilence() {
    let labels = Labels(["alertname": "A", "severity": "critical", "job": "api"])
    #expect(PastedCommand.silence(labels).contains("severity") == false)
  }

  @Test func namesBecomeAPattern() {
    #expect(
      PastedCommand.silence(names: ["A.b", "C"])
        == "tocsin silence add 'alertname=~A\\.b|C' --for 2h --reason \"…\"")
  }

  @Test func linesAndParagraphs() {
    #expect(Inline.line("  a \n\t b\u{0}\u{202E}c  ") == "a bc")
    #expect(Inline.line(String(repeating: "é", count: 400), limit: 10) == "ééééééééé…")
    #expect(Inline.paragraph("a\r\n\r\n\r\n\r\nb  c\r", limit: 100) == "a\n\nb c")
    #expect(
      Inline.paragraph(String(repeating: "line\n", count: 100), limit: 12) == "line\nline\nl…")
    // One letter with ten thousand accents is one character and still no long text.
    let stacked = "a" + String(repeating: "\u{301}", count: 10_000)
    #expect(Inline.line(stacked, limit: 50).unicodeScalars.count <= 51)
  }

  @Test func localTimes() {
    let zone = TimeZoneTable(
      name: "Europe/Berlin", initialOffset: 3600, initialAbbreviation: "CET",
      transitions: [
        .init(at: Timestamp(milliseconds: 1_774_746_000_000), offset: 7200, abbreviation: "CEST"),
        .init(at: Timestamp(milliseconds: 1_792_890_000_000), offset: 3600, abbreviation: "CET"),
      ])
    let summer = Timestamp(milliseconds: 1_782_000_000_000)
    #expect(zone.full(summer) == "Sun 21 Jun 02:00:00 CEST")
    #expect(zone.mailDate(summer) == "Sun, 21 Jun 2026 02:00:00 +0200")
    #expect(zone.short(summer, seenFrom: summer + .seconds(60)) == "02:00")
    #expect(zone.short(summer, seenFrom: summer + .seconds(2 * 86_400)) == "Sun 02:00")
    #expect(zone.short(summer, seenFrom: summer + .seconds(20 * 86_400)) == "21 Jun 02:00")
    #expect(zone.short(summer, seenFrom: summer + .seconds(300 * 86_400)) == "21 Jun 2026 02:00")
    let west = TimeZoneTable(name: "x", initialOffset: -12_600)
    #expect(west.full(.epoch) == "Wed 31 Dec 20:30:00 UTC-03:30")
    #expect(west.mailDate(.epoch) == "Wed, 31 Dec 1969 20:30:00 -0330")
    #expect(Timestamp(milliseconds: 1).internetDate == "1970-01-01T00:00:00.001Z")
  }

  @Test(arguments: [
    (0.0, "0 s"), (59, "59 s"), (60, "1 min"), (61, "1 min"), (3599, "59 min"), (3600, "1 h"),
    (7500, "2 h 5 min"), (86_400, "1 d"), (93_600, "1 d 2 h"), (-5, "0 s"),
  ])
  func spans(seconds: Double, text: String) {
    #expect(Wording.span(.seconds(seconds)) == text)
  }
}
