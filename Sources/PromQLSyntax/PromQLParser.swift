import Diagnostics
import Model

/// Reads PromQL 3: whole texts, and expressions embedded in a larger file.
package enum PromQLParser {
  /// The words that may follow a complete operand, or an operator. No setting begins with one.
  package static let infixWords = [
    "and", "or", "unless", "atan2", "by", "without", "on", "ignoring", "group_left", "group_right",
    "bool", "offset", "smoothed", "anchored", "fill", "fill_left", "fill_right",
  ]

  /// Parses a text that must be one expression, whole.
  package static func parse(
    _ source: SourceText, features: LanguageFeatures = [], limits: ParserLimits = ParserLimits()
  ) -> ParsedExpression {
    var parser = ExpressionParser(source, from: 0, features: features, limits: limits)
    let expression = parser.parseWhole()
    return ParsedExpression(
      expression: parser.errors.isEmpty ? expression : nil, errors: parser.errors,
      diagnostics: parser.diagnostics)
  }

  /// Parses the longest expression at an offset. It ends at the first token that cannot carry it
  /// on, which must stand on a new line or be `}`. `end` is where the surrounding text resumes:
  /// after the last token, or after a mistake the end of its line or the `}` before it.
  package static func parsePrefix(
    in source: SourceText, from offset: Int, features: LanguageFeatures = [],
    limits: ParserLimits = ParserLimits()
  ) -> (parsed: ParsedExpression, end: Int) {
    var parser = ExpressionParser(source, from: offset, features: features, limits: limits)
    parser.isEmbedded = true
    let (expression, end) = parser.parseEmbedded()
    let parsed = ParsedExpression(
      expression: parser.errors.isEmpty ? expression : nil, errors: parser.errors,
      diagnostics: parser.diagnostics)
    return (parsed, end)
  }

  /// Parses a vector selector at an offset: a name, braces, or both. `end` as in `parsePrefix`.
  package static func parseSelectorPrefix(
    in source: SourceText, from offset: Int
  ) -> (selector: VectorSelector?, diagnostics: [Diagnostic], end: Int) {
    var parser = ExpressionParser(source, from: offset, features: [], limits: ParserLimits())
    parser.isEmbedded = true
    let (selector, end) = parser.parseEmbeddedSelector()
    return (selector, parser.diagnostics, end)
  }

  /// Parses a text that must be a vector selector, whole, as `match[]` parameters are.
  package static func parseSelector(
    _ source: SourceText
  ) -> (selector: VectorSelector?, errors: [SyntaxError], diagnostics: [Diagnostic]) {
    var parser = ExpressionParser(source, from: 0, features: [], limits: ParserLimits())
    let selector = parser.parseWholeSelector()
    return (selector, parser.errors, parser.diagnostics)
  }
}
