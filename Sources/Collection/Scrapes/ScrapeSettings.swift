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
  /// How a body is read whose type is missing or none of ours; nil fails the scrape.
  var fallback: ExpositionFormat?
  var request: HTTPRequestSettings
  var headers: [Label]
  /// Added to the query of the target's URL.
  var parameters: [Label]
  var bodyLimit: Int64
  var limits: ExpositionLimits
  var honorsLabels: Bool
  var honorsTimestamps: Bool
  var relabeling: Relabeling

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
    let assumed = block.read(
      "fallback", .oneOf(["text", "openmetrics"]),
      "How to read a body whose content type is missing or unknown; without it, not at all.")
    fallback = assumed.map { $0.value == "text" ? .text : .openMetrics }
    request = HTTPRequestSettings(reading: block)
    headers = block.readEach("header", .header, "A header of the request.").map(\.value)
    parameters = block.readEach(
      "param", .pair("a parameter's name and value"), "A parameter added to the URL's query."
    ).map(\.value)
    bodyLimit = block.read(
      "limit body", .size, default: 64 << 20,
      "The largest body, unpacked; a larger one fails the scrape.")
    limits = ExpositionLimits()
    limits.readSettings(block)
    honorsLabels = block.read(
      "honor labels", .yesNo, default: false,
      "Let the target's own job and instance win; else they become exported_job and so on.")
    honorsTimestamps = block.read(
      "honor timestamps", .yesNo, default: true, "Keep timestamps that the target writes.")
    relabeling = Relabeling(reading: block)
  }

  /// The labels a series of the target gets, nil when it is dropped.
  func relabel(_ labels: Labels, _ target: Labels) -> Labels? {
    guard let own = relabeling.apply(labels) else { return nil }
    if honorsLabels { return target.overlaid(with: own) }
    var result = own.overlaid(with: target)
    // What the target says of itself must not pass for what we know of it: it gets the first name
    // that neither has, short names first (`scrape/scrape.go`, resolveConflictingExposedLabels).
    let names = target.map(\.name).sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
    for name in names {
      guard let said = own[name] else { continue }
      var exported = "exported_" + name
      while result[exported] != nil { exported = "exported_" + exported }
      result = result.setting(exported, to: said)
    }
    return result
  }

  /// The address with the parameters in its query.
  func url(of address: String) -> String {
    guard !parameters.isEmpty else { return address }
    let query = parameters.map { "\(URLText.encoded($0.name))=\(URLText.encoded($0.value))" }
      .joined(separator: "&")
    let (base, fragment) =
      address.firstIndex(of: "#").map {
        (String(address[..<$0]), String(address[$0...]))
      } ?? (address, "")
    let sign = base.contains("?") ? (base.hasSuffix("?") || base.hasSuffix("&") ? "" : "&") : "?"
    return base + sign + query + fragment
  }
}

extension ExpositionLimits {
  fileprivate mutating func readSettings(_ block: BlockReader) {
    series = block.read(
      "limit series", .integer(in: 1...10_000_000), default: series,
      "The most series of one target; further ones are left out, which raises `TargetOverCap`.")
    samples = block.read(
      "limit samples", .integer(in: 1...10_000_000), default: samples,
      "The most samples that `keep` and `drop` may leave; more fail the scrape.")
    labels = block.read(
      "limit labels", .integer(in: 1...1000), default: labels,
      "The most labels of one series; more fail the scrape.")
    nameBytes = block.read(
      "limit names", .integer(in: 1...65_536), default: nameBytes,
      "The longest name of a metric or label, in bytes; a longer one fails the scrape.")
    valueBytes = block.read(
      "limit values", .integer(in: 1...65_536), default: valueBytes,
      "The longest value of a label, in bytes; a longer one fails the scrape.")
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
