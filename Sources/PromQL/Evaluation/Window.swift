import Model
import PromQLSyntax
import Storage

/// The scalar arguments of a range function at one step, in order; none has more than two.
struct WindowParameters: Sendable {
  private var first = 0.0
  private var second = 0.0

  init(_ values: [Double]) {
    precondition(values.count <= 2, "a range function takes at most two scalars")
    if let value = values.first { first = value }
    if values.count > 1 { second = values[1] }
  }

  @inline(__always)
  subscript(index: Int) -> Double { index == 0 ? first : second }
}

/// The samples of one series in the range of one step, as range functions see them.
struct Window {
  /// At least one, oldest first. An extended selector brings samples beyond the range too.
  let samples: UnsafeBufferPointer<Sample>
  /// The range: after `start`, through `end`, in milliseconds.
  let start: Int64
  let end: Int64
  /// The time of the step.
  let time: Int64
  /// The scalar arguments at the step.
  let parameters: WindowParameters
  let rangeExtension: RangeExtension?
  /// When the counter behind a sample began, by the sample's time; nil when that is not looked at.
  var startTimes: [Timestamp: Timestamp]? = nil

  var rangeSeconds: Double { Double(end - start) / 1000 }

  @inline(__always)
  func value(_ index: Int) -> Double { samples[index].value }
  @inline(__always)
  func milliseconds(_ index: Int) -> Int64 { samples[index].timestamp.milliseconds }
}

/// One series under a range function: its samples for all steps, and where the ranges lie.
struct RangeSeries {
  /// Oldest first, without staleness markers.
  let samples: UnsafeBufferPointer<Sample>
  let steps: Steps
  let geometry: RangeGeometry
  /// By step.
  let parameters: [WindowParameters]
  /// When the counter behind a sample began, by the sample's time; nil when that is not looked at.
  let startTimes: [Timestamp: Timestamp]?
  let evaluator: Evaluator

  /// Asks whether to stop, once many samples have been looked at since that was asked.
  @inline(__always)
  func count(_ samples: Int, in work: inout Int) throws(EvaluationFailure) {
    work += samples
    if work < 1 << 20 { return }
    work = 0
    try evaluator.checkStop()
  }

  /// The samples in the range of a step: after the range of an earlier step, or from the beginning.
  @inline(__always)
  func bounds(of step: Int, after earlier: Range<Int> = 0..<0) -> Range<Int> {
    // What was read for one step is its range.
    if steps.count == 1 { return 0..<samples.count }
    let end = geometry.end(at: steps[step])
    var (lower, upper) = (earlier.lowerBound, earlier.upperBound)
    while upper < samples.count, milliseconds(upper) <= end + geometry.ahead { upper += 1 }
    let start = end - geometry.window - geometry.lookback
    while lower < upper, milliseconds(lower) <= start { lower += 1 }
    return lower..<upper
  }

  @inline(__always)
  func window(of step: Int, _ bounds: Range<Int>) -> Window {
    let end = geometry.end(at: steps[step])
    return Window(
      samples: UnsafeBufferPointer(rebasing: samples[bounds]), start: end - geometry.window,
      end: end, time: steps[step], parameters: parameters[step],
      rangeExtension: geometry.rangeExtension, startTimes: startTimes)
  }

  @inline(__always)
  func value(_ index: Int) -> Double { samples[index].value }
  @inline(__always)
  private func milliseconds(_ index: Int) -> Int64 { samples[index].timestamp.milliseconds }
}

/// What a range function computes. `fill` is called once a series, so that what is inside it is
/// compiled for the function: where one range of a series says something of the next, a function
/// brings a `fill` of its own.
protocol RangeFunction {
  /// Whether the ends of a range in which a series neither fell nor ended are enough.
  var readsEnds: Bool { get }
  /// The value for a range of which only the ends were read, `start` and `end` in milliseconds.
  func value(of ends: WindowEnds, start: Int64, end: Int64) -> Double?
  /// The value for one range; nil: no element.
  func value(of window: Window) throws(EvaluationFailure) -> Double?
  /// Sets the values of a series at all steps; those left alone are absent.
  func fill(
    _ out: UnsafeMutableBufferPointer<Double>, from series: RangeSeries
  ) throws(EvaluationFailure)
}

extension RangeFunction {
  var readsEnds: Bool { false }
  func value(of ends: WindowEnds, start: Int64, end: Int64) -> Double? { nil }

  func fill(
    _ out: UnsafeMutableBufferPointer<Double>, from series: RangeSeries
  ) throws(EvaluationFailure) {
    try fillEach(out, from: series)
  }

  /// Computes each range from all its samples.
  @inline(__always)
  func fillEach(
    _ out: UnsafeMutableBufferPointer<Double>, from series: RangeSeries
  ) throws(EvaluationFailure) {
    var bounds = 0..<0
    var work = 0
    for step in 0..<series.steps.count {
      bounds = series.bounds(of: step, after: bounds)
      if bounds.isEmpty { continue }
      try series.count(bounds.count, in: &work)
      if let value = try value(of: series.window(of: step, bounds)) { out[step] = value }
    }
  }
}

/// A range function written as one expression.
struct WindowFunction: RangeFunction {
  typealias Body = @Sendable (Window, CallContext) throws(EvaluationFailure) -> Double?
  let context: CallContext
  let body: Body

  func value(of window: Window) throws(EvaluationFailure) -> Double? {
    try body(window, context)
  }
}
