/// A running sum that keeps what rounding loses (Neumaier 1974).
struct CompensatedSum {
  var sum: Double
  var compensation: Double

  init(_ sum: Double = 0, compensation: Double = 0) {
    self.sum = sum
    self.compensation = compensation
  }

  @inline(__always)
  mutating func add(_ value: Double) {
    let total = sum + value
    if total.isInfinite {
      compensation = 0
    } else if abs(sum) >= abs(value) {
      compensation += (sum - total) + value
    } else {
      compensation += (value - total) + sum
    }
    sum = total
  }

  var value: Double { sum + compensation }
}

/// An arithmetic mean that survives sums beyond the largest number: from the value that would
/// overflow on, it moves the mean instead of adding up.
struct CompensatedMean {
  private var total: CompensatedSum
  private var mean = CompensatedSum()
  private var count = 1.0
  private var isIncremental = false

  init(first: Double) { total = CompensatedSum(first) }

  @inline(__always)
  mutating func add(_ value: Double) {
    count += 1
    if !isIncremental {
      var next = total
      next.add(value)
      if !next.sum.isInfinite {
        total = next
        return
      }
      isIncremental = true
      mean = CompensatedSum(
        total.sum / (count - 1), compensation: total.compensation / (count - 1))
    }
    let weight = (count - 1) / count
    mean = CompensatedSum(weight * mean.sum, compensation: weight * mean.compensation)
    mean.add(value / count)
  }

  var value: Double {
    isIncremental ? mean.value : total.sum / count + total.compensation / count
  }
}
