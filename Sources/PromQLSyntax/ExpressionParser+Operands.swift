import Diagnostics
import Model

extension ExpressionParser {
  /// An operand with its ranges, offsets and other modifiers; a sign takes what `^` binds.
  mutating func parseOperand() throws(Stop) -> Expression {
    if case .operation(let operation) = token.kind, operation == .add || operation == .subtract {
      return try parseSigned(operation)
    }
    let primary = try parsePrimary()
    isAfterOperand = true
    return try parseModifiers(of: primary)
  }

  /// unary_expr : unary_op expr
  private mutating func parseSigned(_ operation: BinaryOperator) throws(Stop) -> Expression {
    let sign = advance()
    isAfterOperand = false
    let operand = try nested { (parser) throws(Stop) in
      try parser.parseExpression(precedence: BinaryOperator.multiply.precedence + 1)
    }
    let whole = range(sign.lower, operand.range.upper)
    if case .number(var literal) = operand {
      if operation == .subtract { literal.value.negate() }
      literal.range = whole
      return .number(literal)
    }
    return .unary(
      UnaryOperation(isNegation: operation == .subtract, expression: operand, range: whole))
  }

  private mutating func parsePrimary() throws(Stop) -> Expression {
    switch token.kind {
    case .number, .duration:
      return .number(parseNumber())
    case .string:
      let literal = advance()
      return .string(StringLiteral(value: stringValue(literal), range: range(of: literal)))
    case .leftParen: return try parseParenthesized()
    case .leftBrace: return .vectorSelector(try parseVectorSelector(name: nil))
    case .aggregator(let operation): return try parseAggregator(operation)
    case .metricIdentifier:
      let name = advance()
      return .vectorSelector(try parseVectorSelector(name: name))
    case .identifier, .start, .end, .step, .range, .minOf, .maxOf:
      let name = advance()
      return token.kind == .leftParen
        ? try parseCall(name) : .vectorSelector(try parseVectorSelector(name: name))
    case _ where token.kind.canBeMetricName:
      let name = advance()
      return .vectorSelector(try parseVectorSelector(name: name))
    default: throw .unexpected
    }
  }

  /// paren_expr
  private mutating func parseParenthesized() throws(Stop) -> Expression {
    let opening = advance()
    isAfterOperand = false
    let inner = try nested { (parser) throws(Stop) in try parser.parseExpression() }
    let closing = try take(.rightParen)
    return .parenthesized(
      Parenthesized(expression: inner, range: range(opening.lower, closing.upper)))
  }

  /// function_call : IDENTIFIER function_call_body
  private mutating func parseCall(_ name: Token) throws(Stop) -> Expression {
    let arguments = try parseArguments()
    return .call(
      FunctionCall(
        name: text(of: name), arguments: arguments, nameRange: range(of: name),
        range: range(name.lower, lastClosing)))
  }

  /// function_call_body
  private mutating func parseArguments() throws(Stop) -> [Expression] {
    try take(.leftParen)
    isAfterOperand = false
    var arguments: [Expression] = []
    if token.kind != .rightParen {
      arguments.append(try nested { (parser) throws(Stop) in try parser.parseExpression() })
    }
    while token.kind == .comma {
      let comma = advance()
      isAfterOperand = false
      guard canStartExpression else {
        if token.kind == .failure {
          heldComma = comma
          throw .unexpected
        }
        reportTrailingComma(comma)
        continue
      }
      arguments.append(try nested { (parser) throws(Stop) in try parser.parseExpression() })
    }
    try take(.rightParen)
    return arguments
  }

  private var canStartExpression: Bool {
    switch token.kind {
    case .number, .duration, .string, .leftParen, .leftBrace, .operation(.add),
      .operation(.subtract):
      true
    default: token.kind.canBeMetricName
    }
  }

  /// aggregate_expr, unless the word is a metric's name here.
  private mutating func parseAggregator(
    _ operation: AggregationOperator
  ) throws(Stop) -> Expression {
    let name = advance()
    guard [.leftParen, .by, .without].contains(token.kind) else {
      return .vectorSelector(try parseVectorSelector(name: name))
    }
    var grouping = try parseGrouping()
    let arguments: [Expression]
    do {
      arguments = try parseArguments()
    } catch {
      guard error == .unexpected else { throw error }
      // Upstream's grammar recovers here, and then misses the arguments.
      _ = reportUnexpected(in: "aggregation", expected: "")
      reportMissingArguments(range(name.lower, lastClosing))
      throw .reported
    }
    isAfterOperand = true
    if grouping == nil { grouping = try parseGrouping() }
    return buildAggregation(
      operation, name, arguments, grouping ?? .by([]), range(name.lower, lastClosing))
  }

  /// aggregate_modifier
  private mutating func parseGrouping() throws(Stop) -> Aggregation.Grouping? {
    guard token.kind == .by || token.kind == .without else { return nil }
    return advance().kind == .by
      ? .by(try parseGroupingLabels()) : .without(try parseGroupingLabels())
  }

  private mutating func buildAggregation(
    _ operation: AggregationOperator, _ name: Token, _ arguments: [Expression],
    _ grouping: Aggregation.Grouping, _ whole: SourceRange
  ) -> Expression {
    let placeholder = Expression.number(NumberLiteral(value: 0, range: whole))
    guard let first = arguments.first, let last = arguments.last else {
      reportMissingArguments(whole)
      return placeholder
    }
    let isExperimental = operation == .limitk || operation == .limitRatio
    if isExperimental, !features.contains(.experimentalFunctions) {
      let text =
        "\(operation.rawValue)() is experimental and must be enabled with "
        + "--enable-feature=promql-experimental-functions"
      reportExperimental(
        text, .experimentalFunctions, "`\(operation.rawValue)`", at: whole,
        subject: range(of: name))
      return placeholder
    }
    let expected = operation.takesParameter ? 2 : 1
    guard arguments.count == expected else {
      reportArgumentCount(operation, expected, arguments.count, whole, range(of: name))
      return placeholder
    }
    return .aggregation(
      Aggregation(
        operation: operation, parameter: operation.takesParameter ? first : nil, expression: last,
        grouping: grouping, operatorRange: range(of: name), range: whole))
  }
}
