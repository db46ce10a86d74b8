import Model

/// One entry of a body, in order and in full: what checks and tools read; scrapes go through
/// `ScrapeLayout`.
package enum ExpositionEntry: Sendable, Hashable {
  case comment(String)
  case help(metric: String, text: String)
  case type(metric: String, MetricType)
  case unit(metric: String, text: String)
  case sample(ExpositionSample)
}

/// A sample as a body writes it.
package struct ExpositionSample: Sendable, Hashable {
  /// Name and labels as written.
  package var raw: String
  /// All labels, the metric name among them.
  package var labels: Labels
  package var value: Double
  package var timestamp: Timestamp?
  package var exemplar: Exemplar?

  /// An example of what was counted, such as a trace; its time is in seconds.
  package struct Exemplar: Sendable, Hashable {
    package var labels: Labels
    package var value: Double
    package var timestamp: Double?
  }
}

/// Bodies read whole.
package enum ExpositionBody {
  /// Reads a whole body. `normalizesBounds` writes `le` and `quantile` of histograms and summaries
  /// canonically, as newer Prometheus does.
  package static func read(
    _ body: [UInt8], format: ExpositionFormat, limits: ExpositionLimits = .init(),
    normalizesBounds: Bool = true
  ) -> Result<[ExpositionEntry], ExpositionFailure> {
    body.withUnsafeBufferPointer { bytes in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1) { spare in
        let base = UnsafePointer(bytes.baseAddress ?? UnsafePointer(spare.baseAddress!))
        var reader = BodyReader(base, count: bytes.count, format: format, limits: limits)
        do throws(BodyProblem) {
          return .success(try entries(&reader, normalizesBounds))
        } catch {
          return .failure(reader.failure(error))
        }
      }
    }
  }

  private static func entries(
    _ reader: inout BodyReader, _ normalizesBounds: Bool
  ) throws(BodyProblem) -> [ExpositionEntry] {
    var entries: [ExpositionEntry] = []
    var bound = BoundLabel.none
    var ended = false
    while reader.position < reader.end {
      switch try reader.readLine() {
      case .blank: break
      case .endMarker: ended = true
      case .comment(let text): entries.append(.comment(reader.string(text)))
      case .help(let metric, let text):
        guard let help = reader.text(text, unescapesQuotes: reader.isOpenMetrics) else {
          throw reader.problem("the help text is not valid UTF-8", at: text.lower)
        }
        entries.append(.help(metric: try reader.decode(metric, "metric name"), text: help))
      case .type(let metric, let type):
        if normalizesBounds { bound = BoundLabel(type) }
        entries.append(.type(metric: try reader.decode(metric, "metric name"), type))
      case .unit(let metric, let text):
        let unit = try reader.decode(text, "unit")
        entries.append(.unit(metric: try reader.decode(metric, "metric name"), text: unit))
      case .series:
        entries.append(.sample(try sample(&reader, bound)))
      }
    }
    if reader.isOpenMetrics, !ended {
      throw reader.problem(BodyReader.missingEnd, at: reader.end)
    }
    return entries
  }

  private static func sample(
    _ reader: inout BodyReader, _ bound: BoundLabel
  ) throws(BodyProblem) -> ExpositionSample {
    let raw = reader.string(reader.series)
    let labels = try reader.seriesLabels(bound: bound)
    var span: ExemplarSpan?
    let tail = try reader.readTail(&span)
    var exemplar: ExpositionSample.Exemplar?
    if let span {
      var items: [Label] = []
      for label in span.labels {
        let name =
          label.nameQuoted ? try reader.decode(label.name, "label name") : reader.string(label.name)
        items.append(Label(name, try reader.decode(label.value, "label value")))
      }
      exemplar = .init(labels: Labels(items), value: span.value, timestamp: span.timestamp)
    }
    return ExpositionSample(
      raw: raw, labels: labels, value: tail.value,
      timestamp: tail.timestamp.map(Timestamp.init(milliseconds:)), exemplar: exemplar)
  }
}
