import Diagnostics
import Model

/// One token of an expression, with the bytes it was read from.
struct Token {
  var kind: TokenKind
  var lower: Int
  var upper: Int
  /// Where reading stopped: `upper`, except that a failure's `upper` is the end of the text.
  var stop: Int
  /// The byte that begins it; `lower`, except where upstream reports a failure further right.
  var origin: Int
  /// What the lexer found wrong, in Prometheus' wording; only on `.failure`.
  var failure: String?
}

/// What a token is. Words are keywords only where the lexer is outside braces.
enum TokenKind: Hashable {
  case endOfInput, failure
  case identifier, metricIdentifier, string, number, duration
  case leftParen, rightParen, leftBrace, rightBrace, leftBracket, rightBracket
  case comma, assign, colon, at, matches, notMatches
  case operation(BinaryOperator)
  case aggregator(AggregationOperator)
  case bool, by, without, on, ignoring, groupLeft, groupRight, offset
  case smoothed, anchored, fill, fillLeft, fillRight
  case start, end, step, range, minOf, maxOf

  /// The words of the language in lower case; `inf` and `nan` are numbers.
  static let keywords: [String: TokenKind] = {
    var words: [String: TokenKind] = [
      "and": .operation(.and), "or": .operation(.or), "unless": .operation(.unless),
      "atan2": .operation(.atan2), "bool": .bool, "by": .by, "without": .without, "on": .on,
      "ignoring": .ignoring, "group_left": .groupLeft, "group_right": .groupRight,
      "offset": .offset, "smoothed": .smoothed, "anchored": .anchored, "fill": .fill,
      "fill_left": .fillLeft, "fill_right": .fillRight, "start": .start, "end": .end,
      "step": .step, "range": .range, "min_of": .minOf, "max_of": .maxOf, "inf": .number,
      "nan": .number,
    ]
    for operation in AggregationOperator.allCases {
      words[operation.rawValue] = .aggregator(operation)
    }
    return words
  }()

  /// Whether a metric may be called so.
  var canBeMetricName: Bool {
    switch self {
    case .identifier, .metricIdentifier, .aggregator, .by, .offset, .without, .start, .end, .step,
      .range, .minOf, .maxOf, .anchored, .smoothed, .fill, .fillLeft, .fillRight,
      .operation(.and), .operation(.or), .operation(.unless):
      true
    default: false
    }
  }

  /// Whether a label in a list such as `by (…)` may be called so.
  var canBeLabelName: Bool {
    switch self {
    case .bool, .groupLeft, .groupRight, .ignoring, .on, .operation(.atan2): true
    case .without: false
    default: canBeMetricName
    }
  }

  /// Whether the token can follow a complete operand and carry the expression on.
  var continuesExpression: Bool {
    switch self {
    case .operation, .offset, .at, .leftBracket, .anchored, .smoothed: true
    default: false
    }
  }
}

extension Token {
  /// How Prometheus names the token in "unexpected …" (`promql/parser/lex.go`).
  func description(in source: SourceText) -> String {
    let text = String(decoding: source.bytes[lower..<upper], as: UTF8.self)
    switch kind {
    case .endOfInput: return "end of input"
    case .failure: return "error"
    case .identifier: return "identifier \(PromQuote.printable(text))"
    case .metricIdentifier: return "metric identifier \(PromQuote.printable(text))"
    case .string: return "string \(Self.shortened(text))"
    case .number: return "number \(Self.shortened(text))"
    case .duration: return "duration \(Self.shortened(text))"
    case .operation, .at, .matches, .notMatches: return "<op:\(text)>"
    case .aggregator: return "<aggr:\(text)>"
    case .bool, .by, .without, .on, .ignoring, .groupLeft, .groupRight, .offset, .smoothed,
      .anchored, .fill, .fillLeft, .fillRight:
      return "<\(text)>"
    default: return Self.shortened(text)
    }
  }

  /// Quoted, and cut after ten characters.
  private static func shortened(_ text: String) -> String {
    guard text.utf8.count > 10 else { return PromQuote.printable(text) }
    return PromQuote.printable(String(String.UnicodeScalarView(text.unicodeScalars.prefix(10))))
      + "..."
  }
}
