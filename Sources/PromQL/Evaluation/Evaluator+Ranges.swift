import Diagnostics
import Model
import PromQLSyntax
import Storage

extension Evaluator {
  /// Calls a range function for each series.
  func overRanges(
    _ context: CallContext, _ function: some RangeFunction
  ) throws(EvaluationFailure) -> EvaluatedVector {
    let call = context.call
    let steps = context.steps
    guard let argument = call.function.signature.arguments.firstIndex(of: .matrix) else {
      preconditionFailure("a range function takes a range vector")
    }
    var scalars: [EvaluatedScalar] = []
    for index in call.arguments.indices where index != argument {
      scalars.append(try context.scalar(index))
    }
    var walk = RangeWalk(
      context: context, argument: argument,
      parameters: (0..<steps.count).map { step in WindowParameters(scalars.map { $0[step] }) })
    if case .window(let node) = call.arguments[argument] {
      walk.hasOneName = node.selector.fixesName && !source.mayHaveMetadataLabels
      // A selector's series are looked at one by one, without keeping their samples.
      let geometry = try geometry(node)
      try checkExtension(of: geometry, call)
      if function.readsEnds, steps.count == 1, geometry.rangeExtension == nil,
        !limits.usesStartTimes
      {
        let end = geometry.end(at: steps.start)
        try visitWindows(node, geometry, steps) { labels, window throws(EvaluationFailure) in
          switch window {
          case .ends(let ends):
            let value = function.value(of: ends, start: end - geometry.window, end: end)
            if let value { try walk.add(Row(labels: labels), value) }
          case .samples(let samples):
            try walk.walk(Row(labels: labels), samples, geometry, function)
          }
        }
        return try finished(&walk)
      }
      try visit(node, geometry, steps) { labels, samples throws(EvaluationFailure) in
        if limits.usesStartTimes { walk.startTimes = source.startTimes(of: labels) }
        try walk.walk(Row(labels: labels), samples, geometry, function)
      }
    } else {
      let ranges = try context.ranges(argument)
      for index in ranges.rows.indices {
        var failure: EvaluationFailure?
        ranges.samples[index].withUnsafeBufferPointer { samples in
          do throws(EvaluationFailure) {
            try walk.walk(ranges.rows[index], samples, ranges.geometry, function)
          } catch {
            failure = error
          }
        }
        if let failure { throw failure }
      }
    }
    if call.function.traits.contains(.keepsName) { return try merged(walk.out) }
    return try finished(&walk)
  }

  private func finished(_ walk: inout RangeWalk) throws(EvaluationFailure) -> EvaluatedVector {
    let isUnique = dropNames(&walk.out, haveOneName: walk.hasOneName)
    return try merged(walk.out, isUnique: isUnique, refusesAll: true)
  }

  /// `anchored` and `smoothed` bring samples from outside the range, which few functions expect.
  func checkExtension(
    of geometry: RangeGeometry, _ call: PlannedCall
  ) throws(EvaluationFailure) {
    guard let rangeExtension = geometry.rangeExtension else { return }
    let trait: FunctionTraits =
      rangeExtension == .anchored ? .takesAnchored : .takesSmoothed
    if call.function.traits.contains(trait) { return }
    let able = FunctionRegistry.all.filter { $0.traits.contains(trait) }.map(\.signature.name)
    throw .refused(
      "\(rangeExtension.rawValue) modifier can only be used with: "
        + "\(able.joined(separator: ", ")) - not with \(call.function.signature.name)")
  }
}

/// Takes one series after the other to a range function.
private struct RangeWalk {
  let context: CallContext
  let argument: Int
  /// The scalar arguments by step.
  let parameters: [WindowParameters]
  var out: EvaluatedVector
  /// Of the series at hand.
  var startTimes: [Timestamp: Timestamp]?
  /// All series have the same metric name, and differ by other labels.
  var hasOneName = false
  /// The metric name that was last looked at for a counter's suffix.
  private var checkedName: String?

  init(context: CallContext, argument: Int, parameters: [WindowParameters]) {
    self.context = context
    self.argument = argument
    self.parameters = parameters
    out = EvaluatedVector(steps: context.steps.count)
  }

  /// Adds a series whose value at the only step is known.
  mutating func add(_ row: Row, _ value: Double) throws(EvaluationFailure) {
    try context.evaluator.charge(1)
    if context.call.function.traits.contains(.expectsCounter) { checkCounter(row) }
    out.rows.append(row)
    out.values.append(value)
  }

  mutating func walk(
    _ row: Row, _ samples: UnsafeBufferPointer<Sample>, _ geometry: RangeGeometry,
    _ function: some RangeFunction
  ) throws(EvaluationFailure) {
    let steps = context.steps
    try context.evaluator.charge(steps.count)
    let series = RangeSeries(
      samples: samples, steps: steps, geometry: geometry, parameters: parameters,
      startTimes: startTimes, evaluator: context.evaluator)
    if startTimes != nil { checkStarts(series, row.labels.name) }
    let first = out.values.count
    out.values.append(contentsOf: repeatElement(EvaluatedVector.absent, count: steps.count))
    var failure: EvaluationFailure?
    let hasAny = out.values.withUnsafeMutableBufferPointer { values in
      let own = UnsafeMutableBufferPointer(rebasing: values[first...])
      do throws(EvaluationFailure) {
        try function.fill(own, from: series)
      } catch {
        failure = error
      }
      return own.contains { !EvaluatedVector.isAbsent($0) }
    }
    if let failure { throw failure }
    guard hasAny else {
      out.values.removeSubrange(first...)
      return
    }
    if context.call.function.traits.contains(.expectsCounter) { checkCounter(row) }
    out.rows.append(row)
  }

  private func checkStarts(_ series: RangeSeries, _ name: String) {
    guard context.call.function.traits.contains(.expectsCounter),
      series.geometry.rangeExtension == nil
    else { return }
    var bounds = 0..<0
    for step in 0..<series.steps.count {
      bounds = series.bounds(of: step, after: bounds)
      let window = series.window(of: step, bounds)
      guard (1..<max(1, bounds.count)).contains(where: window.overlaps) else { continue }
      context.evaluator.log.addOverlap(metric: name, at: context.call.argumentRanges[argument])
    }
  }

  private mutating func checkCounter(_ row: Row) {
    if hasOneName, checkedName != nil { return }
    let position = row.isNameless ? -1 : row.source.names.metricNamePosition
    let name = position < 0 ? "" : row.source.value(at: position)
    if let checkedName, Bytes.equal(checkedName, name) { return }
    checkedName = name
    let suffixes = ["_total", "_sum", "_count", "_bucket"]
    if name.isEmpty || suffixes.contains(where: name.hasSuffix) { return }
    context.inform(
      "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "
        + GoText.quoted(name), argument: argument)
  }
}
