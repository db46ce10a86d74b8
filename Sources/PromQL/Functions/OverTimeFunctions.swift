import Glibc
import Model
import PromQLSyntax

/// One number from all samples of a range.
let overTimeFunctions: [PromQLFunction] = [
  PromQLFunction(
    "avg_over_time", [.matrix], "The mean of the samples.",
    .window { window, _ in
      var mean = CompensatedMean(first: window.value(0))
      for sample in window.samples.dropFirst() { mean.add(sample.value) }
      return mean.value
    }),
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
    .window { window, _ in window.value(window.extreme { $0 < $1 }) }),
  PromQLFunction(
    "max_over_time", [.matrix], "The greatest sample.",
    .window { window, _ in window.value(window.extreme { $0 > $1 }) }),
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
      return Quantile.value(window.parameters[0], of: window.samples.map(\.value))
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
      let values = window.samples.map(\.value)
      // Among numbers NaN would sort first and mostly not count.
      if values.contains(where: \.isNaN) { return .nan }
      let median = Quantile.value(0.5, of: values)
      return Quantile.value(0.5, of: values.map { abs($0 - median) })
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
