import Diagnostics

/// Collects the remarks of an evaluation, each text once.
final class AnnotationLog {
  private struct Key: Hashable {
    var kind: QueryAnnotation.Kind
    var text: String
  }
  private var seen: [Key: Int] = [:]
  private var entries: [QueryAnnotation] = []
  private var corrections: [CorrectionKey: Correction] = [:]
  private var correctionOrder: [CorrectionKey] = []

  func add(_ kind: QueryAnnotation.Kind, _ text: String, at range: SourceRange) {
    let key = Key(kind: kind, text: text)
    guard seen[key] == nil else { return }
    seen[key] = entries.count
    entries.append(QueryAnnotation(kind: kind, text: text, range: range))
  }

  /// All remarks; histogram corrections, which were merged over the steps, come last.
  var annotations: [QueryAnnotation] {
    entries
      + correctionOrder.compactMap { key in
        corrections[key].map {
          QueryAnnotation(kind: .info, text: $0.text(metric: key.metric), range: key.range)
        }
      }
  }

  private struct CorrectionKey: Hashable {
    var metric: String
    var range: SourceRange
  }

  /// Buckets of classic histograms whose counts fell where they may not.
  struct Correction {
    var lowest: Double
    var highest: Double
    var largestDifference: Double
    var samples = 1
    var first: Int64
    var last: Int64

    func text(metric: String) -> String {
      "input to histogram_quantile needed to be fixed for monotonicity (see "
        + "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)"
        + (metric.isEmpty ? "" : " for metric name \(GoText.quoted(metric))")
        + ", from buckets \(GoText.general(lowest)) to \(GoText.general(highest)), with a max diff"
        + " of \(GoText.general(largestDifference, digits: 2)), over \(samples) samples"
        + " from \(GoText.time(milliseconds: first)) to \(GoText.time(milliseconds: last))"
    }
  }

  func add(_ correction: Correction, metric: String, at range: SourceRange) {
    let key = CorrectionKey(metric: metric, range: range)
    guard var known = corrections[key] else {
      corrections[key] = correction
      correctionOrder.append(key)
      return
    }
    known.lowest = min(known.lowest, correction.lowest)
    known.highest = max(known.highest, correction.highest)
    known.largestDifference = max(known.largestDifference, correction.largestDifference)
    known.samples += correction.samples
    known.first = min(known.first, correction.first)
    known.last = max(known.last, correction.last)
    corrections[key] = known
  }
}
