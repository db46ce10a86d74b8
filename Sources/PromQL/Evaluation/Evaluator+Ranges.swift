import Diagnostics
import Model
import PromQLSyntax
import Storage

extension Evaluator {
  typealias RangeBody = (Window, CallContext) throws(EvaluationFailure) -> Double?

  /// Calls a range function for each series and step.
  func overRanges(
    _ context: CallContext, _ body: RangeBody
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
      parameters: (0..<steps.count).map { step in scalars.map { $0[step] } })
    if case .window(let node) = call.arguments[argument] {
      // A selector's series are looked at one by one, without keeping their samples.
      let geometry = try geometry(node)
      try checkExtension(of: geometry, call)
      try visit(node, geometry, steps) { labels, samples throws(EvaluationFailure) in
        if limits.usesStartTimes { walk.startTimes = source.startTimes(of: labels) }
        try walk.walk(Row(labels: labels), samples, geometry, body)
      }
    } else {
      let ranges = try context.ranges(argument)
      for index in ranges.rows.indices {
        var failure: EvaluationFailure?
        ranges.samples[index].withUnsafeBufferPointer { samples in
          do throws(EvaluationFailure) {
            try walk.walk(ranges.rows[index], samples, ranges.geometry, body)
          } catch {
            failure = error
          }
        }
        if let failure { throw failure }
      }
    }
    if call.function.traits.contains(.keepsName) { return try merged(walk.out) }
    let isUnique = dropNames(&walk.out)
    return try merged(walk.out, isUnique: isUnique)
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

/// Walks the ranges of one series after the other with a range function.
private struct RangeWalk {
  let context: CallContext
  let argument: Int
  /// The scalar arguments by step.
  let parameters: [[Double]]
  var out: EvaluatedVector
  /// Of the series at hand.
  var startTimes: [Timestamp: Timestamp]?

  init(context: CallContext, argument: Int, parameters: [[Double]]) {
    self.context = context
    self.argument = argument
    self.parameters = parameters
    out = EvaluatedVector(steps: context.steps.count)
  }

  mutating func walk(
    _ row: Row, _ samples: UnsafeBufferPointer<Sample>, _ geometry: RangeGeometry,
    _ body: Evaluator.RangeBody
  ) throws(EvaluationFailure) {
    let steps = context.steps
    try context.evaluator.charge(steps.count)
    let first = out.values.count
    var hasAny = false
    var lower = 0
    var upper = 0
    for step in 0..<steps.count {
      let end = geometry.end(at: steps[step])
      let start = end - geometry.window
      while upper < samples.count,
        samples[upper].timestamp.milliseconds <= end + geometry.ahead
      {
        upper += 1
      }
      while lower < upper,
        samples[lower].timestamp.milliseconds <= start - geometry.lookback
      {
        lower += 1
      }
      var value: Double?
      if lower < upper {
        let window = Window(
          samples: UnsafeBufferPointer(rebasing: samples[lower..<upper]), start: start, end: end,
          time: steps[step], parameters: parameters[step], rangeExtension: geometry.rangeExtension,
          startTimes: startTimes)
        if startTimes != nil { checkStarts(window, row.labels.name) }
        value = try body(window, context)
      }
      hasAny = hasAny || value != nil
      out.values.append(value ?? EvaluatedVector.absent)
    }
    guard hasAny else {
      out.values.removeSubrange(first...)
      return
    }
    if context.call.function.traits.contains(.expectsCounter) { checkCounter(row.labels.name) }
    out.rows.append(row)
  }

  private func checkStarts(_ window: Window, _ name: String) {
    guard context.call.function.traits.contains(.expectsCounter), window.rangeExtension == nil,
      (1..<max(1, window.samples.count)).contains(where: window.overlaps)
    else { return }
    context.evaluator.log.addOverlap(metric: name, at: context.call.argumentRanges[argument])
  }

  private func checkCounter(_ name: String) {
    let suffixes = ["_total", "_sum", "_count", "_bucket"]
    if name.isEmpty || suffixes.contains(where: name.hasSuffix) { return }
    context.inform(
      "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "
        + GoText.quoted(name), argument: argument)
  }
}
