import Diagnostics
import Language
import Model
import PromQLSyntax
import Templates
import Testing

/// A reader over the first statement of a text, after its `defaults`.
private func reading<T>(
  _ text: String, kind: String = "route", _ read: (BlockReader) -> T
) -> (value: T, mistakes: [String]) {
  let document = parsed(text)
  let context = ReadingContext(
    defaults: document.statements.filter { $0.keyword.value == "defaults" })
  let statement =
    document.statements.first { $0.keyword.value == kind } ?? document.statements[0]
  let block = BlockReader(statement, kind: kind, context: context)
  let value = read(block)
  block.finish()
  return (
    value,
    (document.diagnostics + context.diagnostics).map { "\($0.code) \($0.subject.range.text)" }
  )
}

@Test func theNearestValueWins() {
  let defaults =
    "defaults probe {\n  every 30s\n  timeout 3s\n}\ndefaults probe {\n  every 20s\n}\n"
  func every(_ block: BlockReader) -> [Duration] {
    [
      block.read("every", .duration, default: .seconds(10), "How often."),
      block.read("timeout", .duration, default: .seconds(5), "How long."),
      block.read("delay", .duration, default: .seconds(1), "How late."),
    ]
  }
  let own = reading(defaults + "probe tcp x {\n  every 1s\n}\n", kind: "probe", every)
  #expect(own.value == [.seconds(1), .seconds(3), .seconds(1)])
  let none = reading(defaults + "probe tcp x {}\n", kind: "probe", every)
  // Of two `defaults` on one level the later counts.
  #expect(none.value == [.seconds(20), .seconds(3), .seconds(1)])
  #expect(none.mistakes == [])
}

@Test func aGroupsDefaultsComeBeforeTheOuterOnes() {
  let document = parsed(
    "defaults alert {\n  for 1m\n  label a outer\n  label b outer\n}\n"
      + "group g {\n  defaults alert {\n    for 2m\n    label b inner\n  }\n"
      + "  alert X {\n    label c own\n  }\n}\n")
  let outer = ReadingContext(defaults: [document.statements[0]])
  let group = document.statements[1].block ?? []
  let inner = outer.withDefaults([group[0]])
  let block = BlockReader(group[1], kind: "alert", context: inner)
  #expect(block.read("for", .duration, "Held.")?.value == .seconds(120))
  #expect(
    block.readLabels("Labels.").map { "\($0.name.value)=\($0.value.value.constant ?? "")" }
      == ["c=own", "b=inner", "a=outer"])
  block.finish()
  #expect(outer.diagnostics.isEmpty)
  inner.report(Diagnostic("E011", .error, "m", at: group[0].range))
  #expect(outer.diagnostics.count == 1)
}

@Test func namesOfTwoWordsAreReadAsOneSetting() {
  let result = reading(
    "route {\n  group by a, b\n  group together\n  mute during x\n  resolve wait 0s\n}\n"
  ) { block in
    let by = block.read("group by", .words, "Labels.")?.value ?? []
    let together = block.readFlag("group together", "One group.") != nil
    let mute = block.readEach("mute during", .text, "Window.").map(\.value)
    let wait = block.read("resolve wait", .duration, default: .seconds(1), "Wait.")
    return "\(by) \(together) \(mute) \(wait)"
  }
  #expect(result.value == #"["a", "b"] true ["x"] 0.0 seconds"#)
  #expect(result.mistakes == [])
}

@Test func whatNobodyReadIsUnknown() {
  let result = reading("route {\n  wait 1s\n  group_wait 2s\n  repeat 4h\n  color red\n}\n") {
    block in
    _ = block.read("wait", .duration, "Wait.")
    _ = block.read("repeat", .duration, "Repeat.")
  }
  #expect(result.mistakes == ["E011 group_wait", "E011 color"])
}

@Test(arguments: [
  ("group_by alertname", "group by"), ("group_interval 5m", "update"),
  ("repeat_interval 4h", "repeat"), ("receiver team", "to"), ("grup by x", "group by"),
  ("group bi x", "group by"), ("mute_time_intervals x", "mute during"), ("repat 4h", "repeat"),
])
func namesFromElsewhereGetTheRightSuggestion(_ line: String, _ expected: String) {
  let document = parsed("route {\n  \(line)\n}\n")
  let context = ReadingContext()
  let block = BlockReader(document.statements[0], kind: "route", context: context)
  for keyword in ["group by", "mute during"] { _ = block.read(keyword, .words, "Words.") }
  for keyword in ["wait", "update", "repeat"] { _ = block.read(keyword, .duration, "Time.") }
  _ = block.read("to", .words, "Where.")
  block.finish()
  #expect(context.diagnostics.map(\.help) == ["did you mean `\(expected)`?"])
}

@Test func aSettingThatMustBeThereIsMissed() {
  let result = reading("route {\n}\n") { $0.require("to", .words, "Where.")?.value }
  #expect(result.value == nil)
  #expect(result.mistakes == ["E028 route"])
}

@Test func aSecondValueIsRefusedAndAFlagTakesNone() {
  let result = reading("route {\n  wait 1s\n  wait 2s\n  continue yes\n  update 3s { x 1 }\n}\n") {
    block in
    _ = block.readFlag("continue", "Go on.")
    _ = block.read("update", .duration, "Update.")
    return block.read("wait", .duration, "Wait.")?.value
  }
  #expect(result.value == .seconds(1))
  #expect(result.mistakes.sorted() == ["E012 update 3s", "E012 yes", "E026 wait"])
}

@Test func aValueThatLooksLikeACommentIsExplained() {
  let document = parsed("receiver r {\n  slack #alerts\n}\n")
  let context = ReadingContext()
  let block = BlockReader(
    document.statements[0].block?[0] ?? document.statements[0], kind: "slack", context: context)
  #expect(block.head(0, "a channel") == nil)
  block.finish()
  #expect(context.diagnostics.map(\.help) == ["quote it: slack \"#alerts\""])
  #expect(context.diagnostics[0].subject.range.text == "#alerts")
}

@Test func readsAreTheSchema() {
  let document = parsed("route {\n}\n")
  let context = ReadingContext()
  let block = BlockReader(
    document.statements[0], kind: "route", context: context, documentedAs: "route")
  _ = block.read("wait", .duration, default: .seconds(90), "First message of a new group.")
  _ = block.require("to", .words, "Who is told.")
  _ = block.readFlag("continue", "Also try the routes below.")
  _ = block.read("wait", .duration, "Again.")
  block.finish()
  #expect(
    context.schema["route"].map { "\($0.keyword) \($0.form.rawValue) \($0.defaultText ?? "-")" }
      == ["wait once 1m30s", "to required -", "continue flag -"])
  #expect(context.schema["route"][0].type == "a duration such as 90s")
}

@Test func anAlertIsReadWhole() {
  let sheet = LanguageSheet(
    """
    alert Latency {
      watch       p95
      warning     > 300ms for 5m until < 250ms
      critical    > 1s
      keep firing 10m
      depends on  probe gateway, alert ApiDown, HostDown
      label       team "pay-{{ labels.job }}"
      summary     "{{ value }}"
    }

    """)
  #expect(sheet.mistakes == [])
  let alert = sheet.alerts[0]
  #expect(alert.levels.map(\.severity.name) == ["warning", "critical"])
  #expect(
    alert.parents.map { "\($0.value.kind.rawValue) \($0.value.name)" } == [
      "probe gateway", "alert ApiDown", "alert HostDown",
    ])
  #expect(alert.keepFiring == .seconds(600))
  #expect(alert.labels[0].constant == nil)
  #expect(alert.condition?.value.description == "p95")
}
