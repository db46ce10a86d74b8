import Model
import PromQL
import Storage
import Templates

extension RuleEngine {
  /// Evaluates one rule and gives what it changed, with the selectors its new samples touch.
  mutating func evaluate(
    _ index: Int, at eventTime: Timestamp, store: inout SeriesStore
  ) -> (RuleOutput, touched: [SelectorID]) {
    let time = max(eventTime, states[index].lastEvaluation ?? eventTime)
    let cause = self.cause(of: index)
    settleSchedule(index, cause)
    if let until = disabledUntil(index, at: time) {
      states[index].timing.everyDue = until
      return (RuleOutput(), [])
    }
    let mustWait = states[index].shape.combines || states[index].shape.testsAbsence
    states[index].isPostponed = mustWait && !isReady(index, at: time)
    if states[index].isPostponed { return (RuleOutput(), []) }
    if states[index].lastEvaluation == nil || states[index].lookbackGeneration == nil {
      for selector in states[index].selectors {
        for source in store.sources(of: selector) { feed(source, index) }
      }
    }
    let selectors = states[index].selectors
    let scope = states[index].coverage.scope(
      cause, selectors, store: store, at: time, patience: wait(index))
    refreshLookback(index)
    let found = result(of: states[index].query, index, scope, store: store, at: time)
    states[index].coverage.cover(scope, selectors, store: store, at: time)
    scheduleNext(index, cause, store: store)
    if case .success(let elements) = found, elements.isEmpty, states[index].isQuiet {
      states[index].lastSlot = states[index].slot(of: time)
      states[index].remember(
        RuleOutcome(
          time: time, cause: cause, elements: 0, pending: 0, firing: 0, held: 0, failure: nil))
      return (RuleOutput(), [])
    }
    switch states[index].rule {
    case .recording(let rule):
      return record(rule, found, index, cause: cause, store: &store, at: time)
    case .alerting(let rule):
      return alert(rule, found, index, scope, cause: cause, store: &store, at: time)
    }
  }

  /// The elements of one of a rule's queries, seen as far behind now as the group's `delay` says.
  func result(
    of query: Query, _ index: Int, _ scope: EvaluationScope, store: SeriesStore,
    at time: Timestamp
  ) -> Result<[Element], RuleFailure> {
    var limits = limits
    limits.lookback = max(limits.lookback, states[index].lookback)
    let time = time - states[index].group.delay
    let outcome =
      switch scope {
      case .everything: query.instant(at: time, over: store, limits: limits)
      case .cells(let cells, _, _):
        query.instant(at: time, over: store.view(of: cells), limits: limits)
      }
    switch outcome {
    case .failure(let failure): return .failure(.evaluation(failure.message))
    case .success(let outcome):
      switch outcome.value {
      case .scalar(let value): return .success([Element(Labels(), value)])
      case .vector(let elements):
        return .success(elements.map { Element($0.labels, $0.value) })
      case .string, .matrix: return .failure(.notAVector)
      }
    }
  }

  /// How long a sample stays current: a source that is asked once an hour has not vanished after
  /// five minutes. When it does not answer, its series end by themselves.
  private mutating func refreshLookback(_ index: Int) {
    guard states[index].lookbackGeneration != lookbackGeneration else { return }
    states[index].lookbackGeneration = lookbackGeneration
    states[index].lookback =
      states[index].sources.compactMap { source in
        sources[source]?.status.map { $0.interval * 2 + $0.timeout }
      }.max() ?? .zero
  }

  private mutating func alert(
    _ rule: AlertingRule, _ found: Result<[Element], RuleFailure>, _ index: Int,
    _ scope: EvaluationScope, cause: EvaluationCause, store: inout SeriesStore, at time: Timestamp
  ) -> (RuleOutput, touched: [SelectorID]) {
    var failure: RuleFailure?
    var steps: [AlertStep] = []
    var count = 0
    switch found {
    case .failure(let reason): failure = reason
    case .success(let elements):
      count = elements.count
      let absence = judgement(index, elements, scope, store: store, at: time)
      let texts = AlertTexts(
        rule: rule, host: book.host, clock: LocalTime(zone: book.zone, now: time),
        sources: sources)
      let moved = states[index].apply(
        elements, absence: absence, host: book.host, at: time,
        covers: { scope.covers($0, store) }, render: texts.annotations)
      switch moved {
      case .success(let moved): steps = moved
      case .failure(let reason): failure = reason
      }
    }
    if let failure {
      steps = states[index].hold(failure, at: time)
      // What fails in one cell fails: only a whole evaluation can say that it no longer does.
      states[index].coverage.noteEverything()
    }
    var output = self.output(of: steps, index, at: time)
    output.append(noteHealth(failure, index, at: time))
    let touched = writeAlertSeries(index, store: &store, at: time)
    finish(index, cause: cause, elements: count, failure: failure, at: time)
    return (output, touched)
  }

  private mutating func record(
    _ rule: RecordingRule, _ found: Result<[Element], RuleFailure>, _ index: Int,
    cause: EvaluationCause, store: inout SeriesStore, at time: Timestamp
  ) -> (RuleOutput, touched: [SelectorID]) {
    var failure: RuleFailure?
    var touched: [SelectorID] = []
    var count = 0
    switch found.flatMap({ recordedElements($0, rule, limit: states[index].group.limit) }) {
    case .failure(let reason): failure = reason
    case .success(let elements):
      count = elements.count
      touched = writeRecorded(elements, index, store: &store, at: time)
    }
    let output = noteHealth(failure, index, at: time)
    touched += writeAlertSeries(index, store: &store, at: time)
    finish(index, cause: cause, elements: count, failure: failure, at: time)
    return (output, touched)
  }

  private func recordedElements(
    _ elements: [Element], _ rule: RecordingRule, limit: Int
  ) -> Result<[Element], RuleFailure> {
    let named = elements.map { element in
      Element(
        element.labels.overlaid(with: rule.labels).setting(Labels.metricName, to: rule.name),
        element.value)
    }
    var seen = Set<Labels>()
    for element in named where !seen.insert(element.labels).inserted {
      return .failure(.duplicateSeries(element.labels))
    }
    if limit > 0, named.count > limit {
      return .failure(.tooManySeries(limit: limit, count: named.count))
    }
    return .success(named)
  }

  private mutating func finish(
    _ index: Int, cause: EvaluationCause, elements: Int, failure: RuleFailure?, at time: Timestamp
  ) {
    var outcome = RuleOutcome(
      time: time, cause: cause, elements: elements, pending: 0, firing: 0, held: 0,
      failure: failure)
    for instance in states[index].instances.values where instance.isActive {
      if instance.state == .pending { outcome.pending += 1 } else { outcome.firing += 1 }
      if instance.unobservedSince != nil { outcome.held += 1 }
    }
    states[index].remember(outcome)
    states[index].refreshTimer()
  }

  private func cause(of index: Int) -> EvaluationCause {
    let timing = states[index].timing
    if let due = timing.arrivalDue, due <= now { return states[index].arrivalCause }
    if let due = timing.timerDue, due <= now { return .timer }
    return .every
  }

  /// What led to this evaluation has been answered by it.
  private mutating func settleSchedule(_ index: Int, _ cause: EvaluationCause) {
    states[index].timing.arrivalDue = nil
    states[index].hasUnseenArrival = false
    states[index].reported = []
    if cause == .arrival || cause == .record { states[index].lastArrivalRun = now }
    states[index].timing.everyDue = now + wait(index)
    // Until the evaluation has run, a timer that is due must not count twice.
    states[index].timing.timerDue = nil
  }

  /// How long the rule waits at most; `every` gives way to an arrival that comes on the same beat.
  private func wait(_ index: Int) -> Duration {
    let isFed = !states[index].sources.isEmpty || !states[index].producers.isEmpty
    return states[index].group.every + (isFed ? Self.coalescing : .zero)
  }

  /// A rule that goes cell by cell is due again when one of its cells has waited long enough, and
  /// meanwhile now and then.
  private mutating func scheduleNext(_ index: Int, _ cause: EvaluationCause, store: SeriesStore) {
    guard states[index].coverage.reach != .everything else { return }
    if cause == .every {
      states[index].coverage.prune(states[index].selectors, store: store)
    }
    guard let oldest = states[index].coverage.oldest else { return }
    states[index].timing.everyDue = max(oldest + wait(index), now + Self.coalescing)
  }

  /// Until when a rule is switched off; nil when it runs.
  private func disabledUntil(_ index: Int, at time: Timestamp) -> Timestamp? {
    guard let disabling = states[index].alerting?.disabling else { return nil }
    let until = disabling.until ?? .distantFuture
    return time < until ? until : nil
  }
}
