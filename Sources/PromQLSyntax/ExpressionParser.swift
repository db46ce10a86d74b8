import Diagnostics
import Model

/// Recursive descent over the grammar of `promql/parser/generated_parser.y`, with operator
/// precedence for binary expressions. It stops at the first syntax error; mistakes of meaning that
/// the grammar's actions find are collected on the way.
struct ExpressionParser {
  /// Why parsing stopped.
  enum Stop: Error {
    /// At `token`, which nothing has reported yet.
    case unexpected
    case reported
  }

  let source: SourceText
  let base: Int
  let features: LanguageFeatures
  let limits: ParserLimits
  private var lexer: Lexer
  /// The token to look at next.
  private(set) var token: Token
  /// The end of the last token taken.
  private(set) var lastEnd: Int
  /// The end of the last token taken that can end an operand; upstream measures ranges by it.
  private(set) var lastClosing: Int
  /// Brackets taken and not yet closed.
  private(set) var openers: [Token] = []
  private var depth = 0
  private var operatorCount = 0
  /// Whether an operand, rather than an operator, was taken last.
  var isAfterOperand = false
  /// A comma that no argument follows, because there the text cannot be read: upstream's parser has
  /// read on before it misses the argument.
  var heldComma: Token?
  /// Whether other text may follow the expression.
  var isEmbedded = false
  var errors: [SyntaxError] = []
  var diagnostics: [Diagnostic] = []

  init(_ source: SourceText, from base: Int, features: LanguageFeatures, limits: ParserLimits) {
    self.source = source
    self.base = base
    self.features = features
    self.limits = limits
    lexer = Lexer(source, from: base)
    token = lexer.next()
    lastEnd = base
    lastClosing = base
  }

  // MARK: Tokens

  /// Takes the token and reads the next one.
  @discardableResult
  mutating func advance() -> Token {
    let taken = token
    lastEnd = taken.upper
    switch taken.kind {
    case .rightBrace, .rightParen, .rightBracket, .duration, .number: lastClosing = taken.upper
    default: break
    }
    switch taken.kind {
    case .leftParen, .leftBrace, .leftBracket: openers.append(taken)
    case .rightParen, .rightBrace, .rightBracket: _ = openers.popLast()
    default: break
    }
    token = lexer.next()
    return taken
  }

  @discardableResult
  mutating func take(_ kind: TokenKind) throws(Stop) -> Token {
    guard token.kind == kind else { throw .unexpected }
    return advance()
  }

  func text(of token: Token) -> String {
    String(decoding: source.bytes[token.lower..<token.upper], as: UTF8.self)
  }
  func range(_ lower: Int, _ upper: Int) -> SourceRange { SourceRange(source, lower, upper) }
  func range(of token: Token) -> SourceRange { range(token.lower, token.upper) }

  /// Runs a part of the grammar one level deeper.
  mutating func nested<Node>(
    _ parse: (inout ExpressionParser) throws(Stop) -> Node
  ) throws(Stop) -> Node {
    depth += 1
    defer { depth -= 1 }
    if depth > limits.nesting {
      throw reportLimit("nested more than \(limits.nesting) levels deep")
    }
    return try parse(&self)
  }

  mutating func countOperator() throws(Stop) {
    operatorCount += 1
    if operatorCount > limits.operators {
      throw reportLimit("made of more than \(limits.operators) operations")
    }
  }

  private mutating func reportLimit(_ what: String) -> Stop {
    let place = range(token.lower, token.stop)
    report(
      "expression is \(what)", at: place,
      Diagnostic(
        "E027", .error, "this expression is \(what)", at: place, "no deeper than here",
        help: "split it with recording rules"))
    return .reported
  }

  // MARK: Entry points

  /// start : expr EOF
  mutating func parseWhole() -> Expression? {
    if token.kind == .endOfInput {
      reportMissing()
      return nil
    }
    do throws(Stop) {
      let expression = try parseExpression()
      guard token.kind == .endOfInput else { throw Stop.unexpected }
      return expression
    } catch {
      reportUnlessReported(error)
      return nil
    }
  }

  /// The longest expression, and where the text around it goes on.
  mutating func parseEmbedded() -> (Expression?, end: Int) {
    if isAtEnd {
      reportMissing()
      return (nil, base)
    }
    let beginsOnNewLine = isOnNewLine
    let firstLine = source.line(at: token.origin)
    do throws(Stop) {
      let expression = try parseExpression()
      if !isAtForeignText { throw Stop.unexpected }
      return (expression, lastEnd)
    } catch {
      if beginsOnNewLine, error == .unexpected, source.line(at: token.origin) == firstLine {
        // The next setting was taken for the expression.
        reportMissing()
        return (nil, base)
      }
      reportUnlessReported(error)
      return (nil, resumption)
    }
  }

  mutating func parseEmbeddedSelector() -> (VectorSelector?, end: Int) {
    if isAtForeignText {
      reportMissing()
      return (nil, base)
    }
    do {
      return (try parseSelectorOnly(), lastEnd)
    } catch {
      reportUnlessReported(error)
      return (nil, resumption)
    }
  }

  mutating func parseWholeSelector() -> VectorSelector? {
    do throws(Stop) {
      let selector = try parseSelectorOnly()
      guard token.kind == .endOfInput else { throw Stop.unexpected }
      return selector
    } catch {
      reportUnlessReported(error)
      return nil
    }
  }

  private mutating func parseSelectorOnly() throws(Stop) -> VectorSelector {
    if token.kind == .leftBrace { return try parseVectorSelector(name: nil) }
    guard token.kind.canBeMetricName else { throw .unexpected }
    let name = advance()
    return try parseVectorSelector(name: name)
  }

  /// Whether the token belongs to the text around the expression.
  var isAtForeignText: Bool { isAtEnd || isOnNewLine }

  /// Whether no text is left, or only what closes a block around the expression.
  private var isAtEnd: Bool {
    token.kind == .endOfInput || token.origin >= source.bytes.count
      || source.bytes[token.origin] == UInt8(ascii: "}")
  }

  /// Whether a line ends between the last token taken and the next one.
  var isOnNewLine: Bool {
    source.bytes[lastEnd..<max(lastEnd, token.origin)].contains(UInt8(ascii: "\n"))
  }

  /// Where the surrounding text goes on after a mistake: at the line's end, or before a `}` that
  /// closes something opened earlier.
  private var resumption: Int {
    var index = lastEnd
    var braces = openers.count { $0.kind == .leftBrace }
    while index < source.bytes.count {
      switch source.bytes[index] {
      case "\n": return index
      case "{": braces += 1
      case "}":
        if braces == 0 { return index }
        braces -= 1
      default: break
      }
      index += 1
    }
    return index
  }
}
