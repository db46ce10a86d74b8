import Diagnostics
import Model
import PromQLSyntax

/// Reads the lines below an `eval`.
struct ExpectationReader {
  private var evaluation: Evaluation
  private let modifier: String?
  private var series: [Evaluation.ExpectedSeries] = []
  private var expectsFailure = false

  init(_ evaluation: Evaluation, modifier: String?) {
    self.evaluation = evaluation
    self.modifier = modifier
    switch modifier {
    case "fail": self.evaluation.failure = []
    case "warn": self.evaluation.remarks.warnings = [.anything]
    case "info": self.evaluation.remarks.infos = [.anything]
    case "ordered": self.evaluation.isOrdered = true
    default: break
    }
  }

  func finished() throws(ScriptFailure) -> Evaluation {
    var evaluation = evaluation
    if case .series = evaluation.expected { evaluation.expected = .series(series) }
    return evaluation
  }

  /// Reads a line; true when it ends the block.
  mutating func read(_ line: String, number: Int) throws(ScriptFailure) -> Bool {
    func failure(_ message: String) -> ScriptFailure {
      ScriptFailure(line: number, message: message)
    }
    if modifier == "fail", line.hasPrefix("expected_fail_") {
      try readDeprecatedFailure(line, failure)
      return true
    }
    if line.hasPrefix("expect range vector") {
      try readRangeVector(line, failure)
      return false
    }
    if line.hasPrefix("expect string") {
      let text = ScriptText.trimmed(line.dropFirst("expect string".count))
      guard let value = Self.unquoted(text) else {
        throw failure("a quoted string literal is required")
      }
      evaluation.expected = .string(value)
      return true
    }
    if line.split(separator: " ", omittingEmptySubsequences: false).first == "expect" {
      try readExpect(line, failure)
      return false
    }
    if let scalar = NumberText.parse(line) {
      evaluation.expected = .scalar(scalar)
      return true
    }
    switch SeriesNotation.parse(line) {
    case .failure(let error): throw failure(error.message)
    case .success(let found): try add(found, failure)
    }
    return false
  }

  private mutating func add(
    _ found: SeriesDescription, _ failure: (String) -> ScriptFailure
  ) throws(ScriptFailure) {
    switch evaluation.time {
    case .instant:
      guard evaluation.rangeVector != nil || found.values.count == 1 else {
        throw failure("expecting multiple values in instant evaluation not allowed")
      }
    case .range(let start, let end, let step):
      let points = step > .zero ? (end - start).wholeMilliseconds / step.wholeMilliseconds + 1 : 1
      guard found.values.count <= points else {
        throw failure("the query's range cannot return this many points")
      }
    }
    series.append(Evaluation.ExpectedSeries(labels: found.labels, values: found.values))
  }

  private mutating func readDeprecatedFailure(
    _ line: String, _ failure: (String) -> ScriptFailure
  ) throws(ScriptFailure) {
    let message = "expected_fail_message"
    let pattern = "expected_fail_regexp"
    if line.hasPrefix(message) {
      evaluation.failure = [.equal(ScriptText.trimmed(line.dropFirst(message.count)))]
    } else if line.hasPrefix(pattern) {
      let text = ScriptText.trimmed(line.dropFirst(pattern.count))
      evaluation.failure = [.matches(try Self.pattern(text, failure))]
    } else {
      throw failure("invalid expectation")
    }
  }

  private mutating func readRangeVector(
    _ line: String, _ failure: (String) -> ScriptFailure
  ) throws(ScriptFailure) {
    guard let match = ScriptText.expectRange.firstMatch(in: line),
      let start = NumberText.parseDuration(match[1] ?? ""),
      let end = NumberText.parseDuration(match[2] ?? ""),
      let step = NumberText.parseDuration(match[3] ?? "")
    else { throw failure("invalid range vector definition \(PromQuote.quoted(line))") }
    evaluation.rangeVector = (
      Timestamp(milliseconds: start), Timestamp(milliseconds: end), .milliseconds(step)
    )
  }

  private mutating func readExpect(
    _ line: String, _ failure: (String) -> ScriptFailure
  ) throws(ScriptFailure) {
    guard let match = ScriptText.expect.firstMatch(in: line), let kind = match[1] else {
      throw failure("invalid expect statement")
    }
    var text = TextExpectation.anything
    if let wanted = match[3] {
      let wanted = ScriptText.trimmed(wanted)
      text = match[2] == "regex" ? .matches(try Self.pattern(wanted, failure)) : .equal(wanted)
    }
    switch kind {
    case "ordered": evaluation.isOrdered = true
    case "fail":
      guard !expectsFailure else {
        throw failure("multiple expect fail lines are not allowed")
      }
      expectsFailure = true
      evaluation.failure = [text]
    case "warn": evaluation.remarks.warnings.append(text)
    case "info": evaluation.remarks.infos.append(text)
    case "no_warn": evaluation.remarks.noWarnings = true
    default: evaluation.remarks.noInfos = true
    }
    if evaluation.remarks.noWarnings, !evaluation.remarks.warnings.isEmpty {
      throw failure("warn and no_warn cannot be used together")
    }
    if evaluation.remarks.noInfos, !evaluation.remarks.infos.isEmpty {
      throw failure("info and no_info cannot be used together")
    }
  }

  private static func pattern(
    _ text: String, _ failure: (String) -> ScriptFailure
  ) throws(ScriptFailure) -> Pattern {
    do throws(Pattern.Failure) {
      return try Pattern(text, anchored: false)
    } catch {
      throw failure("invalid regexp \(text): \(error.reason)")
    }
  }

  /// The text of a string literal that stands alone.
  private static func unquoted(_ text: String) -> String? {
    let parsed = PromQLParser.parse(SourceText(name: "string", text: text))
    guard parsed.errors.isEmpty, case .string(let literal) = parsed.expression,
      text.utf8.count >= 2, literal.range.lower == 0, literal.range.upper == text.utf8.count
    else { return nil }
    return literal.value
  }
}
