import Diagnostics
import Model

/// `critical > 90% for 1m until < 85%`, `critical after 3 failures until 2 successes`.
package struct LevelLine: Sendable, Hashable {
  /// What raises the level, and what clears it.
  package enum Trigger: Sendable, Hashable {
    case threshold(LevelThreshold)
    /// Probes: this many failures in a row raise, this many successes clear (nil: one).
    case failures(count: Int, until: Int?)
    /// `level off`: no alert.
    case off
  }
  package var severity: Severity
  package var trigger: Trigger
  /// The settings of the line's own block: texts that replace the alert's at this level.
  package var texts: [Statement]
  package var range: SourceRange
  package var severityRange: SourceRange
  /// The raising limit (`90%`), or the number of failures.
  package var limitRange: SourceRange?
  /// The clearing limit, or the number of successes.
  package var clearRange: SourceRange?

  package init(
    severity: Severity, trigger: Trigger, texts: [Statement] = [], range: SourceRange,
    severityRange: SourceRange? = nil, limitRange: SourceRange? = nil,
    clearRange: SourceRange? = nil
  ) {
    self.severity = severity
    self.trigger = trigger
    self.texts = texts
    self.range = range
    self.severityRange = severityRange ?? range
    self.limitRange = limitRange
    self.clearRange = clearRange
  }

  /// Whether this is `level off`.
  package var isOff: Bool { trigger == .off }
}

/// Reads the words of one level line.
struct LevelLineReader {
  let statement: Statement
  let severity: Severity
  let context: ReadingContext
  private var words: [Word]
  private var next = 0

  init(_ statement: Statement, severity: Severity, context: ReadingContext) {
    self.statement = statement
    self.severity = severity
    self.context = context
    words = statement.words
  }

  /// level = severity ( cmp quantity [ "for" duration ] [ "until" cmp quantity [ "for" duration ] ]
  ///                  | "after" n "failures" [ "until" n "successes" ] )
  mutating func read() -> LevelLine? {
    guard let first = words.first else {
      context.report(
        BlockReader.missingValue(of: statement, "a limit such as `> 80%`, or `after 3 failures`"))
      return nil
    }
    return first.isBare("after") ? failures() : threshold()
  }

  private func line(_ trigger: LevelLine.Trigger, _ limit: SourceRange?, _ clear: SourceRange?)
    -> LevelLine
  {
    LevelLine(
      severity: severity, trigger: trigger, texts: statement.block ?? [],
      range: statement.headRange, severityRange: statement.keyword.range, limitRange: limit,
      clearRange: clear)
  }

  private func reject(_ message: String, _ word: Word?, _ label: String, help: String? = nil) {
    let place = word?.range ?? words.last?.range ?? statement.keyword.range
    context.report(Diagnostic("E012", .error, message, at: place, label, help: help))
  }

  private mutating func take(_ bare: String) -> Bool {
    guard next < words.count, words[next].isBare(bare) else { return false }
    next += 1
    return true
  }

  private mutating func limit() -> (comparison: Comparison, quantity: Quantity, place: SourceRange)?
  {
    guard next + 1 < words.count, words[next].kind == .comparison,
      let comparison = Comparison(rawValue: words[next].text == "=" ? "==" : words[next].text)
    else {
      reject(
        "a level is a comparison with a number", next < words.count ? words[next] : nil,
        "expected a limit here, as in `> 80%`")
      return nil
    }
    guard words[next + 1].kind == .word,
      let quantity = NumberNotation.quantity(words[next + 1].text)
    else {
      reject("this is not a number", words[next + 1], "as in 20, 80%, 300ms or 512MiB")
      return nil
    }
    defer { next += 2 }
    return (comparison, quantity, words[next + 1].range)
  }

  /// Nothing when no `for` follows; nil after a mistake.
  private mutating func hold() -> Duration? {
    guard take("for") else { return .zero }
    guard next < words.count, let duration = NumberNotation.duration(words[next].text) else {
      reject(
        "`for` takes a duration such as 5m", next < words.count ? words[next] : nil,
        "not a duration")
      return nil
    }
    next += 1
    return duration
  }

  private mutating func threshold() -> LevelLine? {
    guard let raise = limit(), let hold = hold() else { return nil }
    var threshold = LevelThreshold(
      comparison: raise.comparison, limit: raise.quantity, hold: hold)
    var clear: SourceRange?
    if take("until") {
      guard let limit = limit(), let clearHold = self.hold() else { return nil }
      threshold.clearComparison = limit.comparison
      threshold.clearLimit = limit.quantity
      threshold.clearHold = clearHold
      clear = limit.place
      guard isQuiet(limit.comparison, limit.quantity, limit.place, below: raise) else { return nil }
    }
    guard atEnd() else { return nil }
    return line(.threshold(threshold), raise.place, clear)
  }

  private func atEnd() -> Bool {
    guard next < words.count else { return true }
    let known = ["for", "until", "after", "failures", "successes"]
    let nearest = Suggestion.nearest(to: words[next].text, in: known)
    reject(
      "this level goes on too long", words[next], "unexpected",
      help: nearest.map { "did you mean `\($0)`?" })
    return false
  }

  /// `until` must not hold anywhere the level itself holds, or the alert would clear while it
  /// fires.
  private func isQuiet(
    _ comparison: Comparison, _ limit: Quantity, _ place: SourceRange,
    below raise: (comparison: Comparison, quantity: Quantity, place: SourceRange)
  ) -> Bool {
    let (high, low) = (raise.quantity.value, limit.value)
    let isQuiet: Bool
    switch (raise.comparison, comparison) {
    case (.greater, .less), (.greater, .lessOrEqual), (.greaterOrEqual, .less):
      isQuiet = low <= high
    case (.greaterOrEqual, .lessOrEqual): isQuiet = low < high
    case (.less, .greater), (.less, .greaterOrEqual), (.lessOrEqual, .greater):
      isQuiet = low >= high
    case (.lessOrEqual, .greaterOrEqual): isQuiet = low > high
    case (.equal, .notEqual), (.notEqual, .equal): isQuiet = low == high
    case (.equal, .equal), (.greater, .equal), (.greaterOrEqual, .equal), (.less, .equal),
      (.lessOrEqual, .equal):
      isQuiet = !raise.comparison.holds(low, high)
    case (.equal, _): isQuiet = !comparison.holds(high, low)
    default: isQuiet = false
    }
    if isQuiet { return true }
    let written = SourceRange(
      statement.range.source, signStart(before: raise.place), raise.place.upper)
    context.report(
      Diagnostic(
        "E014", .error, "this alert would clear while it is still firing", at: place,
        "`until` must lie on the quiet side of `\(written.text)`"))
    return false
  }

  private func signStart(before place: SourceRange) -> Int {
    words.last { $0.kind == .comparison && $0.range.upper <= place.lower }?.range.lower
      ?? place.lower
  }

  private mutating func failures() -> LevelLine? {
    next = 1
    guard let failures = count("failures", "failure") else { return nil }
    let limit = words[1].range
    var successes: Int?
    var clear: SourceRange?
    if take("until") {
      guard let count = count("successes", "success") else { return nil }
      successes = count
      clear = words[next - 2].range
    }
    guard atEnd() else { return nil }
    return line(.failures(count: failures, until: successes), limit, clear)
  }

  private mutating func count(_ noun: String, _ singular: String) -> Int? {
    guard next + 1 < words.count, let count = Int(words[next].text), (1...10_000).contains(count)
    else {
      reject(
        "a number of \(noun) is missing", next < words.count ? words[next] : nil,
        "expected a number from 1 and `\(noun)`, as in `3 \(noun)`")
      return nil
    }
    guard words[next + 1].isBare(noun) || words[next + 1].isBare(singular) else {
      reject("a number of \(noun) is missing", words[next + 1], "expected `\(noun)`")
      return nil
    }
    next += 2
    return count
  }
}
