import API
import Diagnostics
import Model
import Outside
import Pipeline
import PromQL
import PromQLSyntax
import Storage
import Synchronization

extension DaemonAccess {
  func query(_ request: QueryRequest) async -> Result<QueryAnswer, QueryRefusal> {
    let result = await answer(request)
    await supervisor.countQuery(failed: (try? result.get()) == nil)
    return result
  }

  /// Prepares the query, copies what it selects on the actor, and evaluates off it, on a thread
  /// that nothing else waits for.
  private func answer(_ request: QueryRequest) async -> Result<QueryAnswer, QueryRefusal> {
    var cost = QueryCost()
    let settings = await supervisor.configuration.settings
    let timeout = min(request.timeout ?? settings.queryTimeout, settings.queryTimeout)
    let (time, began) = (world.time, world.time.sinceBoot())
    let query: Query
    switch Self.prepare(request) {
    case .success(let prepared): query = prepared
    case .failure(let refusal): return .failure(refusal)
    }
    cost.preparation = time.sinceBoot() - began
    guard timeout > .zero, await gate.enter(within: timeout, time: time) else {
      return .failure(.timeout("query timed out in query queue"))
    }
    let entered = time.sinceBoot()
    cost.queue = entered - began - cost.preparation
    var limits = settings.evaluationLimits
    if let lookback = request.lookback { limits.lookback = lookback }
    let leaving = Departure()
    limits.shouldStop = { leaving.hasLeft || time.sinceBoot() - began > timeout }
    let snapshot = await supervisor.snapshot(for: query, request.span, limits)
    let copied = time.sinceBoot()
    cost.preparation += copied - entered
    let counter = ReadCounter()
    let (span, bounds) = (request.span, limits)
    let result = await withTaskCancellationHandler {
      await world.calculations.run {
        snapshot.flatMap { snapshot in
          Self.run(query, span, CountedSource(source: snapshot, counter: counter), bounds)
        }
      }
    } onCancel: {
      leaving.note()
    }
    await gate.leave()
    cost.evaluation = time.sinceBoot() - copied
    cost.samplesRead = counter.total.load(ordering: .relaxed)
    return result.map { QueryAnswer($0, cost: cost) }.mapError { failure in
      switch failure {
      case .stopped where leaving.hasLeft:
        .canceled("query was canceled in expression evaluation")
      case .stopped: .timeout("query timed out in expression evaluation")
      default: .execution(failure.message)
      }
    }
  }

  private static func prepare(_ request: QueryRequest) -> Result<Query, QueryRefusal> {
    func refusal(_ reason: String) -> QueryRefusal {
      .badData("invalid parameter \"query\": \(reason)")
    }
    func refusal(_ error: SyntaxError?, _ otherwise: String) -> QueryRefusal {
      refusal(error?.description() ?? "unknown position: parse error: \(otherwise)")
    }
    let parsed = PromQLParser.parse(SourceText(name: "query", text: request.text))
    guard let expression = parsed.expression, parsed.errors.isEmpty else {
      return .failure(refusal(parsed.errors.first, "no expression found in input"))
    }
    let prepared = Query.prepare(expression).mapError {
      refusal($0.errors.first, "the expression can't be evaluated")
    }
    guard case .range = request.span, let flaw = (try? prepared.get())?.rangeFlaw else {
      return prepared
    }
    return .failure(refusal(flaw))
  }

  private static func run(
    _ query: Query, _ span: QueryRequest.Span, _ series: some SeriesSource,
    _ limits: EvaluationLimits
  ) -> Result<QueryOutcome, EvaluationFailure> {
    switch span {
    case .instant(let time): query.instant(at: time, over: series, limits: limits)
    case .range(let from, let through, let step):
      query.range(from: from, through: through, step: step, over: series, limits: limits)
    }
  }
}

extension Supervisor {
  func countQuery(failed: Bool) {
    counters.queries += 1
    if failed { counters.queryFailures += 1 }
  }

  /// What the query selects, as it is now.
  func snapshot(
    for query: Query, _ span: QueryRequest.Span, _ limits: EvaluationLimits
  ) -> Result<SeriesSnapshot, EvaluationFailure> {
    let selections =
      switch span {
      case .instant(let time):
        query.selections(from: time, through: time, step: .zero, limits: limits)
      case .range(let from, let through, let step):
        query.selections(from: from, through: through, step: step, limits: limits)
      }
    return pipeline.store.snapshot(of: selections, limit: limits.maxSamples)
      .mapError { _ in .tooManySamples }
  }
}

/// Whether who asked has gone away.
private final class Departure: Sendable {
  private let flag = Atomic(false)
  var hasLeft: Bool { flag.load(ordering: .relaxed) }
  func note() { flag.store(true, ordering: .relaxed) }
}

/// How many samples an evaluation read.
private final class ReadCounter: Sendable {
  let total = Atomic(0)
  func add(_ count: Int) { total.wrappingAdd(count, ordering: .relaxed) }
}

/// Series whose samples are counted as they are read.
private struct CountedSource<Source: SeriesSource>: SeriesSource {
  let source: Source
  let counter: ReadCounter

  func visit(
    _ matchers: [LabelMatcher], standing: SelectorID?, after: Timestamp, through: Timestamp,
    dropsStale: Bool, _ body: (Labels, UnsafeBufferPointer<Sample>) -> Bool
  ) {
    source.visit(
      matchers, standing: standing, after: after, through: through, dropsStale: dropsStale
    ) { labels, samples in
      counter.add(samples.count)
      return body(labels, samples)
    }
  }

  func latest(
    _ matchers: [LabelMatcher], standing: SelectorID?, after: Timestamp, through: Timestamp
  ) -> [LatestSample] {
    let found = source.latest(matchers, standing: standing, after: after, through: through)
    counter.add(found.count)
    return found
  }
}
