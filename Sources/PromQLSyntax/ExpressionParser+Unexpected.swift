import Diagnostics
import Model

/// Reports of tokens that cannot stand where they do.
extension ExpressionParser {
  /// Runs a part of the grammar whose unexpected tokens are reported in a context of their own.
  mutating func inContext<Node>(
    _ context: String, _ expected: String,
    _ parse: (inout ExpressionParser) throws(Stop) -> Node
  ) throws(Stop) -> Node {
    do {
      return try parse(&self)
    } catch {
      if error == .unexpected { throw reportUnexpected(in: context, expected: expected) }
      throw error
    }
  }

  mutating func reportUnlessReported(_ stop: Stop) {
    if stop == .unexpected { _ = reportUnexpected(in: "", expected: "") }
  }

  /// Reports the token at hand and returns the reason to stop.
  mutating func reportUnexpected(in context: String, expected: String) -> Stop {
    var message = token.failure ?? "unexpected \(token.description(in: source))"
    if token.kind != .failure {
      if !context.isEmpty { message += " in \(context)" }
      if !expected.isEmpty { message += ", expected \(expected)" }
    }
    report(message, at: range(of: token), diagnosticOfUnexpected(in: context))
    if let comma = heldComma {
      heldComma = nil
      errors.append(trailingComma(comma))
    }
    return .reported
  }

  mutating func reportMissing() {
    report(
      "no expression found in input", at: range(base, base),
      Diagnostic("E009", .error, "an expression is missing", at: range(base, base), "expected here")
    )
  }

  mutating func report(_ message: String, at place: SourceRange, _ diagnostic: Diagnostic) {
    errors.append(SyntaxError(range: place, message: message))
    diagnostics.append(diagnostic)
  }

  private func diagnosticOfUnexpected(in context: String) -> Diagnostic {
    let isStringFailure = token.failure?.hasPrefix("unterminated") ?? false
    if isStringFailure {
      return Diagnostic(
        "E010", .error, "this string is never closed", at: range(token.lower, token.lower + 1),
        "opened here",
        notes: token.failure == "unterminated raw string" ? [] : ["a string ends on its own line"])
    }
    if let opener = openers.last, isAtForeignText || token.failure?.hasPrefix("unclosed") ?? false {
      return diagnosticOfUnclosed(opener)
    }
    if token.kind == .endOfInput || (isEmbedded && isAtForeignText) {
      let place = range(lastEnd, lastEnd)
      return Diagnostic(
        "E008", .error, "the expression is not finished", at: place,
        Self.hints[context] ?? "a value is missing here")
    }
    if token.kind == .failure { return diagnosticOfFailure() }
    let place = range(of: token)
    let written = text(of: token)
    if isAfterOperand, context.isEmpty || context == "aggregation" {
      let suggestion = infixSuggestion(for: token)
      let goesOn = isOnNewLine ? "text" : "line"
      let subject = token.kind == .string ? "unexpected text" : "unexpected `\(written)`"
      return Diagnostic(
        "E008", .error,
        openers.isEmpty
          ? "the expression ends here, but the \(goesOn) goes on" : "this cannot follow a value",
        at: place, subject, help: suggestion.map { "did you mean `\($0)`?" },
        replacement: suggestion.map { .init(place, $0) })
    }
    return Diagnostic(
      "E008", .error, "`\(written)` cannot stand here", at: place,
      Self.hints[context] ?? "a value is missing before it")
  }

  /// What belongs at a place of the grammar, said by example.
  private static let hints = [
    "grouping opts": "expected labels in parentheses, as in `(job, instance)`",
    "label matching": "expected a matcher, as in `job=\"api\"`",
    "offset": "expected a duration, as in `offset 5m`",
    "@": "expected a time, as in `@ 1609746000` or `@ end()`",
    "subquery or range selector": "expected a duration, as in `[5m]`",
    "subquery or range": "expected `]`, or a step, as in `[5m:1m]`",
    "subquery selector": "expected a step and `]`, as in `[5m:1m]`",
  ]

  private func diagnosticOfUnclosed(_ opener: Token) -> Diagnostic {
    let (open, close) =
      switch opener.kind {
      case .leftParen: ("(", ")")
      case .leftBrace: ("{", "}")
      default: ("[", "]")
      }
    return Diagnostic(
      "E010", .error, "this `\(open)` is never closed", at: range(of: opener), "opened here",
      context: [.init(range(lastEnd, lastEnd), "expected `\(close)` before here")])
  }

  private func diagnosticOfFailure() -> Diagnostic {
    let message = token.failure ?? ""
    if message.hasPrefix("unexpected right parenthesis") {
      return Diagnostic(
        "E010", .error, "this `)` closes nothing", at: range(token.origin, token.origin + 1),
        "no `(` is open here")
    }
    if message.hasPrefix("unexpected right bracket") {
      return Diagnostic(
        "E010", .error, "this `]` closes nothing", at: range(token.lower, token.lower + 1),
        "no `[` is open here")
    }
    if message.hasPrefix("bad number") { return diagnosticOfBadNumber() }
    var upper = max(token.stop, min(source.bytes.count, token.lower + 1))
    while upper < source.bytes.count, source.bytes[upper] & 0xC0 == 0x80 { upper += 1 }
    let place = range(token.lower, upper)
    if message.contains("escape") || message.contains("UTF-8") {
      return Diagnostic("E008", .error, "this text cannot be read", at: place, message)
    }
    let isEnd = isAfterOperand && openers.isEmpty
    return Diagnostic(
      "E008", .error,
      isEnd
        ? "the expression ends here, but the line goes on" : "`\(place.text)` cannot stand here",
      at: place, isEnd ? "unexpected `\(place.text)`" : "PromQL has no such sign here")
  }

  /// `512MiB`, `5mm`: the whole word, and what to write if it is a size.
  private func diagnosticOfBadNumber() -> Diagnostic {
    var upper = max(token.stop, token.lower + 1)
    func isWord(_ byte: UInt8) -> Bool {
      (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte)
    }
    while upper < source.bytes.count, isWord(source.bytes[upper]) { upper += 1 }
    let place = range(token.lower, min(upper, source.bytes.count))
    let written = place.text
    let isSize = ["B", "KB", "MB", "GB", "TB", "KIB", "MIB", "GIB", "TIB"].contains(
      written.uppercased().drop { $0.isNumber || $0 == "." })
    if isSize {
      return Diagnostic(
        "E008", .error, "PromQL has no byte sizes", at: place, "not a number",
        help: "use `watch …` and `warning > \(written)`")
    }
    return Diagnostic(
      "E008", .error, "`\(written)` is neither a number nor a duration", at: place,
      "expected something like `1.5` or `5m`")
  }

  private func infixSuggestion(for token: Token) -> String? {
    guard token.kind == .identifier else { return nil }
    let words = ["and", "or", "unless", "atan2", "offset", "by", "without"]
    return Suggestion.nearest(to: text(of: token), in: words)
  }
}
