import API
import Alerting
import Collection
import Delivery
import Diagnostics
import History
import Model
import Outside
import Pipeline
import PromQL
import PromQLSyntax
import Routing
import Storage

/// What the API may ask of the daemon.
struct DaemonAccess: PipelineAccess {
  let supervisor: Supervisor
  let world: World
  let history: HistoryReader
  let historyWriter: HistoryWriter
  let outside: @Sendable () async -> OutsideCounters
  let reloading: @Sendable () async -> Result<Void, CommandRefusal>

  func now() -> Timestamp { world.time.now() }

  func identity() async -> DaemonIdentity { await supervisor.identity() }

  func query(
    _ expression: String, at time: Timestamp, timeout: Duration
  ) async -> Result<QueryOutcome, QueryRefusal> {
    await evaluate(
      expression, from: time, through: time, step: .zero, timeout: timeout
    ) {
      query, series, limits in
      query.instant(at: time, over: series, limits: limits)
    }
  }

  func query(
    _ expression: String, from: Timestamp, through: Timestamp, step: Duration, timeout: Duration
  ) async -> Result<QueryOutcome, QueryRefusal> {
    await evaluate(
      expression, from: from, through: through, step: step, timeout: timeout
    ) {
      query, series, limits in
      query.range(from: from, through: through, step: step, over: series, limits: limits)
    }
  }

  /// Prepares the query, copies what it selects on the actor, and evaluates off it.
  private func evaluate(
    _ text: String, from: Timestamp, through: Timestamp, step: Duration, timeout: Duration,
    _ run: (Query, SeriesSnapshot, EvaluationLimits) -> Result<QueryOutcome, EvaluationFailure>
  ) async -> Result<QueryOutcome, QueryRefusal> {
    let parsed = PromQLParser.parse(SourceText(name: "query", text: text))
    guard let expression = parsed.expression, parsed.errors.isEmpty else {
      let error = parsed.errors.first
      await supervisor.countQuery(failed: true)
      return .failure(
        .badData(
          "invalid parameter \"query\": \(Self.position(error?.range))parse error: "
            + (error?.message ?? "no expression found in input")))
    }
    switch Query.prepare(expression) {
    case .failure(let failure):
      await supervisor.countQuery(failed: true)
      let first = failure.errors.first
      return .failure(
        .badData(
          "invalid parameter \"query\": \(Self.position(first?.range))parse error: "
            + (first?.message ?? "the expression can't be evaluated")))
    case .success(let query):
      var limits = EvaluationLimits()
      let (time, began) = (world.time, world.time.sinceBoot())
      limits.shouldStop = { time.sinceBoot() - began > timeout }
      let snapshot = await supervisor.snapshot(
        for: query, from: from, through: through, step: step)
      let result = snapshot.flatMap { run(query, $0, limits) }
      await supervisor.countQuery(failed: (try? result.get()) == nil)
      return result.mapError { failure in
        switch failure {
        case .stopped: .timeout("query timed out in expression evaluation")
        default: .execution(failure.message)
        }
      }
    }
  }

  /// `1:5: `, as Prometheus begins its messages.
  private static func position(_ range: SourceRange?) -> String {
    guard let range else { return "" }
    let line = range.source.line(at: range.lower)
    return "\(line):\(range.lower - range.source.lineStarts[line - 1] + 1): "
  }

  func series(matchingAny selectors: [[LabelMatcher]]) async -> [Labels] {
    await supervisor.series(matchingAny: selectors)
  }

  func metadata(limit: Int) async -> [MetricMetadata] { await supervisor.metadata(limit: limit) }
  func alerts() async -> [AlertView] { await supervisor.alertViews() }
  func alertGroups() async -> [AlertGroupView] { await supervisor.alertGroupViews() }
  func ruleGroups() async -> [RuleGroupView] { await supervisor.ruleGroupViews() }
  func targets() async -> [TargetStatus] { await supervisor.targets() }
  func receivers() async -> [String] { await supervisor.receiverNames() }
  func silences() async -> [Silence] { await supervisor.silences() }

  func setSilence(_ draft: SilenceDraft) async -> Result<String, CommandRefusal> {
    let command = SilenceCommand.set(draft, newID: world.time.uniqueIdentifier())
    return await supervisor.command(command).mapError(Self.refusal)
  }

  func expireSilence(_ id: String) async -> Result<Void, CommandRefusal> {
    await supervisor.command(.expire(id: id)).map { _ in }.mapError(Self.refusal)
  }

  private static func refusal(_ failure: SilenceFailure) -> CommandRefusal {
    if case .unknown = failure { return CommandRefusal(.notFound, failure.message) }
    return CommandRefusal(.invalid, failure.message)
  }

  func post(_ alerts: [PostedAlertRequest]) async -> Result<Void, CommandRefusal> {
    let posted = alerts.map { alert in
      PostedAlert(
        labels: Array(alert.labels), annotations: alert.annotations, startsAt: alert.startsAt,
        endsAt: alert.endsAt, generatorURL: alert.generatorURL)
    }
    await supervisor.submit(.posted(posted))
    return .success(())
  }

  func reload() async -> Result<Void, CommandRefusal> { await reloading() }

  func history(_ request: HistoryRequest) async -> Result<[HistoryEntry], CommandRefusal> {
    // What was decided a moment ago is part of history, too.
    await historyWriter.drain()
    let answer = await history.entries(
      HistoryQuery(
        since: request.since, until: request.until, matchers: request.matchers,
        limit: request.limit))
    return .success(answer.entries)
  }

  func health() async -> HealthReport {
    let outside = await outside()
    var checks = [HealthReport.Check(name: "state", error: outside.stateFailure)]
    checks.append(await supervisor.collectionCheck())
    return HealthReport(checks: checks, isReady: await supervisor.isReady())
  }

  func metrics() async -> String { await supervisor.metrics(await outside()).text }
}

extension Supervisor {
  func identity() -> DaemonIdentity {
    DaemonIdentity(
      version: version, hostName: world.environment.hostName, startedAt: startedAt,
      url: configuration.baseURL, configuration: configuration.listing)
  }

  func countQuery(failed: Bool) {
    counters.queries += 1
    if failed { counters.queryFailures += 1 }
  }

  func snapshot(
    for query: Query, from: Timestamp, through: Timestamp, step: Duration
  ) -> Result<SeriesSnapshot, EvaluationFailure> {
    let limits = EvaluationLimits()
    return pipeline.store.snapshot(
      of: query.selections(from: from, through: through, step: step),
      limit: limits.maxSamples
    ).mapError { _ in .tooManySamples }
  }

  func series(matchingAny selectors: [[LabelMatcher]]) -> [Labels] {
    pipeline.store.labelSets(
      matching: selectors, after: .distantPast, through: .distantFuture)
  }

  func metadata(limit: Int) -> [MetricMetadata] {
    Array(pipeline.store.metadata.prefix(limit))
  }

  func targets() -> [TargetStatus] { pipeline.targets.values.sorted { $0.source < $1.source } }
  func receiverNames() -> [String] { configuration.receivers.map(\.name) }
  func silences() -> [Silence] { pipeline.router.silences }

  func alertViews() -> [AlertView] {
    (pipeline.rules.alerts() + pipeline.posted.alerts()).map(view)
  }

  /// What messages may mention as also firing.
  func firingAlerts() -> [Alert] { pipeline.rules.alerts().filter { $0.state == .firing } }

  private func view(_ alert: Alert) -> AlertView {
    let standing = pipeline.router.standing(of: alert.fingerprint)
    return AlertView(
      alert: alert, receivers: standing.receivers, muted: standing.mutes,
      updatedAt: world.time.now(), nextNotification: standing.nextNotification)
  }

  func alertGroupViews() -> [AlertGroupView] {
    pipeline.router.groups().map { group in
      AlertGroupView(
        labels: group.labels, receiver: group.receiver, alerts: group.alerts.map(view))
    }
  }

  /// Whether batches keep arriving: a belt without input is not quiet but blind.
  func collectionCheck() -> HealthReport.Check {
    guard let shortest = configuration.collection.targets.map(\.interval).min() else {
      return HealthReport.Check(name: "collection", error: nil)
    }
    let patience = max(shortest * 4, .seconds(60))
    let last = counters.lastBatch ?? startedAt
    let age = world.time.now() - last
    return HealthReport.Check(
      name: "collection",
      error: age > patience ? "nothing was collected for \(age.wholeMilliseconds / 1000) s" : nil)
  }

  /// Every target was asked once.
  func isReady() -> Bool {
    configuration.collection.targets.allSatisfy { seen.contains($0.source) }
  }
}
