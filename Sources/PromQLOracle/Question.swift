import Diagnostics
import Model
import PromQL
import PromQLSyntax
import Storage

/// An expression and the times it is to be evaluated at.
package struct Question: Sendable {
  /// One time, or a range of steps.
  package enum Times: Sendable, Hashable {
    case instant(Timestamp)
    case range(Timestamp, through: Timestamp, step: Duration)
  }
  /// In PromQL 3; `upstreamText` is what an older Prometheus is asked.
  package var text: String
  package var times: Times

  package init(_ text: String, _ times: Times) {
    self.text = text
    self.times = times
  }

  /// Functions by their name now, and the name that Prometheus 2.42 knows them by.
  private static let formerNames = [("double_exponential_smoothing", "holt_winters")]

  /// The same in the words of Prometheus 2.42.
  package var upstreamText: String {
    Self.formerNames.reduce(text) { text, names in
      text.split(separator: names.0, omittingEmptySubsequences: false).joined(separator: names.1)
    }
  }

  /// The parsed expression; nil when it has a mistake.
  package var expression: Expression? {
    PromQLParser.parse(SourceText(name: "question", text: text)).expression
  }

  /// What our own engine answers.
  package func answer(
    over source: some SeriesSource, limits: EvaluationLimits = EvaluationLimits()
  ) -> Answer {
    let parsed = PromQLParser.parse(SourceText(name: "question", text: text))
    guard let expression = parsed.expression else {
      return .refused(parsed.errors.first?.message ?? "syntax error")
    }
    // The renamed function is experimental today.
    switch Query.prepare(expression, features: .experimentalFunctions) {
    case .failure(let failure):
      return .refused(
        failure.errors.first?.message ?? failure.diagnostics.first?.message ?? "not prepared")
    case .success(let query): return Self.answer(query, times, over: source, limits: limits)
    }
  }

  /// What our own engine answers to a query that is ready.
  package static func answer(
    _ query: Query, _ times: Times, over source: some SeriesSource,
    limits: EvaluationLimits = EvaluationLimits()
  ) -> Answer {
    let result: Result<QueryOutcome, EvaluationFailure>
    let time: Timestamp
    switch times {
    case .instant(let instant):
      time = instant
      result = query.instant(at: instant, over: source, limits: limits)
    case .range(let start, let end, let step):
      time = end
      result = query.range(from: start, through: end, step: step, over: source, limits: limits)
    }
    switch result {
    case .failure(let failure): return .refused(failure.message)
    case .success(let outcome): return Answer(outcome.value, at: time)
    }
  }
}

extension Question: CustomStringConvertible {
  package var description: String {
    switch times {
    case .instant(let time): "\(text)\n  at \(time.seconds)"
    case .range(let start, let end, let step):
      "\(text)\n  from \(start.seconds) through \(end.seconds) every \(step.inSeconds) s"
    }
  }
}
