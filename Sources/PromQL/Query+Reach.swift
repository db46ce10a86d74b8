import Model
import PromQLSyntax
import Storage

extension Query {
  /// What an evaluation from one time through another reads, selector by selector: for a snapshot.
  package func selections(
    from: Timestamp, through: Timestamp, step: Duration = .zero,
    limits: EvaluationLimits = EvaluationLimits()
  ) -> [Selection] {
    var reach = Reach(query: (from, through), step: step, limits: limits)
    reach.visit(expression, from, through)
    return reach.selections
  }

  /// How far back an evaluation at one time reads: ranges, offsets and the lookback together.
  package var longestReach: Duration {
    let now = Timestamp(milliseconds: 1 << 50)
    let earliest = selections(from: now, through: now).map(\.after).min() ?? now
    return now - earliest
  }
}

/// Follows an expression down to its selectors, widening the window by ranges, offsets and `@`.
private struct Reach {
  let query: (from: Timestamp, through: Timestamp)
  let step: Duration
  let limits: EvaluationLimits
  var selections: [Selection] = []

  mutating func visit(_ expression: Expression, _ from: Timestamp, _ through: Timestamp) {
    switch expression {
    case .vectorSelector(let selector): add(selector, window: limits.lookback, from, through)
    case .matrixSelector(let matrix):
      // `anchored` and `smoothed` also look one lookback beyond both ends of the window.
      let isExtended = matrix.selector.rangeExtension != nil
      let window = duration(matrix.window) + (isExtended ? limits.lookback : .zero)
      let end = isExtended ? through + limits.lookback : through
      add(matrix.selector, window: window, from, end)
    case .subquery(let subquery):
      let (lower, upper) = shifted(subquery.modifiers, from, through)
      let inner = subquery.step.map(duration) ?? limits.subqueryStep
      visit(subquery.expression, lower - duration(subquery.window) - inner, upper)
    default:
      for child in expression.children { visit(child, from, through) }
    }
  }

  private mutating func add(
    _ selector: VectorSelector, window: Duration, _ from: Timestamp, _ through: Timestamp
  ) {
    let (lower, upper) = shifted(selector.modifiers, from, through)
    selections.append(
      Selection(matchers: selector.matchers, after: lower - window, through: upper))
  }

  private func shifted(
    _ modifiers: TimeModifiers, _ from: Timestamp, _ through: Timestamp
  ) -> (Timestamp, Timestamp) {
    let offset = modifiers.offset.map(duration) ?? .zero
    switch modifiers.at {
    case nil: return (from - offset, through - offset)
    case .timestamp(let time): return (time - offset, time - offset)
    case .start: return (query.from - offset, query.from - offset)
    case .end: return (query.through - offset, query.through - offset)
    }
  }

  /// A duration expression that does not evaluate fails when the query is run; here it counts as 0.
  private func duration(_ expression: DurationExpression) -> Duration {
    let range = (query.through - query.from).inSeconds
    guard let seconds = try? expression.seconds(step: step.inSeconds, range: range) else {
      return .zero
    }
    return .milliseconds(Int64((min(max(seconds, -1e10), 1e10) * 1000).rounded()))
  }
}
