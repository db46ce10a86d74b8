import Model

@testable import Storage

/// Batches as a target of three gauges would bring them.
struct Target {
  var source: SourceID
  var layout: UInt64 = 1

  init(_ instance: String = "a") {
    source = SourceID(kind: "scrape", job: "node", instance: instance)
  }

  func labels(_ name: String) -> Labels {
    Labels(["__name__": name, "instance": source.instance])
  }

  func batch(
    at seconds: Int64, births: [(UInt32, String)] = [], _ values: [(UInt32, Double)] = [],
    stamped: [(UInt32, Sample)] = [], metadata: [MetricMetadata] = []
  ) -> SampleBatch {
    let time = Timestamp(milliseconds: seconds * 1000)
    let status = TargetStatus(
      source: source, target: source.instance, labels: Labels(), isUp: true, failure: nil,
      lastCollection: time, duration: .zero, interval: .seconds(15), timeout: .seconds(10))
    return SampleBatch(
      source: source, layout: layout, time: time,
      births: births.map { SampleBatch.Birth(slot: $0.0, labels: labels($0.1)) },
      values: values.map { SampleBatch.Value(slot: $0.0, value: $0.1) },
      stamped: stamped.map { SampleBatch.Stamped(slot: $0.0, sample: $0.1) }, metadata: metadata,
      status: status)
  }
}

func seconds(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1000) }

extension SeriesStore {
  /// The samples of the one series of that name, "stale" for the marker.
  func shown(_ name: String) -> [String] {
    select(
      [LabelMatcher(Labels.metricName, equals: name)], after: .distantPast, through: .distantFuture
    ).flatMap(\.samples).map {
      let value = StaleMarker.isStale($0.value) ? "stale" : "\(Int($0.value))"
      return "\(value)@\($0.timestamp.milliseconds / 1000)"
    }
  }
}
