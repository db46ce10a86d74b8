import Diagnostics
import Model

/// A duration being read: what was written, and its value while it is still a mere literal.
struct DurationOperand {
  /// The tree; a literal stands in it as a duration at the top, as written further down.
  var written: DurationExpression
  /// As part of a larger duration expression.
  var inner: DurationExpression
  /// Seconds, for a literal with or without a sign.
  var literal: Double?
  var lower: Int
  var upper: Int
}

extension ExpressionParser {
  /// duration_expr
  mutating func parseDuration(precedence: Int = 0) throws(Stop) -> DurationOperand {
    var left = try parseDurationOperand()
    while case .operation(let operation) = token.kind, (4...6).contains(operation.precedence),
      operation != .atan2, operation.precedence >= precedence
    {
      try countOperator()
      let sign = advance()
      let next = operation.isRightAssociative ? operation.precedence : operation.precedence + 1
      let right = try nested { (parser) throws(Stop) in try parser.parseDuration(precedence: next) }
      requireDurationExpressions(left, whole: range(left.lower, right.upper))
      if right.literal == 0, operation == .divide || operation == .modulo {
        reportDivisionByZero(operation, sign)
        left = literalOperand(0, isDuration: false, base, base)
        continue
      }
      let node = DurationExpression.binary(operation.rawValue, left.inner, right.inner)
      left = DurationOperand(
        written: node, inner: node, literal: nil, lower: left.lower, upper: right.upper)
    }
    return left
  }

  /// offset_duration_expr: a bare literal or call ends the offset, so that `a offset 5m - b`
  /// subtracts `b`.
  mutating func parseOffsetDuration() throws(Stop) -> DurationOperand {
    guard case .operation(let operation) = token.kind, operation == .add || operation == .subtract
    else {
      return token.kind == .leftParen ? try parseDuration() : try parseDurationPrimary()
    }
    let sign = advance()
    switch token.kind {
    case .operation:
      let inner = try nested { (parser) throws(Stop) in
        try parser.parseDuration(precedence: BinaryOperator.multiply.precedence + 1)
      }
      return signed(inner, by: operation, sign)
    default:
      return signed(try parseDurationPrimary(), by: operation, sign)
    }
  }

  private mutating func parseDurationOperand() throws(Stop) -> DurationOperand {
    guard case .operation(let operation) = token.kind, operation == .add || operation == .subtract
    else { return try parseDurationPrimary() }
    let sign = advance()
    let inner = try nested { (parser) throws(Stop) in
      try parser.parseDuration(precedence: BinaryOperator.multiply.precedence + 1)
    }
    return signed(inner, by: operation, sign)
  }

  private mutating func signed(
    _ operand: DurationOperand, by operation: BinaryOperator, _ sign: Token
  ) -> DurationOperand {
    var operand = operand
    operand.lower = sign.lower
    guard operation == .subtract else { return operand }
    if let literal = operand.literal {
      if case .constant = operand.inner {
        return literalOperand(-literal, isDuration: true, sign.lower, operand.upper)
      }
      return literalOperand(-literal, isDuration: false, sign.lower, operand.upper)
    }
    operand.inner = .negated(operand.inner)
    operand.written = operand.inner
    return operand
  }

  private mutating func parseDurationPrimary() throws(Stop) -> DurationOperand {
    let first = token
    switch token.kind {
    case .number, .duration:
      let literal = parseNumber()
      if literal.value.magnitude > 0x1p63 / 1e9 {
        reportDurationTooLong(literal.range)
        return literalOperand(0, isDuration: false, base, base)
      }
      return literalOperand(
        literal.value, isDuration: literal.isDuration, first.lower, first.upper)
    case .step, .range:
      advance()
      try take(.leftParen)
      try take(.rightParen)
      return computed(.function(first.kind == .step ? "step" : "range"), from: first)
    case .minOf, .maxOf:
      advance()
      try take(.leftParen)
      let left = try nested { (parser) throws(Stop) in try parser.parseDuration() }
      try take(.comma)
      let right = try nested { (parser) throws(Stop) in try parser.parseDuration() }
      try take(.rightParen)
      let name = first.kind == .minOf ? "min_of" : "max_of"
      return computed(.choice(name, left.inner, right.inner), from: first)
    case .leftParen:
      advance()
      let inner = try nested { (parser) throws(Stop) in try parser.parseDuration() }
      try take(.rightParen)
      if case .parenthesized = inner.inner { return computed(inner.inner, from: first) }
      return computed(.parenthesized(inner.inner), from: first)
    default: throw .unexpected
    }
  }

  private mutating func computed(
    _ node: DurationExpression, from first: Token
  ) -> DurationOperand {
    let operand = DurationOperand(
      written: node, inner: node, literal: nil, lower: first.lower, upper: lastEnd)
    requireDurationExpressions(operand)
    return operand
  }

  private func literalOperand(
    _ seconds: Double, isDuration: Bool, _ lower: Int, _ upper: Int
  ) -> DurationOperand {
    let duration = DurationExpression.constant(
      .nanoseconds(Int64(exactly: (seconds * 1e9).rounded()) ?? 0))
    return DurationOperand(
      written: duration, inner: isDuration ? duration : .number(seconds), literal: seconds,
      lower: lower, upper: upper)
  }

  private mutating func requireDurationExpressions(
    _ operand: DurationOperand, whole: SourceRange? = nil
  ) {
    if features.contains(.durationExpressions) { return }
    // One mistake, however many parts the duration has.
    let message = "experimental duration expression is not enabled"
    if errors.contains(where: { $0.message == message }) { return }
    reportExperimental(
      message, .durationExpressions, "arithmetic in a duration",
      at: range(operand.lower, operand.upper), subject: whole)
  }

  /// positive_duration_expr
  mutating func checkPositive(_ operand: DurationOperand) {
    if let literal = operand.literal, literal <= 0 {
      reportNotPositive(range(operand.lower, operand.upper))
    }
  }
}
