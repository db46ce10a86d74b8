import Model
import PromQLSyntax

/// What classic histograms, series with the label `le`, say of their observations.
let histogramFunctions: [PromQLFunction] = [
  PromQLFunction(
    "histogram_quantile", [.scalar, .vector], "The φ-quantile of each histogram's observations.",
    .whole { context throws(EvaluationFailure) in
      let quantile = try context.scalar(0)
      let histograms = try ClassicHistograms(context, argument: 1)
      var out = EvaluatedVector(steps: context.steps.count)
      try histograms.addQuantiles(quantile, argument: 0, to: &out)
      return .vector(try context.evaluator.merged(out.withoutEmptyRows()))
    }),
  PromQLFunction(
    "histogram_quantiles", [.vector, .string, .scalar, .scalar], variadic: 9, isExperimental: true,
    "Several quantiles of each histogram's observations, told apart by a label.",
    .whole { context throws(EvaluationFailure) in
      let histograms = try ClassicHistograms(context, argument: 0)
      var out = EvaluatedVector(steps: context.steps.count)
      for argument in 2..<max(2, context.argumentCount) {
        let quantile = try context.scalar(argument)
        try histograms.addQuantiles(
          quantile, argument: argument, label: context.string(1), to: &out)
      }
      return .vector(try context.evaluator.merged(out.withoutEmptyRows()))
    }),
  PromQLFunction(
    "histogram_fraction", [.scalar, .scalar, .vector],
    "The share of each histogram's observations between two bounds.",
    .whole { context throws(EvaluationFailure) in
      let lower = try context.scalar(0)
      let upper = try context.scalar(1)
      let histograms = try ClassicHistograms(context, argument: 2)
      var out = EvaluatedVector(steps: context.steps.count)
      try histograms.forEach { row, step, buckets in
        out.set(row, step, to: buckets.fraction(from: lower[step], to: upper[step]))
      }
      return .vector(try context.evaluator.merged(out.withoutEmptyRows()))
    }),
  nativeHistogramFunction("histogram_avg", "The mean of a native histogram's observations."),
  nativeHistogramFunction("histogram_count", "How many observations a native histogram has."),
  nativeHistogramFunction("histogram_sum", "The sum of a native histogram's observations."),
  nativeHistogramFunction(
    "histogram_stddev", "The standard deviation of a native histogram's observations."),
  nativeHistogramFunction(
    "histogram_stdvar", "The variance of a native histogram's observations."),
]

/// A function that looks at native histograms only: numbers have nothing to tell it.
private func nativeHistogramFunction(_ name: String, _ documentation: String) -> PromQLFunction {
  PromQLFunction(
    name, [.vector], documentation,
    .whole { context throws(EvaluationFailure) in
      _ = try context.vector(0)
      return .vector(EvaluatedVector(steps: context.steps.count))
    })
}
