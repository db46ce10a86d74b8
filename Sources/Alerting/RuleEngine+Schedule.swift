import Model
import Storage

extension RuleEngine {
  /// Whether a metric is written by this engine rather than by a source.
  func isOwn(_ metric: String) -> Bool {
    metric == AlertSeries.alerts || metric == AlertSeries.forState || recordNames.contains(metric)
  }

  /// Notes that a source reported, and asks for an evaluation when it is time for one.
  mutating func report(_ arrival: Arrival, to index: Int, isTouched: Bool, isFed: Bool) {
    let source = arrival.source
    if isTouched {
      if !isFed { feed(source, index) }
      states[index].coverage.note(arrival.cells)
    }
    // Only a rule that waits for all of its sources keeps count of them.
    if states[index].shape.combines, states[index].sources.contains(source) {
      states[index].reported.insert(source)
    }
    if states[index].isPostponed {
      if isReady(index, at: now) { states[index].timing.arrivalDue = now }
      return
    }
    guard isTouched || states[index].hasUnseenArrival else { return }
    states[index].hasUnseenArrival = true
    let waitsForAll = states[index].shape.combines && states[index].sources.count > 1
    if waitsForAll, !states[index].reported.isSuperset(of: states[index].sources) { return }
    ask(index, cause: .arrival)
  }

  /// Asks for an evaluation now, or as soon as the last one is 200 ms old.
  mutating func ask(_ index: Int, cause: EvaluationCause) {
    // One sample a slot: a recorded series has nothing to add in a slot that has one.
    if case .recording = states[index].rule, states[index].lastSlot == states[index].slot(of: now) {
      return
    }
    let earliest = states[index].lastArrivalRun.map { $0 + Self.coalescing } ?? now
    let due = max(now, earliest)
    states[index].timing.arrivalDue = min(states[index].timing.arrivalDue ?? due, due)
    states[index].arrivalCause = cause
  }

  /// Runs every due rule once, in order, at one time. A rule that an earlier one's records touch
  /// runs in the same event.
  mutating func run(at time: Timestamp, store: inout SeriesStore) -> RuleOutput {
    var output = deferred
    deferred = RuleOutput()
    var ran = Set<Int>()
    var goesOn = true
    while goesOn {
      goesOn = false
      for index in states.indices where !ran.contains(index) && states[index].timing.due <= now {
        ran.insert(index)
        goesOn = true
        let (part, touched) = evaluate(index, at: time, store: &store)
        output.append(part)
        for selector in touched {
          for reader in readers[selector] ?? [] where reader != index {
            states[reader].coverage.noteEverything()
            ask(reader, cause: .record)
          }
        }
      }
    }
    if states.contains(where: { $0.timing.timerDue != nil }), now - clockSavedAt >= .seconds(15) {
      output.changes.append(clockChange())
    }
    return output
  }

  /// Whether enough has been heard since the start for absence to count.
  func isReady(_ index: Int, at time: Timestamp) -> Bool {
    if time - knowsSince >= Self.patience { return true }
    for producer in states[index].producers where producer != index {
      guard let last = states[producer].lastEvaluation, last >= knowsSince,
        !states[producer].isPostponed
      else { return false }
    }
    // Not all of the state: a copy would retain everything in it.
    let (feeding, shape) = (states[index].sources, states[index].shape)
    return sources.allSatisfy { source, knowledge in
      let feeds = feeding.contains(source)
      guard feeds || shape.mayRead(from: knowledge.labels, except: isOwn) else { return true }
      return knowledge.reports >= (feeds && shape.hasRange ? 2 : 1)
    }
  }

  /// What absence means for a rule now. `elements` is its result.
  func judgement(
    _ index: Int, _ elements: [Element], _ scope: EvaluationScope, store: SeriesStore,
    at time: Timestamp
  ) -> AbsenceJudgement {
    guard let policy = states[index].alerting?.behavior.noData else { return .answered }
    var judgement = AbsenceJudgement.answered
    judgement.policy = policy
    if states[index].instances.isEmpty, !policy.raises { return judgement }
    let state = states[index]
    let there = Set(elements.map { $0.labels.removing(Labels.metricName) })
    let misses = state.instances.values.contains {
      $0.isActive && !there.contains($0.element) && scope.covers($0.element, store)
    }
    guard policy.raises || (misses && policy != .resolves) else { return judgement }
    judgement.isReady = isReady(index, at: time)
    judgement.isOverdue = time - knowsSince >= state.group.every * 2
    judgement.silent = state.sources.sorted().compactMap { source in
      guard let knowledge = sources[source], !knowledge.answers else { return nil }
      return knowledge.labels
    }
    switch state.presence {
    case .unknown: break
    case .result: judgement.present = Array(there)
    case .query(let query):
      if case .success(let found) = result(of: query, index, scope, store: store, at: time) {
        judgement.present = found.map { $0.labels.removing(Labels.metricName) }
      }
    }
    return judgement
  }
}
