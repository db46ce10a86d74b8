import Diagnostics
import Model
import PromQL
import PromQLSyntax

extension FuzzTarget {
  /// Expressions: mistakes lie in the text, printing and splitting over lines keep the tree, and
  /// what has a type evaluates to something or ends at a limit.
  package static let promql = FuzzTarget(
    name: "promql",
    fragments: [
      "(", ")", "{", "}", "[", "]", ",", "@", "offset", "by", "without", "on", "ignoring", "bool",
      "group_left", "group_right", "fill", "fill_left", "fill_right", "(0)", "and", "or", "unless",
      "atan2", "sum", "topk", "count_values", "quantile", "limitk", "limit_ratio", "rate", "info",
      "label_replace", "histogram_quantile", "start()", "end()", "step()", "range()", "min_of(",
      "max_of(", "anchored", "smoothed", "5m", "1y", "0", "-1", "NaN", "Inf", "1e308", "0x1F",
      "010",
      "9223372036854775807", "1_000", "[5m]", "[5m:1m]", "[1h:]", "[step()]", "a", "b", "a_total",
      "a_bucket", "{le=\"1\"}", "{__name__=~\".+\"}", "{\"quoted name\"}", "\"text\"", "'\\xff'",
      "`raw`", "=~", "!~", "==", "!=", ">", "</", ">/", "^", "%", "-", "+", "*", "/", "# c\n",
      "292y", "@ 1e15", "@ -9223372036854775", "offset -292y", "\u{0}", "ä",
    ]
  ) { bytes in
    let source = SourceText(name: "query", bytes: bytes)
    for features in [LanguageFeatures.all, []] {
      let parsed = PromQLParser.parse(source, features: features)
      if let complaint = misplaced(parsed, source) { return complaint }
      guard let expression = parsed.expression else { continue }
      let typed = TypeChecker.check(expression, features: features)
      let places = typed.errors.map(\.range) + typed.diagnostics.map(\.subject.range)
      if !places.allSatisfy({ isInside($0, source) }) {
        return "a mistake of types outside the text: \(typed.errors.map(\.message))"
      }
    }
    _ = PromQLParser.parsePrefix(in: source, from: 0, features: .all)
    guard let expression = PromQLParser.parse(source, features: .all).expression else { return nil }
    if let complaint = reprinted(expression) { return complaint }
    // What is absent is told by the first of several matchers of a label; printed, they are sorted.
    return expression.shape.contains("call(absent") ? nil : QueryTrial.complaint(about: expression)
  }

  private static func misplaced(_ parsed: ParsedExpression, _ source: SourceText) -> String? {
    if parsed.expression == nil, parsed.errors.isEmpty { return "nothing, and no mistake either" }
    if parsed.errors.isEmpty != parsed.diagnostics.isEmpty {
      return "\(parsed.errors.count) errors, \(parsed.diagnostics.count) diagnostics"
    }
    let places =
      parsed.errors.map(\.range)
      + parsed.diagnostics.flatMap { [$0.subject.range] + $0.context.map(\.range) }
    return places.allSatisfy { isInside($0, source) }
      ? nil : "a mistake outside the text: \(parsed.errors.map(\.message))"
  }

  private static func reprinted(_ expression: Expression) -> String? {
    let shape = expression.shape
    let printed = expression.description
    for text in [printed, expression.pretty(width: 30), expression.pretty()] {
      let again = PromQLParser.parse(SourceText(name: "printed", text: text), features: .all)
      guard let reread = again.expression else {
        return "printed it does not parse (\(again.errors.map(\.message))): \(text)"
      }
      if reread.shape != shape {
        return "printed it is another expression: \(text)\n\(shape)\n\(reread.shape)"
      }
    }
    return nil
  }
}
