import Diagnostics
import Model
import Testing

@testable import Templates

private let start = Timestamp(milliseconds: 1_795_358_460_000)  // 22 Nov 2026 14:41 UTC
private let clock = LocalTime(
  zone: TimeZoneTable(name: "X", initialOffset: 3600, initialAbbreviation: "CET"),
  now: start + .seconds(23 * 60))

private let disk = TemplateData.fields([
  .init("value", .number(0.83, .ratio)),
  .init("labels", .labels(Labels(["mountpoint": "/", "job": "node", "size": "1048576"]))),
  .init("threshold", .number(0.8, .ratio)), .init("level", .text("warning")),
  .init("alert", .text("DiskFilling")), .init("host", .text("web-1")), .init("since", .time(start)),
])

private func rendered(_ text: String, _ data: TemplateData = disk) -> String {
  let scope: TemplateScope = data == disk ? .alert : .notification
  let result = compiled(text, scope)
  #expect(result.diagnostics.isEmpty, "\(text)")
  return result.template.render(data, clock: clock).plain
}

@Test(arguments: [
  ("{{ labels.mountpoint }} is {{ value }} full", "/ is 83 % full"),
  ("{{ value | raw }} {{ value | fixed 2 }} {{ value | humanize }}", "0.83 0.83 830m"),
  ("{{ labels.instance }}!", "(no instance)!"),
  ("{{ labels.instance | default \"?\" }}", "?"),
  ("{{ labels }}", "job=node, mountpoint=/, size=1048576"),
  ("{{ labels | join \" \" }}", "job=node mountpoint=/ size=1048576"),
  ("{{ labels.size | bytes }} {{ labels.size | raw }}", "1 MiB 1.048576e+06"),
  ("{{ labels.job | bytes }}", "node"),
  ("{{ since }} {{ since | duration }}", "15:41 23 min"),
  ("{{ alert | upper | short 5 }}", "DISK…"),
  ("above {{ threshold }} at {{ level }} on {{ host }}", "above 80 % at warning on web-1"),
  ("{{#if labels.x}}a{{else}}b{{/if}}{{#if value}}c{{/if}}", "bc"),
  ("{{#each labels}}{{ name }};{{/each}}", "job;mountpoint;size;"),
  ("{ {{ value }} }}", "{ 83 % }}"),
])
func anAlertTextIsRendered(_ text: String, _ expected: String) {
  #expect(rendered(text) == expected)
}

private func alert(_ name: String, _ status: String, runbook: TemplateData = .absent)
  -> TemplateData
{
  .fields([
    .init("alert", .text(name)), .init("status", .text(status)),
    .init("summary", .rendered(RenderedText(segments: [.literal("<b>"), .inserted("&")]))),
    .init("runbook", runbook), .init("since", .time(start)),
    .init("labels", .labels(Labels(["job": name]))),
  ])
}

private let message = TemplateData.fields([
  .init("status", .text("firing")), .init("count", .number(2, .none)),
  .init("group", .labels(Labels(["alertname": "X"]))),
  .init("alerts", .list([alert("A", "firing", runbook: .text("u")), alert("B", "resolved")])),
])

@Test func blockMarksAloneOnTheirLineLeaveNoEmptyLine() {
  let text = """
    Alerts:
    {{#each alerts}}
      • {{ alert }}
      {{#if runbook}}
      see {{ runbook }}
      {{else}}
      no runbook
      {{/if}}
    {{/each}}
    end
    """
  #expect(
    rendered(text, message) == "Alerts:\n  • A\n  see u\n  • B\n  no runbook\nend")
}

@Test func insideALoopTheOuterNamesAreStillKnown() {
  #expect(
    rendered("{{#each alerts}}{{ alert }}/{{ count }}/{{ status }} {{/each}}", message)
      == "A/2/firing B/2/resolved ")
}

@Test func firingAndResolvedFollowFromTheStatus() {
  #expect(rendered("{{ firing | count }}{{ resolved | count }}", message) == "11")
  #expect(
    rendered("{{#each resolved}}{{ alert }}{{#if resolved}}!{{/if}}{{/each}}", message) == "B!")
}

@Test func insertedDataIsKeptApartFromTheAuthorsMarkup() {
  let template = compiled("<i>{{#each alerts}}{{ summary }}{{/each}}", .notification).template
  let text = template.render(message, clock: clock)
  #expect(text.segments == [.literal("<i>"), .inserted("<b>&"), .inserted("<b>&")])
  #expect(text.flattened { $0.count == 4 ? "x" : "y" } == "<i>xx")
}

@Test func aTextIsCutBetweenCharactersAtItsLimit() {
  let template = compiled("ab{{ labels.job }}cd").template
  let data = TemplateData.fields([.init("labels", .labels(Labels(["job": "日本語"])))])
  #expect(template.render(data, limit: 7).plain == "ab日…")
  #expect(template.render(data, limit: 100).plain == "ab日本語cd")
}

@Test func dataThatIsNotThereAtAllStillRenders() {
  let text = "{{ value }} {{ since | duration }} {{ labels }} {{ level | upper }}"
  #expect(
    compiled(text).template.render(.fields([])).plain
      == "(no value) (no since) (no labels) (no level)")
}

/// A small linear congruential generator: the same numbers every run.
private struct Numbers {
  var state: UInt64
  mutating func next(below limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % limit
  }
}

@Test func noTextCrashesTheCompilerOrTheRenderer() {
  let parts = [
    "{{", "}}", "#each ", "#if ", "/each", "/if", "else", "> p", "alerts", "value", "labels", ".x",
    "[\"", "\"]", "|", " raw", " fixed 2", "default \"", "$labels", ".Alerts", "range ", "end",
    "\n", " ", "é", "\\", "\"", "日",
  ]
  var numbers = Numbers(state: 7)
  for _ in 0..<4000 {
    let text = (0..<numbers.next(below: 14)).map { _ in parts[numbers.next(below: parts.count)] }
      .joined()
    for scope in TemplateScope.allCases {
      let result = compiled(text, scope, partials: ["p": "{{ value }}{{> p}}"])
      _ = result.template.render(message, clock: clock)
      for diagnostic in result.diagnostics {
        #expect(diagnostic.subject.range.upper <= diagnostic.subject.range.source.bytes.count)
      }
    }
  }
}
