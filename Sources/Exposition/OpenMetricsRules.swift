import Model

/// What OpenMetrics 1.0 demands beyond the lexical form, which a scrape does not insist on:
/// families in one piece, names that do not clash, values and labels that fit the type
/// (https://github.com/prometheus/OpenMetrics, specification/OpenMetrics.md).
package struct OpenMetricsRules: Sendable {
  /// Which of the words of RFC 2119 count.
  package enum Strictness: Sendable, Hashable {
    case must
    /// Also what the specification only recommends.
    case should
  }
  private let strictness: Strictness
  /// The last sample of every series, over the bodies checked so far.
  private var last: [Labels: ExpositionSample] = [:]
  private var hasChecked = false

  package init(_ strictness: Strictness = .must) { self.strictness = strictness }

  /// Checks a body against the rules, and against the bodies of the same source checked before;
  /// gives the first violation.
  package mutating func violation(in entries: [ExpositionEntry]) -> String? {
    var families = FamilySequence()
    for entry in entries {
      if let violation = families.take(entry) { return violation }
    }
    if let violation = families.finish() { return violation }
    let samples = entries.compactMap { entry in
      if case .sample(let sample) = entry { sample } else { nil }
    }
    if let violation = comparison(samples, families.counters) { return violation }
    if strictness == .should, let violation = recommendation(samples) { return violation }
    for sample in samples { last[sample.labels] = sample }
    hasChecked = true
    return nil
  }

  private func comparison(_ samples: [ExpositionSample], _ counters: Set<String>) -> String? {
    for sample in samples {
      guard let before = last[sample.labels] else { continue }
      if let now = sample.timestamp, let then = before.timestamp, now < then {
        return "the timestamp of \(sample.labels) went back since the last body"
      }
      if counters.contains(sample.labels.name), sample.value < before.value {
        return "the counter \(sample.labels) decreased since the last body"
      }
    }
    return nil
  }

  private func recommendation(_ samples: [ExpositionSample]) -> String? {
    let present = Set(samples.map(\.labels))
    if hasChecked, let gone = last.keys.filter({ !present.contains($0) }).min() {
      return "the metric \(gone) disappeared since the last body"
    }
    // A label that says the same on every metric belongs to the target.
    let metrics = Set(
      samples.map { $0.labels.filtered { name in name != "le" && name != "quantile" } })
    guard metrics.count > 1, let first = metrics.first else { return nil }
    for label in first where label.name != Labels.metricName {
      if metrics.allSatisfy({ $0[label.name].map { Bytes.equal($0, label.value) } ?? false }) {
        return "every metric has the label \(label.name)=\(PromQuote.quoted(label.value))"
      }
    }
    return nil
  }
}

/// Samples as they come, cut into families.
private struct FamilySequence {
  private var family: MetricFamilyCheck?
  private var names: Set<String> = []
  /// Names of samples that only ever grow.
  private(set) var counters: Set<String> = []

  mutating func take(_ entry: ExpositionEntry) -> String? {
    switch entry {
    case .comment: return nil
    case .help(let metric, _): return metadata(metric, \.hasHelp)
    case .type(let metric, let type):
      if let violation = metadata(metric, \.hasType) { return violation }
      family?.type = type
      return nil
    case .unit(let metric, let unit):
      if let violation = metadata(metric, \.hasUnit) { return violation }
      family?.unit = unit
      return nil
    case .sample(let sample):
      if family?.owns(sample.labels.name) != true {
        if let violation = finish() { return violation }
        family = MetricFamilyCheck(name: sample.labels.name)
      }
      return family?.take(sample)
    }
  }

  private mutating func metadata(
    _ metric: String, _ mark: WritableKeyPath<MetricFamilyCheck, Bool>
  ) -> String? {
    if family?.name != metric {
      if let violation = finish() { return violation }
      family = MetricFamilyCheck(name: metric)
    }
    if family?.isEmpty == false { return "metadata of \(metric) stands behind its samples" }
    if family?[keyPath: mark] == true { return "metadata of \(metric) is repeated" }
    family?[keyPath: mark] = true
    return nil
  }

  mutating func finish() -> String? {
    guard let done = family else { return nil }
    family = nil
    for suffix in Set(done.suffixes + [""]).sorted() {
      guard names.insert(done.name + suffix).inserted else {
        return "the name \(done.name)\(suffix) belongs to two metric families"
      }
    }
    if done.type == .counter { counters.insert(done.name + "_total") }
    if done.type == .histogram || done.type == .summary { counters.insert(done.name + "_count") }
    if done.type == .histogram { counters.insert(done.name + "_bucket") }
    return done.finish()
  }
}
