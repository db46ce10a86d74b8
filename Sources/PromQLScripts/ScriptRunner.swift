import Diagnostics
import Model
import PromQL
import PromQLSyntax
import Storage

/// How a script went.
package struct ScriptReport: Sendable {
  /// One `eval` and how it went.
  package struct Case: Sendable {
    package var line: Int
    package var query: String
    /// Needs neither native histograms nor anything experimental.
    package var isCore: Bool
    /// Expects a native histogram, or selects a series of some.
    package var needsHistograms = false
    /// nil: passed.
    package var failure: String?
  }
  package var cases: [Case] = []
  /// The script itself is wrong; nothing was run.
  package var failure: ScriptFailure?

  package var isAccepted: Bool { failure == nil && cases.allSatisfy { $0.failure == nil } }
}

/// Runs test scripts over a store of their own.
package struct ScriptRunner {
  /// The settings upstream's scripts assume.
  package static let limits = EvaluationLimits(
    maxSamples: 1_000_000, delaysNameRemoval: true, usesStartTimes: true)

  private let limits: EvaluationLimits
  private var store = Self.emptyStore
  /// Series that native histograms would belong to.
  private var histograms: [Labels] = []
  /// When the counters behind samples began.
  private var startTimes: [Labels: [Timestamp: Timestamp]] = [:]

  private static var emptyStore: SeriesStore {
    SeriesStore(limits: StoreLimits(retention: .seconds(10_000_000_000)))
  }

  private init(limits: EvaluationLimits) { self.limits = limits }

  /// Runs a script from beginning to end.
  package static func run(
    _ text: String, limits: EvaluationLimits = Self.limits
  ) -> ScriptReport {
    var report = ScriptReport()
    switch ScriptParser.parse(text) {
    case .failure(let failure): report.failure = failure
    case .success(let script):
      var runner = ScriptRunner(limits: limits)
      for command in script.commands {
        switch command {
        case .clear: runner = ScriptRunner(limits: limits)
        case .load(let load): runner.load(load)
        case .evaluate(let evaluation): report.cases.append(runner.run(evaluation))
        }
      }
    }
    return report
  }

  private mutating func load(_ load: Load) {
    var latest: [Labels: Int] = [:]
    for (index, series) in load.series.enumerated() { latest[series.labels] = index }
    let step = load.step.wholeMilliseconds
    for (index, series) in load.series.enumerated() where latest[series.labels] == index {
      for (position, value) in series.values.enumerated() {
        switch value {
        case .omitted: break
        case .value(let number):
          let time = Timestamp(milliseconds: Int64(position) * step)
          store.append(series.labels, Sample(time, number))
          if let offset = load.startOffsets[series.labels]?[position] {
            startTimes[series.labels, default: [:]][time] = time + .milliseconds(offset)
          }
        case .histogram:
          if histograms.last != series.labels { histograms.append(series.labels) }
        }
      }
      if load.addsNativeHistograms { addHistogram(of: series.labels) }
    }
  }

  private mutating func addHistogram(of labels: Labels) {
    for suffix in ["_bucket", "_count", "_sum"] where labels.name.hasSuffix(suffix) {
      let name = String(labels.name.dropLast(suffix.count))
      histograms.append(labels.setting(Labels.metricName, to: name).removing("le"))
    }
  }

  private var source: ScriptSource { ScriptSource(store: store, startTimes: startTimes) }

  private func run(_ evaluation: Evaluation) -> ScriptReport.Case {
    let prepared = Query.prepare(evaluation.expression, features: .all)
    var outcome: ScriptReport.Case = ScriptReport.Case(
      line: evaluation.line, query: evaluation.source.text, isCore: false, failure: nil)
    switch prepared {
    case .failure(let failure):
      let message = failure.errors.first?.message ?? failure.diagnostics.first?.message ?? ""
      outcome.failure = ScriptVerdict.check(failure: message, evaluation)
    case .success(let query):
      outcome.isCore = isCore(evaluation, query)
      outcome.needsHistograms = needsHistograms(evaluation, query)
      outcome.failure = verdict(on: query, evaluation)
    }
    return outcome
  }

  private func verdict(on query: Query, _ evaluation: Evaluation) -> String? {
    let result: Result<QueryOutcome, EvaluationFailure>
    switch evaluation.time {
    case .instant(let time): result = query.instant(at: time, over: source, limits: limits)
    case .range(let start, let end, let step):
      // A range of one step may be written with any step, none too.
      result = query.range(
        from: start, through: end, step: max(step, .milliseconds(1)), over: source, limits: limits)
    }
    switch result {
    case .failure(let failure): return ScriptVerdict.check(failure: failure.message, evaluation)
    case .success(let outcome):
      return ScriptVerdict.check(outcome, evaluation) ?? verdictOnRange(of: query, evaluation)
        ?? verdictOnHistograms(of: query, evaluation)
    }
  }

  /// A bare selector that is expected to give nothing while a series of native histograms matches:
  /// the engine leaves those out, and the script must not pass because of that.
  private func verdictOnHistograms(of query: Query, _ evaluation: Evaluation) -> String? {
    guard case .vectorSelector(let selector) = evaluation.expression,
      case .series(let expected) = evaluation.expected, expected.isEmpty,
      let unexpected = histograms.first(where: { selector.matchers.allMatch($0) })
    else { return nil }
    return "unexpected metric \(unexpected) in result: it has native histograms"
  }

  /// An instant query must give the same as the middle step of a range query around it.
  private func verdictOnRange(of query: Query, _ evaluation: Evaluation) -> String? {
    guard case .instant(let time) = evaluation.time, evaluation.rangeVector == nil,
      query.type == .vector || query.type == .scalar, !evaluation.isOrdered,
      !["start()", "end()", "range()", "step()"].contains(where: evaluation.source.text.contains)
    else { return nil }
    let minute = Duration.seconds(60)
    let result = query.range(
      from: time - minute, through: time + minute, step: minute, over: source, limits: limits)
    switch result {
    case .failure(let failure): return "as a range query fails: \(failure.message)"
    case .success(let outcome):
      return ScriptVerdict.check(middle: outcome.value, at: time, evaluation)
        .map { "as a range query: \($0)" }
    }
  }

  private func isCore(_ evaluation: Evaluation, _ query: Query) -> Bool {
    let parsed = PromQLParser.parse(evaluation.source)
    guard parsed.errors.isEmpty, startTimes.isEmpty,
      case .success = Query.prepare(evaluation.expression)
    else { return false }
    return !needsHistograms(evaluation, query)
  }

  private func needsHistograms(_ evaluation: Evaluation, _ query: Query) -> Bool {
    if case .series(let series) = evaluation.expected,
      series.contains(where: { $0.values.contains(where: \.isHistogram) })
    {
      return true
    }
    return query.selectors.contains { selector in
      histograms.contains { selector.matchers.allMatch($0) }
    }
  }
}

/// The store with the start times beside it, which it does not keep.
private struct ScriptSource: SeriesSource {
  var store: SeriesStore
  var startTimes: [Labels: [Timestamp: Timestamp]]

  func visit(
    _ matchers: [LabelMatcher], standing: SelectorID?, after: Timestamp, through: Timestamp,
    dropsStale: Bool, _ body: (Labels, UnsafeBufferPointer<Sample>) -> Bool
  ) {
    store.visit(
      matchers, standing: standing, after: after, through: through, dropsStale: dropsStale, body)
  }

  func latest(
    _ matchers: [LabelMatcher], standing: SelectorID?, after: Timestamp, through: Timestamp
  ) -> [LatestSample] {
    store.latest(matchers, standing: standing, after: after, through: through)
  }

  /// A series without start times has unknown ones.
  func startTimes(of series: Labels) -> [Timestamp: Timestamp]? { startTimes[series] ?? [:] }
}

extension SeriesValue {
  var isHistogram: Bool { if case .histogram = self { true } else { false } }
}
