import Exposition
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
  #expect(batch.births.filter { !$0.isVital }.map(\.labels.name) == ["a", "b"])
  let request = try #require(simulation.transfers.requests.first)
  #expect(request.headers.contains { $0.name == "Accept" && $0.value.contains("openmetrics") })
}

@Test func labelsThatTheTargetHasGetTheNextFreeName() throws {
  let (plan, _) = readPlan("host off\nscrape kit \(url)\n")
  let target = try #require(plan.targets.first)
  guard case .scrape(let settings) = target.work else {
    Issue.record("the first target is a scrape")
    return
  }
  func names(_ exposed: [String: String], on target: [String: String]) -> Labels? {
    func labels(_ of: [String: String]) -> Labels { Labels(of.map { Label($0.key, $0.value) }) }
    return settings.relabel(labels(exposed), labels(target))
  }
  #expect(names(["foo": "2"], on: ["foo": "0"]) == Labels(["foo": "0", "exported_foo": "2"]))
  #expect(
    names(["foo": "2", "exported_foo": "3"], on: ["foo": "0"])
      == Labels(["foo": "0", "exported_foo": "3", "exported_exported_foo": "2"]))
  #expect(
    names(["foo": "2"], on: ["foo": "0", "exported_foo": "1"])
      == Labels(["foo": "0", "exported_foo": "1", "exported_exported_foo": "2"]))
  // The shorter name chooses first.
  #expect(
    names(["foo": "2", "exported_foo": "3"], on: ["foo": "0", "exported_foo": "1"])
      == Labels([
        "foo": "0", "exported_foo": "1", "exported_exported_foo": "2",
        "exported_exported_exported_foo": "3",
      ]))
}

@Test func whatABrokenOffBodyBoreIsBornAnew() throws {
  let (plan, _) = readPlan("host off\nscrape kit \(url)\n")
  let target = try #require(plan.targets.first)
  guard case .scrape(let settings) = target.work else {
    Issue.record("the first target is a scrape")
    return
  }
  func scrape(
    _ layout: ScrapeLayout, _ pieces: [String], failure: String? = nil
  ) -> ScrapeOutcome {
    let sink = ScrapeSink(layout, settings, target.labels)
    sink.begin(status: 200, headers: [Label("content-type", "text/plain")])
    for piece in pieces { Array(piece.utf8).withUnsafeBytes(sink.take) }
    return sink.outcome(failure)
  }
  let whole = scrape(ScrapeLayout(firstSlot: 6), ["a 1", "\nb", " 2\n"])
  #expect(whole.reading?.births.map(\.labels.name) == ["a", "b"])
  let broken = scrape(whole.layout, ["a 1\nnew 3\nb"], failure: "no answer within 1 s")
  #expect(broken.reading == nil)
  #expect(broken.failure == "no answer within 1 s")
  let again = scrape(broken.layout, ["a 1\nnew 3\nb 2\n"])
  #expect(again.reading?.births.map(\.labels.name) == ["a", "new", "b"])
  // A body that brought nothing new before it broke off costs nothing.
  let calm = scrape(again.layout, ["a 1\nne"], failure: "no answer within 1 s")
  #expect(scrape(calm.layout, ["a 1\nnew 3\nb 2\n"]).reading?.births.isEmpty == true)
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

@Test func seriesWithoutEndAreCutAndCounted() async {
  let simulation = machine("first 1\n" + (0..<30).map { "a{s=\"\($0)\"} 1\n" }.joined())
  let batch = await runFirst("scrape kit \(url) {\n limit series 10\n}", in: simulation)
  #expect(batch.value("up") == 1)
  #expect(batch.value("first") == 1)
  #expect(batch.value("scrape_series_cut") == 21)
  #expect(batch.value("scrape_series_added") == 10)
  #expect(batch.values.count == ScrapeSeries.names.count + 10)
  #expect(
    batch.status.facts.contains(Label("left out", "21 series over the limit of 10")))
}

@Test func openMetricsIsToldByItsContentType() async {
  let simulation = machine(
    "# TYPE a counter\na_total 1 # {id=\"x\"} 1\n# EOF\n",
    contentType: "application/openmetrics-text; version=1.0.0; charset=utf-8")
  let batch = await runFirst("scrape kit \(url)", in: simulation)
  #expect(batch.value("a_total") == 1)
}

@Test(arguments: [
  (nil, "the answer has no content type; "),
  ("text/html", "the answer's content type text/html is not one of metrics; "),
  ("x", "the answer's content type \"x\" is malformed; "),
])
func anUnknownContentTypeNeedsAFallback(_ type: String?, _ reason: String) async {
  let simulation = machine("a 1\n", contentType: type ?? "")
  let refused = await runFirst("scrape kit \(url)", in: simulation)
  #expect(refused.status.failure == reason + "`fallback text` would read it as Prometheus text")
  #expect(refused.value("up") == 0)
  let read = await runFirst("scrape kit \(url) {\n fallback text\n}", in: simulation)
  #expect(read.value("a") == 1)
  let strict = await runFirst("scrape kit \(url) {\n fallback openmetrics\n}", in: simulation)
  #expect(strict.status.failure?.contains("# EOF") == true)
}

@Test func seriesAreKeptDroppedAndRenamed() async {
  let simulation = machine(
    """
    old{path="/",code="200",id="1"} 1
    old{path="/",code="500",id="1"} 2
    other{path="/snap/x",code="200"} 3
    other{path="/",code="200"} 4

    """)
  let batch = await runFirst(
    """
    scrape kit \(url) {
      drop series path =~ "/snap/.*"
      drop series __name__ = old, code = 500
      keep series code = 200
      rename      old new
      rename label path route
      keep label  route
    }
    """, in: simulation)
  let series = batch.births.map(\.labels).filter { !ScrapeSeries.names.contains($0.name) }
  let target = Labels(["instance": "127.0.0.1:9100", "job": "kit"])
  #expect(
    series == [
      target.overlaid(with: [Label("__name__", "new"), Label("route", "/")]),
      target.overlaid(with: [Label("__name__", "other"), Label("route", "/")]),
    ])
}

@Test func parametersGoIntoTheQuery() async throws {
  let simulation = SimulatedWorld()
  let full = "http://127.0.0.1:9100/metrics?module=a%20b&collect%5B%5D=%C3%A4"
  simulation.transfers.respond(
    to: full, contentType: "text/plain", body: "a 1\n", after: .zero)
  let batch = await runFirst(
    "scrape kit \(url) {\n param module \"a b\"\n param \"collect[]\" ä\n}", in: simulation)
  #expect(batch.value("a", ["instance": "127.0.0.1:9100"]) == 1)
  #expect(try #require(simulation.transfers.requests.first).url == full)
  var settings = try #require(scrapeSettings("param a b"))
  #expect(settings.url(of: "http://h/m?x=1#f") == "http://h/m?x=1&a=b#f")
  #expect(settings.url(of: "http://h/m?") == "http://h/m?a=b")
  settings.parameters = []
  #expect(settings.url(of: "http://h/m?") == "http://h/m?")
}

private func scrapeSettings(_ lines: String) -> ScrapeSettings? {
  let (plan, _) = readPlan("host off\nscrape kit \(url) {\n  \(lines)\n}\n")
  if case .scrape(let settings)? = plan.targets.first?.work { return settings }
  return nil
}

@Test(arguments: [
  ("limit labels 2", "a{b=\"\",c=\"\",d=\"\"} 1\n", "a series has more than 2 labels"),
  ("limit names 4", "ab{cdefg=\"\"} 1\n", "a label name is longer than 4 bytes"),
  ("limit names 4", "abcde 1\n", "a metric name is longer than 4 bytes"),
  ("limit values 3", "a{b=\"wxyz\"} 1\n", "a label value is longer than 3 bytes"),
])
func limitsOfLabelsFailTheScrape(_ setting: String, _ body: String, _ reason: String) async {
  let batch = await runFirst("scrape kit \(url) {\n \(setting)\n}", in: machine(body))
  #expect(batch.status.failure == "the metrics cannot be read: line 1: \(reason)")
}

@Test func theRequestIsThatOfPrometheus() async throws {
  let simulation = machine("a 1\n")
  _ = await runFirst(
    "scrape kit \(url) {\n header X-Scope a\n timeout 2s\n server name web\n}", in: simulation)
  let request = try #require(simulation.transfers.requests.first)
  func header(_ name: String) -> String? { request.headers.first { $0.name == name }?.value }
  #expect(
    header("Accept")
      == "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
      + "application/openmetrics-text;version=0.0.1;q=0.5,"
      + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
      + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2")
  #expect(header("Accept-Encoding") == "gzip")
  #expect(header("X-Prometheus-Scrape-Timeout-Seconds") == "2.0")
  #expect(header("X-Scope") == "a")
  #expect(request.serverName == "web")
}
