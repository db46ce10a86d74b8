import Model
import PromQLSyntax

/// Where a series is heading.
let trendFunctions: [PromQLFunction] = [
  PromQLFunction(
    "deriv", [.matrix], "The slope a second of the line through the samples of a gauge.",
    .window { window, _ in
      guard window.samples.count >= 2 else { return nil }
      return LinearTrend(window, origin: window.milliseconds(0)).slope
    }),
  PromQLFunction(
    "predict_linear", [.matrix, .scalar], traits: [.dependsOnTime],
    "The value some seconds from now, on the line through the samples of a gauge.",
    .window { window, _ in
      guard window.samples.count >= 2 else { return nil }
      let trend = LinearTrend(window, origin: window.time)
      return trend.slope * window.parameters[0] + trend.intercept
    }),
  PromQLFunction(
    "double_exponential_smoothing", [.matrix, .scalar, .scalar], isExperimental: true,
    "The samples smoothed with a smoothing factor and a trend factor.",
    .window { window, _ throws(EvaluationFailure) in
      try doubleExponentialSmoothing(window)
    }),
]

/// The least-squares line through the samples of a range.
struct LinearTrend {
  /// A second.
  var slope: Double
  /// The value at the origin.
  var intercept: Double

  init(_ window: Window, origin: Int64) {
    let first = window.value(0)
    if window.samples.allSatisfy({ $0.value == first }) {
      (slope, intercept) = first.isInfinite ? (.nan, .nan) : (0, first)
      return
    }
    var (x, y, xy, xx) = (
      CompensatedSum(), CompensatedSum(), CompensatedSum(), CompensatedSum()
    )
    for sample in window.samples {
      let seconds = Double(sample.timestamp.milliseconds - origin) / 1000
      x.add(seconds)
      y.add(sample.value)
      xy.add(seconds * sample.value)
      xx.add(seconds * seconds)
    }
    let count = Double(window.samples.count)
    let covariance = xy.value - x.value * y.value / count
    let variance = xx.value - x.value * x.value / count
    slope = covariance / variance
    intercept = y.value / count - slope * x.value / count
  }
}

/// Holt's linear method.
private func doubleExponentialSmoothing(
  _ window: Window
) throws(EvaluationFailure) -> Double? {
  for (name, factor, symbol) in [
    ("smoothing", window.parameters[0], "sf"), ("trend", window.parameters[1], "tf"),
  ] where !(factor > 0 && factor < 1) && !factor.isNaN {
    throw .refused(
      "invalid \(name) factor. Expected: 0 < \(symbol) < 1, got: "
        + NumberText.fixed(factor, decimals: 6))
  }
  guard window.samples.count >= 2 else { return nil }
  let (smoothing, trendFactor) = (window.parameters[0], window.parameters[1])
  var before = 0.0
  var level = window.value(0)
  var trend = window.value(1) - window.value(0)
  for index in 1..<window.samples.count {
    if index > 1 { trend = trendFactor * (level - before) + (1 - trendFactor) * trend }
    before = level
    level = smoothing * window.value(index) + (1 - smoothing) * (level + trend)
  }
  return level
}
