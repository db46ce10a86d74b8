import Diagnostics
import Model
import Testing

@testable import Templates

/// Compiles a text that starts at the file's third byte.
func compiled(
  _ text: String, _ scope: TemplateScope = .alert, partials: [String: String] = [:]
) -> (template: Template, diagnostics: [Diagnostic]) {
  let source = SourceText(name: "t", text: "  " + text + "\n")
  let range = SourceRange(source, 2, 2 + text.utf8.count)
  let all = partials.keys.sorted().map { name in
    let body = SourceText(name: name, text: partials[name] ?? "")
    return TemplatePartials.Partial(
      name: name, text: MappedText(verbatim: SourceRange(body, 0, body.bytes.count)))
  }
  return TemplateCompiler.compile(
    MappedText(verbatim: range), scope: scope, partials: TemplatePartials(all))
}

/// The mistakes of a text: code, underlined text and help.
func mistakes(
  _ text: String, _ scope: TemplateScope = .alert, partials: [String: String] = [:]
) -> [String] {
  compiled(text, scope, partials: partials).diagnostics.map { diagnostic in
    "\(diagnostic.code) \(diagnostic.subject.range.text)"
      + (diagnostic.help.map { " → \($0)" } ?? "")
  }
}

@Test(arguments: [
  "{{ value }} of {{ labels.instance }}", "{{labels[\"k8s.io/x\"]}}", "{{ labels }}",
  "{{ value | raw }}", "{{ value | fixed 2 }}", "{{ since | time }} {{ since | duration }}",
  "{{ labels.job | default \"none\" | upper | short 8 }}", "{{ labels | join \" \" }}",
  "{{#if labels.x}}a{{else}}b{{/if}}", "{{#each labels}}{{ name }}{{/each}}", "no insertion",
  "{ } {{ threshold }} {{ level }} {{ alert }} {{ host }}", "",
])
func whatAnAlertTextMayInsert(_ text: String) {
  #expect(mistakes(text) == [])
}

@Test(arguments: [
  "{{ status }} {{ count }} {{ group.alertname }} {{ common.job }} {{ receiver }} {{ url }}",
  "{{#each alerts}}{{ summary }} {{ labels.x }} {{ since }} {{ ended }} {{ status }}{{/each}}",
  "{{ alerts | count }} {{ firing | count }}",
  "{{#each firing}}{{#if runbook}}{{ runbook }}{{/if}}{{ annotations.dashboard }}{{/each}}",
])
func whatAChannelTextMayInsert(_ text: String) {
  #expect(mistakes(text, .notification) == [])
}

@Test func anUnknownFieldIsUnderlinedAndTheNearestSuggested() {
  #expect(
    mistakes("{{ labels.instance }}, {{ valeu }}/s") == ["E015 valeu → did you mean `value`?"])
  #expect(mistakes("{{ instance }}") == ["E015 instance → a label is written `labels.instance`"])
  #expect(mistakes("{{ value.x }}") == ["E015 x → write `{{ value }}`"])
  #expect(mistakes("{{ labels.a.b }}").count == 1)
}

@Test func aChannelTextSaysWhereTheFieldsOfOneAlertBelong() {
  #expect(
    mistakes("{{ summary }}", .notification)
      == ["E015 summary → write `{{#each alerts}}{{ summary }}{{/each}}`"])
  #expect(
    mistakes("{{ labels.job }}", .notification)
      == ["E015 labels → write `common.job`, which all of them share"])
  #expect(mistakes("{{ group.alertname }}", .alert) == ["E015 group"])
}

@Test func aLabelMayShowLabelsButNotTheValue() {
  #expect(mistakes("{{ labels.job }}-{{ host }}", .label) == [])
  #expect(mistakes("{{ value }}", .label) == ["E020 value → put it into the summary"])
  #expect(mistakes("{{ since }}", .label) == ["E020 since → put it into the summary"])
}

@Test(arguments: [
  ("{{ $value }}", "{{ value | raw }}"), ("{{ $labels.instance }}", "{{ labels.instance }}"),
  ("{{$labels.instance}}", "{{ labels.instance }}"), ("{{ .Labels.job }}", "{{ labels.job }}"),
  ("{{ $value | humanize }}", "{{ value | humanize }}"),
  ("{{ humanizePercentage $value }}", "{{ value | percent }}"),
  ("{{ printf \"%.2f\" $value }}", "{{ value | fixed 2 }}"),
  ("{{ .CommonLabels.job }}", "{{ common.job }}"),
  ("{{ .GroupLabels.alertname }}", "{{ group.alertname }}"),
  ("{{ .Status | toUpper }}", "{{ status | upper }}"),
  ("{{ len .Alerts }}", "{{ alerts | count }}"),
  ("{{ .Annotations.summary }}", "{{ summary }}"),
  ("{{- .ExternalURL -}}", "{{ url }}"),
])
func aPastedGoFormIsRecognised(_ theirs: String, _ ours: String) {
  for scope in [TemplateScope.alert, .notification] {
    let found = compiled("a \(theirs) b", scope).diagnostics
    #expect(found.map(\.help) == ["write `\(ours)`"])
    #expect(found.first?.replacement?.text == ours)
    #expect(found.first?.subject.range.text == theirs)
  }
}

@Test func aPastedLoopIsTranslatedMarkByMark() {
  let text = "{{ range .Alerts }}{{ .Labels.job }}{{ if .Annotations.summary }}x{{ end }}{{ end }}"
  #expect(
    compiled(text, .notification).diagnostics.map(\.replacement?.text) == [
      "{{#each alerts}}", "{{ labels.job }}", "{{#if summary}}", "{{/if}}", "{{/each}}",
    ])
}

@Test func whatHasNoCounterpartIsSaidSo() {
  let found = compiled("{{ query \"up\" | first | value }}").diagnostics
  #expect(found.map(\.code) == ["E015"])
  #expect(found[0].help == nil)
}

@Test(arguments: [
  ("{{ value", "E029 {{ → close it with `}}`"), ("{{ }}", "E029 {{ }}"),
  ("{{#each alerts}}x", "E029 {{#each alerts}} → close it with `{{/each}}`"),
  ("{{/if}}", "E029 /if"), ("{{else}}", "E029 {{else}}"),
  ("{{#each alerts}}{{/if}}", "E029 /if"),
  ("{{#eech alerts}}", "E029 #eech → did you mean `#each`?"),
  ("{{ status | uper }}", "E029 uper → did you mean `upper`?"),
  ("{{ status | fixed }}", "E029 fixed → write `fixed 2`"),
  ("{{ status | raw 3 }}", "E029 raw → remove what follows `raw`"),
  ("{{ status upper }}", "E029 upper  → a filter stands after `|`"),
  ("{{ alerts }}", "E029 alerts → write `{{#each alerts}} … {{/each}}`, or `{{ alerts | count }}`"),
  ("{{ status | count }}", "E029 count"), ("{{ group[\"x\" }}", "E029 ["),
  ("{{#each status}}{{ nothing }}{{/each}}", "E029 status"), ("{{ .. }}", "E015 {{ .. }}"),
])
func aMistakeOfFormIsUnderlined(_ text: String, _ mistake: String) {
  #expect(mistakes(text, .notification) == [mistake])
}

@Test func partialsAreTypedWhereTheyAreInserted() {
  let partials = ["line": "{{ summary }}", "loop": "{{> loop}}", "bad": "{{ sumary }}"]
  #expect(mistakes("{{#each alerts}}{{> line}}{{/each}}", .notification, partials: partials) == [])
  #expect(mistakes("{{> line}}", .notification, partials: partials).count == 1)
  #expect(mistakes("{{> loop}}", .notification, partials: partials) == ["E029 loop"])
  #expect(
    mistakes("{{> lime}}", .notification, partials: partials)
      == ["E015 lime → did you mean `line`?"])
  let inPartial = compiled("{{#each alerts}}{{> bad}}{{/each}}", .notification, partials: partials)
  #expect(inPartial.diagnostics.map(\.file) == ["bad"])
}

@Test func partialsOfPartialsCannotGrowWithoutBound() {
  var partials: [String: String] = [:]
  for level in 0..<30 { partials["p\(level)"] = "{{> p\(level + 1)}}{{> p\(level + 1)}}" }
  partials["p30"] = "x"
  _ = compiled("{{> p0}}", .notification, partials: partials)
}

@Test func referencesKeepTheirPlaces() {
  let template = compiled("é {{ labels.instance | upper }} {{ value }}").template
  #expect(template.references.map(\.path) == [["labels", "instance"], ["value"]])
  #expect(template.references.map(\.range.text) == ["labels.instance", "value"])
  #expect(compiled("plain").template.constant == "plain")
  #expect(compiled("{{ value }}").template.constant == nil)
}

@Test func deepBlocksAreRefused() {
  let text = String(repeating: "{{#if value}}", count: 40) + String(repeating: "{{/if}}", count: 40)
  #expect(mistakes(text).contains { $0.hasPrefix("E027") })
}
