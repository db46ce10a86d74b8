import Model
import PromQL
import PromQLSyntax
import Storage

/// One operator of an expression, evaluated by our engine over the operands Prometheus found.
struct Replay {
  var expression: Expression
  var times: Question.Times
  var operands: [Operand]

  /// What our operator makes of the operands; nil when one of them was refused.
  var answer: Answer? {
    if operands.contains(where: { $0.pair.theirs.isRefusal }) { return nil }
    var names = (0..<operands.count).map { "operand_\($0)" }[...]
    let replaced = replacing(expression, with: &names)
    guard case .success(let query) = Query.prepare(replaced, features: .experimentalFunctions)
    else { return nil }
    var series: [String: [SyntheticSeries]] = [:]
    for (index, operand) in operands.enumerated() {
      series["operand_\(index)"] = operand.pair.theirs.series.sorted { $0.key < $1.key }.map {
        SyntheticSeries(labels: $0.key, samples: $0.value)
      }
    }
    // Operands have a sample at each step and only there.
    return Question.answer(
      query, times, over: OperandSource(series: series),
      limits: EvaluationLimits(lookback: .milliseconds(1)))
  }

  /// The expression with selectors in place of its operands.
  private func replacing(
    _ expression: Expression, with names: inout ArraySlice<String>
  ) -> Expression {
    switch expression {
    case .call(var node):
      node.arguments = node.arguments.map { operand($0, &names) }
      return .call(node)
    case .aggregation(var node):
      node.parameter = node.parameter.map { operand($0, &names) }
      node.expression = operand(node.expression, &names)
      return .aggregation(node)
    case .binary(var node):
      node.left = operand(node.left, &names)
      node.right = operand(node.right, &names)
      return .binary(node)
    case .unary(var node):
      node.expression = operand(node.expression, &names)
      return .unary(node)
    case .parenthesized(var node):
      node.expression = operand(node.expression, &names)
      return .parenthesized(node)
    case .subquery: return operand(expression, &names)
    default: return expression
    }
  }

  private func operand(
    _ child: Expression, _ names: inout ArraySlice<String>
  ) -> Expression {
    switch child {
    case .number, .string, .matrixSelector: return child
    case .subquery(let node):
      guard let name = names.popFirst() else { return child }
      return .matrixSelector(
        MatrixSelector(
          selector: selector(name, child, node.modifiers), window: node.window,
          windowRange: node.windowRange, range: node.range))
    case .parenthesized(var node) where child.isRange:
      node.expression = operand(node.expression, &names)
      return .parenthesized(node)
    default:
      guard let name = names.popFirst() else { return child }
      let vector = Expression.vectorSelector(selector(name, child, TimeModifiers()))
      guard child.isScalar else { return vector }
      return .call(
        FunctionCall(
          name: "scalar", arguments: [vector], nameRange: child.range, range: child.range))
    }
  }

  private func selector(
    _ name: String, _ child: Expression, _ modifiers: TimeModifiers
  ) -> VectorSelector {
    VectorSelector(
      metric: name, matchers: [LabelMatcher(Labels.metricName, equals: name)],
      modifiers: modifiers, range: child.range)
  }
}

extension Expression {
  var isScalar: Bool {
    if case .success(let query) = Query.prepare(self, features: .experimentalFunctions) {
      query.type == .scalar
    } else {
      false
    }
  }
}

/// Series that are found by a name of ours and keep the labels they have.
struct OperandSource: SeriesSource {
  var series: [String: [SyntheticSeries]]

  private func matching(_ matchers: [LabelMatcher]) -> [SyntheticSeries] {
    matchers.first.flatMap { series[$0.value] } ?? []
  }

  func visit(
    _ matchers: [LabelMatcher], standing: SelectorID?, after: Timestamp, through: Timestamp,
    dropsStale: Bool, _ body: (Labels, UnsafeBufferPointer<Sample>) -> Bool
  ) {
    for one in matching(matchers) {
      let inside = one.samples.filter { $0.timestamp > after && $0.timestamp <= through }
      if inside.isEmpty { continue }
      let goesOn = inside.withUnsafeBufferPointer { body(one.labels, $0) }
      if !goesOn { return }
    }
  }

  func latest(
    _ matchers: [LabelMatcher], standing: SelectorID?, after: Timestamp, through: Timestamp
  ) -> [LatestSample] {
    matching(matchers).compactMap { one in
      one.samples.last { $0.timestamp > after && $0.timestamp <= through }
        .map { LatestSample(labels: one.labels, sample: $0) }
    }
  }
}
