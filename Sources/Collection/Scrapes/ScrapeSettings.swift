import Exposition
import Language
import Model
import Outside

/// `scrape NAME URL, …`: how the targets' metrics are fetched and what is kept of them.
package struct ScrapeSettings: Sendable, Hashable {
  /// What the target serves.
  package enum Body: Sendable, Hashable {
    /// Prometheus text or OpenMetrics, as the response's type says.
    case exposition
    /// JSON, whose numbers become metrics under a prefix.
    case json(prefix: String)
  }
  var body: Body
  var request: HTTPRequestSettings
  var headers: [Label]
  var bodyLimit: Int64
  var limits: ExpositionLimits
  var honorsLabels: Bool
  var honorsTimestamps: Bool
  /// Only metrics that match one of these are kept; empty keeps all.
  var keep: [MetricPattern]
  var drop: [MetricPattern]
  /// Labels removed from every series, such as an identifier without bound.
  var dropLabels: [String]

  /// A compiled pattern over metric names that is equal to another of the same text.
  struct MetricPattern: Sendable, Hashable {
    let pattern: Pattern
    static func == (left: MetricPattern, right: MetricPattern) -> Bool {
      Bytes.equal(left.pattern.source, right.pattern.source)
    }
    func hash(into hasher: inout Hasher) { Bytes.hash(pattern.source, into: &hasher) }
  }

  init(reading block: BlockReader) {
    let format = block.read(
      "format", .oneOf(["prometheus", "json"]), default: "prometheus",
      "What the target serves: Prometheus text or OpenMetrics, or JSON.")
    let prefix = block.read(
      "prefix", .text, default: "", "What the names of metrics from JSON begin with.")
    body = format == "json" ? .json(prefix: JSONMetrics.sanitized(prefix)) : .exposition
    request = HTTPRequestSettings(reading: block)
    headers = block.readEach("header", .header, "A header of the request.").map(\.value)
    bodyLimit = block.read(
      "limit body", .size, default: 64 << 20, "The largest body; a larger one fails the scrape.")
    limits = ExpositionLimits()
    limits.samples = block.read(
      "limit samples", .integer(in: 1...10_000_000), default: limits.samples,
      "The most samples that may be left after `keep` and `drop`.")
    limits.labels = block.read(
      "limit labels", .integer(in: 1...1000), default: limits.labels,
      "The most labels of one series.")
    honorsLabels = block.read(
      "honor labels", .yesNo, default: false,
      "Let the target's own job and instance win; else they become exported_job and so on.")
    honorsTimestamps = block.read(
      "honor timestamps", .yesNo, default: true, "Keep timestamps that the target writes.")
    dropLabels = block.readEach("drop label", .text, "A label to remove from every series.")
      .map(\.value)
    keep = block.readEach("keep", .metricPattern, "Keep only metrics whose whole name matches.")
      .map(\.value)
    drop = block.readEach("drop", .metricPattern, "Drop metrics whose whole name matches.")
      .map(\.value)
  }

  /// The labels a series of the target gets, nil when it is dropped.
  func relabel(_ labels: Labels, _ target: Labels) -> Labels? {
    let name = labels.name
    if !keep.isEmpty, !keep.contains(where: { $0.pattern.matches(name) }) { return nil }
    if drop.contains(where: { $0.pattern.matches(name) }) { return nil }
    var own = labels
    if !dropLabels.isEmpty {
      own = own.filtered { name in !dropLabels.contains { Bytes.equal($0, name) } }
    }
    if honorsLabels { return target.overlaid(with: own) }
    // What the target says of itself must not pass for what we know of it
    // (`scrape/scrape.go`, resolveConflictingExposedLabels).
    for label in target {
      guard let said = own[label.name] else { continue }
      own = own.setting(label.name, to: nil)
      var exported = "exported_" + label.name
      while own[exported] != nil { exported = "exported_" + exported }
      own = own.setting(exported, to: said)
    }
    return own.overlaid(with: target)
  }
}

extension SettingType where Value == ScrapeSettings.MetricPattern {
  static var metricPattern: SettingType {
    SettingType("a pattern over metric names") { input in
      guard let word = input.single("a pattern over metric names") else { return nil }
      do throws(Pattern.Failure) {
        let pattern = try Pattern(word.text, anchored: true)
        return Located(value: .init(pattern: pattern), range: word.range)
      } catch {
        input.reject(word, "a pattern over metric names", help: error.reason)
        return nil
      }
    }
  }
}
