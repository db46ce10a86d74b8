import Model
import PromQLSyntax

/// Series in the notation of unit tests, and the labels and values they stand for.
enum SeriesCases {
  private struct Case: Decodable {
    /// A native histogram's own fields: counted, not compared.
    struct Histogram: Decodable {}
    var id: String
    var name: String?
    var input: String?
    var ok: Bool?
    var labels: [String: String]?
    var values: [Value]?
    var histograms: [Histogram]?
    var error: String?
    var error_contains: String?
  }

  /// A number, a word for one that JSON lacks, or null for an omitted sample.
  private struct Value: Decodable {
    var value: SeriesValue
    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        value = .omitted
      } else if let number = try? container.decode(Double.self) {
        value = .value(number)
      } else {
        switch try container.decode(String.self) {
        case "stale": value = .value(SeriesNotation.staleMarker)
        case "NaN": value = .value(.nan)
        case "-Inf": value = .value(-.infinity)
        default: value = .value(.infinity)
        }
      }
    }
  }

  static func run(_ arguments: Arguments) -> Tally {
    var tally = Tally()
    for item in arguments.lines(Case.self) {
      guard let input = item.input, let ok = item.ok else {
        tally.skip(for: "prints a native histogram")
        continue
      }
      let id = item.id + (item.name.map { " \($0)" } ?? "")
      switch SeriesNotation.parse(input) {
      case .success(let series):
        if !ok {
          tally.fail(id, "\(input): parsed, but should not")
        } else if let problem = difference(item, series) {
          tally.fail(id, "\(input): \(problem)")
        } else {
          tally.pass()
        }
      case .failure(let error):
        let text = error.description()
        if ok {
          tally.fail(id, "\(input): \(text)")
        } else if let wanted = item.error, wanted != text {
          tally.fail(id, "\(input): got \(text); wanted \(wanted)")
        } else if let wanted = item.error_contains, !text.contains(wanted) {
          tally.fail(id, "\(input): got \(text); wanted … \(wanted)")
        } else {
          tally.pass()
        }
      }
    }
    return tally
  }

  private static func difference(_ item: Case, _ series: SeriesDescription) -> String? {
    if let labels = item.labels,
      series.labels != Labels(labels.sorted { $0.key < $1.key }.map { Label($0.key, $0.value) })
    {
      return "labels \(series.labels)"
    }
    if let histograms = item.histograms, histograms.count != series.values.count {
      return "\(series.values.count) histograms, not \(histograms.count)"
    }
    if let values = item.values, values.map(\.value) != series.values {
      return "values \(series.values)"
    }
    return nil
  }
}
