import Model
import PromQLOracle

/// How the samples of one series come about.
///
/// Samples lie at least an eighth of a second beside whole seconds, because Prometheus 2.42 takes a
/// sample at the left end of a range and Prometheus 3 does not. Counters are either far above what
/// they gain in three hours, or at zero after a gap: in between, 2.42 and 3 extrapolate to the zero
/// of a counter by different rules (`extrapolatedRate` in `promql/functions.go`).
struct SeriesPattern {
  private let behaviour: MetricShape.Behaviour
  private let typical: Double
  private let labels: Labels

  init(_ behaviour: MetricShape.Behaviour, typical: Double, labels: Labels) {
    self.behaviour = behaviour
    self.typical = typical
    self.labels = labels
  }

  /// The times of the scrapes of one series: 15 or 30 seconds apart, half a second early or late.
  private static func times(_ numbers: inout SeededNumbers) -> [Int64] {
    let interval = numbers.pick([15, 30, 30] as [Int64])
    let phase = Int64(numbers.number(0...Int(interval - 1)))
    return stride(from: phase, to: Dataset.length - 1, by: Int(interval)).map { second in
      (Dataset.start + second) * 1000 + Int64(numbers.number(1...5)) * 125
    }
  }

  func samples(_ numbers: inout SeededNumbers) -> [Sample] {
    let times = Self.times(&numbers)
    switch behaviour {
    case .passing: return passing(times, &numbers)
    case .resettingCounter: return resetting(times, &numbers)
    case .steadyCounter:
      return Self.holed(
        rising(from: typical * numbers.fraction() + typical, times, &numbers), &numbers)
    default:
      return Self.holed(values(times, &numbers), &numbers)
    }
  }

  private static func sample(_ time: Int64, _ value: Double) -> Sample {
    Sample(Timestamp(milliseconds: time), value)
  }

  /// Without a sample here and there, and for some series without many in a row.
  private static func holed(_ samples: [Sample], _ numbers: inout SeededNumbers) -> [Sample] {
    let losses = numbers.pick([0, 0.02, 0.1])
    var kept = samples.filter { _ in !numbers.chance(losses) }
    if numbers.chance(0.3), kept.count > 100 {
      let first = numbers.number(0...(kept.count - 60))
      kept.removeSubrange(first..<(first + numbers.number(5...60)))
    }
    return kept
  }

  // MARK: Counters

  private func rising(
    from first: Double, _ times: [Int64], _ numbers: inout SeededNumbers
  ) -> [Sample] {
    var value = first.rounded()
    let pace = numbers.number(1...100)
    return times.map { time in
      value += Double(numbers.number(0...pace))
      return Self.sample(time, value)
    }
  }

  private func resetting(_ times: [Int64], _ numbers: inout SeededNumbers) -> [Sample] {
    var out: [Sample] = []
    var value = (typical * (1 + numbers.fraction())).rounded()
    let likelihood = numbers.pick([0, 0.002, 0.01])
    var skipped = 0
    for time in times {
      if skipped > 0 {
        skipped -= 1
        continue
      }
      if numbers.chance(likelihood) {
        // A restart takes some scrapes, or none.
        value = 0
        if numbers.chance(0.5) {
          skipped = numbers.number(1...12)
          continue
        }
      }
      out.append(Self.sample(time, value))
      value += Double(numbers.number(0...50))
    }
    return out
  }

  private func passing(_ times: [Int64], _ numbers: inout SeededNumbers) -> [Sample] {
    var out: [Sample] = []
    var rest = times[...]
    while !rest.isEmpty {
      rest = rest.dropFirst(numbers.number(0...120))
      let length = numbers.number(1...200)
      var value = 0.0
      for time in rest.prefix(length) {
        out.append(Self.sample(time, value))
        value += Double(numbers.number(0...3))
      }
      rest = rest.dropFirst(length)
    }
    return out
  }

  // MARK: Gauges

  private func values(_ times: [Int64], _ numbers: inout SeededNumbers) -> [Sample] {
    var level = typical * (0.5 + numbers.fraction())
    let kind = labels["kind"]
    return times.map { time in
      let value: Double
      switch behaviour {
      case .count:
        value =
          typical < 1
          ? (numbers.chance(0.9) ? 1 : 0) : Double(numbers.number(0...Int(typical * 3)))
      case .info: value = 1
      case .time: value = (typical + level / 100).rounded()
      case .strange: value = Self.strange(kind, &numbers)
      case .quantiles: value = level * numbers.fraction()
      default:
        level += typical * (numbers.fraction() - 0.5) * 0.4
        value = numbers.chance(0.1) ? level.rounded() : level
      }
      return Self.sample(time, value)
    }
  }

  private static func strange(_ kind: String?, _ numbers: inout SeededNumbers) -> Double {
    switch kind {
    case "nan": return numbers.chance(0.7) ? .nan : 2
    case "inf": return numbers.chance(0.7) ? .infinity : -1
    default: return numbers.pick([.nan, .infinity, -.infinity, 0, -0.0, 1, -1, 1.5, 1e18, 1e-9])
    }
  }

  // MARK: Histograms

  /// The buckets, the sum and the count of one target's histogram.
  static func histogram(
    _ name: String, _ bounds: [String], _ target: Labels, _ numbers: inout SeededNumbers
  ) -> [SyntheticSeries] {
    let times = times(&numbers)
    let weights = bounds.map { _ in numbers.chance(0.15) ? 0 : numbers.number(1...40) }
    var counts = weights.map { Double($0) * 20_000 }
    var sum = counts.reduce(0, +) * 0.3 + 1e6
    var buckets = bounds.map { _ in [Sample]() }
    var sums: [Sample] = []
    for time in times {
      for index in bounds.indices {
        counts[index] += Double(numbers.number(0...weights[index]))
        sum += 0.25 * Double(numbers.number(0...weights[index]))
      }
      var total = 0.0
      for index in bounds.indices {
        total += counts[index]
        buckets[index].append(sample(time, total))
      }
      sums.append(sample(time, sum))
    }
    func series(_ suffix: String, _ samples: [Sample], _ le: String? = nil) -> SyntheticSeries {
      SyntheticSeries(
        labels: target.setting(Labels.metricName, to: name + suffix).setting("le", to: le),
        samples: samples)
    }
    return zip(bounds, buckets).map { series("_bucket", $1, $0) }
      + [series("_sum", sums), series("_count", buckets[bounds.count - 1])]
  }
}
