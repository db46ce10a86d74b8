import Exposition
import Model
import Outside

/// What one scrape brought.
struct ScrapeOutcome: Sendable {
  /// The target's layout, given back.
  var layout: ScrapeLayout
  var reading: ScrapeReading?
  /// Why the target is down; nil when it is up.
  var failure: String?
  var facts: [Label] = []
  var duration: Duration = .zero
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
      return ScrapeOutcome(layout: layout, failure: failure.reason, duration: run.elapsed)
    }
    let result = await run.world.transfers.transfer(request)
    var outcome = ScrapeOutcome(layout: layout)
    if result.status > 0 { outcome.facts.append(Label("status", "\(result.status)")) }
    if let failure = result.failure {
      outcome.failure =
        failure.kind == .timeout && failure.reason.isEmpty
        ? "no answer within \(timeout)" : failure.reason
    } else if result.status != 200 {
      outcome.failure = "the target answered with status \(result.status)"
    } else {
      read(result, &outcome)
    }
    outcome.duration = run.elapsed
    outcome.facts.append(Label("body", Wording.bytes(Double(result.body.count))))
    return outcome
  }

  private var acceptHeader: String {
    if case .json = settings.body { return "application/json" }
    return ExpositionFormat.accept
  }

  private func read(_ result: HTTPTransferResult, _ outcome: inout ScrapeOutcome) {
    let reading: Result<ScrapeReading, ExpositionFailure>
    switch settings.body {
    case .exposition:
      switch ExpositionFormat.named(
        by: result.header("content-type"), fallback: settings.fallback)
      {
      case .failure(let failure):
        outcome.failure = failure.sentence
        return
      case .success(let format):
        reading = outcome.layout.read(
          result.body, format: format, limits: settings.limits,
          honorsTimestamps: settings.honorsTimestamps
        ) { settings.relabel($0, labels) }
      }
    case .json(let prefix):
      // A JSON body is small: written as text it takes the same way as every other.
      switch JSONMetrics.read(result.body, prefix: prefix, limits: settings.limits) {
      case .failure(let failure): reading = .failure(failure)
      case .success(let metrics):
        reading = outcome.layout.read(
          JSONMetrics.text(metrics), format: .text, limits: settings.limits
        ) { settings.relabel($0, labels) }
      }
    }
    switch reading {
    case .success(let reading):
      outcome.reading = reading
      if reading.cut > 0 {
        outcome.facts.append(
          Label(
            ScrapeReading.leftOut,
            "\(reading.cut) series over the limit of \(settings.limits.series)"))
      }
    case .failure(let failure): outcome.failure = "the metrics cannot be read: \(failure)"
    }
  }
}

extension ContentTypeFailure {
  fileprivate var sentence: String {
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
