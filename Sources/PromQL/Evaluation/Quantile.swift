import Model

/// Quantiles of lists of numbers.
enum Quantile {
  /// The φ-quantile, between two values by weight; NaN sorts first.
  static func value(_ quantile: Double, of values: [Double]) -> Double {
    var values = values
    return values.withUnsafeMutableBufferPointer { select(quantile, of: $0) }
  }

  /// The φ-quantile of values that may be put in another order.
  static func select(
    _ quantile: Double, of values: UnsafeMutableBufferPointer<Double>
  ) -> Double {
    if values.isEmpty || quantile.isNaN { return .nan }
    if quantile < 0 { return -.infinity }
    if quantile > 1 { return .infinity }
    let rank = quantile * Double(values.count - 1)
    let lower = Int(max(0, rank.rounded(.down)))
    let upper = min(values.count - 1, lower + 1)
    let weight = rank - rank.rounded(.down)
    partition(values, at: lower)
    // What stands behind is not less: the next one is the least of it.
    var next = values[lower]
    if upper > lower {
      next = values[upper]
      for index in upper..<values.count where precedes(values[index], next) {
        next = values[index]
      }
    }
    return values[lower] * (1 - weight) + next * weight
  }

  @inline(__always)
  private static func precedes(_ left: Double, _ right: Double) -> Bool {
    left < right || (left.isNaN && !right.isNaN)
  }

  /// Puts at `place` the value that would stand there in order, with none greater before it and
  /// none less behind it (Hoare's selection; the median of three is the pivot).
  private static func partition(
    _ values: UnsafeMutableBufferPointer<Double>, at place: Int
  ) {
    var low = 0
    // NaN first, so that the comparisons below are those of numbers.
    for index in values.indices where values[index].isNaN {
      values.swapAt(index, low)
      low += 1
    }
    if place < low { return }
    var high = values.count - 1
    var rounds = 0
    while high - low > 12 {
      rounds += 1
      // Unlucky pivots, or chosen ones: sorting has no bad cases.
      if rounds > 64 {
        var rest = values[low...high]
        return rest.sort()
      }
      let pivot = median(values[low], values[(low + high) / 2], values[high])
      var (left, right) = (low, high)
      while left <= right {
        while values[left] < pivot { left += 1 }
        while pivot < values[right] { right -= 1 }
        if left <= right {
          values.swapAt(left, right)
          left += 1
          right -= 1
        }
      }
      if place <= right {
        high = right
      } else if place >= left {
        low = left
      } else {
        return
      }
    }
    guard low < high else { return }
    for index in low + 1...high {
      let value = values[index]
      var hole = index
      while hole > low, value < values[hole - 1] {
        values[hole] = values[hole - 1]
        hole -= 1
      }
      values[hole] = value
    }
  }

  @inline(__always)
  private static func median(_ a: Double, _ b: Double, _ c: Double) -> Double {
    max(min(a, b), min(max(a, b), c))
  }
}
