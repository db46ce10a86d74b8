import API
import Alerting
import Collection
import Delivery
import Diagnostics
import Exposition
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
  let gate: QueryGate

  func now() -> Timestamp { world.time.now() }

  func identity() async -> DaemonIdentity { await supervisor.identity() }

  func series(
    matchingAny selectors: [[LabelMatcher]], from: Timestamp, through: Timestamp
  ) async -> [Labels] {
    await supervisor.series(matchingAny: selectors, from: from, through: through)
  }

  func newest(matchingAny selectors: [[LabelMatcher]]) async -> [ExpositionFamily.Sample] {
    await supervisor.newest(matchingAny: selectors)
  }

  func metadata() async -> [MetricMetadata] { await supervisor.metadata() }
  func storage() async -> StorageFacts { await supervisor.storage() }
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

  func metrics() async -> [ExpositionFamily] {
    await supervisor.metrics(await outside()).exposition
  }
}

extension Supervisor {
  func identity() -> DaemonIdentity {
    DaemonIdentity(
      version: version, hostName: world.environment.hostName, startedAt: startedAt,
      url: configuration.baseURL, configuration: configuration.listing,
      lastReload: lastReload, lastReloadSucceeded: lastReloadSucceeded,
      folder: configuration.settings.data ?? "", flags: configuration.settings.flags)
  }

  func series(
    matchingAny selectors: [[LabelMatcher]], from: Timestamp, through: Timestamp
  ) -> [Labels] {
    pipeline.store.labelSets(
      matching: selectors, after: from - .milliseconds(1), through: through)
  }

  func newest(matchingAny selectors: [[LabelMatcher]]) -> [ExpositionFamily.Sample] {
    let now = world.time.now()
    let oldest = now - configuration.settings.evaluationLimits.lookback
    var samples: [Labels: Sample] = [:]
    for matchers in selectors {
      let found = pipeline.store.latest(matchers, standing: nil, after: oldest, through: now)
      for latest in found where !StaleMarker.isStale(latest.sample.value) {
        samples[latest.labels] = latest.sample
      }
    }
    return samples.map { .init($0.key, $0.value.value, at: $0.value.timestamp) }
  }

  func metadata() -> [MetricMetadata] { pipeline.store.metadata }

  func storage() -> StorageFacts {
    let span = pipeline.store.span
    return StorageFacts(
      seriesCount: pipeline.store.seriesCount, oldest: span?.oldest, newest: span?.newest,
      // A series' samples are one piece.
      chunkCount: pipeline.store.seriesCount)
  }

  func targets() -> [TargetStatus] { pipeline.targets.values.sorted { $0.source < $1.source } }
  func receiverNames() -> [String] { configuration.receivers.map(\.name) }
  func silences() -> [Silence] { pipeline.router.silences }

  func alertViews() -> [AlertView] {
    (pipeline.rules.alerts() + pipeline.posted.alerts()).map(view)
  }

  /// What a message may mention as also firing.
  func firing(beside notification: Notification) -> (first: [Alert], count: Int) {
    pipeline.rules.firing(
      except: Set(notification.alerts.map(\.alert.fingerprint)), upTo: MessageContext.shownFiring)
  }

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
