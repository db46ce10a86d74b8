import Model
import Testing

@testable import Alerting

@Suite struct TextTests {
  @Test func textsKnowValueUnitAndThreshold() {
    var bench = Bench(
      """
      alert DiskFilling {
        watch 1 - avail_bytes / size_bytes
        warning > 80%
        critical > 90% {
          summary "{{ labels.mountpoint }} is nearly full: {{ value }}"
        }
        summary "{{ labels.mountpoint }} is {{ value }} full, above {{ threshold }} ({{ level }})"
        description "{{ alert }} on {{ host }}"
      }
      """)
    #expect(bench.problems.isEmpty)
    bench.push(
      "a", ["avail_bytes{mountpoint=\"/\"}": 15, "size_bytes{mountpoint=\"/\"}": 100], at: 0)
    let warning = bench.engine.alerts()[0]
    #expect(warning[annotation: "summary"]?.plain == "/ is 85 % full, above 80 % (warning)")
    #expect(warning[annotation: "description"]?.plain == "DiskFilling on web-1")
    #expect(warning.unit == .ratio)
    #expect(warning.threshold?.text == "> 80%")
    bench.push(
      "a", ["avail_bytes{mountpoint=\"/\"}": 5, "size_bytes{mountpoint=\"/\"}": 100], at: 1)
    let critical = bench.engine.alerts()[0]
    #expect(critical[annotation: "summary"]?.plain == "/ is nearly full: 95 %")
    #expect(critical.threshold?.text == "> 90%")
  }

  @Test func dataStaysDataInRenderedTexts() {
    var bench = Bench("alert A {\n  when x > 0\n  summary \"<b>{{ labels.k }}\"\n}\n")
    bench.push("a", ["x{k=\"<!channel>\"}": 1], at: 0)
    let text = bench.engine.alerts()[0][annotation: "summary"]
    #expect(text?.segments == [.literal("<b>"), .inserted("<!channel>")])
  }

  @Test func aLabelTakenFromTheSeriesIsPartOfTheIdentity() {
    var bench = Bench("alert A {\n  when x > 0\n  label team \"{{ labels.k }}-ops\"\n}\n")
    bench.push("a", ["x{k=\"db\"}": 1], at: 0)
    let alert = bench.engine.alerts()[0]
    #expect(alert.labels["team"] == "db-ops")
    #expect(alert.labels.fingerprint == alert.fingerprint)
  }

  @Test func aNewValueIsARefreshAndNothingInTheHistory() {
    var bench = Bench("alert A {\n  when x > 0\n  summary \"{{ value }}\"\n}\n")
    bench.push("a", ["x": 1], at: 0)
    let part = bench.push("a", ["x": 2], at: 1)
    #expect(part.updates.map(\.transition) == [.refreshed])
    #expect(part.updates[0].alert[annotation: "summary"]?.plain == "2")
    #expect(part.history.isEmpty)
    #expect(part.changes.isEmpty, "a value is not worth a write")
    #expect(bench.push("a", ["x": 2], at: 2).updates.isEmpty)
  }

  @Test func textsAreOfTheMomentTheAlertEnds() {
    var bench = Bench("alert A {\n  watch x\n  warning > 5\n  summary \"{{ value }}\"\n}\n")
    bench.push("a", ["x": 9], at: 0)
    let part = bench.push("a", ["x": 3], at: 1)
    #expect(part.updates.map(\.transition) == [.resolved(.recovered)])
    #expect(part.updates[0].alert.value == 3)
    #expect(part.updates[0].alert.severity?.name == "warning")
    #expect(part.updates[0].alert[annotation: "summary"]?.plain == "3")
  }

  @Test(arguments: [
    ("1 - a_avail_bytes / a_size_bytes", Unit.ratio),
    ("sum by (job) (rate(e_total[5m])) / sum by (job) (rate(r_total[5m]))", .ratio),
    ("histogram_quantile(0.95, sum by (le) (rate(http_seconds_bucket[5m])))", .seconds),
    ("rate(http_seconds_sum[5m]) / rate(http_seconds_count[5m])", .seconds),
    ("rate(net_bytes_total[5m])", .bytesPerSecond), ("rate(req_total[5m])", .perSecond),
    ("increase(req_total[5m])", .none), ("mem_bytes", .bytes), ("max(mem_bytes) > 5", .bytes),
    ("mem_bytes / 1024 / 1024", .none), ("time() - start_timestamp_seconds", .seconds),
    ("100 * a_bytes / b_bytes", .none), ("100 * (a_bytes / b_bytes)", .percent),
    ("temp_celsius", .celsius), ("node_load1 / count(node_cpu_seconds_total)", .none),
    ("1 - avg(rate(cpu_seconds_total[5m]))", .ratio), ("used / limit", .none),
    ("requests_total{code=\"5\"} / requests_total", .ratio), ("count(up)", .none),
  ])
  func units(_ text: String, _ unit: Unit) {
    let book = Bench.read("alert A {\n  when \(text)\n}\n").book
    #expect(book.alerts.first?.unit == unit)
  }
}

@Suite struct AlertHistoryTests {
  @Test func transitionsAreEntriesWithAllTheirFields() {
    var bench = Bench(
      """
      group disk {
        alert Full {
          watch x
          warning > 80% for 1m
          critical > 90%
          summary "{{ value }} full"
        }
      }
      """)
    bench.push("a", ["x": 0.85], at: 0)
    bench.push("a", ["x": 0.95], at: 60)
    bench.push("a", up: false, [:], at: 75)
    bench.push("a", ["x": 0.85], at: 90)
    bench.push("a", ["x": 0.10], at: 105)
    let entries = bench.output.history
    #expect(entries.map(\.event) == [.pending, .firing, .nodata, .level, .nodata, .resolved])
    #expect(entries.map(\.priority) == [6, 2, 4, 4, 4, 5])
    let firing = entries[1]
    #expect(firing.message == "Full is firing (critical): 95 % full")
    #expect(firing.alert == "Full")
    #expect(firing.severity == "critical")
    #expect(firing.value == 0.95)
    #expect(firing.threshold == "> 90%")
    #expect(firing.labels["instance"] == "a")
    #expect(firing.group == "disk")
    #expect(firing.fingerprint == bench.output.updates[0].alert.fingerprint)
    #expect(Set(entries.map(\.incident)).count == 1)
    #expect(entries[3].reason == "was critical")
    #expect(entries[5].reason == "recovered")
  }

  @Test(arguments: [
    (Quantity(0.8, .ratio), "80%"), (Quantity(0.075, .ratio), "7.5%"),
    (Quantity(536_870_912, .bytes), "512MiB"), (Quantity(1000, .bytes), "1000B"),
    (Quantity(0.3, .seconds), "300ms"), (Quantity(5400, .seconds), "1h30m"), (Quantity(3), "3"),
    (Quantity(2.5), "2.5"), (Quantity(-4, .celsius), "-4°C"),
  ])
  func quantities(_ quantity: Quantity, _ text: String) {
    #expect(quantity.text == text)
  }
}
