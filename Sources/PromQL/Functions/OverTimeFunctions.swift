import Glibc
import Model
import PromQLSyntax

/// One number from all samples of a range.
let overTimeFunctions: [PromQLFunction] = [
  PromQLFunction(
    "avg_over_time", [.matrix], "The mean of the samples.",
    .window { window, _ in window.mean }),
  PromQLFunction(
    "sum_over_time", [.matrix], "The sum of the samples.",
    .window { window, _ in
      var sum = CompensatedSum()
      for sample in window.samples { sum.add(sample.value) }
      return sum.sum.isInfinite ? sum.sum : sum.value
    }),
  PromQLFunction(
    "count_over_time", [.matrix], "The number of samples.",
    .window { window, _ in Double(window.samples.count) }),
  PromQLFunction(
    "min_over_time", [.matrix], "The least sample.",
    .range(LeastValue())),
  PromQLFunction(
    "max_over_time", [.matrix], "The greatest sample.",
    .range(GreatestValue())),
  PromQLFunction(
    "first_over_time", [.matrix], traits: [.keepsName], "The oldest sample.",
    .window { window, _ in window.value(0) }),
  PromQLFunction(
    "last_over_time", [.matrix], traits: [.keepsName], "The newest sample.",
    .window { window, _ in window.value(window.samples.count - 1) }),
  PromQLFunction(
    "present_over_time", [.matrix], "1 for every series that has a sample.",
    .window { _, _ in 1 }),
  PromQLFunction(
    "quantile_over_time", [.scalar, .matrix], "The φ-quantile of the samples.",
    .window { window, context in
      context.warnOfQuantile(window.parameters[0], argument: 0)
      return window.withValues { Quantile.select(window.parameters[0], of: $0) }
    }),
  PromQLFunction(
    "stdvar_over_time", [.matrix], "The variance of the samples.",
    .window { window, _ in window.variance }),
  PromQLFunction(
    "stddev_over_time", [.matrix], "The standard deviation of the samples.",
    .window { window, _ in window.variance.squareRoot() }),
  PromQLFunction(
    "mad_over_time", [.matrix], isExperimental: true,
    "The median absolute deviation of the samples.",
    .window { window, _ in
      // Among numbers NaN would sort first and mostly not count.
      if window.samples.contains(where: { $0.value.isNaN }) { return .nan }
      return window.withValues { values in
        let median = Quantile.select(0.5, of: values)
        for index in values.indices { values[index] = abs(values[index] - median) }
        return Quantile.select(0.5, of: values)
      }
    }),
  PromQLFunction(
    "ts_of_first_over_time", [.matrix], isExperimental: true, "When the oldest sample was.",
    .window { window, _ in window.seconds(0) }),
  PromQLFunction(
    "ts_of_last_over_time", [.matrix], isExperimental: true, "When the newest sample was.",
    .window { window, _ in window.seconds(window.samples.count - 1) }),
  PromQLFunction(
    "ts_of_min_over_time", [.matrix], isExperimental: true,
    "When the least sample was, the last time.",
    .window { window, _ in window.seconds(window.extreme { $0 <= $1 }) }),
  PromQLFunction(
    "ts_of_max_over_time", [.matrix], isExperimental: true,
    "When the greatest sample was, the last time.",
    .window { window, _ in window.seconds(window.extreme { $0 >= $1 }) }),
]

extension Window {
  fileprivate func seconds(_ index: Int) -> Double { Double(milliseconds(index)) / 1000 }

  /// The index of the sample that beats all before it; any number beats NaN.
  fileprivate func extreme(_ beats: (Double, Double) -> Bool) -> Int {
    var best = 0
    for index in samples.indices where beats(value(index), value(best)) || value(best).isNaN {
      best = index
    }
    return best
  }

  /// Calls `body` with a copy of the values.
  fileprivate func withValues(_ body: (UnsafeMutableBufferPointer<Double>) -> Double) -> Double {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: samples.count) { values in
      for index in samples.indices { values.initializeElement(at: index, to: value(index)) }
      return body(values)
    }
  }

  /// The mean: a plain sum unless that outgrows all numbers.
  fileprivate var mean: Double {
    var sum = CompensatedSum(value(0))
    for index in 1..<max(1, samples.count) { sum.add(value(index)) }
    let count = Double(samples.count)
    if sum.sum.isFinite { return sum.sum / count + sum.compensation / count }
    var mean = CompensatedMean(first: value(0))
    for sample in samples.dropFirst() { mean.add(sample.value) }
    return mean.value
  }

  /// Welford's method with compensated sums.
  fileprivate var variance: Double {
    var count = 0.0
    var mean = CompensatedSum()
    var squares = CompensatedSum()
    for sample in samples {
      count += 1
      let delta = sample.value - mean.value
      mean.add(delta / count)
      squares.add(delta * (sample.value - mean.value))
    }
    return squares.value / count
  }
}

/// The extreme of a range: it stays until it leaves the range or a sample beats it.
private protocol ExtremeValue: RangeFunction {
  func beats(_ value: Double, _ best: Double) -> Bool
}

private struct LeastValue: ExtremeValue {
  func beats(_ value: Double, _ best: Double) -> Bool { value < best }
}

private struct GreatestValue: ExtremeValue {
  func beats(_ value: Double, _ best: Double) -> Bool { value > best }
}

extension ExtremeValue {
  /// Any number beats NaN.
  @inline(__always)
  private func best(of first: Double, _ values: UnsafeBufferPointer<Sample>) -> Double {
    var best = first
    for sample in values where beats(sample.value, best) || best.isNaN { best = sample.value }
    return best
  }

  func value(of window: Window) -> Double? { best(of: window.value(0), window.samples) }

  func fill(_ out: UnsafeMutableBufferPointer<Double>, from series: RangeSeries) {
    var bounds = 0..<0
    var best = 0
    for step in 0..<series.steps.count {
      let before = bounds
      bounds = series.bounds(of: step, after: before)
      if bounds.isEmpty { continue }
      var next = max(before.upperBound, bounds.lowerBound)
      if before.isEmpty || best < bounds.lowerBound {
        best = bounds.lowerBound
        next = best
      }
      for index in next..<bounds.upperBound
      where beats(series.value(index), series.value(best)) || series.value(best).isNaN {
        best = index
      }
      out[step] = series.value(best)
    }
  }
}
