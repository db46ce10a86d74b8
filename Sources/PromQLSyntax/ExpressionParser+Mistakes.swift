import Diagnostics
import Model

/// Reports of what the grammar accepts and its actions refuse.
extension ExpressionParser {
  // MARK: Literals

  mutating func reportBadNumber(_ written: String, _ reason: String, at place: SourceRange) {
    let quoted = PromQuote.printable(written)
    report(
      "error parsing number: strconv.ParseFloat: parsing \(quoted): \(reason)", at: place,
      Diagnostic(
        "E008", .error, "this number cannot be read", at: place,
        reason == "invalid syntax" ? "not a number" : "too large"))
  }

  mutating func reportBadDuration(
    _ written: String, _ flaw: NumberText.DurationFlaw, at place: SourceRange
  ) {
    if flaw == .outOfRange { return reportDurationTooLong(place) }
    var remedy = "units go from large to small, as in `1h30m`"
    if case .unknownUnit(let unit) = flaw {
      remedy = "there is no unit `\(unit)`: write y, w, d, h, m, s or ms"
    }
    report(
      flaw.message(written), at: place,
      Diagnostic("E008", .error, "`\(written)` is not a duration", at: place, remedy))
  }

  mutating func reportPattern(
    _ failure: Pattern.Failure, at place: SourceRange, value: SourceRange
  ) {
    let (reason, whole) = PatternReason.split(failure.reason)
    let part = PatternReason.clipped(whole)
    report(
      "error parsing regexp: \(PatternReason.inGo[reason] ?? reason): `\(part)`", at: place,
      Diagnostic("E008", .error, "this regular expression does not compile", at: value, reason))
  }

  // MARK: Durations

  mutating func reportDurationTooLong(_ place: SourceRange) {
    report(
      "duration out of range", at: place,
      Diagnostic("E008", .error, "this duration is too long", at: place, "more than 292 years"))
  }

  mutating func reportNotPositive(_ place: SourceRange) {
    report(
      "duration must be greater than 0", at: place,
      Diagnostic("E008", .error, "a range must be longer than 0", at: place, "holds no samples"))
  }

  mutating func reportDivisionByZero(_ operation: BinaryOperator, _ sign: Token) {
    let place = range(of: sign)
    report(
      operation == .divide ? "division by zero" : "modulo by zero", at: place,
      Diagnostic("E008", .error, "this duration is divided by 0", at: place, "divided here"))
  }

  // MARK: Ranges and modifiers

  mutating func reportRangeOnExpression(_ brackets: SourceRange, _ window: DurationOperand) {
    let written = range(window.lower, window.upper).text
    report(
      "ranges only allowed for vector selectors", at: brackets,
      Diagnostic(
        "E021", .error, "a range `[…]` can only follow a metric", at: brackets,
        "this range needs a step, as in `[\(written):1m]`, to be a subquery"))
  }

  mutating func reportModifierBeforeRange(
    _ modifier: String, _ brackets: SourceRange, _ selector: SourceRange
  ) {
    report(
      "no \(modifier) modifiers allowed before range", at: brackets,
      Diagnostic(
        "E021", .error, "a range must come before `\(modifier)`", at: brackets,
        "move it to the left of `\(modifier)`"))
  }

  mutating func reportModifierWithoutSelector(_ modifier: String, _ place: SourceRange) {
    report(
      "\(modifier) modifier must be preceded by an instant vector selector or range vector selector"
        + " or a subquery", at: place,
      Diagnostic(
        "E008", .error, "`\(modifier)` can only follow a metric, a range or a subquery", at: place,
        "this is none of them"))
  }

  mutating func reportBrokenModifier(_ place: SourceRange) {
    errors.append(
      SyntaxError(range: place, message: "ranges only allowed for vector selectors"))
  }

  mutating func reportRepeatedModifier(
    _ message: String, _ modifier: String, _ place: SourceRange
  ) {
    report(
      message, at: place,
      Diagnostic(
        "E008", .error, "`\(modifier)` stands here twice", at: place, "it can be set once"))
  }

  mutating func reportModifierPlace(_ message: String, _ word: String, _ place: SourceRange) {
    report(
      message, at: place,
      Diagnostic("E008", .error, "`\(word)` cannot stand here", at: place, message))
  }

  mutating func reportTimestamp(_ seconds: Double, _ place: SourceRange) {
    let written = NumberText.fixed(seconds, decimals: 6)
    report(
      "timestamp out of bounds for @ modifier: \(written)", at: place,
      Diagnostic("E008", .error, "this time is out of bounds", at: place, "`@ \(written)`"))
  }

  // MARK: Calls

  mutating func reportTrailingComma(_ comma: Token) {
    errors.append(trailingComma(comma))
    let place = range(of: comma)
    diagnostics.append(
      Diagnostic("E008", .error, "nothing follows this comma", at: place, "remove it"))
  }

  func trailingComma(_ comma: Token) -> SyntaxError {
    SyntaxError(
      range: range(of: comma), message: "trailing commas not allowed in function call args")
  }

  mutating func reportMissingArguments(_ whole: SourceRange) {
    errors.append(
      SyntaxError(range: whole, message: "no arguments for aggregate expression provided"))
    // Where a syntax error came first it is the reason.
    if !diagnostics.isEmpty { return }
    diagnostics.append(
      Diagnostic(
        "E023", .error, "this aggregation has nothing to work on", at: whole, "no argument"))
  }

  mutating func reportArgumentCount(
    _ operation: AggregationOperator, _ expected: Int, _ count: Int, _ whole: SourceRange,
    _ name: SourceRange
  ) {
    let form =
      expected == 2
      ? "`\(operation.rawValue)(\(operation == .countValues ? "\"label\"" : "5"), metric)`"
      : "`\(operation.rawValue)(metric)`"
    report(
      "wrong number of arguments for aggregate expression provided, expected \(expected), got "
        + "\(count)", at: whole,
      Diagnostic(
        "E023", .error,
        "`\(operation.rawValue)` takes \(expected == 1 ? "1 argument" : "2 arguments")", at: name,
        "got \(count)", help: "write \(form)"))
  }

  // MARK: Features

  mutating func reportExperimental(
    _ message: String, _ feature: LanguageFeatures, _ what: String, at place: SourceRange,
    subject: SourceRange? = nil
  ) {
    report(
      message, at: place, .experimental(feature, what, at: subject ?? place))
  }
}

extension Diagnostic {
  /// Something upstream hides behind a flag, and so do we.
  package static func experimental(
    _ feature: LanguageFeatures, _ what: String, at place: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      "E031", .error, "\(what) is experimental", at: place, "not enabled",
      notes: ["upstream enables it with `--enable-feature=\(feature.flag)`"])
  }
}

/// RE2's reasons for refusing a pattern, and what Go's package calls them.
package enum PatternReason {
  static let inGo = [
    "missing )": "missing closing )",
    "missing ]": "missing closing ]",
    "no argument for repetition operator": "missing argument to repetition operator",
    "bad repetition operator": "invalid nested repetition operator",
    "trailing \\": "trailing backslash at end of expression",
    "invalid perl operator": "invalid or unsupported Perl syntax",
    "invalid repetition size": "invalid repeat count",
    "invalid named capture group": "invalid named capture",
  ]

  /// A pattern of any length, as far as a person reads it.
  package static func clipped(_ pattern: String) -> String {
    pattern.utf8.count <= 1000
      ? pattern : String(decoding: pattern.utf8.prefix(1000), as: UTF8.self) + "…"
  }

  /// The reason, and the part of the pattern it names.
  static func split(_ text: String) -> (reason: String, part: String) {
    guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return (text, "") }
    let part = text[text.index(after: colon)...].drop { $0 == " " }
    return (String(text[..<colon]), String(part))
  }
}
