import Model
import PromQLSyntax

extension PlanBuilder {
  private static let infoNames: LabelMatcher = {
    do {
      return try LabelMatcher(Labels.metricName, .matches, ".+_info")
    } catch {
      preconditionFailure("the pattern of info metrics compiles")
    }
  }()

  /// The selector of info series of a call of `info`: what its second argument asks for, and
  /// `target_info` where that names no metric (`promql/info.go`). It looks when the first argument
  /// does.
  mutating func infoSelector(_ call: FunctionCall, _ base: Expression) -> Node {
    var selector = VectorSelector(metric: nil, matchers: [], range: call.range)
    if call.arguments.count > 1, case .vectorSelector(let labels) = call.arguments[1] {
      selector = labels
    }
    let names = selector.matchers.filter { Bytes.equal($0.name, Labels.metricName) }
    if names.isEmpty {
      selector.matchers.insert(LabelMatcher(Labels.metricName, equals: "target_info"), at: 0)
    } else if names.allSatisfy({ $0.comparison == .notEqual || $0.comparison == .notMatches }) {
      // What only excludes metrics chooses none.
      selector.matchers.insert(Self.infoNames, at: 0)
    }
    var planned = self.selector(selector)
    var references = TimeReferences()
    references.collect(base, from: PlannedTime())
    planned.time = references.common ?? PlannedTime()
    return Node(plan: .selector(planned), isInvariant: planned.time.at != nil)
  }
}

/// When the parts of an expression that make its vector look at series. Info series are looked up
/// at the same time where that is one time, else at the time of each step.
private struct TimeReferences {
  private var found: Set<PlannedTime> = []

  var common: PlannedTime? { found.count == 1 ? found.first : nil }

  /// Adds the times of an expression that is evaluated at `outer`.
  mutating func collect(_ expression: Expression, from outer: PlannedTime) {
    switch expression {
    case .number, .string: break
    case .vectorSelector(let node): found.insert(outer.moved(by: node.modifiers))
    case .matrixSelector(let node): found.insert(outer.moved(by: node.selector.modifiers))
    case .subquery(let node): collect(node.expression, from: outer.moved(by: node.modifiers))
    case .parenthesized(let node): collect(node.expression, from: outer)
    case .unary(let node): collect(node.expression, from: outer)
    case .aggregation(let node): collect(node.expression, from: outer)
    case .binary(let node):
      for side in [node.left, node.right] where !side.isScalar { collect(side, from: outer) }
    case .call(let node):
      let vectors = node.name == "info" ? node.arguments.prefix(1) : node.arguments[...]
      for argument in vectors where !argument.isScalar { collect(argument, from: outer) }
      // A vector that no series stand behind is one of the step.
      if vectors.allSatisfy(\.isScalar) { found.insert(outer) }
    }
  }
}

extension PlannedTime {
  /// The time that modifiers give below an expression evaluated at this one.
  fileprivate func moved(by modifiers: TimeModifiers) -> PlannedTime {
    var time = self
    if let at = modifiers.at { time = PlannedTime(offset: nil, at: at) }
    guard let offset = modifiers.offset else { return time }
    if let added = offset.constant, time.offset.map({ $0.constant != nil }) ?? true {
      let sum = (time.offset?.constant ?? .zero) + added
      guard case .timestamp(let stamp) = time.at else {
        time.offset = sum == .zero ? nil : .constant(sum)
        return time
      }
      return PlannedTime(offset: nil, at: .timestamp(stamp.bounded - sum))
    }
    time.offset = time.offset.map { .binary("+", $0, offset) } ?? offset
    return time
  }
}

extension Expression {
  /// Whether the type checker calls it a scalar or a string.
  fileprivate var isScalar: Bool {
    switch self {
    case .number, .string: true
    case .vectorSelector, .matrixSelector, .subquery, .aggregation: false
    case .parenthesized(let node): node.expression.isScalar
    case .unary(let node): node.expression.isScalar
    case .call(let node): FunctionRegistry.signature(of: node.name)?.result == .scalar
    case .binary(let node): node.left.isScalar && node.right.isScalar
    }
  }
}
