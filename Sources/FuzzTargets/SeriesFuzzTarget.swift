import Diagnostics
import Model
import PromQLSyntax

extension FuzzTarget {
  /// Series notation: mistakes lie in the text, and what was read is read again when written.
  package static let series = FuzzTarget(
    name: "series",
    fragments: [
      "x3", "x0", "x1000000", "x99999999999999999999", "+1x5", "-0.5x2", "_", "_x4", "stale", "NaN",
      "Inf", "-Inf", "1e308", "1e", "0x1F", "010", "{{", "}}", "{{sum:1 count:2}}", "buckets:[1 2]",
      "schema:-53", "{", "}", "a=\"b\"", "\"quoted name\"", ",", " ", "\t", "{a='\\xff'}", "up",
      ":",
    ]
  ) { bytes in
    let source = SourceText(name: "series", bytes: bytes)
    switch SeriesNotation.parse(source.text) {
    case .failure(let error):
      return isInside(error.range, SourceText(name: "series", text: source.text))
        ? nil : "a mistake outside the text: \(error.message)"
    case .success(let series):
      if series.values.count > SeriesNotation.maximumCount { return "too many positions" }
      // Later steps of a growing histogram are told, not written.
      let hasHistogram = series.values.contains { if case .histogram = $0 { true } else { false } }
      if series.values.count > 2000 || hasHistogram { return nil }
      let written = text(of: series)
      guard case .success(let again) = SeriesNotation.parse(written) else {
        return "written again it does not read: \(written)"
      }
      return same(again, series) ? nil : "written again it reads as something else: \(written)"
    }
  }

  /// Whether two series are alike, any NaN being like any other but the staleness marker.
  private static func same(_ left: SeriesDescription, _ right: SeriesDescription) -> Bool {
    left.labels == right.labels && left.values.count == right.values.count
      && zip(left.values, right.values).allSatisfy { pair in
        guard case (.value(let a), .value(let b)) = pair else { return pair.0 == pair.1 }
        return StaleMarker.isStale(a) == StaleMarker.isStale(b) && same(a, b)
      }
  }

  static func isInside(_ range: SourceRange, _ source: SourceText) -> Bool {
    range.lower >= 0 && range.lower <= range.upper && range.upper <= source.bytes.count
  }

  private static func text(of series: SeriesDescription) -> String {
    let inner = series.labels.map { "\(PromQuote.quoted($0.name))=\(PromQuote.quoted($0.value))" }
    let values = series.values.map { value -> String in
      switch value {
      case .omitted: "_"
      case .value(let number):
        StaleMarker.isStale(number) ? "stale" : number.isNaN ? "NaN" : NumberText.fixed(number)
      case .histogram(let text): text
      }
    }
    return "{\(inner.joined(separator: ","))} \(values.joined(separator: " "))"
  }
}
