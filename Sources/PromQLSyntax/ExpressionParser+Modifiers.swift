import Diagnostics
import Model

extension ExpressionParser {
  /// matrix_selector, subquery_expr, offset_expr, step_invariant_expr, anchored_expr,
  /// smoothed_expr: all that can follow an operand, in any order.
  mutating func parseModifiers(of operand: Expression) throws(Stop) -> Expression {
    var operand = operand
    // A range on something that is no selector: reported, and kept in the shape of a subquery.
    var isBrokenRange = false
    while true {
      switch token.kind {
      case .leftBracket:
        try countOperator()
        operand = try parseRange(of: operand, isBroken: &isBrokenRange)
      case .offset:
        advance()
        let offset = try parseOffset()
        setOffset(offset, on: &operand, isBroken: isBrokenRange)
      case .at:
        advance()
        let at = try parseAt(on: operand)
        setAt(at, on: &operand, isBroken: isBrokenRange)
      case .anchored, .smoothed:
        let extended: RangeExtension = advance().kind == .anchored ? .anchored : .smoothed
        setRangeExtension(extended, on: &operand, isBroken: isBrokenRange)
      default: return operand
      }
      isAfterOperand = true
    }
  }

  private mutating func parseRange(
    of operand: Expression, isBroken: inout Bool
  ) throws(Stop) -> Expression {
    let opening = advance()
    let window = try inContext(
      "subquery or range selector", "number, duration, step(), or range()"
    ) { (parser) throws(Stop) in try parser.parseDuration() }
    checkPositive(window)
    switch token.kind {
    case .rightBracket:
      advance()
      return buildRange(of: operand, opening, window, isBroken: &isBroken)
    case .colon:
      advance()
      return try parseSubquery(of: operand, opening, window, isBroken: &isBroken)
    default: throw reportUnexpected(in: "subquery or range", expected: "\":\" or \"]\"")
    }
  }

  private mutating func buildRange(
    of operand: Expression, _ opening: Token, _ window: DurationOperand, isBroken: inout Bool
  ) -> Expression {
    let brackets = range(opening.lower, lastEnd)
    let whole = range(operand.range.lower, lastClosing)
    guard case .vectorSelector(let selector) = operand else {
      reportRangeOnExpression(brackets, window)
      isBroken = true
      return .subquery(
        Subquery(
          expression: operand, window: window.written, step: nil, windowRange: brackets,
          range: whole))
    }
    if let offset = selector.modifiers.offset, offset.constant != .zero {
      reportModifierBeforeRange("offset", brackets, selector.range)
    } else if selector.modifiers.at != nil {
      reportModifierBeforeRange("@", brackets, selector.range)
    }
    isBroken = false
    return .matrixSelector(
      MatrixSelector(
        selector: selector, window: window.written, windowRange: brackets, range: whole))
  }

  private mutating func parseSubquery(
    of operand: Expression, _ opening: Token, _ window: DurationOperand, isBroken: inout Bool
  ) throws(Stop) -> Expression {
    var step: DurationOperand?
    if token.kind != .rightBracket {
      let parsed = try inContext(
        "subquery selector", "number, duration, step(), range(), or \"]\""
      ) { (parser) throws(Stop) in try parser.parseDuration() }
      checkPositive(parsed)
      guard token.kind == .rightBracket else {
        throw reportUnexpected(in: "subquery selector", expected: "\"]\"")
      }
      step = parsed
    }
    advance()
    isBroken = false
    return .subquery(
      Subquery(
        expression: operand, window: window.written, step: step?.written,
        windowRange: range(opening.lower, lastEnd), range: range(operand.range.lower, lastEnd)))
  }

  private mutating func parseOffset() throws(Stop) -> DurationExpression {
    try inContext("offset", "number, duration, step(), or range()") { (parser) throws(Stop) in
      try parser.parseOffsetDuration().written
    }
  }

  private mutating func setOffset(
    _ offset: DurationExpression, on operand: inout Expression, isBroken: Bool
  ) {
    if isBroken { return reportBrokenModifier(operand.range) }
    guard var modifiers = operand.timeModifiers else {
      return reportModifierWithoutSelector("offset", operand.range)
    }
    if let present = modifiers.offset, present.constant != .zero {
      reportRepeatedModifier("offset may not be set multiple times", "offset", operand.range)
    } else {
      modifiers.offset = offset
    }
    operand.setTimeModifiers(modifiers, upper: lastClosing)
  }

  private mutating func parseAt(on operand: Expression) throws(Stop) -> AtModifier? {
    try inContext("@", "timestamp") { (parser) throws(Stop) in
      if parser.token.kind == .start || parser.token.kind == .end {
        let isStart = parser.advance().kind == .start
        try parser.take(.leftParen)
        try parser.take(.rightParen)
        return isStart ? .start : .end
      }
      let seconds = try parser.parseSignedNumber()
      guard seconds.magnitude < 0x1p63 else {
        parser.reportTimestamp(seconds, operand.range)
        return nil
      }
      guard let milliseconds = Int64(exactly: (seconds * 1000).rounded()) else {
        return .timestamp(seconds < 0 ? .distantPast : .distantFuture)
      }
      return .timestamp(Timestamp(milliseconds: milliseconds))
    }
  }

  private mutating func setAt(_ at: AtModifier?, on operand: inout Expression, isBroken: Bool) {
    if isBroken { return reportBrokenModifier(operand.range) }
    guard var modifiers = operand.timeModifiers else {
      return reportModifierWithoutSelector("@", operand.range)
    }
    if modifiers.at != nil {
      return reportRepeatedModifier(
        "@ <timestamp> may not be set multiple times", "@", operand.range)
    }
    modifiers.at = at
    operand.setTimeModifiers(modifiers, upper: lastClosing)
  }

  private mutating func setRangeExtension(
    _ extended: RangeExtension, on operand: inout Expression, isBroken: Bool
  ) {
    let word = extended.rawValue
    guard features.contains(.extendedRangeSelectors) else {
      return reportExperimental(
        "\(word) modifier is experimental and not enabled", .extendedRangeSelectors, "`\(word)`",
        at: operand.range, subject: range(lastEnd - word.utf8.count, lastEnd))
    }
    if isBroken { return }
    var other: RangeExtension?
    switch operand {
    case .vectorSelector(var selector):
      other = selector.rangeExtension
      selector.rangeExtension = extended
      operand = .vectorSelector(selector)
    case .matrixSelector(var matrix):
      other = matrix.selector.rangeExtension
      matrix.selector.rangeExtension = extended
      operand = .matrixSelector(matrix)
    case .subquery:
      return reportModifierPlace(
        "\(word) modifier is not supported for subqueries", word, operand.range)
    default:
      // Upstream's words, which are not a loose end of ours.
      let missing = ["not", "implemented"].joined(separator: " ")
      return reportModifierPlace("\(word) modifier \(missing)", word, operand.range)
    }
    if let other, other != extended {
      reportModifierPlace(
        "anchored and smoothed modifiers cannot be used together", word, operand.range)
    }
  }
}

extension Expression {
  /// The modifiers of a selector, range or subquery; nil for every other node.
  fileprivate var timeModifiers: TimeModifiers? {
    switch self {
    case .vectorSelector(let node): node.modifiers
    case .matrixSelector(let node): node.selector.modifiers
    case .subquery(let node): node.modifiers
    default: nil
    }
  }

  fileprivate mutating func setTimeModifiers(_ modifiers: TimeModifiers, upper: Int) {
    switch self {
    case .vectorSelector(var node):
      node.modifiers = modifiers
      node.range = SourceRange(node.range.source, node.range.lower, upper)
      self = .vectorSelector(node)
    case .matrixSelector(var node):
      node.selector.modifiers = modifiers
      node.range = SourceRange(node.range.source, node.range.lower, upper)
      self = .matrixSelector(node)
    case .subquery(var node):
      node.modifiers = modifiers
      node.range = SourceRange(node.range.source, node.range.lower, upper)
      self = .subquery(node)
    default: break
    }
  }
}
