import Model
import PromQL
import PromQLSyntax
import Storage

/// What an event made of the rules.
package struct RuleOutput: Sendable, Hashable {
  package var updates: [AlertUpdate] = []
  package var history: [HistoryEntry] = []
  package var changes: [StateChange] = []
  package init() {}

  /// Adds what came of a later part of the same event.
  package mutating func append(_ other: RuleOutput) {
    updates += other.updates
    history += other.history
    changes += other.changes
  }
}

/// A source the configuration names: what must report before absence counts after a start.
package struct SourceOutline: Sendable, Hashable {
  package var source: SourceID
  /// The labels every series of the source carries.
  package var labels: Labels
  package init(source: SourceID, labels: Labels) {
    self.source = source
    self.labels = labels
  }
}

/// What is known of a source since the start, or since the last gap.
struct SourceKnowledge: Sendable {
  var labels: Labels
  /// Named by the configuration, so that the next configuration can take it away.
  var isConfigured: Bool
  var status: TargetStatus?
  var reports = 0

  var answers: Bool { reports > 0 && status?.isUp ?? false }
}

/// Every rule with its alerts: evaluates when inputs change or timers are due, and says what that
/// changed. A value without a clock; the same events give the same outputs.
package struct RuleEngine: Sendable {
  /// Arrivals closer together than this are evaluated together.
  static let coalescing = Duration.milliseconds(200)
  /// After this long a source that never reported no longer keeps rules waiting.
  static let patience = Duration.seconds(300)

  var book: RuleBook
  var limits: EvaluationLimits
  /// In the order in which one event runs them.
  var states: [RuleState] = []
  var readers: [SelectorID: [Int]] = [:]
  /// The rules that a source feeds.
  var fed: [SourceID: Set<Int>] = [:]
  /// Rises when an interval of a source changes.
  var lookbackGeneration: UInt64 = 0
  var sources: [SourceID: SourceKnowledge] = [:]
  var now: Timestamp
  /// The start, or the end of the last gap.
  var knowsSince: Timestamp
  var clockSavedAt = Timestamp.distantPast
  /// What a start or a reload has to say, given with the next event.
  var deferred = RuleOutput()

  /// The engine of a configuration, with the state that records hold. Restoring an incident says
  /// nothing; alerts whose rule is gone are closed with the first event.
  package init(
    _ book: RuleBook, restoring records: [StateRecord], expecting outlines: [SourceOutline] = [],
    limits: EvaluationLimits = EvaluationLimits(), store: inout SeriesStore, at now: Timestamp
  ) {
    self.book = book
    self.limits = limits
    self.now = now
    knowsSince = now
    states = makeStates(book, store: &store)
    expect(outlines)
    restore(records)
    index()
  }

  /// When the engine wants to be called again; nil when no rule waits for anything.
  package var nextDeadline: Timestamp? {
    guard deferred == RuleOutput() else { return now }
    var due = Timestamp.distantFuture
    for index in states.indices { due = min(due, states[index].timing.due) }
    return due == .distantFuture ? nil : due
  }

  /// Takes a batch's arrival in the store: rules it touches are evaluated.
  package mutating func handle(
    _ arrival: Arrival, status: TargetStatus, store: inout SeriesStore, at time: Timestamp
  ) -> RuleOutput {
    now = max(now, time)
    note(status, of: arrival.source)
    var touched = Set<Int>()
    for selector in arrival.touched { touched.formUnion(readers[selector] ?? []) }
    // Rules that wait for sources after a start look at every report.
    let fed = fed[arrival.source] ?? []
    let concerned = touched.union(fed).union(states.indices.filter { states[$0].isPostponed })
    for index in concerned {
      report(
        arrival, to: index, isTouched: touched.contains(index), isFed: fed.contains(index))
    }
    return run(at: arrival.time, store: &store)
  }

  private mutating func note(_ status: TargetStatus, of source: SourceID) {
    var knowledge =
      sources[source] ?? SourceKnowledge(labels: status.labels, isConfigured: false)
    if knowledge.status?.interval != status.interval || knowledge.status?.timeout != status.timeout
    {
      lookbackGeneration += 1
    }
    knowledge.labels = status.labels
    knowledge.status = status
    knowledge.reports += 1
    sources[source] = knowledge
  }

  /// Takes the end of a source that the configuration no longer names: its series have ended in the
  /// store, and nothing is held for its sake.
  package mutating func handleRemoval(
    _ arrival: Arrival, store: inout SeriesStore, at time: Timestamp
  ) -> RuleOutput {
    now = max(now, time)
    sources[arrival.source] = nil
    fed[arrival.source] = nil
    let touched = Set(arrival.touched.flatMap { readers[$0] ?? [] })
    for index in states.indices {
      // An alert may be held for the source although its series ended long ago.
      let wasFed = states[index].sources.remove(arrival.source) != nil
      states[index].reported.remove(arrival.source)
      if wasFed { states[index].lookbackGeneration = nil }
      if wasFed || touched.contains(index) {
        states[index].coverage.noteEverything()
        ask(index, cause: .arrival)
      }
    }
    return run(at: now, store: &store)
  }

  /// Evaluates what is due by itself.
  package mutating func handleDeadline(store: inout SeriesStore, at time: Timestamp) -> RuleOutput {
    now = max(now, time)
    return run(at: now, store: &store)
  }

  /// Takes a stretch of time that nobody observed: a suspend or a step of the clock. It neither
  /// satisfies nor resets a timer, and absence counts again only when the sources have reported.
  package mutating func handleGap(_ gap: Duration, at time: Timestamp) -> RuleOutput {
    now = max(now, time)
    guard gap > .zero else { return RuleOutput() }
    knowsSince = now
    for source in sources.keys { sources[source]?.reports = 0 }
    var output = RuleOutput()
    for index in states.indices {
      states[index].reported = []
      for fingerprint in states[index].instances.fingerprints {
        _ = states[index].instances.update(fingerprint) { $0.skip(gap, at: now) }
        if let instance = states[index].instances[fingerprint], instance.isActive {
          output.changes.append(.put(record(of: instance, in: states[index])))
        }
      }
      states[index].refreshTimer()
    }
    output.changes.append(clockChange())
    return output
  }

  /// A source turns out to feed a rule.
  mutating func feed(_ source: SourceID, _ index: Int) {
    guard states[index].sources.insert(source).inserted else { return }
    states[index].lookbackGeneration = nil
    fed[source, default: []].insert(index)
  }

  /// The sources of a new configuration: those it no longer names stop being waited for.
  mutating func expect(_ outlines: [SourceOutline]) {
    let named = Set(outlines.map(\.source))
    let gone = sources.filter { $0.value.isConfigured && !named.contains($0.key) }.map(\.key)
    for source in gone { sources[source] = nil }
    for index in states.indices where !states[index].sources.isDisjoint(with: gone) {
      states[index].sources.subtract(gone)
      states[index].lookbackGeneration = nil
      states[index].coverage.noteEverything()
      ask(index, cause: .arrival)
    }
    for outline in outlines {
      var knowledge =
        sources[outline.source] ?? SourceKnowledge(labels: outline.labels, isConfigured: true)
      knowledge.isConfigured = true
      sources[outline.source] = knowledge
    }
  }

  /// Rebuilds what is derived from the states: who reads which selector, and whose records.
  mutating func index() {
    readers = [:]
    fed = [:]
    var producers: [String: [Int]] = [:]
    for (index, state) in states.enumerated() {
      for selector in state.selectors { readers[selector, default: []].append(index) }
      for source in state.sources { fed[source, default: []].insert(index) }
      if case .recording(let rule) = state.rule { producers[rule.name, default: []].append(index) }
    }
    for index in states.indices {
      states[index].producers = states[index].shape.metrics.flatMap { producers[$0] ?? [] }
    }
  }
}
