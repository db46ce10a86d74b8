import Diagnostics
import Model
import PromQLSyntax

/// An expression made ready for evaluation: functions looked up, selectors numbered, and what is
/// the same at every step marked.
indirect enum Plan: Sendable {
  case number(Double)
  case string(String)
  case selector(PlannedSelector)
  case window(PlannedWindow)
  case subquery(PlannedSubquery)
  case call(PlannedCall)
  case aggregation(PlannedAggregation)
  case operation(PlannedOperation)
  case negation(Plan)
  /// `+x`: the value of `x`, and yet no selector for functions that look at how their argument is
  /// written.
  case affirmation(Plan)
  /// Evaluated at the first step and repeated.
  case once(Plan)
}

/// When a selector or subquery looks, seen from a step.
struct PlannedTime: Sendable, Hashable {
  var offset: DurationExpression?
  var at: AtModifier?
}

struct PlannedSelector: Sendable {
  /// The place among the query's selectors.
  var index: Int
  var matchers: [LabelMatcher]
  var time: PlannedTime
  var rangeExtension: RangeExtension?
  /// The matchers demand one metric name.
  var fixesName: Bool
}

struct PlannedWindow: Sendable {
  var selector: PlannedSelector
  var window: DurationExpression
}

struct PlannedSubquery: Sendable {
  var inner: Plan
  var window: DurationExpression
  var step: DurationExpression?
  var time: PlannedTime
}

struct PlannedCall: Sendable {
  var function: PromQLFunction
  var arguments: [Plan]
  var argumentRanges: [SourceRange]
  var range: SourceRange
}

struct PlannedAggregation: Sendable {
  var operation: AggregationOperator
  var parameter: Plan?
  var input: Plan
  var grouping: Grouping
  var parameterRange: SourceRange?
  var range: SourceRange
}

/// Which labels make a group.
struct Grouping: Sendable {
  var isWithout: Bool
  var names: [String]
}

struct PlannedOperation: Sendable {
  var operation: BinaryOperator
  var left: Plan
  var right: Plan
  var returnsBool: Bool
  /// nil when a side is a scalar.
  var matching: VectorMatching?
  var range: SourceRange
}
