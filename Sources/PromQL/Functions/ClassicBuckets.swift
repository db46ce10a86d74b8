import Model

/// The cumulative buckets of one histogram at one time (`promql/quantile.go`).
struct ClassicBuckets {
  private struct Bucket {
    var upperBound: Double
    var count: Double
  }
  private var buckets: [Bucket] = []
  /// Set by `quantile` when counts had to be raised.
  private(set) var correction: AnnotationLog.Correction?

  var isEmpty: Bool { buckets.isEmpty }

  mutating func removeAll() { buckets.removeAll(keepingCapacity: true) }

  /// Adds a bucket whose bound is not below the last; equal bounds written differently are one
  /// bucket.
  mutating func append(upperBound: Double, count: Double) {
    if let last = buckets.last, last.upperBound == upperBound {
      buckets[buckets.count - 1].count += count
    } else {
      buckets.append(Bucket(upperBound: upperBound, count: count))
    }
  }

  private var reachesInfinity: Bool { buckets.last?.upperBound == .infinity }

  /// The φ-quantile, observations spread evenly within their bucket.
  mutating func quantile(_ quantile: Double) -> Double {
    if quantile.isNaN { return .nan }
    if quantile < 0 { return -.infinity }
    if quantile > 1 { return .infinity }
    guard reachesInfinity else { return .nan }
    makeMonotonic()
    let last = buckets.count - 1
    guard last >= 1, buckets[last].count != 0 else { return .nan }
    var rank = quantile * buckets[last].count
    let index = buckets[..<last].firstIndex { $0.count >= rank } ?? last
    if index == last { return buckets[last - 1].upperBound }
    if index == 0, buckets[0].upperBound <= 0 { return buckets[0].upperBound }
    var lower = 0.0
    var count = buckets[index].count
    if index > 0 {
      lower = buckets[index - 1].upperBound
      count -= buckets[index - 1].count
      rank -= buckets[index - 1].count
    }
    return lower + (buckets[index].upperBound - lower) * (rank / count)
  }

  /// Counts may only rise with the bound. What is off by rounding is put right in silence, what
  /// falls is raised and remembered.
  private mutating func makeMonotonic() {
    correction = nil
    var before = buckets[0].count
    for index in buckets.indices.dropFirst() {
      let count = buckets[index].count
      if count == before { continue }
      if Self.isClose(before, count) {
        buckets[index].count = before
      } else if count < before {
        buckets[index].count = before
        let bound = buckets[index].upperBound
        var noted =
          correction
          ?? AnnotationLog.Correction(
            lowest: bound, highest: bound, largestDifference: 0, first: 0, last: 0)
        noted.highest = max(noted.highest, bound)
        noted.lowest = min(noted.lowest, bound)
        noted.largestDifference = max(noted.largestDifference, before - count)
        correction = noted
      } else {
        before = count
      }
    }
  }

  private static func isClose(_ left: Double, _ right: Double) -> Bool {
    let tolerance = 1e-12
    let sum = abs(left) + abs(right)
    let difference = abs(left - right)
    let least = Double.leastNormalMagnitude
    if left == 0 || right == 0 || sum < least { return difference < tolerance * least }
    return difference / min(sum, .greatestFiniteMagnitude) < tolerance
  }

  /// The share of observations in `(lower, upper]`, spread evenly within their bucket.
  mutating func fraction(from lower: Double, to upper: Double) -> Double {
    guard reachesInfinity, let total = buckets.last?.count, total != 0, !total.isNaN,
      !lower.isNaN, !upper.isNaN
    else { return .nan }
    if lower >= upper { return 0 }
    return (rank(of: upper, total) - rank(of: lower, total)) / total
  }

  /// How many observations are at most `value`.
  private func rank(of value: Double, _ total: Double) -> Double {
    var below = 0.0
    var lowerBound = -Double.infinity
    for (index, bucket) in buckets.enumerated() {
      if index == 0, bucket.upperBound > 0 { lowerBound = 0 }
      if lowerBound >= value { return min(below, total) }
      if bucket.upperBound > value {
        // A bucket without an end on one side says nothing of where in it a value lies: it counts
        // for neither side.
        if lowerBound == -.infinity { return min(bucket.count, total) }
        if bucket.upperBound == .infinity { return min(below, total) }
        let share = (value - lowerBound) / (bucket.upperBound - lowerBound)
        return min(below + (bucket.count - below) * share, total)
      }
      below = bucket.count
      lowerBound = bucket.upperBound
    }
    return total
  }
}
