import Diagnostics
import Model
import PromQLSyntax

/// The type of an expression, and what about its types is wrong.
package struct TypedResult: Sendable {
  /// nil when a function in it is unknown.
  package var type: ValueType?
  /// In Prometheus' wording, at its positions.
  package var errors: [SyntaxError]
  /// The same mistakes in ours: `E021`–`E024`, `E031`.
  package var diagnostics: [Diagnostic]
}

/// Checks the types of a parsed expression against the functions' signatures
/// (`promql/parser/parse.go`, `checkAST`).
package struct TypeChecker {
  package typealias Signatures = (String) -> FunctionSignature?

  let features: LanguageFeatures
  let signatures: Signatures
  /// All functions, for suggestions.
  let names: [String]
  var errors: [SyntaxError] = []
  var diagnostics: [Diagnostic] = []

  /// Checks an expression that parsed without errors. Unknown functions and ones that are not
  /// enabled are reported first and alone, as upstream finds them while parsing.
  package static func check(
    _ expression: Expression, features: LanguageFeatures,
    signatures: @escaping Signatures,
    names: [String]
  ) -> TypedResult {
    var checker = TypeChecker(features: features, signatures: signatures, names: names)
    checker.checkFunctions(expression)
    if !checker.errors.isEmpty {
      return TypedResult(type: nil, errors: checker.errors, diagnostics: checker.diagnostics)
    }
    let type = checker.check(expression)
    return TypedResult(type: type, errors: checker.errors, diagnostics: checker.diagnostics)
  }

  private init(features: LanguageFeatures, signatures: @escaping Signatures, names: [String]) {
    self.features = features
    self.signatures = signatures
    self.names = names
  }

  mutating func report(_ message: String, at place: SourceRange, _ diagnostic: Diagnostic) {
    errors.append(SyntaxError(range: place, message: message))
    diagnostics.append(diagnostic)
  }

  // MARK: Functions

  /// Arguments before the call, as the grammar reduces them. Long chains of operators lean to the
  /// left: they are walked, not descended.
  private mutating func checkFunctions(_ expression: Expression) {
    for part in LeftSpine(expression).partsFromTheInside {
      switch part {
      case .binary(let node): checkFunctions(node.right)
      case .call(let node):
        for argument in node.arguments { checkFunctions(argument) }
        checkFunction(node)
      case .aggregation(let node):
        if let parameter = node.parameter { checkFunctions(parameter) }
        checkFunctions(node.expression)
      case .unary(let node): checkFunctions(node.expression)
      case .parenthesized(let node): checkFunctions(node.expression)
      default: break
      }
    }
  }

  private mutating func checkFunction(_ call: FunctionCall) {
    guard let signature = signatures(call.name) else {
      let suggestion = Suggestion.nearest(to: call.name, in: names + AggregationOperator.names)
      report(
        "unknown function with name \(PromQuote.quoted(call.name))", at: call.nameRange,
        Diagnostic(
          "E022", .error, "there is no PromQL function called `\(call.name)`", at: call.nameRange,
          "unknown function", help: suggestion.map { "did you mean `\($0)`?" },
          replacement: suggestion.map { .init(call.nameRange, $0) }))
      return
    }
    if signature.isExperimental, !features.contains(.experimentalFunctions) {
      report(
        "function \(PromQuote.quoted(call.name)) is not enabled", at: call.nameRange,
        .experimental(.experimentalFunctions, "`\(call.name)`", at: call.nameRange))
    }
  }

  // MARK: Types

  /// Without looking for mistakes.
  func type(of expression: Expression) -> ValueType? {
    switch expression {
    case .number: return .scalar
    case .string: return .string
    case .vectorSelector, .aggregation: return .vector
    case .matrixSelector, .subquery: return .matrix
    case .call(let node): return signatures(node.name)?.result
    case .parenthesized(let node): return type(of: node.expression)
    case .unary(let node): return type(of: node.expression)
    case .binary:
      var rest = expression
      while case .binary(let node) = rest {
        if type(of: node.right) != .scalar { return .vector }
        rest = node.left
      }
      return type(of: rest) == .scalar ? .scalar : .vector
    }
  }

  /// The type, and every mistake below and in the expression.
  mutating func check(_ expression: Expression) -> ValueType? {
    var result: ValueType?
    for part in LeftSpine(expression).partsFromTheInside {
      let left = result
      switch part {
      case .number, .string, .matrixSelector: break
      case .vectorSelector(let node): checkSelector(node)
      case .subquery(let node): checkSubquery(node, left)
      case .unary(let node): checkUnary(node)
      case .parenthesized(let node): _ = check(node.expression)
      case .call(let node): checkCall(node)
      case .aggregation(let node): checkAggregation(node)
      case .binary(let node):
        let right = check(node.right)
        checkBinary(node, left, right)
        result = left == .scalar && right == .scalar ? .scalar : .vector
        continue
      }
      if case .matrixSelector(let node) = part { checkSelector(node.selector) }
      result = type(of: part)
    }
    return result
  }
}

/// An expression followed down its leftmost operands: binary operations and subqueries, which the
/// parser stacks without a limit of nesting.
struct LeftSpine {
  /// The innermost operand first, the whole expression last.
  let partsFromTheInside: [Expression]

  init(_ expression: Expression) {
    var parts = [expression]
    while let last = parts.last {
      switch last {
      case .binary(let node): parts.append(node.left)
      case .subquery(let node): parts.append(node.expression)
      default:
        partsFromTheInside = parts.reversed()
        return
      }
    }
    partsFromTheInside = []
  }
}

extension AggregationOperator {
  /// What PromQL calls them.
  static let names = allCases.map(\.rawValue)
}
