import Model
import Testing

@testable import Exposition

private func entries(
  _ body: String, _ format: ExpositionFormat = .text, limits: ExpositionLimits = .init()
) -> Result<[ExpositionEntry], ExpositionFailure> {
  ExpositionBody.read(Array(body.utf8), format: format, limits: limits)
}

private func samples(_ body: String, _ format: ExpositionFormat = .text) throws
  -> [ExpositionSample]
{
  try entries(body, format).get().compactMap { entry in
    if case .sample(let sample) = entry { sample } else { nil }
  }
}

private func failure(
  _ body: String, _ format: ExpositionFormat = .text, limits: ExpositionLimits = .init()
) -> ExpositionFailure? {
  if case .failure(let failure) = entries(body, format, limits: limits) { failure } else { nil }
}

@Test func theTextFormatIsReadInItsManyLayouts() throws {
  let body = """
    # HELP http_requests_total Requests, \\\\ and \\n.
    # \tTYPE http_requests_total counter
    http_requests_total{code="200",} 10
      http_requests_total { code = "500" , path="a\\"b\\\\c\\nd" } 3 1700000000000
    #comment
    plain\t-Inf

    some:rule 1.5e3
    """
  let read = try entries(body).get()
  #expect(read[0] == .help(metric: "http_requests_total", text: "Requests, \\ and \n."))
  #expect(read[1] == .type(metric: "http_requests_total", .counter))
  let all = try samples(body)
  #expect(all.map(\.value) == [10, 3, -.infinity, 1500])
  #expect(all[1].labels["path"] == "a\"b\\c\nd")
  #expect(all[1].timestamp == Timestamp(milliseconds: 1_700_000_000_000))
  #expect(all[1].raw == "http_requests_total { code = \"500\" , path=\"a\\\"b\\\\c\\nd\" }")
}

@Test func quotedNamesMayBeAnyUTF8() throws {
  let all = try samples("{\"a.b\",\"c d\"=\"e\"} 1\n{q=\"0\",\"http.status\"} 2\n")
  #expect(all[0].labels == Labels(["__name__": "a.b", "c d": "e"]))
  #expect(all[1].labels == Labels(["__name__": "http.status", "q": "0"]))
}

@Test func openMetricsIsReadWithExemplarsAndSeconds() throws {
  let body = """
    # TYPE a counter
    # UNIT a_seconds seconds
    a_total{b="c"} 1 12.5 # {id="x"} 0.5 3
    # EOF

    """
  let all = try samples(body, .openMetrics)
  #expect(all[0].timestamp == Timestamp(milliseconds: 12_500))
  #expect(all[0].exemplar == .init(labels: Labels(["id": "x"]), value: 0.5, timestamp: 3))
}

@Test func boundsOfHistogramsAndSummariesAreWrittenCanonically() throws {
  let all = try samples(
    """
    # TYPE h histogram
    h_bucket{le="1"} 1
    h_bucket{le="+Inf"} 1
    # TYPE g gauge
    g{le="1"} 1
    # TYPE s summary
    s{quantile="0.50"} 1
    """)
  #expect(all.map { $0.labels["le"] ?? $0.labels["quantile"] } == ["1.0", "+Inf", "1", "0.5"])
}

@Test(arguments: [
  ("a 1\nb\n", 2, "expected a value after the metric"),
  ("a{b='c'} 1\n", 1, "expected a quoted label value, found `'`"),
  ("a 1\n\nb{c=\"d} 1\n", 3, "a quoted text is not closed before the line ends"),
  ("a true\n", 1, "the value \"true\" is not a number"),
  ("a 1\r\n", 1, "the value \"1\\r\" is not a number: the line ends with a carriage return"),
  ("a 1 1.5\n", 1, "the timestamp \"1.5\" is not whole milliseconds"),
  ("{a=\"ok\"} 1\n", 1, "there is no metric name"),
  ("a{\"b\"} 1\n", 1, "the metric has two names"),
  ("a{b=\"1\",b=\"2\"} 1\n", 1, "the label `b` occurs twice"),
  ("# TYPE a meh\n", 1, "there is no metric type \"meh\""),
  ("# HELP #\n", 1, "expected a metric name after HELP, found `#`"),
  ("9a 1\n", 1, "expected a metric name, found `9`"),
  ("a{b", 1, "expected `=` after the label name, found the end of the body"),
])
func mistakesInTextNameTheirLine(_ body: String, _ line: Int, _ reason: String) {
  #expect(failure(body) == ExpositionFailure(line: line, reason: reason))
}

@Test(arguments: [
  ("a 1\n", "the last line must be `# EOF`"),
  ("a 1\n# EOF\nb 2\n", "there is text after `# EOF`"),
  ("a 1\n\n# EOF\n", "a blank line is not allowed in OpenMetrics"),
  ("a{b=\"c\",} 1\n# EOF\n", "expected a label name, found `}`"),
  ("a  1\n# EOF\n", "expected a value after the metric, found a space"),
  ("a 1 NaN\n# EOF\n", "the timestamp \"NaN\" is not a number of seconds"),
  ("# UNIT a seconds\n# EOF\n", "the unit \"seconds\" is not a suffix of the metric \"a\""),
  ("a_sum 1 # {} 1\n# EOF\n", "the metric \"a_sum\" cannot have an exemplar"),
])
func mistakesInOpenMetricsAreNamed(_ body: String, _ reason: String) {
  #expect(failure(body, .openMetrics)?.reason == reason)
}

@Test func invalidUTF8IsRefused() {
  let body = Array("a{b=\"".utf8) + [0xFF] + Array("\"} 1\n".utf8)
  guard case .failure(let failure) = ExpositionBody.read(body, format: .text) else {
    Issue.record("accepted")
    return
  }
  #expect(failure.reason == "the label value is not valid UTF-8")
}

@Test func limitsOfNamesValuesLabelsAndLinesHold() {
  var limits = ExpositionLimits()
  limits.nameBytes = 8
  limits.valueBytes = 8
  limits.labels = 2
  limits.lineBytes = 40
  #expect(failure("a 1\n", limits: limits) == nil)
  #expect(failure("ninebytes 1\n", limits: limits)?.reason.contains("metric name") == true)
  #expect(failure("a{b=\"ninebytes\"} 1\n", limits: limits)?.reason.contains("value") == true)
  #expect(failure("a{ninebytes=\"\"} 1\n", limits: limits)?.reason.contains("label name") == true)
  #expect(
    failure("a{b=\"\",c=\"\",d=\"\"} 1\n", limits: limits)?.reason.contains("2 labels") == true)
  let blanks = String(repeating: " ", count: 50)
  #expect(failure("a{\(blanks)} 1\n", limits: limits)?.reason.contains("line") == true)
}

@Test func theFormatFollowsTheContentType() {
  func named(
    _ type: String?, _ fallback: ExpositionFormat? = nil
  ) -> Result<ExpositionFormat, ContentTypeFailure> {
    ExpositionFormat.named(by: type, fallback: fallback)
  }
  #expect(named("application/openmetrics-text; version=1.0.0") == .success(.openMetrics))
  #expect(named("Application/OpenMetrics-Text") == .success(.openMetrics))
  #expect(named("text/plain; version=0.0.4") == .success(.text))
  #expect(named("text/plain") == .success(.text))
  #expect(named("text/plain; version=1.0.0; escaping=allow-utf-8") == .success(.text))
  for (type, failure) in [
    (nil, ContentTypeFailure.missing), ("", .missing), ("text", .malformed("text")),
    ("text/plain/x", .malformed("text/plain/x")), ("te xt/plain", .malformed("te xt/plain")),
    ("text/html; charset=utf-8", .unsupported("text/html")),
    ("application/vnd.google.protobuf", .unsupported("application/vnd.google.protobuf")),
  ] {
    #expect(named(type) == .failure(failure))
    #expect(named(type, .openMetrics) == .success(.openMetrics))
  }
  #expect(named("text/plain", .openMetrics) == .success(.text))
  let accept = "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5"
  #expect(ExpositionFormat(accepting: accept) == .openMetrics)
  #expect(ExpositionFormat(accepting: "*/*") == .text)
}
