import Alerting
import Model
import PromQL
import Routing
import Storage

/// The belt: samples become series, series become alerts, alerts become notifications. A value that
/// knows no clock and no world; everything it wants is an effect, everything it learns is an event.
package struct Pipeline: Sendable {
  package private(set) var store: SeriesStore
  package private(set) var rules: RuleEngine
  package private(set) var router: Router
  package private(set) var posted: PostedAlerts
  /// How the last collection of each target went.
  package private(set) var targets: [SourceID: TargetStatus] = [:]
  private var retention: Duration
  private var nextTruncation: Timestamp
  private var samples: SampleWriting

  /// Old samples are dropped this often.
  private static let truncationInterval: Duration = .seconds(60)

  /// A belt with what an earlier run checkpointed.
  package init(
    _ configuration: PipelineConfiguration, restoring records: [StateRecord] = [],
    at now: Timestamp
  ) {
    store = SeriesStore(limits: configuration.limits)
    // Before the rules, whose selectors then find what was there before.
    store.restore(records, at: now)
    samples = SampleWriting(startingAt: now)
    retention = configuration.limits.retention
    rules = RuleEngine(
      configuration.rules, restoring: records, expecting: configuration.sources, store: &store,
      at: now)
    router = Router(configuration.routing, restoring: records, at: now)
    posted = PostedAlerts(
      restoring: records, severities: configuration.rules.severities)
    nextTruncation = now + Self.truncationInterval
  }

  /// What must be told right after a start: alerts whose rule or receiver is gone are closed.
  package mutating func reconcile(at now: Timestamp) -> [PipelineEffect] {
    effects(router.reconcile(with: rules.alerts() + posted.alerts(), at: now))
  }

  /// Takes one event at one time and says what follows from it.
  package mutating func handle(_ event: PipelineEvent, at now: Timestamp) -> [PipelineEffect] {
    switch event {
    case .collected(let batch): collected(batch, at: now)
    case .sourceRemoved(let source):
      removed(source, at: now)
    case .deadlineReached: deadlineReached(at: now)
    case .delivered(let outcome): effects(router.handle(outcome, at: now))
    case .silence(let command): effects(router.handle(command, at: now).1)
    case .posted(let alerts): effects(posted.ingest(alerts, at: now).output, at: now)
    case .gap(let duration): effects(rules.handleGap(duration, at: now), at: now)
    case .configured(let configuration): configured(configuration, at: now)
    }
  }

  /// Like `handle(.silence(…))`, with the answer for the person who asked.
  package mutating func handle(
    _ command: SilenceCommand, at now: Timestamp
  ) -> (Result<String, SilenceFailure>, [PipelineEffect]) {
    let (answer, output) = router.handle(command, at: now)
    return (answer, effects(output))
  }

  /// When the belt wants to be asked again, nil when nothing is pending.
  package var nextDeadline: Timestamp? {
    [
      rules.nextDeadline, router.nextDeadline, posted.nextDeadline, nextTruncation,
      samples.nextDeadline,
    ]
    .compactMap { $0 }.min()
  }

  /// The tables of durable state that belong to the belt.
  package static let tables = RuleEngine.tables + Router.tables + [SampleRecords.table]

  /// Everything that must survive a restart.
  package func checkpoint() -> [StateRecord] {
    rules.checkpoint() + router.checkpoint() + posted.checkpoint() + SampleWriting.all(of: store)
  }

  private mutating func collected(_ batch: SampleBatch, at now: Timestamp) -> [PipelineEffect] {
    targets[batch.source] = batch.status
    let arrival = store.append(batch)
    let output = rules.handle(arrival, status: batch.status, store: &store, at: now)
    var result = effects(output, at: now)
    if batch.source.kind == "probe" {
      result += effects(router.handle(verified: [batch.source.job], at: now))
    }
    return result
  }

  private mutating func removed(_ source: SourceID, at now: Timestamp) -> [PipelineEffect] {
    targets[source] = nil
    let arrival = store.removeSource(source, at: now)
    return effects(rules.handleRemoval(arrival, store: &store, at: now), at: now)
  }

  private mutating func deadlineReached(at now: Timestamp) -> [PipelineEffect] {
    var result: [PipelineEffect] = []
    if let due = rules.nextDeadline, due <= now {
      result += effects(rules.handleDeadline(store: &store, at: now), at: now)
    }
    if let due = posted.nextDeadline, due <= now {
      result += effects(posted.handleDeadline(at: now), at: now)
    }
    if let due = router.nextDeadline, due <= now {
      result += effects(router.handleDeadline(at: now))
    }
    if samples.nextDeadline <= now {
      let changes = samples.changes(of: store, at: now)
      if !changes.isEmpty { result.append(.persist(changes)) }
    }
    if nextTruncation <= now {
      store.truncate(before: now - retention)
      nextTruncation = now + Self.truncationInterval
    }
    return result
  }

  private mutating func configured(
    _ configuration: PipelineConfiguration, at now: Timestamp
  ) -> [PipelineEffect] {
    retention = configuration.limits.retention
    store.limits = configuration.limits
    posted.replace(severities: configuration.rules.severities)
    // Routing first: a close caused by a removed rule goes out along the new routes.
    var result = effects(router.replace(with: configuration.routing, at: now))
    let output = rules.replace(
      with: configuration.rules, expecting: configuration.sources, store: &store, at: now)
    result += effects(output, at: now)
    return result
  }

  /// Alert updates go on to routing; the rest is for the world.
  private mutating func effects(_ output: RuleOutput, at now: Timestamp) -> [PipelineEffect] {
    var result = output.history.map(PipelineEffect.record)
    if !output.changes.isEmpty { result.append(.persist(output.changes)) }
    if !output.updates.isEmpty {
      result += effects(router.handle(output.updates, at: now))
    }
    return result
  }

  private func effects(_ output: RoutingOutput) -> [PipelineEffect] {
    var result = output.history.map(PipelineEffect.record)
    if !output.changes.isEmpty { result.append(.persist(output.changes)) }
    result += output.verify.map(PipelineEffect.probeNow)
    // Last, so that what a message speaks of is on its way to disk before the message is.
    result += output.sends.map(PipelineEffect.send)
    return result
  }
}
