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
  /// The place of an entry about start times, and how often it was found.
  private var overlaps: [CorrectionKey: (entry: Int, count: Int)] = [:]

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

  /// A sample that claims to have begun before the one before it; found more than once, it is
  /// counted.
  func addOverlap(metric: String, at range: SourceRange) {
    let key = CorrectionKey(metric: metric, range: range)
    let text =
      "sample has start time that overlaps with previous sample timestamp for metric "
      + GoText.quoted(metric)
    guard let known = overlaps[key] else {
      overlaps[key] = (entries.count, 1)
      entries.append(QueryAnnotation(kind: .warning, text: text, range: range))
      return
    }
    overlaps[key] = (known.entry, known.count + 1)
    entries[known.entry].text = text + " (\(known.count + 1) occurrences)"
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
