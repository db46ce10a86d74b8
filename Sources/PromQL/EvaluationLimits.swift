import Model

/// How far an evaluation may go, and the settings that change its meaning.
package struct EvaluationLimits: Sendable {
  /// Samples read and values computed in one evaluation.
  package var maxSamples: Int
  /// Steps of a range query or a subquery.
  package var maxSteps: Int
  /// How old a sample may be and still be the current one; a sample exactly as old is not.
  package var lookback: Duration
  /// The step of a subquery that names none.
  package var subqueryStep: Duration
  /// Whether names are removed from a result at its very end, as with upstream's
  /// `promql-delayed-name-removal`, so that `label_replace` still sees them.
  package var delaysNameRemoval: Bool
  /// Whether counters are also taken to have begun anew where their start time says so, as with
  /// upstream's `use-start-timestamps`.
  package var usesStartTimes: Bool
  /// Asked now and then; an evaluation that is to stop fails with `.stopped`.
  package var shouldStop: (@Sendable () -> Bool)?

  package init(
    maxSamples: Int = 50_000_000, maxSteps: Int = 250_000, lookback: Duration = .seconds(300),
    subqueryStep: Duration = .seconds(60), delaysNameRemoval: Bool = false,
    usesStartTimes: Bool = false, shouldStop: (@Sendable () -> Bool)? = nil
  ) {
    self.maxSamples = maxSamples
    self.maxSteps = maxSteps
    self.lookback = lookback
    self.subqueryStep = subqueryStep
    self.delaysNameRemoval = delaysNameRemoval
    self.usesStartTimes = usesStartTimes
    self.shouldStop = shouldStop
  }
}

/// Why an evaluation gave no result.
package enum EvaluationFailure: Error, Sendable, Hashable {
  /// More samples or values than `EvaluationLimits.maxSamples`.
  case tooManySamples
  /// A range query or subquery of more steps than `EvaluationLimits.maxSteps`.
  case tooManySteps(limit: Int)
  /// `EvaluationLimits.shouldStop` said so.
  case stopped
  /// The data do not allow it: Prometheus' own sentence.
  case refused(String)

  /// Prometheus' sentence for it, where it has one.
  package var message: String {
    switch self {
    case .tooManySamples:
      "query processing would load too many samples into memory in query execution"
    case .tooManySteps(let limit): "query would evaluate more than \(limit) steps"
    case .stopped: "query timed out in expression evaluation"
    case .refused(let message): message
    }
  }
}
