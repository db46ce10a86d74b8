import Model
import PromQLSyntax
import Storage

extension Query {
  /// How far before its evaluation time the query may look: ranges, offsets and look-back added up.
  /// Selectors with a fixed time (`@ 123`) are left out. Zero: it looks at nothing, or ahead only.
  package var longestReach: Duration {
    var earliest: Int64 = 0
    let extent = SelectorExtent(query: Steps(start: 0, interval: 1, count: 1))
    extent.visit(plan, from: 0, through: 0, isFixed: false) { _, after, _, isFixed in
      if !isFixed { earliest = min(earliest, after) }
    }
    return .milliseconds(-earliest)
  }

  /// What a snapshot must hold for an evaluation at `start`, or from `start` through `end`.
  package func selections(
    from start: Timestamp, through end: Timestamp, step: Duration = .milliseconds(1),
    limits: EvaluationLimits = EvaluationLimits()
  ) -> [Selection] {
    let interval = max(1, step.wholeMilliseconds)
    let (start, end) = (start.bounded, end.bounded)
    let count = Int(max(0, end.milliseconds - start.milliseconds) / interval) + 1
    let steps = Steps(start: start.milliseconds, interval: interval, count: count)
    let extent = SelectorExtent(query: steps, lookback: limits.lookback.wholeMilliseconds)
    var out: [Selection] = []
    extent.visit(plan, from: steps.start, through: steps.end, isFixed: false) {
      selector, after, through, _ in
      out.append(
        Selection(
          matchers: selector.matchers, after: Timestamp(milliseconds: after),
          through: Timestamp(milliseconds: through)))
    }
    return out
  }
}

/// Finds the windows that the selectors of a plan read.
struct SelectorExtent {
  var query: Steps
  var lookback: Int64 = 300_000

  typealias Visitor = (PlannedSelector, _ after: Int64, _ through: Int64, _ isFixed: Bool) -> Void

  /// Calls `found` for each selector with the window it reads when the plan is evaluated at times
  /// from `lower` through `upper`.
  func visit(
    _ plan: Plan, from lower: Int64, through upper: Int64, isFixed: Bool, _ found: Visitor
  ) {
    switch plan {
    case .number, .string: break
    case .selector(let selector): visit(selector, 0, lower, upper, isFixed, found)
    case .window(let node):
      visit(node.selector, milliseconds(of: node.window), lower, upper, isFixed, found)
    case .subquery(let node):
      let moved = move(node.time, lower, upper, isFixed)
      visit(
        node.inner, from: moved.lower - milliseconds(of: node.window), through: moved.upper,
        isFixed: moved.isFixed, found)
    case .call(let node):
      for argument in node.arguments {
        visit(argument, from: lower, through: upper, isFixed: isFixed, found)
      }
    case .aggregation(let node):
      if let parameter = node.parameter {
        visit(parameter, from: lower, through: upper, isFixed: isFixed, found)
      }
      visit(node.input, from: lower, through: upper, isFixed: isFixed, found)
    case .operation(let node):
      visit(node.left, from: lower, through: upper, isFixed: isFixed, found)
      visit(node.right, from: lower, through: upper, isFixed: isFixed, found)
    case .negation(let inner), .affirmation(let inner), .once(let inner):
      visit(inner, from: lower, through: upper, isFixed: isFixed, found)
    }
  }

  private func visit(
    _ selector: PlannedSelector, _ window: Int64, _ lower: Int64, _ upper: Int64, _ isFixed: Bool,
    _ found: Visitor
  ) {
    let moved = move(selector.time, lower, upper, isFixed)
    // An extended selector looks beyond both ends of its range.
    let back = window == 0 ? lookback : selector.rangeExtension == nil ? window : window + lookback
    let ahead = selector.rangeExtension == .smoothed ? lookback : 0
    found(selector, moved.lower - back, moved.upper + ahead, moved.isFixed)
  }

  private func move(
    _ time: PlannedTime, _ lower: Int64, _ upper: Int64, _ isFixed: Bool
  ) -> (lower: Int64, upper: Int64, isFixed: Bool) {
    let offset = time.offset.map(milliseconds) ?? 0
    switch time.at {
    case nil: return (lower - offset, upper - offset, isFixed)
    case .timestamp(let at):
      let fixed = at.bounded.milliseconds - offset
      return (fixed, fixed, true)
    case .start: return (query.start - offset, query.start - offset, false)
    case .end: return (query.end - offset, query.end - offset, false)
    }
  }

  /// A duration that has no value reads nothing: the evaluation will fail anyway.
  private func milliseconds(of duration: DurationExpression) -> Int64 {
    let range = Double(query.end - query.start) / 1000
    let step = query.count > 1 ? Double(query.interval) / 1000 : 0
    guard let seconds = try? duration.seconds(step: step, range: range), abs(seconds) < 9e9 else {
      return 0
    }
    return Int64((seconds * 1000).rounded())
  }
}
