import Diagnostics
import Language
import Model
import Testing

@testable import Alerting

@Suite struct ProbeAlertTests {
  static let range = SourceRange(SourceText(name: "p.tocsin", text: "probe http api"), 0, 14)

  private func probe(_ name: String = "api", failures: Int = 3, successes: Int? = 2) -> ProbeAlert {
    ProbeAlert(
      name: name, job: name,
      levels: [
        LevelLine(
          severity: Severity(name: "critical", rank: 2),
          trigger: .failures(count: failures, until: successes), range: Self.range)
      ], interval: .seconds(10), range: Self.range, nameRange: Self.range)
  }

  private func push(_ bench: inout Bench, failures: Double, successes: Double, at: Double) {
    bench.push(
      "127.0.0.1:80", job: "api", up: failures == 0, failure: "connection refused",
      ["probe_consecutive_failures": failures, "probe_consecutive_successes": successes], at: at)
  }

  @Test func threeFailuresRaiseAndTwoSuccessesClear() {
    var bench = Bench("", probes: [probe()])
    for (index, counts) in [(0.0, 5.0), (1, 0), (2, 0)].enumerated() {
      push(&bench, failures: counts.0, successes: counts.1, at: Double(index) * 10)
    }
    #expect(bench.take().isEmpty)
    push(&bench, failures: 3, successes: 0, at: 30)
    #expect(bench.take() == ["api fired"])
    let alert = bench.engine.alerts()[0]
    #expect(alert.labels["severity"] == "critical")
    #expect(alert.value == 3)
    #expect(alert.threshold?.text == ">= 3")
    #expect(
      alert[annotation: "summary"]?.plain
        == "api http://127.0.0.1:80/metrics fails: connection refused")
    #expect(alert[annotation: "description"]?.plain == "failed 3 times in a row")
    push(&bench, failures: 0, successes: 1, at: 40)
    #expect(bench.take().isEmpty, "one success is not enough")
    push(&bench, failures: 1, successes: 0, at: 50)
    push(&bench, failures: 0, successes: 1, at: 60)
    #expect(bench.take().isEmpty)
    push(&bench, failures: 0, successes: 2, at: 70)
    #expect(bench.take() == ["api recovered"])
    #expect(bench.engine.resolvedAlerts()[0].value == 0)
  }

  @Test func withoutUntilOneSuccessClears() {
    var bench = Bench("", probes: [probe(failures: 1, successes: nil)])
    push(&bench, failures: 1, successes: 0, at: 0)
    push(&bench, failures: 0, successes: 1, at: 10)
    #expect(bench.take() == ["api fired", "api recovered"])
  }

  @Test func aProbeAndAnAlertCannotShareAName() {
    let read = Bench.read("alert api {\n  when up == 0\n}\n", probes: [probe()])
    #expect(read.context.diagnostics.map(\.code) == ["E017"])
    #expect(Bench.read("", probes: [probe(), probe()]).context.diagnostics.map(\.code) == ["E017"])
  }

  @Test func alertsMayDependOnProbes() {
    let text = "alert A {\n  when up == 0\n  depends on probe api\n}\n"
    let read = Bench.read(text, probes: [probe()])
    #expect(read.context.diagnostics.isEmpty)
    #expect(read.book.alerts.last?.parents == ["api"])
  }
}
