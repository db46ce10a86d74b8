import Diagnostics
import Language
import Model
import Testing

@testable import Alerting

@Suite struct ReadingTests {
  private func problems(_ text: String, probes: [ProbeAlert] = []) -> [Diagnostic] {
    Bench.read(text, probes: probes).context.diagnostics
  }

  @Test func everyLineOfAnAlertIsRead() {
    let (book, context) = Bench.read(
      """
      alert ApiDown {
        when up{job="api"} == 0
        for 1m
      }
      alert Latency {
        watch       histogram_quantile(0.95, sum by (le, job) (rate(request_seconds_bucket[5m])))
        warning     > 300ms for 5m until < 250ms
        critical    > 1s for 5m {
          summary     "{{ labels.job }} is unusable: p95 is {{ value }}"
        }
        keep firing 10m
        no data     warning for 15m
        flapping    4 changes in 30m
        depends on  alert ApiDown
        label       team "payments"
        summary     "{{ labels.job }} is slow: p95 is {{ value }}"
        runbook     "https://wiki/latency"
        annotation  dashboard "https://grafana/d/api"
        allow       dead-metric until 2026-12-01
      }
      """)
    #expect(context.diagnostics.map(\.message) == [])
    let rule = book.alerts[1]
    #expect(rule.behavior.levels.map(\.severity?.name) == ["warning", "critical"])
    #expect(rule.behavior.levels.map(\.hold) == [.seconds(300), .seconds(300)])
    #expect(rule.behavior.levels.map(\.clearHold) == [.seconds(600), .seconds(600)])
    #expect(
      rule.behavior.noData == .raises(Severity(name: "warning", rank: 1), after: .seconds(900)))
    #expect(rule.flapping == FlapPolicy(changes: 4, window: .seconds(1800)))
    #expect(rule.parents == ["ApiDown"])
    #expect(rule.labels.map(\.text) == ["payments"])
    #expect(rule.texts.map(\.name) == ["summary", "runbook", "dashboard"])
    #expect(rule.levelTexts.keys.sorted() == ["critical"])
    #expect(rule.unit == .seconds)
    #expect(rule.allowances.map(\.lint) == ["dead-metric"])
    #expect(book.groups.map(\.name) == ["rules"])
  }

  @Test func groupSettingsAndDefaultsReachTheRules() {
    let (book, context) = Bench.read(
      """
      defaults alert {
        keep firing 1m
      }
      group api {
        every 30s
        limit 7
        delay 10s
        label team "core"
        defaults alert {
          for 2m
        }
        alert A {
          when up == 0
        }
        alert B {
          when up == 0
          for 5m
          label team "edge"
        }
        record job:up = sum by (job) (up)
      }
      """)
    #expect(context.diagnostics.map(\.message) == [])
    let group = book.groups[0]
    #expect(group.every == .seconds(30))
    #expect(group.limit == 7)
    #expect(group.delay == .seconds(10))
    #expect(group.rules.map(\.name) == ["A", "B", "job:up"])
    #expect(book.alerts.map(\.behavior.levels[0].hold) == [.seconds(120), .seconds(300)])
    #expect(book.alerts.map(\.behavior.levels[0].clearHold) == [.seconds(60), .seconds(60)])
    #expect(book.alerts.map { $0.labels.map(\.text) } == [["core"], ["edge"]])
    #expect(book.records[0].labels == [Label("team", "core")])
  }

  @Test func looseRulesAreOrderedByWhatTheyNeed() {
    let (book, context) = Bench.read(
      """
      alert A {
        when b > 1
      }
      record b = c + 1
      record c = up
      """)
    #expect(context.diagnostics.isEmpty)
    #expect(book.groups[0].rules.map(\.name) == ["c", "b", "A"])
  }

  @Test func recordsInACircleAreAnError() {
    #expect(problems("record a = b\nrecord b = a + 1\n").map(\.code) == ["E030"])
    #expect(problems("record a = a + 1\n").map(\.code) == ["E030"])
  }

  @Test func theSameAlertTwice() {
    let alert = "alert A {\n  when up == 0\n}\n"
    let found = problems(alert + alert)
    #expect(found.map(\.code) == ["E017"])
    #expect(found[0].subject.range.lower == alert.utf8.count + 6)
    let other = "alert A {\n  when up == 0\n  severity critical\n}\n"
    #expect(problems(alert + other).isEmpty, "another severity is another identity")
    #expect(problems("record a = b\nrecord a = b\n").map(\.code) == ["E017"])
    #expect(problems("group g {\n}\ngroup g {\n}\n").map(\.code) == ["E017"])
  }

  @Test func anUnknownDependencyNamesTheNearest() {
    let found = problems(
      "alert ApiDown {\n  when up == 0\n}\nalert B {\n  when up == 0\n  depends on alert ApiDwon\n}\n"
    )
    #expect(found.map(\.code) == ["E018"])
    #expect(found[0].help == "did you mean `ApiDown`?")
    let asProbe = problems(
      "alert ApiDown {\n  when up == 0\n}\nalert B {\n  when up == 0\n  depends on probe ApiDown\n}\n"
    )
    #expect(asProbe.map(\.help) == ["it is an alert: write `alert ApiDown`"])
    #expect(problems("alert B {\n  when up == 0\n  depends on B\n}\n").map(\.code) == ["E018"])
  }

  @Test func mistakesAreFoundInTheFile() {
    #expect(problems("alert A {\n  for 1m\n}\n").map(\.code) == ["E028"])
    #expect(problems("alert A {\n  watch up\n}\n").map(\.code) == ["E028"])
    #expect(
      problems("alert A {\n  when up\n  watch up\n  warning > 1\n}\n").map(\.code) == ["E032"])
    #expect(problems("alert A {\n  when up == 0\n  severity waring\n}\n").map(\.code) == ["E013"])
    #expect(problems("alert A {\n  when up[5m]\n}\n").map(\.code) == ["E025"])
    #expect(problems("alert A {\n  when rte(up[5m]) > 1\n}\n").map(\.code) == ["E022"])
    #expect(
      problems("alert A {\n  watch up\n  warning > 9 until > 10\n}\n").map(\.code) == ["E014"])
    #expect(problems("alert A {\n  when up == 0\n  fro 5m\n}\n").map(\.code) == ["E011"])
    #expect(problems("alert A {\n  when up == 0\n  no data maybe\n}\n").map(\.code) == ["E013"])
    #expect(problems("alert A {\n  when up == 0\n  no data hold\n}\n").map(\.code) == ["E012"])
    #expect(problems("alert A {\n  when up == 0\n  flapping often\n}\n").map(\.code) == ["E012"])
    #expect(
      problems("alert A {\n  watch up\n  warning after 3 failures\n}\n").map(\.code) == ["E012"])
    #expect(problems("record a{b=~\"c\"} = up\n").map(\.code) == ["E012"])
    #expect(problems("alert {\n  when up == 0\n}\n").map(\.code) == ["E009"])
  }

  @Test func aTypeErrorPointsIntoTheExpression() {
    let text = "alert A {\n  when rate(sum(x)[5m]) > 1\n}\n"
    let found = problems(text)
    #expect(!found.isEmpty)
    #expect(found.allSatisfy { $0.subject.range.source.name == "rules.tocsin" })
  }

  @Test func whenWithALiteralLimitKnowsItsThreshold() {
    let book = Bench.read(
      "alert A {\n  when rate(e_total[5m]) / rate(r_total[5m]) > 0.05\n  for 2m\n}\n"
    ).book
    #expect(book.alerts[0].unit == .ratio)
    #expect(book.alerts[0].condition?.text == "> 5% for 2m")
  }
}
