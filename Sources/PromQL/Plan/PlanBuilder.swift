import Diagnostics
import Model
import PromQLSyntax

/// Why an expression cannot be evaluated, as a matter of how it is written.
package struct QueryPreparationFailure: Error, Sendable {
  package var diagnostics: [Diagnostic]
  /// The same in Prometheus' words, where it has some.
  package var errors: [SyntaxError]
  package init(diagnostics: [Diagnostic], errors: [SyntaxError] = []) {
    self.diagnostics = diagnostics
    self.errors = errors
  }
}

/// Makes a plan of an expression that has passed the type checker.
struct PlanBuilder {
  /// Levels of an expression; what is deeper is refused.
  static let maxDepth = 1300

  private(set) var selectors: [VectorSelector] = []
  private(set) var diagnostics: [Diagnostic] = []
  private var depth = 0

  struct Node {
    var plan: Plan
    /// The same at every step.
    var isInvariant: Bool
  }

  mutating func plan(_ expression: Expression) -> Plan { wrapped(build(expression)) }

  /// Marks an invariant part of something that is not.
  private func wrapped(_ node: Node) -> Plan {
    guard node.isInvariant else { return node.plan }
    switch node.plan {
    case .number, .string, .window, .subquery: return node.plan
    default: return .once(node.plan)
    }
  }

  private mutating func build(_ expression: Expression) -> Node {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.maxDepth else {
      if diagnostics.isEmpty {
        diagnostics.append(
          Diagnostic(
            "E008", .error, "the expression is nested more than \(Self.maxDepth) levels deep",
            at: expression.range))
      }
      return Node(plan: .number(.nan), isInvariant: true)
    }
    switch expression {
    case .number(let node): return Node(plan: .number(node.value), isInvariant: true)
    case .string(let node): return Node(plan: .string(node.value), isInvariant: true)
    case .parenthesized(let node): return build(node.expression)
    case .vectorSelector(let node):
      let planned = selector(node)
      return Node(plan: .selector(planned), isInvariant: node.modifiers.at != nil)
    case .matrixSelector(let node):
      let window = PlannedWindow(selector: selector(node.selector), window: node.window)
      return Node(plan: .window(window), isInvariant: node.selector.modifiers.at != nil)
    case .subquery(let node):
      let planned = PlannedSubquery(
        inner: wrapped(build(node.expression)), window: node.window, step: node.step,
        time: PlannedTime(offset: node.modifiers.offset, at: node.modifiers.at))
      return Node(plan: .subquery(planned), isInvariant: node.modifiers.at != nil)
    case .call(let node): return call(node)
    case .aggregation(let node): return aggregation(node)
    case .binary(let node): return operation(node)
    case .unary(let node):
      let inner = build(node.expression)
      if case .number(let value) = inner.plan {
        return Node(plan: .number(node.isNegation ? -value : value), isInvariant: true)
      }
      return Node(
        plan: node.isNegation ? .negation(inner.plan) : .affirmation(inner.plan),
        isInvariant: inner.isInvariant)
    }
  }

  mutating func selector(_ node: VectorSelector) -> PlannedSelector {
    selectors.append(node)
    return PlannedSelector(
      index: selectors.count - 1, matchers: node.matchers,
      time: PlannedTime(offset: node.modifiers.offset, at: node.modifiers.at),
      rangeExtension: node.rangeExtension,
      fixesName: node.matchers.contains {
        $0.name == Labels.metricName && $0.comparison == .equal && !$0.value.isEmpty
      })
  }

  private mutating func call(_ node: FunctionCall) -> Node {
    guard let function = FunctionRegistry.function(named: node.name) else {
      diagnostics.append(
        Diagnostic(
          "E022", .error, "there is no PromQL function called `\(node.name)`", at: node.nameRange))
      return Node(plan: .number(.nan), isInvariant: true)
    }
    var arguments: [Node] = []
    if node.name == "info" {
      if let base = node.arguments.first { arguments = [build(base), infoSelector(node, base)] }
    } else {
      for argument in node.arguments { arguments.append(build(argument)) }
    }
    let isInvariant =
      !function.traits.contains(.dependsOnTime) && arguments.allSatisfy(\.isInvariant)
    var isSampleTimes = false
    if case .sampleTimes = function.body { isSampleTimes = true }
    let plans = arguments.map { isInvariant || isSampleTimes ? $0.plan : wrapped($0) }
    let planned = PlannedCall(
      function: function, arguments: plans, argumentRanges: node.arguments.map(\.range),
      range: node.range)
    return Node(plan: .call(planned), isInvariant: isInvariant)
  }

  private mutating func aggregation(_ node: Aggregation) -> Node {
    let parameter = node.parameter.map { build($0) }
    let input = build(node.expression)
    let grouping: Grouping
    switch node.grouping {
    case .by(let names): grouping = Grouping(isWithout: false, names: names)
    case .without(let names): grouping = Grouping(isWithout: true, names: names)
    }
    // The parameter does not count: upstream looks only at the body (`preprocessExprHelper`).
    let isInvariant = input.isInvariant
    let planned = PlannedAggregation(
      operation: node.operation,
      parameter: parameter.map { isInvariant ? $0.plan : wrapped($0) },
      input: isInvariant ? input.plan : wrapped(input), grouping: grouping,
      parameterRange: node.parameter?.range, range: node.range)
    return Node(plan: .aggregation(planned), isInvariant: isInvariant)
  }

  /// A chain of operators leans to the left: it is walked, not descended.
  private mutating func operation(_ node: BinaryOperation) -> Node {
    var chain = [node]
    while case .binary(let left) = chain[chain.count - 1].left { chain.append(left) }
    var result = build(chain[chain.count - 1].left)
    for operation in chain.reversed() {
      result = joined(operation, result, build(operation.right))
    }
    return result
  }

  private func joined(_ node: BinaryOperation, _ left: Node, _ right: Node) -> Node {
    let isInvariant = left.isInvariant && right.isInvariant
    let planned = PlannedOperation(
      operation: node.operation, left: isInvariant ? left.plan : wrapped(left),
      right: isInvariant ? right.plan : wrapped(right), returnsBool: node.returnsBool,
      matching: node.matching, range: node.range)
    return Node(plan: .operation(planned), isInvariant: isInvariant)
  }
}
