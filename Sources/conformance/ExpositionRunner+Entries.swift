import Exposition
import Model

extension ExpositionRunner {
  /// The entries without the `_created` lines of typed counters, histograms and summaries, which
  /// some readers turn into start timestamps.
  static func folded(_ entries: [ExpositionEntry]) -> [ExpositionEntry] {
    var types: [String: MetricType] = [:]
    return entries.filter { entry in
      switch entry {
      case .type(let metric, let type): types[metric] = type
      case .sample(let sample):
        let name = sample.labels.name
        guard name.hasSuffix("_created") else { return true }
        let family = String(name.dropLast("_created".count))
        return ![.counter, .histogram, .summary].contains(types[family])
      default: break
      }
      return true
    }
  }

  static func difference(_ expected: [Entry], _ entries: [ExpositionEntry]) -> String? {
    guard expected.count == entries.count else {
      return "\(entries.count) entries, expected \(expected.count)"
    }
    for (index, (wanted, entry)) in zip(expected, entries).enumerated() {
      if let difference = difference(wanted, entry) { return "entry \(index): \(difference)" }
    }
    return nil
  }

  private static func difference(_ wanted: Entry, _ entry: ExpositionEntry) -> String? {
    switch entry {
    case .comment(let text):
      return wanted.comment == text ? nil : "comment \(text)"
    case .help(let metric, let text):
      return wanted.help == [metric, text] ? nil : "help of \(metric): \(text)"
    case .type(let metric, let type):
      return wanted.type == [metric, type.rawValue] ? nil : "type of \(metric): \(type)"
    case .unit(let metric, let text):
      return wanted.unit == [metric, text] ? nil : "unit of \(metric): \(text)"
    case .sample(let sample):
      if let raw = wanted.raw, raw != sample.raw { return "series \(sample.raw)" }
      if let series = wanted.series,
        Labels(series.map { Label($0.key, $0.value) }) != sample.labels
      {
        return "labels \(sample.labels)"
      }
      if wanted.series == nil, wanted.raw == nil { return "a sample" }
      if let value = wanted.value, value != sample.value { return "value \(sample.value)" }
      if wanted.value != nil, wanted.timestamp_ms != sample.timestamp?.milliseconds {
        return "timestamp \(sample.timestamp?.milliseconds ?? 0)"
      }
      if let exemplar = wanted.exemplars?.first {
        let labels = Labels(exemplar.labels.map { Label($0.key, $0.value) })
        guard sample.exemplar?.labels == labels, sample.exemplar?.value == exemplar.value else {
          return "exemplar"
        }
      }
      return nil
    }
  }

  static func difference(_ expected: Families, _ entries: [ExpositionEntry]) -> String? {
    var samples: [ExpositionSample] = []
    for entry in entries {
      guard case .sample(let sample) = entry else { continue }
      // A second sample of one series at one time is the same sample, cut differently.
      let isTwin = samples.last.map {
        $0.labels == sample.labels && $0.timestamp != nil && $0.timestamp == sample.timestamp
      }
      if isTwin != true { samples.append(sample) }
    }
    let wanted = expected.families.flatMap(\.samples)
    guard wanted.count == samples.count else {
      return "\(samples.count) samples, expected \(wanted.count)"
    }
    for (want, have) in zip(wanted, samples) {
      let labels = Labels(
        want.labels.map { Label($0.key, $0.value) } + [Label(Labels.metricName, want.name)])
      guard labels == have.labels else { return "series \(have.labels), expected \(labels)" }
      let same =
        want.value.value == have.value || (want.value.value.isNaN && have.value.isNaN)
      guard same else { return "value \(have.value) of \(labels)" }
      // Our timestamps are milliseconds in 64 bits.
      let time = want.timestamp.map { Int64(min($0 * 1000, 9.2e18)) }
      guard time == have.timestamp?.milliseconds else { return "timestamp of \(labels)" }
    }
    return nil
  }
}
