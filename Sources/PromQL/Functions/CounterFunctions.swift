import Model
import PromQLSyntax
import Storage

/// How counters and gauges changed over a range.
let counterFunctions: [PromQLFunction] = [
  PromQLFunction(
    "rate", [.matrix], traits: [.expectsCounter, .takesAnchored, .takesSmoothed],
    "How much a counter rose a second over the range, with its ends extrapolated.",
    .range(RangeChange(isCounter: true, perSecond: true))),
  PromQLFunction(
    "increase", [.matrix], traits: [.expectsCounter, .takesAnchored, .takesSmoothed],
    "How much a counter rose over the range, with its ends extrapolated.",
    .range(RangeChange(isCounter: true, perSecond: false))),
  PromQLFunction(
    "delta", [.matrix], traits: [.takesAnchored, .takesSmoothed],
    "The difference between the ends of the range of a gauge, extrapolated.",
    .range(RangeChange(isCounter: false, perSecond: false))),
  PromQLFunction(
    "irate", [.matrix], "How much a counter rose a second between its last two samples.",
    .window { window, _ in lastChange(in: window, isCounter: true) }),
  PromQLFunction(
    "idelta", [.matrix], "The difference between the last two samples of a gauge.",
    .window { window, _ in lastChange(in: window, isCounter: false) }),
  PromQLFunction(
    "resets", [.matrix], traits: [.takesAnchored],
    "How often a counter fell, which is to say began anew.",
    .window { window, _ in
      countSteps(in: window) { window.resets(at: $0) }
    }),
  PromQLFunction(
    "changes", [.matrix], traits: [.takesAnchored], "How often the value changed.",
    .window { window, _ in
      countSteps(in: window) { index in
        let (before, after) = (window.value(index - 1), window.value(index))
        return after != before && !(after.isNaN && before.isNaN)
      }
    }),
]

private func lastChange(in window: Window, isCounter: Bool) -> Double? {
  let count = window.samples.count
  guard count >= 2 else { return nil }
  let (before, after) = (window.value(count - 2), window.value(count - 1))
  let milliseconds = window.milliseconds(count - 1) - window.milliseconds(count - 2)
  guard milliseconds != 0 else { return nil }
  if !isCounter { return after - before }
  let change = window.resets(at: count - 1) ? after : after - before
  return change / (Double(milliseconds) / 1000)
}

private func countSteps(in window: Window, _ counts: (Int) -> Bool) -> Double? {
  var first = 0
  if window.rangeExtension == .anchored {
    guard let anchor = ExtendedRange.firstIndex(in: window) else { return nil }
    first = anchor
  }
  var count = 0.0
  for index in (first + 1)..<max(first + 1, window.samples.count)
  where counts(index) {
    count += 1
  }
  return count
}

/// The change of a value over a range (`promql/functions.go`, `extrapolatedRate`).
struct RangeChange: RangeFunction {
  let isCounter: Bool
  let perSecond: Bool

  func value(of window: Window) -> Double? {
    if let rangeExtension = window.rangeExtension {
      let change = ExtendedRange.change(
        in: window, isCounter: isCounter, isSmoothed: rangeExtension == .smoothed)
      return perSecond ? change.map { $0 / window.rangeSeconds } : change
    }
    if isCounter, window.startTimes != nil {
      return startedChange(of: window)
    }
    let last = window.samples.count - 1
    guard last >= 1 else { return nil }
    var change = window.value(last) - window.value(0)
    if isCounter {
      var before = window.value(0)
      for index in 1...last {
        let value = window.value(index)
        if value < before { change += before }
        before = value
      }
    }
    return change * factor(window, change: change, last)
  }

  /// In a range without a reset only the first and the last sample count.
  func fill(
    _ out: UnsafeMutableBufferPointer<Double>, from series: RangeSeries
  ) throws(EvaluationFailure) {
    if series.steps.count == 1 || series.geometry.rangeExtension != nil || series.startTimes != nil
    {
      return try fillEach(out, from: series)
    }
    var bounds = 0..<0
    // The newest sample so far that is less than the one before it.
    var lastReset = -1
    var work = 0
    for step in 0..<series.steps.count {
      let known = bounds.upperBound
      bounds = series.bounds(of: step, after: bounds)
      if isCounter {
        for index in max(known, 1)..<max(known, 1, bounds.upperBound)
        where series.value(index) < series.value(index - 1) {
          lastReset = index
        }
      }
      guard bounds.count >= 2 else { continue }
      let window = series.window(of: step, bounds)
      if lastReset > bounds.lowerBound {
        try series.count(bounds.count, in: &work)
        if let value = value(of: window) { out[step] = value }
      } else {
        let last = bounds.count - 1
        let change = window.value(last) - window.value(0)
        out[step] = change * factor(window, change: change, last)
      }
    }
  }

  /// How far the change is stretched toward the ends of the range: all the way when the series
  /// seems to go on there, half an average interval when it seems to begin or end; a counter not
  /// below zero.
  @inline(__always)
  func factor(_ window: Window, change: Double, _ last: Int) -> Double {
    let ends = WindowEnds(first: window.samples[0], last: window.samples[last], count: last + 1)
    return factor(ends, change: change, start: window.start, end: window.end)
  }

  @inline(__always)
  private func factor(_ ends: WindowEnds, change: Double, start: Int64, end: Int64) -> Double {
    let (first, last) = (ends.first.timestamp.milliseconds, ends.last.timestamp.milliseconds)
    let sampled = Double(last - first) / 1000
    let interval = sampled / Double(ends.count - 1)
    let threshold = interval * 1.1
    var toStart = Double(first - start) / 1000
    var toEnd = Double(end - last) / 1000
    if toStart >= threshold { toStart = interval / 2 }
    if isCounter, change > 0, ends.first.value >= 0 {
      toStart = min(toStart, sampled * (ends.first.value / change))
    }
    if toEnd >= threshold { toEnd = interval / 2 }
    let factor = (sampled + toStart + toEnd) / sampled
    return perSecond ? factor / (Double(end - start) / 1000) : factor
  }

  var readsEnds: Bool { true }

  func value(of ends: WindowEnds, start: Int64, end: Int64) -> Double? {
    guard ends.count > 1 else { return nil }
    let change = ends.last.value - ends.first.value
    return change * factor(ends, change: change, start: start, end: end)
  }
}
