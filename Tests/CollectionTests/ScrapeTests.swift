import Language
import Model
import Outside
import SimulatedWorld
import Testing

@testable import Collection

private let url = "http://127.0.0.1:9100/metrics"

private func machine(
  _ body: String, status: Int = 200, contentType: String = "text/plain; version=0.0.4"
) -> SimulatedWorld {
  let simulation = SimulatedWorld()
  simulation.transfers.respond(
    to: url, status: status, contentType: contentType, body: body, after: .zero)
  return simulation
}

@Test func aScrapeBringsTheTargetsSeriesAndItsOwn() async throws {
  let simulation = machine("# TYPE a counter\na{job=\"theirs\",x=\"1\"} 3\nb 4\n")
  let batch = await runFirst("scrape kit \(url)", in: simulation)
  #expect(batch.value("up") == 1)
  #expect(batch.value("scrape_samples_scraped") == 2)
  #expect(batch.value("scrape_samples_post_metric_relabeling") == 2)
  #expect(batch.value("scrape_series_added") == 2)
  #expect(batch.value("scrape_duration_seconds") == 0)
  #expect(batch.value("a", ["job": "kit", "exported_job": "theirs"]) == 3)
  #expect(batch.value("b", ["instance": "127.0.0.1:9100"]) == 4)
  #expect(batch.metadata == [MetricMetadata(metric: "a", type: .counter)])
  let request = try #require(simulation.transfers.requests.first)
  #expect(request.headers.contains { $0.name == "Accept" && $0.value.contains("openmetrics") })
}

@Test func labelsCanBeHonouredAndMetricsKeptOrDropped() async {
  let simulation = machine("kit_a{job=\"theirs\",session_id=\"9\"} 3\nkit_b 1\ngo_c 4\n")
  let batch = await runFirst(
    """
    scrape kit \(url) {
      honor labels yes
      keep        "kit_.*"
      drop        kit_b
      drop label  session_id
    }
    """, in: simulation)
  #expect(batch.value("kit_a", ["job": "theirs"]) == 3)
  #expect(batch.births.allSatisfy { $0.labels["session_id"] == nil })
  #expect(batch.names.isDisjoint(with: ["kit_b", "go_c"]))
  #expect(batch.value("scrape_samples_scraped") == 3)
  #expect(batch.value("scrape_samples_post_metric_relabeling") == 1)
}

@Test func numbersOfAJSONBodyBecomeSeries() async {
  let simulation = machine(
    #"{"uptime":12.5,"version":"1","memory":{"rss":100},"ok":true}"#,
    contentType: "application/json")
  let batch = await runFirst(
    "scrape kit \(url) {\n format json\n prefix container_kit_custom_\n}", in: simulation)
  #expect(batch.value("up") == 1)
  #expect(batch.value("container_kit_custom_uptime") == 12.5)
  #expect(batch.value("container_kit_custom_memory_rss") == 100)
  #expect(batch.value("container_kit_custom_ok") == 1)
}

private struct Unreadable: Sendable {
  var status = 200
  var body: String
  var reason: String
}

private let unreadable = [
  Unreadable(
    body: "a 1\nb\n",
    reason: "the metrics cannot be read: line 2: expected a value after the metric"),
  Unreadable(
    body: "a 1\na 2 3 4\n",
    reason: "the metrics cannot be read: line 2: expected the end of the line, found `4`"),
  Unreadable(status: 500, body: "a 1\n", reason: "the target answered with status 500"),
  Unreadable(status: 404, body: "", reason: "the target answered with status 404"),
  Unreadable(
    body: "a 1\nb 1\nc 1\nd 1\n",
    reason: "the metrics cannot be read: the body has more than 3 samples"),
  Unreadable(
    body: String(repeating: "# a comment that is long\n", count: 100),
    reason: "the body is larger than 1000 bytes"),
]

@Test(arguments: unreadable)
private func aTargetThatCannotBeReadIsDown(_ case: Unreadable) async {
  let simulation = machine(`case`.body, status: `case`.status)
  let batch = await runFirst(
    "scrape kit \(url) {\n limit samples 3\n limit body 1000B\n}", in: simulation)
  #expect(batch.status.failure == `case`.reason)
  #expect(batch.value("up") == 0)
  #expect(batch.value("scrape_samples_scraped") == 0)
  #expect(batch.values.count == ScrapeSeries.names.count)
}

@Test func seriesWithoutEndAreRefusedByTheLimit() async {
  let simulation = machine((0..<120_000).map { "a{s=\"\($0)\"} 1\n" }.joined())
  let batch = await runFirst("scrape kit \(url)", in: simulation)
  #expect(batch.value("up") == 0)
  #expect(batch.status.failure?.contains("more than 100000 samples") == true)
  #expect(batch.values.count == ScrapeSeries.names.count)
}

@Test func openMetricsIsToldByItsContentType() async {
  let simulation = machine(
    "# TYPE a counter\na_total 1 # {id=\"x\"} 1\n# EOF\n",
    contentType: "application/openmetrics-text; version=1.0.0; charset=utf-8")
  let batch = await runFirst("scrape kit \(url)", in: simulation)
  #expect(batch.value("a_total") == 1)
}
