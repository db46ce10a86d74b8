import Model
import PromQLSyntax
import Storage

extension Evaluator {
  /// The offset and the fixed time of a selector or subquery, in milliseconds.
  func resolve(_ time: PlannedTime) throws(EvaluationFailure) -> (offset: Int64, at: Int64?) {
    let offset = try time.offset.map { expression throws(EvaluationFailure) in
      try milliseconds(of: expression)
    }
    switch time.at {
    case nil: return (offset ?? 0, nil)
    case .timestamp(let at): return (offset ?? 0, at.bounded.milliseconds)
    case .start: return (offset ?? 0, query.start)
    case .end: return (offset ?? 0, query.end)
    }
  }

  /// The value of a duration in milliseconds.
  func milliseconds(of duration: DurationExpression) throws(EvaluationFailure) -> Int64 {
    if let constant = duration.constant { return constant.wholeMilliseconds }
    let seconds: Double
    do throws(DurationFailure) {
      seconds = try duration.seconds(step: stepSeconds, range: rangeSeconds)
    } catch {
      throw .refused(error.rawValue)
    }
    guard abs(seconds) < 9_000_000_000 else { throw .refused("duration out of range") }
    return Int64((seconds * 1000).rounded())
  }

  private func positiveMilliseconds(
    of duration: DurationExpression
  ) throws(EvaluationFailure) -> Int64 {
    let value = try milliseconds(of: duration)
    if value <= 0 { throw .refused("duration must be greater than 0") }
    return value
  }

  private func standingID(_ selector: PlannedSelector) -> SelectorID? {
    selector.index < standing.count ? standing[selector.index] : nil
  }

  /// The current samples of a selector's series at every step; with `givesTimes` their times in
  /// seconds instead of their values.
  func select(
    _ selector: PlannedSelector, _ steps: Steps, givesTimes: Bool = false
  ) throws(EvaluationFailure) -> EvaluatedVector {
    let (offset, at) = try resolve(selector.time)
    let lookback = limits.lookback.wholeMilliseconds
    if selector.rangeExtension == .smoothed {
      return try selectSmoothed(selector, steps, offset: offset, at: at, lookback: lookback)
    }
    if steps.count == 1 || at != nil {
      let time = (at ?? steps.start) - offset
      let found = source.latest(
        selector.matchers, standing: standingID(selector),
        after: Timestamp(milliseconds: time - lookback), through: Timestamp(milliseconds: time))
      try charge(found.count * steps.count)
      var out = EvaluatedVector(steps: steps.count)
      out.rows.reserveCapacity(found.count)
      out.values.reserveCapacity(found.count * steps.count)
      for latest in found where !StaleMarker.isStale(latest.sample.value) {
        let value = givesTimes ? latest.sample.timestamp.seconds : latest.sample.value
        out.append(Row(labels: latest.labels), repeatElement(value, count: steps.count))
      }
      return out
    }
    return try selectSteps(selector, steps, offset, lookback, givesTimes)
  }

  /// The current samples at several steps: each series is read once, from step to step.
  private func selectSteps(
    _ selector: PlannedSelector, _ steps: Steps, _ offset: Int64, _ lookback: Int64,
    _ givesTimes: Bool
  ) throws(EvaluationFailure) -> EvaluatedVector {
    var out = EvaluatedVector(steps: steps.count)
    var failure: EvaluationFailure?
    source.visit(
      selector.matchers, standing: standingID(selector),
      after: Timestamp(milliseconds: steps.start - offset - lookback),
      through: Timestamp(milliseconds: steps.end - offset), dropsStale: false
    ) { labels, samples in
      do throws(EvaluationFailure) {
        try charge(samples.count + steps.count)
      } catch {
        failure = error
        return false
      }
      let first = out.values.count
      out.values.append(contentsOf: repeatElement(EvaluatedVector.absent, count: steps.count))
      var isEmpty = true
      out.values.withUnsafeMutableBufferPointer { values in
        var next = 0
        for step in 0..<steps.count {
          let time = steps[step] - offset
          while next < samples.count, samples[next].timestamp.milliseconds <= time { next += 1 }
          if next == 0 { continue }
          let sample = samples[next - 1]
          if sample.timestamp.milliseconds > time - lookback, !StaleMarker.isStale(sample.value) {
            values[first + step] = givesTimes ? sample.timestamp.seconds : sample.value
            isEmpty = false
          }
        }
      }
      if isEmpty {
        out.values.removeSubrange(first...)
      } else {
        out.rows.append(Row(labels: labels))
      }
      return true
    }
    if let failure { throw failure }
    return out
  }

  /// Where the ranges of a range selector lie.
  func geometry(_ node: PlannedWindow) throws(EvaluationFailure) -> RangeGeometry {
    let (offset, at) = try resolve(node.selector.time)
    let rangeExtension = node.selector.rangeExtension
    return RangeGeometry(
      window: try positiveMilliseconds(of: node.window), offset: offset, at: at,
      rangeExtension: rangeExtension,
      lookback: rangeExtension == nil ? 0 : limits.lookback.wholeMilliseconds)
  }

  /// Calls `body` with each series of a range selector and its samples for all steps.
  func visit(
    _ node: PlannedWindow, _ geometry: RangeGeometry, _ steps: Steps,
    _ body: (Labels, UnsafeBufferPointer<Sample>) throws(EvaluationFailure) -> Void
  ) throws(EvaluationFailure) {
    let (after, through) = geometry.extent(steps)
    var failure: EvaluationFailure?
    source.visit(
      node.selector.matchers, standing: standingID(node.selector), after: after, through: through,
      dropsStale: true
    ) { labels, samples in
      do throws(EvaluationFailure) {
        try charge(samples.count)
        try body(labels, samples)
        return true
      } catch {
        failure = error
        return false
      }
    }
    if let failure { throw failure }
  }

  /// Calls `body` with each series of a range selector and what it has in the range of the only
  /// step: its ends alone where they are enough.
  func visitWindows(
    _ node: PlannedWindow, _ geometry: RangeGeometry, _ steps: Steps,
    _ body: (Labels, SeriesWindow) throws(EvaluationFailure) -> Void
  ) throws(EvaluationFailure) {
    let (after, through) = geometry.extent(steps)
    var failure: EvaluationFailure?
    source.visitWindows(
      node.selector.matchers, standing: standingID(node.selector), after: after, through: through
    ) { labels, window in
      do throws(EvaluationFailure) {
        switch window {
        case .ends(let ends): try charge(ends.count)
        case .samples(let samples): try charge(samples.count)
        }
        try body(labels, window)
        return true
      } catch {
        failure = error
        return false
      }
    }
    if let failure { throw failure }
  }

  /// The samples of a range selector.
  func ranges(
    _ node: PlannedWindow, _ steps: Steps
  ) throws(EvaluationFailure) -> EvaluatedRanges {
    let geometry = try geometry(node)
    var out = EvaluatedRanges(rows: [], samples: [], geometry: geometry)
    try visit(node, geometry, steps) { labels, samples throws(EvaluationFailure) in
      out.rows.append(Row(labels: labels))
      out.samples.append(Array(samples))
    }
    return out
  }

  /// The values of a subquery as a range vector. Its steps are multiples of its interval, whatever
  /// the query's are.
  func ranges(
    _ node: PlannedSubquery, _ steps: Steps
  ) throws(EvaluationFailure) -> EvaluatedRanges {
    let (offset, at) = try resolve(node.time)
    let window = try positiveMilliseconds(of: node.window)
    let interval =
      try node.step.map { step throws(EvaluationFailure) in try positiveMilliseconds(of: step) }
      ?? limits.subqueryStep.wholeMilliseconds
    let first = (at ?? steps.start) - offset
    let last = (at ?? steps.end) - offset
    let start = ((first - window).floorDivided(by: interval) + 1) * interval
    let count = last < start ? 0 : (last - start) / interval + 1
    guard count <= limits.maxSteps else { throw .tooManySteps(limit: limits.maxSteps) }
    var out = EvaluatedRanges(
      rows: [], samples: [], geometry: RangeGeometry(window: window, offset: offset, at: at))
    guard count > 0 else { return out }
    let inner = Steps(start: start, interval: interval, count: Int(count))
    switch try evaluate(node.inner, inner) {
    case .scalar(let scalar):
      try charge(inner.count)
      out.rows.append(Row(labels: Labels()))
      out.samples.append(
        (0..<inner.count).map { Sample(Timestamp(milliseconds: inner[$0]), scalar[$0]) })
    case .vector(let vector):
      try charge(vector.values.count)
      for row in vector.rows.indices {
        var samples: [Sample] = []
        samples.reserveCapacity(inner.count)
        for step in 0..<inner.count where vector.isPresent(row, step) {
          samples.append(Sample(Timestamp(milliseconds: inner[step]), vector[row, step]))
        }
        if samples.isEmpty { continue }
        out.rows.append(vector.rows[row])
        out.samples.append(samples)
      }
    case .string, .ranges:
      preconditionFailure("the type checker let a subquery over something else through")
    }
    return out
  }

  /// A `smoothed` selector: the value at each step lies on the line between its neighbours.
  private func selectSmoothed(
    _ selector: PlannedSelector, _ steps: Steps, offset: Int64, at: Int64?, lookback: Int64
  ) throws(EvaluationFailure) -> EvaluatedVector {
    let first = (at ?? steps.start) - offset
    let last = (at ?? steps.end) - offset
    let slices = source.select(
      selector.matchers, standing: standingID(selector),
      after: Timestamp(milliseconds: first - lookback),
      through: Timestamp(milliseconds: last + lookback), limit: limits.maxSamples)
    var out = EvaluatedVector(steps: steps.count)
    for slice in slices {
      try charge(slice.samples.count + steps.count)
      let samples = slice.samples.filter { !StaleMarker.isStale($0.value) }
      let row = out.rows.count
      out.append(
        Row(labels: slice.labels), repeatElement(EvaluatedVector.absent, count: steps.count))
      // The first sample at or after the step's time.
      var next = 0
      for step in 0..<steps.count {
        let time = (at ?? steps[step]) - offset
        while next < samples.count, samples[next].timestamp.milliseconds < time { next += 1 }
        let before = next > 0 ? samples[next - 1] : nil
        let after = next < samples.count ? samples[next] : nil
        if let after, after.timestamp.milliseconds == time {
          out[row, step] = after.value
        } else if let before, before.timestamp.milliseconds > time - lookback {
          if let after, after.timestamp.milliseconds <= time + lookback {
            out[row, step] = Interpolation.value(at: time, from: before, to: after)
          } else {
            out[row, step] = before.value
          }
        }
      }
    }
    return out.withoutEmptyRows()
  }
}

/// The line between two samples.
enum Interpolation {
  static func value(
    at time: Int64, from left: Sample, to right: Sample, isCounter: Bool = false
  ) -> Double {
    let (from, to) = (left.timestamp.milliseconds, right.timestamp.milliseconds)
    // A counter that fell began anew at zero.
    let start = isCounter && right.value < left.value ? 0 : left.value
    return start + (right.value - start) * Double(time - from) / Double(to - from)
  }
}
