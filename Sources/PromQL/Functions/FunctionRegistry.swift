import PromQLSyntax

/// A PromQL function, complete: what it takes and gives, what it computes, what it is for.
package struct PromQLFunction: Sendable {
  package let signature: FunctionSignature
  /// One sentence for the reference page.
  package let documentation: String
  let traits: FunctionTraits
  let body: FunctionBody

  init(
    _ name: String, _ arguments: [ValueType], variadic: Int = 0, gives result: ValueType = .vector,
    isExperimental: Bool = false, traits: FunctionTraits = [], _ documentation: String,
    _ body: FunctionBody
  ) {
    signature = FunctionSignature(
      name: name, arguments: arguments, variadic: variadic, result: result,
      isExperimental: isExperimental)
    self.traits = traits
    self.documentation = documentation
    self.body = body
  }
}

/// What the evaluator has to know of a function besides its body.
struct FunctionTraits: OptionSet, Sendable {
  let rawValue: Int
  /// The result differs from step to step even when the arguments do not.
  static let dependsOnTime = FunctionTraits(rawValue: 1)
  /// The result of a range function keeps the metric name.
  static let keepsName = FunctionTraits(rawValue: 2)
  /// It is meant for counters: other metric names are remarked on.
  static let expectsCounter = FunctionTraits(rawValue: 4)
  /// It reorders its argument, which only instant queries show.
  static let orders = FunctionTraits(rawValue: 8)
  /// It understands `anchored`, or `smoothed`, range selectors.
  static let takesAnchored = FunctionTraits(rawValue: 16)
  static let takesSmoothed = FunctionTraits(rawValue: 32)
}

/// What a function computes. The narrower the shape, the less a function can get wrong: names,
/// steps, absent values and duplicates are the evaluator's work.
enum FunctionBody: Sendable {
  /// From each value of the vector in the first argument.
  case map(@Sendable (Double) -> Double)
  /// From each value of the vector in the first argument and the scalars in the others; nil drops
  /// the element.
  case mapWith(@Sendable (Double, [Double]) -> Double?)
  /// From the civil date that each value is, or without arguments the evaluation time.
  case date(@Sendable (CivilDate) -> Double)
  /// The scalar of a step.
  case scalar(@Sendable (CallContext, Int) -> Double)
  /// From the samples of one series in a range; the other arguments are `Window.parameters`. nil:
  /// no element.
  case window(WindowFunction.Body)
  /// The same with a way of its own from one range of a series to the next.
  case range(any RangeFunction & Sendable)
  /// The time of the sample behind each element of a selector; other vectors' are the steps'.
  case sampleTimes
  /// From its arguments as a whole.
  case whole(@Sendable (CallContext) throws(EvaluationFailure) -> EvaluatedValue)
}

/// The functions there are, one list.
package enum FunctionRegistry {
  package static let all: [PromQLFunction] =
    (counterFunctions + overTimeFunctions + trendFunctions + absenceFunctions + mathFunctions
    + trigonometricFunctions + dateFunctions + scalarFunctions + orderFunctions + labelFunctions
    + histogramFunctions + infoFunctions + startTimeFunctions)
    .sorted { $0.signature.name < $1.signature.name }

  private static let byName: [String: PromQLFunction] = Dictionary(
    uniqueKeysWithValues: all.map { ($0.signature.name, $0) })

  /// The function of that name.
  package static func function(named name: String) -> PromQLFunction? { byName[name] }

  /// What the function of that name takes and gives, nil when there is none.
  package static func signature(of name: String) -> FunctionSignature? { byName[name]?.signature }

  /// All names in order.
  package static var names: [String] { all.map(\.signature.name) }
}
