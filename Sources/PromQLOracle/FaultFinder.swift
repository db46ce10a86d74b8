import Model
import PromQL
import PromQLSyntax

/// The smallest part of an expression that the engines answer differently although they agree on
/// what it is made from.
package struct Fault: Sendable {
  package var expression: Expression
  package var times: Question.Times
  package var ours: Answer
  package var theirs: Answer
  /// Prometheus' answers to the operands that are values, in written order.
  package var operands: [Answer]
  /// Our operator over Prometheus' operands gives Prometheus' answer: the operands agree within the
  /// tolerance, and their last digits make the difference.
  package var isOfLastDigits: Bool
  /// Prometheus, asked the same several times, does not always say the same.
  package var isUnstable: Bool
}

/// Finds where two answers begin to differ. Every operator on the way down is evaluated by our
/// engine over the operands that Prometheus found: one that gives Prometheus' answer is innocent.
struct FaultFinder {
  let oracle: Oracle
  /// The times of the whole query, which `@ start()` and `@ end()` mean.
  let query: Question.Times

  /// The faults in an expression whose answers at these times differ.
  func faults(
    in expression: Expression, _ times: Question.Times, _ pair: Oracle.Pair
  ) async throws(OracleFailure) -> [Fault] {
    var operands: [Operand] = []
    for place in OperandPlace.all(in: expression, times, query: query) {
      let question = Question(place.expression.description, place.times)
      operands.append(Operand(place: place, pair: try await oracle.ask(question).get()))
    }
    let answers = operands.map(\.pair.theirs)
    let isInnocent =
      Replay(expression: expression, times: times, operands: operands).answer
      .map { $0.difference(from: pair.theirs) == nil } ?? false
    let differing = operands.filter { $0.pair.difference != nil }
    if differing.isEmpty || !(isInnocent || answers.contains(where: \.isRefusal)) {
      return [
        Fault(
          expression: expression, times: times, ours: pair.ours, theirs: pair.theirs,
          operands: answers, isOfLastDigits: isInnocent,
          isUnstable: try await isUnstable(expression, times, pair.theirs))
      ]
    }
    var found: [Fault] = []
    for operand in differing {
      found += try await faults(in: operand.place.expression, operand.place.times, operand.pair)
    }
    return found
  }
}

extension FaultFinder {
  /// Asks Prometheus again what has elements picked in it: the order in which it goes through the
  /// elements of a vector, and so the choice among equal ones, is random.
  private func isUnstable(
    _ expression: Expression, _ times: Question.Times, _ answer: Answer
  ) async throws(OracleFailure) -> Bool {
    guard expression.picksElements else { return false }
    for _ in 0..<20 {
      let again = try await oracle.client.answer(Question(expression.description, times)).get()
      if again.difference(from: answer) != nil { return true }
    }
    return false
  }
}

/// An operand with what both engines say to it.
struct Operand {
  var place: OperandPlace
  var pair: Oracle.Pair
}

/// A part of an expression that has values of its own, and the times they are needed at.
struct OperandPlace {
  var expression: Expression
  var times: Question.Times
  /// Under a subquery: its values are the samples of a range.
  var isSubquery: Bool

  /// The operands of an expression, in written order. Strings, literals and plain range selectors
  /// are part of their operator.
  static func all(
    in expression: Expression, _ times: Question.Times, query: Question.Times
  ) -> [OperandPlace] {
    if case .subquery(let node) = expression { return inner(node, times, query).map { [$0] } ?? [] }
    return expression.children.flatMap { child -> [OperandPlace] in
      switch child {
      case .number, .string, .matrixSelector: return []
      case .subquery(let node): return inner(node, times, query).map { [$0] } ?? []
      case .parenthesized where child.isRange: return all(in: child, times, query: query)
      default: return [OperandPlace(expression: child, times: times, isSubquery: false)]
      }
    }
  }

  /// The inside of a subquery at the steps it has.
  private static func inner(
    _ node: Subquery, _ times: Question.Times, _ query: Question.Times
  ) -> OperandPlace? {
    let step = node.step.map { $0.constant } ?? .seconds(60)
    guard let window = node.window.constant, let step, let first = times.first(node, query),
      let last = times.last(node, query)
    else { return nil }
    let interval = step.wholeMilliseconds
    let after = (first - window).milliseconds
    let start = (after >= 0 ? after / interval : (after - interval + 1) / interval) + 1
    let end = last.milliseconds / interval
    guard start <= end else { return nil }
    return OperandPlace(
      expression: node.expression,
      times: .range(
        Timestamp(milliseconds: start * interval), through: Timestamp(milliseconds: end * interval),
        step: step),
      isSubquery: true)
  }
}

extension Expression {
  /// Whether `topk` or `bottomk` is in it.
  fileprivate var picksElements: Bool {
    if case .aggregation(let node) = self, node.operation == .topk || node.operation == .bottomk {
      return true
    }
    return children.contains(where: \.picksElements)
  }

  /// A range of samples: a range selector or subquery, in parentheses or not.
  var isRange: Bool {
    switch self {
    case .matrixSelector, .subquery: true
    case .parenthesized(let node): node.expression.isRange
    default: false
    }
  }
}

extension Question.Times {
  var start: Timestamp {
    switch self {
    case .instant(let time): time
    case .range(let start, _, _): start
    }
  }
  /// The last step.
  var end: Timestamp {
    switch self {
    case .instant(let time): return time
    case .range(let start, let end, let step):
      let steps = (end - start).wholeMilliseconds / step.wholeMilliseconds
      return Timestamp(milliseconds: start.milliseconds + steps * step.wholeMilliseconds)
    }
  }

  fileprivate func first(_ node: Subquery, _ query: Question.Times) -> Timestamp? {
    moved(start, node, query)
  }
  fileprivate func last(_ node: Subquery, _ query: Question.Times) -> Timestamp? {
    moved(end, node, query)
  }

  /// A time under the subquery's own modifiers.
  private func moved(_ time: Timestamp, _ node: Subquery, _ query: Question.Times) -> Timestamp? {
    let at: Timestamp =
      switch node.modifiers.at {
      case nil: time
      case .timestamp(let fixed): fixed
      case .start: query.start
      case .end: query.end
      }
    guard let offset = node.modifiers.offset else { return at }
    return offset.constant.map { at - $0 }
  }
}
