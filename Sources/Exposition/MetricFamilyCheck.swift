import Model

/// One metric family under OpenMetrics' rules.
struct MetricFamilyCheck {
  let name: String
  var type: MetricType = .unknown
  var unit = ""
  var hasHelp = false
  var hasType = false
  var hasUnit = false
  private var samples: [ExpositionSample] = []
  private var groups: Set<Labels> = []
  private var group: Labels?
  private var groupTime: Timestamp?

  init(name: String) { self.name = name }

  var isEmpty: Bool { samples.isEmpty }

  /// What a sample's name may have behind the family's.
  var suffixes: [String] {
    switch type {
    case .counter: ["_total", "_created"]
    case .summary: ["", "_count", "_sum", "_created"]
    case .histogram: ["_count", "_sum", "_bucket", "_created"]
    case .gaugeHistogram: ["_gcount", "_gsum", "_bucket"]
    case .info: ["_info"]
    case .gauge, .stateset, .unknown: [""]
    }
  }

  func owns(_ sample: String) -> Bool { suffixes.contains { sample == name + $0 } }

  mutating func take(_ sample: ExpositionSample) -> String? {
    if let violation = labelViolation(sample) { return violation }
    if let violation = groupViolation(sample) { return violation }
    if let violation = valueViolation(sample) { return violation }
    samples.append(sample)
    return exemplarViolation(sample)
  }

  func finish() -> String? {
    if !unit.isEmpty, !name.hasSuffix("_" + unit) { return "the unit of \(name) is not its suffix" }
    if !unit.isEmpty, type == .info || type == .stateset { return "\(name) cannot have a unit" }
    if type == .histogram || type == .gaugeHistogram { return bucketViolation() }
    return nil
  }

  private func suffix(of sample: ExpositionSample) -> Substring {
    sample.labels.name.dropFirst(name.count)
  }

  private static func number(_ text: String?) -> Double? {
    guard var text else { return nil }
    return text.withUTF8 { NumberReader.read($0) }
  }

  private func labelViolation(_ sample: ExpositionSample) -> String? {
    if type == .stateset, sample.labels[name] == nil {
      return "a sample of the state set \(name) lacks the label \(name)"
    }
    if suffix(of: sample) == "_bucket", type == .histogram || type == .gaugeHistogram {
      guard let bound = Self.number(sample.labels["le"]), !bound.isNaN else {
        return "a bucket of \(name) has no usable label le"
      }
    }
    if type == .summary, suffix(of: sample).isEmpty {
      guard let quantile = Self.number(sample.labels["quantile"]), (0...1).contains(quantile) else {
        return "a quantile of \(name) is not between 0 and 1"
      }
    }
    return nil
  }

  /// The labels that tell one metric of the family from another.
  private func identity(_ sample: ExpositionSample) -> Labels {
    switch type {
    case .info: Labels()
    case .summary: sample.labels.removing(Labels.metricName, "quantile")
    case .stateset: sample.labels.removing(Labels.metricName, name)
    case .histogram, .gaugeHistogram: sample.labels.removing(Labels.metricName, "le")
    default: sample.labels.removing(Labels.metricName)
    }
  }

  private mutating func groupViolation(_ sample: ExpositionSample) -> String? {
    let labels = identity(sample)
    if let group, group != labels, groups.contains(labels) {
      return "the samples of \(name) for \(labels) are not together"
    }
    if group == labels {
      if (sample.timestamp == nil) != (groupTime == nil) {
        return "some samples of \(name) have a timestamp and some have none"
      }
      if let before = groupTime, let now = sample.timestamp, now < before, type != .info {
        return "the timestamps of \(name) go back"
      }
    }
    group = labels
    groupTime = sample.timestamp
    groups.insert(labels)
    return nil
  }

  private func valueViolation(_ sample: ExpositionSample) -> String? {
    let (value, suffix) = (sample.value, suffix(of: sample))
    if type == .stateset, value != 0, value != 1 { return "a state of \(name) is not 0 or 1" }
    if type == .info, value != 1 { return "the info \(name) is not 1" }
    if type == .summary, suffix.isEmpty, value < 0 { return "a quantile of \(name) is negative" }
    let grows = ["_total", "_sum", "_count", "_bucket", "_gcount"].contains(String(suffix))
    guard type != .unknown, type != .gauge, grows || suffix == "_gsum" else { return nil }
    if value.isNaN { return "\(name)\(suffix) is not a number" }
    if grows, value < 0 { return "\(name)\(suffix) is negative" }
    let counts = ["_count", "_bucket", "_gcount"].contains(String(suffix))
    if counts, value != value.rounded() { return "\(name)\(suffix) is not whole" }
    return nil
  }

  private func exemplarViolation(_ sample: ExpositionSample) -> String? {
    guard let exemplar = sample.exemplar else { return nil }
    let allowed =
      (type == .counter && suffix(of: sample) == "_total")
      || ((type == .histogram || type == .gaugeHistogram) && suffix(of: sample) == "_bucket")
    if !allowed { return "a sample of \(name) cannot have an exemplar" }
    let length = exemplar.labels.reduce(0) {
      $0 + $1.name.unicodeScalars.count + $1.value.unicodeScalars.count
    }
    return length > 128 ? "the labels of an exemplar of \(name) exceed 128 characters" : nil
  }

  // MARK: Histograms

  private struct Buckets {
    var bound: Double?
    var value = 0.0
    var endsInInfinity = false
    var count: Double?
    var sum: Double?
    var hasNegativeBound = false
  }

  private func bucketViolation() -> String? {
    var (current, buckets): (Labels?, Buckets) = (nil, Buckets())
    var time: Timestamp?
    for sample in samples {
      let labels = identity(sample)
      if current != labels || time != sample.timestamp {
        if current != nil, let violation = check(buckets) { return violation }
        (current, buckets) = (labels, Buckets())
      }
      time = sample.timestamp
      switch suffix(of: sample) {
      case "_bucket":
        guard let bound = Self.number(sample.labels["le"]) else { continue }
        if let before = buckets.bound, bound <= before {
          return "the buckets of \(name) are out of order"
        }
        if sample.value < buckets.value { return "the buckets of \(name) do not accumulate" }
        buckets.hasNegativeBound = buckets.hasNegativeBound || bound < 0
        buckets.endsInInfinity = sample.labels["le"] == "+Inf"
        (buckets.bound, buckets.value) = (bound, sample.value)
      case "_count", "_gcount": buckets.count = sample.value
      case "_sum", "_gsum": buckets.sum = sample.value
      default: break
      }
    }
    return current == nil ? nil : check(buckets)
  }

  private func check(_ buckets: Buckets) -> String? {
    if !buckets.endsInInfinity { return "\(name) has no bucket +Inf" }
    if let count = buckets.count, count != buckets.value {
      return "the count of \(name) is not that of its bucket +Inf"
    }
    if (buckets.count == nil) != (buckets.sum == nil) {
      return "\(name) has one of count and sum, but not both"
    }
    if type == .histogram, buckets.hasNegativeBound, buckets.sum != nil {
      return "\(name) has negative buckets and a sum"
    }
    if type == .gaugeHistogram, !buckets.hasNegativeBound, let sum = buckets.sum, sum < 0 {
      return "\(name) has a negative sum without negative buckets"
    }
    return nil
  }
}
