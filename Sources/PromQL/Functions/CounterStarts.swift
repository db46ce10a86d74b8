import Model
import PromQLSyntax
import Storage

/// Counters whose samples say when they began counting (`promql/functions.go`,
/// `isStartTimestampReset`): a reset shows although the value did not fall, and the first sample of
/// a range may bring the zero it grew from.
extension Window {
  /// In milliseconds; 0 when it is not known.
  func startTime(_ index: Int) -> Int64 {
    startTimes?[samples[index].timestamp]?.milliseconds ?? 0
  }

  /// Whether the counter began anew between the sample before and the one at `index`, going by
  /// start times.
  func beginsAnew(at index: Int) -> Bool {
    if startTimes == nil { return false }
    let (start, before) = (startTime(index), milliseconds(index - 1))
    if start == 0 || start >= milliseconds(index) || start < before { return false }
    if start > before { return true }
    // It began at the sample before: the next of a row of differences, or a counter of which nobody
    // knows when it began.
    let startBefore = startTime(index - 1)
    return startBefore != 0 && startBefore < before
  }

  /// Whether a sample claims to have begun before the one before it, and not when that began.
  func overlaps(at index: Int) -> Bool {
    let start = startTime(index)
    return start != 0 && start < milliseconds(index - 1) && start != startTime(index - 1)
  }

  /// Whether the counter fell or began anew between the sample before and the one at `index`.
  func resets(at index: Int) -> Bool {
    value(index) < value(index - 1) || beginsAnew(at: index)
  }
}

extension RangeChange {
  /// The change of a counter with start times.
  func startedChange(of window: Window) -> Double? {
    let last = window.samples.count - 1
    var change = window.value(last) - window.value(0)
    for index in 1..<max(1, last + 1) where window.resets(at: index) {
      change += window.value(index - 1)
    }
    let first = window.milliseconds(0)
    let start = window.startTime(0)
    guard start != 0, start > window.start, start < first else {
      return last < 1 ? nil : change * factor(window, change: change, last)
    }
    // It grew from zero since its start, within the range: nothing is guessed on that side.
    change += window.value(0)
    let sampled = Double(window.milliseconds(last) - start) / 1000
    let interval =
      last > 0 ? Double(window.milliseconds(last) - first) / 1000 / Double(last) : 0
    var toEnd = Double(window.end - window.milliseconds(last)) / 1000
    if toEnd >= interval * 1.1 { toEnd = interval / 2 }
    change *= (sampled + toEnd) / sampled
    return perSecond ? change / window.rangeSeconds : change
  }
}

/// When the counter behind each sample of a selector began.
let startTimeFunctions: [PromQLFunction] = [
  PromQLFunction(
    "start_timestamp", [.vector], isExperimental: true,
    "When the counter behind each sample began, in seconds; 0 when it is not known.",
    .whole { context throws(EvaluationFailure) in
      var out = EvaluatedVector(steps: context.steps.count)
      var argument = context.call.arguments[0]
      if case .once(let inner) = argument { argument = inner }
      guard context.evaluator.limits.usesStartTimes, case .selector(let selector) = argument else {
        _ = try context.vector(0)
        return .vector(out)
      }
      let times = try context.evaluator.select(selector, context.steps, givesTimes: true)
      for row in times.rows.indices {
        let starts = context.evaluator.source.startTimes(of: times.rows[row].labels) ?? [:]
        out.append(
          times.rows[row],
          (0..<times.steps).map { step in
            guard times.isPresent(row, step) else { return EvaluatedVector.absent }
            let time = Timestamp(milliseconds: Int64((times[row, step] * 1000).rounded()))
            return starts[time]?.seconds ?? 0
          })
      }
      let isUnique = context.evaluator.dropNames(&out)
      return .vector(try context.evaluator.merged(out, isUnique: isUnique))
    })
]
