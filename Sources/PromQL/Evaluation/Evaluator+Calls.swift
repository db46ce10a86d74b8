import Diagnostics
import Model
import PromQLSyntax

/// A call under evaluation, as functions see it.
struct CallContext {
  let evaluator: Evaluator
  let call: PlannedCall
  let steps: Steps

  var argumentCount: Int { call.arguments.count }
  var delaysNameRemoval: Bool { evaluator.limits.delaysNameRemoval }

  func vector(_ argument: Int) throws(EvaluationFailure) -> EvaluatedVector {
    try evaluator.vector(call.arguments[argument], steps)
  }
  func scalar(_ argument: Int) throws(EvaluationFailure) -> EvaluatedScalar {
    try evaluator.scalar(call.arguments[argument], steps)
  }
  func ranges(_ argument: Int) throws(EvaluationFailure) -> EvaluatedRanges {
    try evaluator.ranges(call.arguments[argument], steps)
  }
  func string(_ argument: Int) -> String {
    guard case .string(let text) = call.arguments[argument] else {
      preconditionFailure("the type checker let something else than a string through")
    }
    return text
  }

  /// The matchers of an argument that is a selector, or a range of one.
  func matchers(_ argument: Int) -> [LabelMatcher]? {
    func matchers(of plan: Plan) -> [LabelMatcher]? {
      switch plan {
      case .selector(let selector): selector.matchers
      case .window(let window): window.selector.matchers
      case .once(let inner): matchers(of: inner)
      default: nil
      }
    }
    return matchers(of: call.arguments[argument])
  }

  func warn(_ text: String, argument: Int) {
    evaluator.log.add(.warning, text, at: call.argumentRanges[argument])
  }
  func inform(_ text: String, argument: Int) {
    evaluator.log.add(.info, text, at: call.argumentRanges[argument])
  }

  func warnOfQuantile(_ quantile: Double, argument: Int) {
    guard quantile.isNaN || quantile < 0 || quantile > 1 else { return }
    warn(
      "quantile value should be between 0 and 1, got \(GoText.general(quantile))",
      argument: argument)
  }
}

extension Evaluator {
  func evaluate(
    _ call: PlannedCall, _ steps: Steps
  ) throws(EvaluationFailure) -> EvaluatedValue {
    let context = CallContext(evaluator: self, call: call, steps: steps)
    if call.function.traits.contains(.orders), steps.count > 1 {
      log.add(
        .warning,
        "sort is ineffective for range queries since results are always ordered by labels",
        at: call.range)
    }
    switch call.function.body {
    case .map(let body):
      var vector = try context.vector(0)
      vector.mapValues(body)
      let isUnique = dropNames(&vector)
      return .vector(try merged(vector, isUnique: isUnique))
    case .mapWith(let body): return .vector(try map(context, body))
    case .date(let body): return .vector(try dates(context, body))
    case .scalar(let body):
      return .scalar(.varying((0..<steps.count).map { body(context, $0) }))
    case .window(let body):
      return .vector(try overRanges(context, WindowFunction(context: context, body: body)))
    case .range(let function): return .vector(try overRanges(context, function))
    case .sampleTimes: return .vector(try sampleTimes(context))
    case .whole(let body): return try body(context)
    }
  }

  private func map(
    _ context: CallContext, _ body: (Double, [Double]) -> Double?
  ) throws(EvaluationFailure) -> EvaluatedVector {
    var vector = try context.vector(0)
    var scalars: [EvaluatedScalar] = []
    for argument in 1..<max(1, context.argumentCount) {
      scalars.append(try context.scalar(argument))
    }
    for step in 0..<vector.steps {
      let parameters = scalars.map { $0[step] }
      for row in vector.rows.indices where vector.isPresent(row, step) {
        vector[row, step] = body(vector[row, step], parameters) ?? EvaluatedVector.absent
      }
    }
    let isUnique = dropNames(&vector)
    return try merged(vector.withoutEmptyRows(), isUnique: isUnique)
  }

  private func dates(
    _ context: CallContext, _ body: (CivilDate) -> Double
  ) throws(EvaluationFailure) -> EvaluatedVector {
    let steps = context.steps
    if context.argumentCount == 0 {
      var out = EvaluatedVector(steps: steps.count)
      out.append(
        Row(labels: Labels()),
        (0..<steps.count).map { body(CivilDate(seconds: steps[$0] / 1000)) })
      return out
    }
    var vector = try context.vector(0)
    for index in vector.values.indices where !EvaluatedVector.isAbsent(vector.values[index]) {
      let seconds = Int64(exactly: vector.values[index].rounded(.towardZero))
      vector.values[index] = body(seconds.map { CivilDate(seconds: $0) } ?? .beyond)
    }
    let isUnique = dropNames(&vector)
    return try merged(vector, isUnique: isUnique)
  }

  private func sampleTimes(_ context: CallContext) throws(EvaluationFailure) -> EvaluatedVector {
    var argument = context.call.arguments[0]
    if case .once(let inner) = argument { argument = inner }
    var vector: EvaluatedVector
    if case .selector(let selector) = argument {
      vector = try select(selector, context.steps, givesTimes: true)
    } else {
      vector = try context.vector(0)
      for row in vector.rows.indices {
        for step in 0..<vector.steps where vector.isPresent(row, step) {
          vector[row, step] = Double(context.steps[step]) / 1000
        }
      }
    }
    let isUnique = dropNames(&vector)
    return try merged(vector, isUnique: isUnique)
  }
}
