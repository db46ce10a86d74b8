import Diagnostics
import Model
import Testing

@testable import Analysis

private let receivers = """
  receiver team {
    email team@example.org
  }
  """

private func routed(_ matcher: String, _ alerts: String) -> [String] {
  ReadConfiguration(
    text: "\(alerts)\n\(receivers)\nroute {\n  to team\n  route \(matcher) {\n    to team\n  }\n}\n"
  ).codes
}

@Test func aRouteThatSomeAlertMayTakeIsNotReported() {
  let open = "alert A {\n  when up == 0\n  severity critical\n}"
  #expect(routed("severity = critical", open) == [])
  #expect(routed("severity = info", open) == ["W106"])
  #expect(routed("team = db", open) == [])
  #expect(routed("severity != critical", open) == [])
  #expect(routed("alertname = B", open) == ["W106"])
  #expect(routed("alertname = RuleEvaluationFailing", open) == [])
  // Without severity the series' own counts, and nobody knows it.
  #expect(routed("severity = info", "alert A {\n  when up == 0\n}") == [])
  #expect(routed("severity = info", "alert A {\n  when sum(up) == 0\n}") == ["W106"])
  #expect(
    routed("team = db", "alert A {\n  when sum(up) == 0\n  label team \"{{ labels.x }}\"\n}")
      .contains("W106") == false)
  // Without any alert there is nothing to say.
  #expect(routed("severity = info", "") == [])
}

@Test func anAlertThatCouldNotBeReadMayHaveAnySeverity() {
  #expect(routed("severity = info", "alert A {\n  when rte(x[5m]) > 0\n}") == [])
  #expect(
    routed("severity = critcal", "alert A {\n  when rte(x[5m]) > 0\n}") == ["W106"])
}

@Test func absenceRaisesItsOwnSeverityAndLabels() {
  let alert = """
    alert A {
      when sum(up{job="api"}) == 0
      severity warning
      no data critical for 5m
      summary "{{ labels.job }}"
    }
    """
  #expect(routed("severity = critical", alert) == [])
  #expect(routed("job = api", alert) == [])
}

private func lints(when condition: String, _ more: String = "") -> [String] {
  ReadConfiguration(text: "alert A {\n  when \(condition)\n  severity info\n  \(more)\n}\n").codes
}

@Test(arguments: [
  "absent(up)", "a unless b", "vector(1)", "job:errors:burn", "a > 0 or b > 0", "ALERTS{x=\"1\"}",
  "count(a > 1)", "a_info{x=\"1\"}", "a > bool 1", "time() > 1", "a and b",
])
func aConditionThatDecidesIsLeftAlone(_ condition: String) {
  #expect(lints(when: condition) == [])
}

@Test(arguments: ["a", "rate(a[5m])", "a - b", "sum by (x) (a)"])
func aConditionThatComparesNothingIsReported(_ condition: String) {
  #expect(lints(when: condition) == ["W108"])
}

@Test(arguments: [
  "a{x=\"1\"} / ignoring (x) b{x=\"2\"} > 0", "sum(a) / on () b > 0", "a == 0 unless on () sum(b)",
  "sum by (x) (a) / b > 0", "a{x=\"1\"} or b{x=\"2\"} > 0", "a{x=~\"1|2\"} / b{x=\"2\"} > 0",
  "a{x=\"1\"} - on (y) group_left (x) b{x=\"2\"} > 0", "sum(a) / sum(b) > 0",
])
func aJoinThatMayMatchIsLeftAlone(_ condition: String) {
  #expect(lints(when: condition) == [])
}

@Test(arguments: [
  "a{x=\"1\"} / b{x=\"2\"} > 0", "a{x=\"1\"} > 0 and sum(b)", "a{x=\"1\"} * on (x) sum(b) > 0",
  "sum(a) / b{x=\"1\"} > 0", "a{x=\"1\"} > 0 and b{x=\"\"}",
])
func aJoinThatNeverMatchesIsReported(_ condition: String) {
  #expect(lints(when: condition) == ["W107"])
}

@Test func aRangeIsHeldAgainstTheSourcesItMayReadFrom() {
  func codes(_ condition: String) -> [String] {
    let sources = [
      SampleSource(labels: Labels(["job": "slow"]), every: .seconds(60)),
      SampleSource(labels: Labels(["job": "fast"]), every: .seconds(5)),
    ]
    return ReadConfiguration(
      text: "record r = a\nalert A {\n  when \(condition)\n  severity info\n}\n", sources: sources
    ).codes
  }
  #expect(codes("rate(a[15s]) > 0") == [])
  #expect(codes("rate(a{job=\"slow\"}[1m]) > 0") == ["W102"])
  #expect(codes("rate(a{job=\"slow\"}[2m]) > 0") == [])
  #expect(codes("rate(a{job=\"other\"}[1s]) > 0") == [])
  #expect(codes("rate(a[5s]) > 0") == ["W102"])
  #expect(codes("rate(r[5s]) > 0") == [])
  #expect(codes("avg_over_time(a[5s]) > 0") == [])
}

@Test func sameNamesALabelThatOnlyOpenAlertsMayHave() {
  func codes(_ label: String, _ condition: String = "up == 0") -> [String] {
    ReadConfiguration(
      text: """
        alert A {
          when \(condition)
          severity info
        }
        inhibit {
          while severity = critical
          mute severity = info
          same \(label)
        }
        """
    ).codes
  }
  #expect(codes("instnace") == ["W114"])
  #expect(codes("instance") == [])
  #expect(codes("cluster") == [])
  #expect(codes("instances") == [])
  #expect(codes("instnace or missing") == [])
  #expect(codes("cluster", "sum(up) == 0") == ["W114"])
}

@Test func anExceptionCountsUntilItsDay() {
  let text = "alert A {\n  when a\n  severity info\n  allow W108 until 2026-12-01\n}\n"
  #expect(ReadConfiguration(text: text, now: Timestamp(seconds: 1_700_000_000)).codes == [])
  #expect(
    ReadConfiguration(text: text, now: Timestamp(seconds: 1_900_000_000)).codes == ["W119", "W108"])
}
