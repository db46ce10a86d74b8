import API
import Collection
import Delivery
import Diagnostics
import Model
import Outside
import Pipeline

/// The one actor around the belt: it gives every event the time, and hands the effects on.
package actor Supervisor {
  private(set) var pipeline: Pipeline
  private(set) var configuration: Configuration
  nonisolated let world: World
  nonisolated let version: String
  nonisolated let startedAt: Timestamp
  /// What the belt asks for, in order.
  nonisolated let effects: AsyncStream<[PipelineEffect]>
  private let effectsInput: AsyncStream<[PipelineEffect]>.Continuation
  /// When the belt wants to be woken.
  nonisolated let alarms: AsyncStream<Timestamp>
  private let alarmsInput: AsyncStream<Timestamp>.Continuation
  private var armed: Timestamp?
  var counters = Counters()
  /// Sources that have been collected at least once since the start.
  private(set) var seen: Set<SourceID> = []
  private(set) var lastReloadSucceeded = true
  private(set) var lastReload: Timestamp

  /// What the daemon counts of its own work.
  struct Counters: Sendable {
    var batches = 0
    var samples = 0
    var refused = 0
    var events = 0
    var lastBatch: Timestamp?
    var queries = 0
    var queryFailures = 0
  }

  package init(
    configuration: Configuration, restoring records: [StateRecord], version: String, world: World
  ) {
    let now = world.time.now()
    self.configuration = configuration
    self.world = world
    self.version = version
    startedAt = now
    lastReload = now
    pipeline = Pipeline(configuration.pipeline, restoring: records, at: now)
    (effects, effectsInput) = AsyncStream.makeStream()
    (alarms, alarmsInput) = AsyncStream.makeStream()
  }

  /// Closes what lost its rule or receiver while nobody ran, and arms the first alarm.
  package func begin() {
    let now = world.time.now()
    emit(pipeline.reconcile(at: now), at: now)
  }

  /// Takes one event now.
  package func submit(_ event: PipelineEvent) {
    let now = world.time.now()
    counters.events += 1
    if case .collected(let batch) = event {
      counters.batches += 1
      counters.samples += batch.values.count + batch.stamped.count
      // Our own metrics come from inside: they do not show that the collectors still move.
      if batch.source.kind != OwnMetricsTarget.kind { counters.lastBatch = now }
      seen.insert(batch.source)
    }
    emit(pipeline.handle(event, at: now), at: now)
  }

  /// The armed alarm rang.
  func ring(_ alarm: Timestamp) {
    if armed == alarm { armed = nil }
    let now = world.time.now()
    guard let deadline = pipeline.nextDeadline, deadline <= now else { return rearm() }
    emit(pipeline.handle(.deadlineReached, at: now), at: now)
  }

  /// A silence or its end, with the answer for the person.
  func command(_ command: SilenceCommand) -> Result<String, SilenceFailure> {
    let now = world.time.now()
    let (answer, effects) = pipeline.handle(command, at: now)
    emit(effects, at: now)
    return answer
  }

  /// A new configuration replaces the running one.
  func accept(_ configuration: Configuration) {
    let now = world.time.now()
    self.configuration = configuration
    lastReload = now
    lastReloadSucceeded = true
    emit(pipeline.handle(.configured(configuration.pipeline), at: now), at: now)
  }

  /// A new configuration was refused; the running one stays.
  func refuse() {
    lastReload = world.time.now()
    lastReloadSucceeded = false
  }

  /// Everything a restart needs.
  func checkpoint() -> [StateRecord] { pipeline.checkpoint() }

  /// Sends an empty list of effects through the queue: when it comes out, the queue moves.
  func pulse() { effectsInput.yield([]) }

  private func emit(_ effects: [PipelineEffect], at now: Timestamp) {
    if !effects.isEmpty { effectsInput.yield(effects) }
    rearm()
  }

  /// Arms an alarm when the belt wants to be woken earlier than already arranged.
  private func rearm() {
    guard let deadline = pipeline.nextDeadline else { return }
    if let armed, armed <= deadline { return }
    armed = deadline
    alarmsInput.yield(deadline)
  }
}
