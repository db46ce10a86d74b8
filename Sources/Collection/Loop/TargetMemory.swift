import Exposition
import Model
import Outside

/// What a target keeps from run to run.
struct TargetMemory: Sendable {
  /// Probes and the host.
  var slots: SeriesSlots
  /// Scrapes; away while a scrape runs.
  var layout: ScrapeLayout
  /// The layout number of the scrape's own series that were last reported.
  var reportedLayout: UInt64?
  var failures = 0
  var successes = 0
  var host = HostMemory()

  /// Memory of a new target; `generation` keeps layout numbers apart from those of its
  /// predecessors.
  init(generation: UInt64) {
    slots = SeriesSlots(layout: generation << 32)
    layout = ScrapeLayout(
      firstSlot: UInt32(ScrapeSeries.names.count), above: generation << 32)
  }

  /// Slots of measurements, renewed when far more series have passed through than are left.
  mutating func place(
    _ measurements: [Measurement], vital: Int, on labels: Labels
  ) -> (layout: UInt64, births: [SampleBatch.Birth], values: [SampleBatch.Value]) {
    if slots.count > 4096, slots.count > 4 * measurements.count {
      slots = SeriesSlots(layout: slots.layout + 1)
    }
    let placed = slots.place(measurements, vital: vital, on: labels)
    return (slots.layout, placed.births, placed.values)
  }
}

/// The series that every scrape has besides its target's own (`scrape/scrape.go`).
enum ScrapeSeries {
  static let names = [
    "up", "scrape_duration_seconds", "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling", "scrape_series_added",
    // Ours: what the target's series limit left out.
    "scrape_series_cut",
  ]

  /// Their values, in the first slots of the target's layout.
  static func values(
    isUp: Bool, took duration: Duration, _ reading: ScrapeReading?
  ) -> [SampleBatch.Value] {
    [
      isUp ? 1 : 0, duration.inSeconds, Double(reading?.samples ?? 0), Double(reading?.kept ?? 0),
      Double(reading?.births.count ?? 0), Double(reading?.cut ?? 0),
    ].enumerated().map { .init(slot: UInt32($0), value: $1) }
  }
}

extension CollectionTarget {
  /// The status after a run.
  func status(
    at time: Timestamp, took duration: Duration, failure: String?, facts: [Label]
  ) -> TargetStatus {
    TargetStatus(
      source: source, target: shownAddress, labels: labels, isUp: failure == nil, failure: failure,
      lastCollection: time, duration: duration, interval: interval, timeout: timeout, facts: facts)
  }

  /// The batch of a probe's or the host's run.
  func batch(
    of report: CheckReport, at time: Timestamp, took duration: Duration,
    _ memory: inout TargetMemory
  ) -> SampleBatch {
    var measurements: [Measurement] = []
    measurements.reserveCapacity(report.measurements.count + 6)
    let isUp = report.failure == nil ? 1.0 : 0
    if case .probe = work {
      memory.failures = report.failure == nil ? 0 : memory.failures + 1
      memory.successes = report.failure == nil ? memory.successes + 1 : 0
      measurements = [
        Measurement("probe_success", isUp),
        Measurement("probe_duration_seconds", duration.inSeconds),
        Measurement("probe_timeout_seconds", timeout.inSeconds),
        Measurement("probe_consecutive_failures", Double(memory.failures)),
        Measurement("probe_consecutive_successes", Double(memory.successes)),
      ]
    } else {
      measurements = [
        Measurement("up", isUp), Measurement("scrape_duration_seconds", duration.inSeconds),
      ]
    }
    let vital = measurements.count
    measurements += report.measurements
    let placed = memory.place(measurements, vital: vital, on: labels)
    return SampleBatch(
      source: source, layout: placed.layout, time: time, births: placed.births,
      values: placed.values,
      status: status(at: time, took: duration, failure: report.failure, facts: report.facts))
  }

  /// The batch of a scrape; without a reading every series of the target ends.
  func batch(
    of outcome: ScrapeOutcome, layout: UInt64, at time: Timestamp, _ memory: inout TargetMemory
  ) -> SampleBatch {
    var births: [SampleBatch.Birth] = []
    if memory.reportedLayout != layout {
      memory.reportedLayout = layout
      births = ScrapeSeries.names.enumerated().map { index, name in
        .init(
          slot: UInt32(index), labels: labels.setting(Labels.metricName, to: name), isVital: true)
      }
    }
    return SampleBatch(
      source: source, layout: layout, time: time,
      births: births + (outcome.reading?.births ?? []), values: outcome.values,
      stamped: outcome.reading?.stamped ?? [], metadata: outcome.reading?.metadata ?? [],
      status: status(
        at: time, took: outcome.duration, failure: outcome.failure, facts: outcome.facts))
  }
}
