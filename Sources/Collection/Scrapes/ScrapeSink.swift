import Exposition
import Model
import Outside

/// Reads a scrape's body while it arrives. Belongs to the transfers from the request until the
/// result, and to the run before and after.
final class ScrapeSink: HTTPBodySink, @unchecked Sendable {
  private let settings: ScrapeSettings
  /// The labels of the target.
  private let labels: Labels
  /// The target's layout, while no body is read into it.
  private var layout = ScrapeLayout()
  private var feed: BodyFeed?
  /// A body of JSON is small: it is read when it is all there.
  private var json: [UInt8] = []
  private var refusal: String?
  private var hasBegun = false
  /// Bytes of the body.
  private(set) var received = 0

  init(_ layout: consuming ScrapeLayout, _ settings: ScrapeSettings, _ labels: Labels) {
    self.layout = layout
    self.settings = settings
    self.labels = labels
  }

  func begin(status: Int, headers: [Label]) {
    hasBegun = true
    guard status == 200, case .exposition = settings.body else { return }
    let type = headers.first { $0.name == "content-type" }?.value
    switch ExpositionFormat.named(by: type, fallback: settings.fallback) {
    case .failure(let failure): refusal = failure.sentence
    case .success(let format):
      // One owner at a time: the feed gives the layout back.
      let layout = layout
      self.layout = ScrapeLayout()
      feed = BodyFeed(
        layout, format: format, limits: settings.limits,
        honorsTimestamps: settings.honorsTimestamps
      ) { [settings, labels] in settings.relabel($0, labels) }
    }
  }

  func take(_ bytes: UnsafeRawBufferPointer) {
    received += bytes.count
    if feed != nil {
      feed?.take(bytes)
    } else if case .json = settings.body {
      json += bytes
    }
  }

  /// Takes what has not come piece by piece: from a world that does not know how, or nothing.
  func takeAll(of result: HTTPTransferResult) {
    if hasBegun || result.status == 0 { return }
    begin(status: result.status, headers: result.headers)
    result.body.withUnsafeBytes(take)
  }

  /// What the scrape brought; nothing of the body counts after a failure of the transfer.
  func outcome(_ failure: String?) -> ScrapeOutcome {
    if failure != nil || refusal != nil {
      if let feed { layout = feed.abandon() }
      feed = nil
      return ScrapeOutcome(layout: layout, failure: failure ?? refusal)
    }
    let reading: Result<ScrapeReading, ExpositionFailure>
    if let feed {
      self.feed = nil
      (layout, reading) = feed.finish()
    } else {
      reading = readJSON()
    }
    var outcome = ScrapeOutcome(layout: layout)
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
    return outcome
  }

  private func readJSON() -> Result<ScrapeReading, ExpositionFailure> {
    guard case .json(let prefix) = settings.body else {
      preconditionFailure("a body of metrics has a feed")
    }
    return JSONMetrics.read(json, prefix: prefix, limits: settings.limits).flatMap { metrics in
      // Written as text it takes the same way as every other.
      layout.read(JSONMetrics.text(metrics), format: .text, limits: settings.limits) {
        settings.relabel($0, labels)
      }
    }
  }
}
