import Diagnostics
import Model

/// A node of a PromQL expression with its place in the source. Parentheses are kept, so that the
/// printer gives back what was written (`promql/parser/ast.go`).
package indirect enum Expression: Sendable, Hashable {
  case number(NumberLiteral)
  case string(StringLiteral)
  case vectorSelector(VectorSelector)
  case matrixSelector(MatrixSelector)
  case subquery(Subquery)
  case call(FunctionCall)
  case aggregation(Aggregation)
  case binary(BinaryOperation)
  case unary(UnaryOperation)
  case parenthesized(Parenthesized)
}

/// A number or a duration written as one, with its sign.
package struct NumberLiteral: Sendable, Hashable {
  package var value: Double
  /// Written as a duration (`5m`): printed so again.
  package var isDuration: Bool
  package var range: SourceRange
  package init(value: Double, isDuration: Bool = false, range: SourceRange) {
    self.value = value
    self.isDuration = isDuration
    self.range = range
  }
}

/// A quoted text, escapes resolved.
package struct StringLiteral: Sendable, Hashable {
  package var value: String
  package var range: SourceRange
  package init(value: String, range: SourceRange) {
    self.value = value
    self.range = range
  }
}

/// `@ 123`, `@ start()`, `@ end()`.
package enum AtModifier: Sendable, Hashable {
  case timestamp(Timestamp)
  case start, end
}

/// A duration in a range, offset or step: a constant, or an expression of the experimental
/// `promql-duration-expr` flag.
package indirect enum DurationExpression: Sendable, Hashable {
  case constant(Duration)
  /// A bare number inside arithmetic or parentheses: seconds, or a factor.
  case number(Double)
  /// `step()`, `range()`.
  case function(String)
  /// `min_of(a, b)`, `max_of(a, b)`.
  case choice(String, DurationExpression, DurationExpression)
  case binary(String, DurationExpression, DurationExpression)
  case negated(DurationExpression)
  case parenthesized(DurationExpression)

  /// The value when it is a constant.
  package var constant: Duration? {
    if case .constant(let value) = self { value } else { nil }
  }
}

/// Offset and `@` of a selector or subquery.
package struct TimeModifiers: Sendable, Hashable {
  package var offset: DurationExpression?
  package var at: AtModifier?
  package init(offset: DurationExpression? = nil, at: AtModifier? = nil) {
    self.offset = offset
    self.at = at
  }
}

/// `anchored`, `smoothed`: the experimental extended range selectors.
package enum RangeExtension: String, Sendable, Hashable { case anchored, smoothed }

/// A metric name, matchers in braces, or both: one sample a series.
package struct VectorSelector: Sendable, Hashable {
  /// The bare metric name; nil when only braces were written.
  package var metric: String?
  /// The matchers in written order; the bare name is among them as `__name__="…"`, last.
  package var matchers: [LabelMatcher]
  package var modifiers: TimeModifiers
  package var rangeExtension: RangeExtension?
  /// From the name to the closing brace and modifiers.
  package var range: SourceRange
  package init(
    metric: String?, matchers: [LabelMatcher], modifiers: TimeModifiers = TimeModifiers(),
    rangeExtension: RangeExtension? = nil, range: SourceRange
  ) {
    self.metric = metric
    self.matchers = matchers
    self.modifiers = modifiers
    self.rangeExtension = rangeExtension
    self.range = range
  }
}

/// A selector with a range: `x[5m]`.
package struct MatrixSelector: Sendable, Hashable {
  /// Carries the modifiers.
  package var selector: VectorSelector
  package var window: DurationExpression
  /// The brackets.
  package var windowRange: SourceRange
  package var range: SourceRange
  package init(
    selector: VectorSelector, window: DurationExpression, windowRange: SourceRange,
    range: SourceRange
  ) {
    self.selector = selector
    self.window = window
    self.windowRange = windowRange
    self.range = range
  }
}

/// An expression evaluated at many points of a range: `x[1h:5m]`.
package struct Subquery: Sendable, Hashable {
  package var expression: Expression
  package var window: DurationExpression
  /// nil: the default step.
  package var step: DurationExpression?
  package var modifiers: TimeModifiers
  package var windowRange: SourceRange
  package var range: SourceRange
  package init(
    expression: Expression, window: DurationExpression, step: DurationExpression?,
    modifiers: TimeModifiers = TimeModifiers(), windowRange: SourceRange, range: SourceRange
  ) {
    self.expression = expression
    self.window = window
    self.step = step
    self.modifiers = modifiers
    self.windowRange = windowRange
    self.range = range
  }
}

/// A function and its arguments; whether it exists is the type checker's matter.
package struct FunctionCall: Sendable, Hashable {
  package var name: String
  package var arguments: [Expression]
  package var nameRange: SourceRange
  package var range: SourceRange
  package init(
    name: String, arguments: [Expression], nameRange: SourceRange, range: SourceRange
  ) {
    self.name = name
    self.arguments = arguments
    self.nameRange = nameRange
    self.range = range
  }
}

/// The operators that make one series of many.
package enum AggregationOperator: String, Sendable, Hashable, CaseIterable {
  case sum, avg, count, min, max, group, stddev, stdvar, topk, bottomk, quantile
  case countValues = "count_values"
  case limitk
  case limitRatio = "limit_ratio"

  /// Whether the operator takes a parameter before the expression.
  package var takesParameter: Bool {
    switch self {
    case .topk, .bottomk, .quantile, .countValues, .limitk, .limitRatio: true
    default: false
    }
  }
}

/// `sum by (job) (x)`, `topk(5, x)`.
package struct Aggregation: Sendable, Hashable {
  /// The labels kept, or dropped.
  package enum Grouping: Sendable, Hashable {
    case by([String])
    case without([String])
  }
  package var operation: AggregationOperator
  package var parameter: Expression?
  package var expression: Expression
  /// `.by([])` when nothing was written.
  package var grouping: Grouping
  package var operatorRange: SourceRange
  package var range: SourceRange
  package init(
    operation: AggregationOperator, parameter: Expression?, expression: Expression,
    grouping: Grouping, operatorRange: SourceRange, range: SourceRange
  ) {
    self.operation = operation
    self.parameter = parameter
    self.expression = expression
    self.grouping = grouping
    self.operatorRange = operatorRange
    self.range = range
  }
}

/// The operators between two operands, as they are written.
package enum BinaryOperator: String, Sendable, Hashable, CaseIterable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case modulo = "%"
  case power = "^"
  case atan2
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case and, or, unless
  /// `</`, `>/`: trimming of native histograms.
  case trimUpper = "</"
  case trimLower = ">/"

  package var isComparison: Bool {
    switch self {
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: true
    default: false
    }
  }
  package var isSet: Bool { self == .and || self == .or || self == .unless }
}

/// How the sides of a binary operation between vectors are paired.
package struct VectorMatching: Sendable, Hashable {
  /// Which side may have several series for one of the other.
  package enum Cardinality: String, Sendable, Hashable {
    case oneToOne, manyToOne, oneToMany, manyToMany
  }
  package var cardinality: Cardinality
  /// `on (…)`; otherwise `ignoring (…)`.
  package var isOn: Bool
  package var labels: [String]
  /// The labels of `group_left (…)` / `group_right (…)`.
  package var include: [String]
  /// The experimental `fill` modifiers.
  package var fillLeft: Double?
  package var fillRight: Double?
  package init(
    cardinality: Cardinality = .oneToOne, isOn: Bool = false, labels: [String] = [],
    include: [String] = [], fillLeft: Double? = nil, fillRight: Double? = nil
  ) {
    self.cardinality = cardinality
    self.isOn = isOn
    self.labels = labels
    self.include = include
    self.fillLeft = fillLeft
    self.fillRight = fillRight
  }
}

/// Two operands and what is between them.
package struct BinaryOperation: Sendable, Hashable {
  package var operation: BinaryOperator
  package var left: Expression
  package var right: Expression
  package var returnsBool: Bool
  /// nil when a side is a scalar.
  package var matching: VectorMatching?
  package var operatorRange: SourceRange
  package var range: SourceRange
  package init(
    operation: BinaryOperator, left: Expression, right: Expression, returnsBool: Bool,
    matching: VectorMatching?, operatorRange: SourceRange, range: SourceRange
  ) {
    self.operation = operation
    self.left = left
    self.right = right
    self.returnsBool = returnsBool
    self.matching = matching
    self.operatorRange = operatorRange
    self.range = range
  }
}

/// A sign before anything but a literal.
package struct UnaryOperation: Sendable, Hashable {
  package var isNegation: Bool
  package var expression: Expression
  package var range: SourceRange
  package init(isNegation: Bool, expression: Expression, range: SourceRange) {
    self.isNegation = isNegation
    self.expression = expression
    self.range = range
  }
}

/// An expression in parentheses.
package struct Parenthesized: Sendable, Hashable {
  package var expression: Expression
  package var range: SourceRange
  package init(expression: Expression, range: SourceRange) {
    self.expression = expression
    self.range = range
  }
}

extension Expression {
  /// The place of the whole node in its source.
  package var range: SourceRange {
    switch self {
    case .number(let node): node.range
    case .string(let node): node.range
    case .vectorSelector(let node): node.range
    case .matrixSelector(let node): node.range
    case .subquery(let node): node.range
    case .call(let node): node.range
    case .aggregation(let node): node.range
    case .binary(let node): node.range
    case .unary(let node): node.range
    case .parenthesized(let node): node.range
    }
  }

  /// The nodes directly below, in written order.
  package var children: [Expression] {
    switch self {
    case .number, .string, .vectorSelector: []
    case .matrixSelector(let node): [.vectorSelector(node.selector)]
    case .subquery(let node): [node.expression]
    case .call(let node): node.arguments
    case .aggregation(let node): (node.parameter.map { [$0] } ?? []) + [node.expression]
    case .binary(let node): [node.left, node.right]
    case .unary(let node): [node.expression]
    case .parenthesized(let node): [node.expression]
    }
  }
}

/// PromQL's types of values.
package enum ValueType: String, Sendable, Hashable {
  case scalar, string, vector, matrix
}
