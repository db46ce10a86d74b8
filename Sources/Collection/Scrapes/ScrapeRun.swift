import Exposition
import Model
import Outside

/// What one scrape brought.
struct ScrapeOutcome: Sendable {
  /// The target's layout, given back.
  var layout = ScrapeLayout()
  /// What the body held; its values stand in `values` when the scrape has ended.
  var reading: ScrapeReading?
  /// Why the target is down; nil when it is up.
  var failure: String?
  var facts: [Label] = []
  private(set) var duration: Duration = .zero
  /// The body's values and those of the scrape's own series.
  private(set) var values: [SampleBatch.Value] = []

  /// The scrape is over.
  mutating func end(after duration: Duration) {
    self.duration = duration
    // Moved, not copied: there may be a hundred thousand.
    if reading != nil { swap(&values, &reading!.values) }
    values += ScrapeSeries.values(isUp: failure == nil, took: duration, reading)
  }
}

/// One scrape of one target.
struct ScrapeRun: Sendable {
  var settings: ScrapeSettings
  var url: String
  /// The labels of the target.
  var labels: Labels

  func perform(_ layout: consuming ScrapeLayout, _ run: CheckRun) async -> ScrapeOutcome {
    let timeout = Wording.duration(run.timeout)
    var request = HTTPTransferRequest(
      url: settings.url(of: url),
      headers: [
        Label("Accept", acceptHeader), Label("Accept-Encoding", "gzip"),
        Label("X-Prometheus-Scrape-Timeout-Seconds", "\(run.timeout.inSeconds)"),
      ] + settings.headers,
      timeout: run.remaining, bodyLimit: Int(settings.bodyLimit))
    if case .failure(let failure) = settings.request.apply(to: &request, run.secrets) {
      var outcome = ScrapeOutcome(layout: layout, failure: failure.reason)
      outcome.end(after: run.elapsed)
      return outcome
    }
    let sink = ScrapeSink(layout, settings, labels)
    request.sink = sink
    let result = await run.world.transfers.transfer(request)
    sink.takeAll(of: result)
    var failure: String?
    if let reason = result.failure {
      failure =
        reason.kind == .timeout && reason.reason.isEmpty
        ? "no answer within \(timeout)" : reason.reason
    } else if result.status != 200 {
      failure = "the target answered with status \(result.status)"
    }
    var outcome = sink.outcome(failure)
    if result.status > 0 { outcome.facts.insert(Label("status", "\(result.status)"), at: 0) }
    outcome.end(after: run.elapsed)
    outcome.facts.append(Label("body", Wording.bytes(Double(sink.received))))
    return outcome
  }

  private var acceptHeader: String {
    if case .json = settings.body { return "application/json" }
    return ExpositionFormat.accept
  }
}

extension ContentTypeFailure {
  /// What a target is told to be down for.
  var sentence: String {
    switch self {
    case .missing:
      "the answer has no content type; `fallback text` would read it as Prometheus text"
    case .malformed(let given):
      "the answer's content type \(PromQuote.quoted(given)) is malformed; "
        + "`fallback text` would read it as Prometheus text"
    case .unsupported(let media):
      "the answer's content type \(media) is not one of metrics; "
        + "`fallback text` would read it as Prometheus text"
    }
  }
}
