import Diagnostics
import Language
import Model
import Testing

private func levels(_ lines: String..., severities: SeverityScale = .standard) -> (
  lines: [LevelLine], mistakes: [String]
) {
  let text = "alert X {\n" + lines.map { "  \($0)\n" }.joined() + "}\n"
  let sheet = LanguageSheet(text, severities: severities)
  return (sheet.alerts[0].levels, sheet.mistakes)
}

@Test func aLimitHasItsUnitItsHoldAndItsClearing() {
  let result = levels("warning > 80% for 5m until < 75% for 10m")
  #expect(result.mistakes == [])
  #expect(
    result.lines[0].trigger
      == .threshold(
        LevelThreshold(
          comparison: .greater, limit: Quantity(0.8, .ratio), hold: .seconds(300),
          clearComparison: .less, clearLimit: Quantity(0.75, .ratio), clearHold: .seconds(600))))
  #expect(result.lines[0].limitRange?.text == "80%")
  #expect(result.lines[0].clearRange?.text == "75%")
  #expect(result.lines[0].severityRange.text == "warning")
}

@Test func failuresAreCounted() {
  let result = levels("critical after 3 failures until 2 successes", "info after 1 failure")
  #expect(result.mistakes == [])
  #expect(
    result.lines.map(\.trigger) == [
      .failures(count: 3, until: 2), .failures(count: 1, until: nil),
    ])
}

@Test func aLevelMayHaveItsOwnTexts() {
  let result = levels("critical > 1 {\n summary \"x\"\n }")
  #expect(result.lines[0].texts.map(\.keyword.value) == ["summary"])
}

@Test func levelOffIsNoLevel() {
  let result = levels("level off")
  #expect(result.mistakes == [])
  #expect(result.lines.map(\.isOff) == [true])
}

@Test func severitiesAreThoseOfTheConfiguration() {
  let scale = SeverityScale(names: ["low", "page"])
  #expect(levels("page > 1", severities: scale).lines.map(\.severity.rank) == [1])
  #expect(levels("warning > 1", severities: scale).mistakes == ["E011 warning"])
}

@Test(arguments: [
  ("> 90% until < 95%", false), ("> 90% until < 90%", true), ("> 90% until > 95%", false),
  ("> 90% until > 80%", false), (">= 90% until <= 90%", false), (">= 90% until < 90%", true),
  ("> 90% until <= 90%", true), ("< 10 until > 12", true), ("< 10 until > 8", false),
  ("< 10 until >= 10", true), ("<= 10 until > 10", true), ("== 0 until != 0", true),
  ("== 0 until > 0", true), ("!= 1 until == 1", true), ("== 0 until == 1", true),
  ("> 5 until == 0", true), ("> 5 until == 6", false), ("== 0 until >= 0", false),
])
func untilLiesOnTheQuietSide(_ line: String, _ isQuiet: Bool) {
  let result = levels("critical \(line)")
  #expect(result.mistakes.isEmpty == isQuiet, "\(result.mistakes)")
  #expect(result.mistakes.allSatisfy { $0.hasPrefix("E014") })
}

@Test(arguments: [
  ("critical", "E009 critical"), ("critical 90%", "E012 90%"), ("critical >", "E012 >"),
  ("critical > 90% for", "E012 for"), ("critical > 90% until", "E012 until"),
  ("critical > 90% for soon", "E012 soon"), ("critical after x failures", "E012 x"),
  ("critical after 0 failures", "E012 0"), ("critical after 3", "E012 3"),
  ("critical > 90% 5m", "E012 5m"), ("level on", "E012 level on"),
])
func aBrokenLevelIsToldWhereItBreaks(_ line: String, _ mistake: String) {
  #expect(levels(line).mistakes == [mistake])
}

@Test func aLevelIsWrittenOnce() {
  let result = levels("critical > 1", "critical > 2")
  #expect(result.mistakes == ["E026 critical"])
  #expect(result.lines.count == 1)
}
