import Diagnostics
import Model
import PromQLSyntax

extension Evaluator {
  /// Calls a range function for each series and step.
  func overRanges(
    _ context: CallContext,
    _ body: (Window, CallContext) throws(EvaluationFailure) -> Double?
  ) throws(EvaluationFailure) -> EvaluatedVector {
    let call = context.call
    let steps = context.steps
    guard let argument = call.function.signature.arguments.firstIndex(of: .matrix) else {
      preconditionFailure("a range function takes a range vector")
    }
    let ranges = try context.ranges(argument)
    try checkExtension(of: ranges, call)
    var scalars: [EvaluatedScalar] = []
    for index in call.arguments.indices where index != argument {
      scalars.append(try context.scalar(index))
    }
    let parameters = (0..<steps.count).map { step in scalars.map { $0[step] } }
    var out = EvaluatedVector(steps: steps.count)
    out.rows.reserveCapacity(ranges.rows.count)
    out.values.reserveCapacity(ranges.rows.count * steps.count)
    try charge(ranges.rows.count * steps.count)
    for index in ranges.rows.indices {
      if index & 255 == 0 { try checkStop() }
      let first = out.values.count
      let hasAny = try overRange(ranges, index, context, parameters, into: &out.values, body)
      guard hasAny else {
        out.values.removeSubrange(first...)
        continue
      }
      var row = ranges.rows[index]
      if call.function.traits.contains(.expectsCounter) {
        checkCounter(row.labels.name, context, argument)
      }
      if !call.function.traits.contains(.keepsName) { dropName(&row) }
      out.rows.append(row)
    }
    return try merged(out)
  }

  /// The values of one series at all steps; whether there is any.
  private func overRange(
    _ ranges: EvaluatedRanges, _ index: Int, _ context: CallContext, _ parameters: [[Double]],
    into values: inout [Double],
    _ body: (Window, CallContext) throws(EvaluationFailure) -> Double?
  ) throws(EvaluationFailure) -> Bool {
    let steps = context.steps
    let ahead = ranges.rangeExtension == .smoothed ? ranges.lookback : 0
    var failure: EvaluationFailure?
    var hasAny = false
    ranges.samples[index].withUnsafeBufferPointer { samples in
      var lower = 0
      var upper = 0
      for step in 0..<steps.count {
        let end = ranges.end(at: steps[step])
        let start = end - ranges.window
        while upper < samples.count, samples[upper].timestamp.milliseconds <= end + ahead {
          upper += 1
        }
        while lower < upper,
          samples[lower].timestamp.milliseconds <= start - ranges.lookback
        {
          lower += 1
        }
        guard lower < upper else {
          values.append(EvaluatedVector.absent)
          continue
        }
        let window = Window(
          samples: UnsafeBufferPointer(rebasing: samples[lower..<upper]), start: start, end: end,
          time: steps[step], parameters: parameters[step], rangeExtension: ranges.rangeExtension)
        do throws(EvaluationFailure) {
          if let value = try body(window, context) {
            values.append(value)
            hasAny = true
          } else {
            values.append(EvaluatedVector.absent)
          }
        } catch {
          failure = error
          return
        }
      }
    }
    if let failure { throw failure }
    return hasAny
  }

  private func checkCounter(_ name: String, _ context: CallContext, _ argument: Int) {
    let suffixes = ["_total", "_sum", "_count", "_bucket"]
    if name.isEmpty || suffixes.contains(where: name.hasSuffix) { return }
    context.inform(
      "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "
        + GoText.quoted(name), argument: argument)
  }

  /// `anchored` and `smoothed` bring samples from outside the range, which few functions expect.
  private func checkExtension(
    of ranges: EvaluatedRanges, _ call: PlannedCall
  ) throws(EvaluationFailure) {
    guard let rangeExtension = ranges.rangeExtension else { return }
    let trait: FunctionTraits =
      rangeExtension == .anchored ? .takesAnchored : .takesSmoothed
    if call.function.traits.contains(trait) { return }
    let able = FunctionRegistry.all.filter { $0.traits.contains(trait) }.map(\.signature.name)
    throw .refused(
      "\(rangeExtension.rawValue) modifier can only be used with: "
        + "\(able.joined(separator: ", ")) - not with \(call.function.signature.name)")
  }
}
