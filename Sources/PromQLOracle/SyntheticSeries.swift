import Model
import Storage

/// A series made up for a comparison, its samples oldest first.
package struct SyntheticSeries: Sendable {
  package var labels: Labels
  package var samples: [Sample]
  package init(labels: Labels, samples: [Sample]) {
    self.labels = labels
    self.samples = samples
  }
}

extension [SyntheticSeries] {
  /// A store of our own that holds the series, in Prometheus' order: of equal values `topk` takes
  /// the first.
  package func store() -> SeriesStore {
    var store = SeriesStore(limits: StoreLimits(retention: .seconds(1_000_000_000)))
    for series in sorted(by: { $0.labels < $1.labels }) {
      for sample in series.samples { store.append(series.labels, sample) }
    }
    return store
  }

  /// The series as an OpenMetrics body with timestamps, for `promtool tsdb create-blocks-from`.
  /// Times must be whole eighths of a second: Prometheus reads them as binary fractions of seconds
  /// and cuts off what is less than a millisecond.
  package func openMetrics() -> [UInt8] {
    var out: [UInt8] = []
    for series in self {
      let labels = series.labels.filter { $0.name != Labels.metricName }
        .map { "\($0.name)=\(PromQuote.quoted($0.value))" }.joined(separator: ",")
      let head = [UInt8]("\(series.labels.name){\(labels)} ".utf8)
      for sample in series.samples {
        let time = sample.timestamp.milliseconds
        precondition(time % 125 == 0, "\(time) ms is not exact in binary")
        out += head
        out += [UInt8]("\(Self.text(sample.value)) \(sample.timestamp.seconds)\n".utf8)
      }
    }
    return out + [UInt8]("# EOF\n".utf8)
  }

  private static func text(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return "\(value)"
  }
}
