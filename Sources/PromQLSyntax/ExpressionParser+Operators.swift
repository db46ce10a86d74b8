import Diagnostics
import Model

extension BinaryOperator {
  /// How tightly the operator binds; a sign binds as `*` does.
  var precedence: Int {
    switch self {
    case .or: 1
    case .and, .unless: 2
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .trimUpper,
      .trimLower:
      3
    case .add, .subtract: 4
    case .multiply, .divide, .modulo, .atan2: 5
    case .power: 6
    }
  }
  var isRightAssociative: Bool { self == .power }
}

extension ExpressionParser {
  /// binary_expr : expr OPERATOR bin_modifier expr, for operators that bind at least as tightly.
  mutating func parseExpression(precedence: Int = 0) throws(Stop) -> Expression {
    var left = try parseOperand()
    while case .operation(let operation) = token.kind, operation.precedence >= precedence {
      try countOperator()
      let sign = advance()
      isAfterOperand = false
      try rejectPercentage(operation, after: left, sign)
      let modifiers = try parseBinaryModifiers(operation)
      let next = operation.isRightAssociative ? operation.precedence : operation.precedence + 1
      let right = try nestedIfRightAssociative(operation, next)
      let whole = left.range.union(right.range)
      left = .binary(
        BinaryOperation(
          operation: operation, left: left, right: right, returnsBool: modifiers.returnsBool,
          matching: modifiers.matching, operatorRange: range(of: sign), range: whole))
      let isFilled = modifiers.matching.fillLeft != nil || modifiers.matching.fillRight != nil
      if isFilled, !features.contains(.fillModifiers) {
        reportExperimental(
          "binop fill modifiers are experimental and not enabled", .fillModifiers, "`fill`",
          at: whole, subject: modifiers.fill)
      }
    }
    return left
  }

  private mutating func nestedIfRightAssociative(
    _ operation: BinaryOperator, _ precedence: Int
  ) throws(Stop) -> Expression {
    guard operation.isRightAssociative else { return try parseExpression(precedence: precedence) }
    return try nested { (parser) throws(Stop) in
      try parser.parseExpression(precedence: precedence)
    }
  }

  /// `> 80%` at a line's end reads as a modulo without its right side; say what is meant.
  private mutating func rejectPercentage(
    _ operation: BinaryOperator, after left: Expression, _ sign: Token
  ) throws(Stop) {
    guard isEmbedded, operation == .modulo, case .number(let literal) = left,
      literal.range.upper == sign.lower, isAtForeignText
    else { return }
    let place = range(literal.range.lower, sign.upper)
    report(
      "unexpected end of input", at: place,
      Diagnostic(
        "E008", .error, "PromQL has no percentages", at: place,
        "`%` is the remainder of a division",
        help: "write `\(NumberText.fixed(literal.value / 100))`"))
    throw .reported
  }

  /// bool_modifier, on_or_ignoring, group_modifiers, fill_modifiers
  private mutating func parseBinaryModifiers(
    _ operation: BinaryOperator
  ) throws(Stop) -> (returnsBool: Bool, matching: VectorMatching, fill: SourceRange) {
    var matching = VectorMatching(cardinality: operation.isSet ? .manyToMany : .oneToOne)
    let returnsBool = token.kind == .bool
    if returnsBool { advance() }
    if token.kind == .on || token.kind == .ignoring {
      matching.isOn = advance().kind == .on
      matching.labels = try parseGroupingLabels()
      if token.kind == .groupLeft || token.kind == .groupRight {
        matching.cardinality = advance().kind == .groupLeft ? .manyToOne : .oneToMany
        if token.kind == .leftParen { matching.include = try parseGroupingLabels() }
      }
    }
    let firstFill = token.lower
    if token.kind == .fill {
      let value = try parseFillValue()
      (matching.fillLeft, matching.fillRight) = (value, value)
    } else {
      while token.kind == .fillLeft || token.kind == .fillRight {
        let isLeft = token.kind == .fillLeft
        if (isLeft ? matching.fillLeft : matching.fillRight) != nil { throw .unexpected }
        let value = try parseFillValue()
        if isLeft { matching.fillLeft = value } else { matching.fillRight = value }
      }
    }
    return (returnsBool, matching, range(firstFill, max(firstFill, lastEnd)))
  }

  private mutating func parseFillValue() throws(Stop) -> Double {
    advance()
    try take(.leftParen)
    let value = try parseSignedNumber()
    try take(.rightParen)
    return value
  }

  /// signed_or_unsigned_number
  mutating func parseSignedNumber() throws(Stop) -> Double {
    var sign = 1.0
    if case .operation(let operation) = token.kind, operation == .add || operation == .subtract {
      advance()
      if operation == .subtract { sign = -1 }
    }
    guard token.kind == .number || token.kind == .duration else { throw .unexpected }
    return sign * parseNumber().value
  }

  /// grouping_labels
  mutating func parseGroupingLabels() throws(Stop) -> [String] {
    guard token.kind == .leftParen else {
      throw reportUnexpected(in: "grouping opts", expected: "\"(\"")
    }
    advance()
    var labels: [String] = []
    while token.kind != .rightParen {
      labels.append(try parseGroupingLabel())
      switch token.kind {
      case .comma: advance()
      case .rightParen: break
      default: throw reportUnexpected(in: "grouping opts", expected: "\",\" or \")\"")
      }
    }
    advance()
    return labels
  }

  /// grouping_label : maybe_label | STRING
  private mutating func parseGroupingLabel() throws(Stop) -> String {
    if token.kind == .string {
      let name = stringValue(advance())
      return name
    }
    let name = text(of: token)
    guard token.kind.canBeLabelName, LabelName.isPlain(name) else {
      throw reportUnexpected(in: "grouping opts", expected: "label")
    }
    advance()
    return name
  }
}

/// Label names that need no quotes: `[a-zA-Z_][a-zA-Z0-9_]*`.
enum LabelName {
  static func isPlain(_ name: String) -> Bool {
    var isFirst = true
    for byte in name.utf8 {
      let isLetter = byte == UInt8(ascii: "_") || (0x61...0x7A).contains(byte | 0x20)
      guard isLetter || (!isFirst && (0x30...0x39).contains(byte)) else { return false }
      isFirst = false
    }
    return !isFirst
  }
}
