import Model
import PromQL
import PromQLSyntax

/// A part of the language of which the test counts the uses.
enum Feature: Hashable, Sendable, CustomStringConvertible {
  case function(String)
  case aggregation(AggregationOperator)
  case operation(BinaryOperator)
  case modifier(Modifier)

  enum Modifier: String, CaseIterable, Sendable {
    case by, without, bool, on, ignoring, offset
    case groupLeft = "group_left"
    case groupRight = "group_right"
    case negativeOffset = "negative offset"
    case atTime = "@ time"
    case atStart = "@ start()"
    case atEnd = "@ end()"
    case subquery
    case defaultStep = "subquery without a step"
    case equal = "matcher ="
    case notEqual = "matcher !="
    case matches = "matcher =~"
    case notMatches = "matcher !~"
    case negation = "unary -"
    case plus = "unary +"
    case rangeVector = "bare range vector"
    case text = "string"
  }

  /// Stable functions that Prometheus 2.42 does not have, or has for native histograms only.
  private static let newer: Set<String> = [
    "first_over_time", "histogram_avg", "histogram_stddev", "histogram_stdvar",
    "histogram_fraction",
  ]
  /// Of the experimental ones, the one that Prometheus 2.42 had under another name.
  private static let renamed: Set<String> = ["double_exponential_smoothing"]

  /// All that Prometheus 2.42 and 3 have in common.
  static let all: [Feature] =
    FunctionRegistry.all.map(\.signature)
    .filter { $0.isExperimental ? renamed.contains($0.name) : !newer.contains($0.name) }
    .map { .function($0.name) }
    + AggregationOperator.allCases.filter { $0 != .limitk && $0 != .limitRatio }
    .map { .aggregation($0) }
    + BinaryOperator.allCases.filter { $0 != .trimUpper && $0 != .trimLower }
    .map { .operation($0) }
    + Modifier.allCases.map { .modifier($0) }

  var description: String {
    switch self {
    case .function(let name): name + "()"
    case .aggregation(let operation): operation.rawValue
    case .operation(let operation): operation.rawValue
    case .modifier(let modifier): modifier.rawValue
    }
  }
}

/// How often each feature was used.
struct FeatureCount: Sendable {
  private(set) var uses: [Feature: Int] = [:]

  /// Counts an expression and all below it.
  mutating func add(_ expression: Expression, isRoot: Bool = true) {
    switch expression {
    case .number: break
    case .string: if isRoot { add(.text) }
    case .vectorSelector(let node): add(node)
    case .matrixSelector(let node):
      if isRoot { add(.rangeVector) }
      add(node.selector)
    case .subquery(let node):
      if isRoot { add(.rangeVector) }
      add(node.step == nil ? .defaultStep : .subquery)
      add(node.modifiers)
    case .call(let node): uses[.function(node.name), default: 0] += 1
    case .aggregation(let node):
      uses[.aggregation(node.operation), default: 0] += 1
      switch node.grouping {
      case .by(let labels): if !labels.isEmpty { add(.by) }
      case .without: add(.without)
      }
    case .binary(let node): add(node)
    case .unary(let node): add(node.isNegation ? .negation : .plus)
    case .parenthesized: break
    }
    if case .matrixSelector = expression { return }
    for child in expression.children { add(child, isRoot: false) }
  }

  private mutating func add(_ modifier: Feature.Modifier) {
    uses[.modifier(modifier), default: 0] += 1
  }

  private mutating func add(_ selector: VectorSelector) {
    for matcher in selector.matchers where selector.metric != matcher.value {
      switch matcher.comparison {
      case .equal: add(.equal)
      case .notEqual: add(.notEqual)
      case .matches: add(.matches)
      case .notMatches: add(.notMatches)
      }
    }
    add(selector.modifiers)
  }

  private mutating func add(_ modifiers: TimeModifiers) {
    if let offset = modifiers.offset?.constant { add(offset < .zero ? .negativeOffset : .offset) }
    switch modifiers.at {
    case .timestamp: add(.atTime)
    case .start: add(.atStart)
    case .end: add(.atEnd)
    case nil: break
    }
  }

  private mutating func add(_ node: BinaryOperation) {
    uses[.operation(node.operation), default: 0] += 1
    if node.returnsBool { add(.bool) }
    guard let matching = node.matching else { return }
    if matching.isOn {
      add(.on)
    } else if !matching.labels.isEmpty {
      add(.ignoring)
    }
    switch matching.cardinality {
    case .manyToOne: add(.groupLeft)
    case .oneToMany: add(.groupRight)
    case .oneToOne, .manyToMany: break
    }
  }
}
