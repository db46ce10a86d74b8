import Model
import Testing

@testable import Exposition

private func text(_ families: [ExpositionFamily], _ format: ExpositionFormat) -> String {
  String(decoding: ExpositionWriter.write(families, as: format), as: UTF8.self)
}

@Test func countersAreNamedAsEachFormatNamesThem() {
  let family = ExpositionFamily(
    "tocsin_runs_total", .counter, "Runs so far.", [(labels: [Label("kind", "http")], value: 3)])
  #expect(
    text([family], .text) == """
      # HELP tocsin_runs_total Runs so far.
      # TYPE tocsin_runs_total counter
      tocsin_runs_total{kind="http"} 3

      """)
  #expect(
    text([family], .openMetrics) == """
      # HELP tocsin_runs Runs so far.
      # TYPE tocsin_runs counter
      tocsin_runs_total{kind="http"} 3
      # EOF

      """)
}

@Test func whatIsWrittenReadsBack() throws {
  let time = Timestamp(milliseconds: 1_700_000_000_123)
  let series = [
    Labels(["__name__": "odd.name", "la bel": "a\"b\\c\nd"]),
    Labels(["__name__": "plain", "a": "ä"]),
  ]
  let families = series.map { labels in
    ExpositionFamily(
      MetricMetadata(metric: labels.name, type: .gauge, help: "He\\lp\n\"quoted\""),
      [.init(labels, 0.1 + 0.2, at: time)])
  }
  for format in [ExpositionFormat.text, .openMetrics] {
    let entries = try ExpositionBody.read(
      ExpositionWriter.write(families, as: format), format: format
    ).get()
    let samples = entries.compactMap { entry in
      if case .sample(let sample) = entry { sample } else { nil }
    }
    #expect(samples.map(\.labels) == series)
    #expect(samples.allSatisfy { $0.value == 0.1 + 0.2 && $0.timestamp == time })
    #expect(entries.first == .help(metric: "odd.name", text: "He\\lp\n\"quoted\""))
  }
}

@Test func typesThatAFormatDoesNotKnowAreTranslated() {
  let info = ExpositionFamily("build_info", .info, "", [(labels: [], value: 1)])
  #expect(text([info], .text).hasPrefix("# TYPE build_info gauge\n"))
  let counter = ExpositionFamily("odd", .counter, "", [(labels: [], value: 1)])
  #expect(text([counter], .openMetrics).hasPrefix("# TYPE odd unknown\n"))
  let unknown = ExpositionFamily("what", .unknown, "", [(labels: [], value: 1)])
  #expect(text([unknown], .text).hasPrefix("# TYPE what untyped\n"))
}
