import Model
import PromQLSyntax

/// Scalars, and from and to them.
let scalarFunctions: [PromQLFunction] = [
  PromQLFunction(
    "time", [], gives: .scalar, traits: [.dependsOnTime], "The evaluation time, in seconds.",
    .scalar { context, step in Double(context.steps[step]) / 1000 }),
  PromQLFunction("pi", [], gives: .scalar, "π.", .scalar { _, _ in .pi }),
  PromQLFunction(
    "start", [], gives: .scalar, isExperimental: true, "When the query begins, in seconds.",
    .scalar { context, _ in Double(context.evaluator.query.start) / 1000 }),
  PromQLFunction(
    "end", [], gives: .scalar, isExperimental: true, "When the query ends, in seconds.",
    .scalar { context, _ in Double(context.evaluator.query.end) / 1000 }),
  PromQLFunction(
    "range", [], gives: .scalar, isExperimental: true, "How long the query's range is, in seconds.",
    .scalar { context, _ in context.evaluator.rangeSeconds }),
  PromQLFunction(
    "step", [], gives: .scalar, isExperimental: true,
    "How far apart the query's steps are, in seconds.",
    .scalar { context, _ in context.evaluator.stepSeconds }),
  PromQLFunction(
    "min_of", [.scalar, .scalar], gives: .scalar, isExperimental: true, "The lesser of two.",
    .whole { context throws(EvaluationFailure) in try choose(context, GoMath.min) }),
  PromQLFunction(
    "max_of", [.scalar, .scalar], gives: .scalar, isExperimental: true, "The greater of two.",
    .whole { context throws(EvaluationFailure) in try choose(context, GoMath.max) }),
  PromQLFunction(
    "timestamp", [.vector], traits: [.dependsOnTime], "When each sample was taken, in seconds.",
    .sampleTimes),
  PromQLFunction(
    "vector", [.scalar], "The scalar as a vector of one element without labels.",
    .whole { context throws(EvaluationFailure) in
      let scalar = try context.scalar(0)
      var out = EvaluatedVector(steps: context.steps.count)
      out.append(Row(labels: Labels()), (0..<context.steps.count).map { scalar[$0] })
      return .vector(out)
    }),
  PromQLFunction(
    "scalar", [.vector], gives: .scalar, "The value of a vector of one element, else NaN.",
    .whole { context throws(EvaluationFailure) in
      let vector = try context.vector(0)
      var values = [Double](repeating: .nan, count: vector.steps)
      for step in values.indices {
        let present = vector.rows.indices.lazy.filter { vector.isPresent($0, step) }.prefix(2)
        if present.count == 1, let row = present.first { values[step] = vector[row, step] }
      }
      return .scalar(.varying(values))
    }),
]

private func choose(
  _ context: CallContext, _ better: (Double, Double) -> Double
) throws(EvaluationFailure) -> EvaluatedValue {
  let left = try context.scalar(0)
  let right = try context.scalar(1)
  return .scalar(.varying((0..<context.steps.count).map { better(left[$0], right[$0]) }))
}
