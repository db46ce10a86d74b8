import Model
import PromQL
import Storage

extension RuleEngine {
  /// Takes a new configuration: a rule that is still there keeps its alerts and timers, one that is
  /// gone closes its alerts, a changed one is evaluated at once.
  package mutating func replace(
    with book: RuleBook, expecting outlines: [SourceOutline]? = nil, store: inout SeriesStore,
    at time: Timestamp
  ) -> RuleOutput {
    now = max(now, time)
    var output = deferred
    deferred = RuleOutput()
    let old = states
    self.book = book
    // New selectors stand before old ones are released, so that shared ones stay known.
    states = makeStates(book, store: &store)
    for state in old {
      for selector in state.selectors { store.release(selector) }
    }
    let byKey = Dictionary(states.indices.map { (states[$0].key, $0) }) { first, _ in first }
    for state in old {
      guard let index = byKey[state.key] else {
        output.append(remove(state, store: &store))
        continue
      }
      output.append(adopt(state, into: index, store: &store))
    }
    if let outlines { expect(outlines) }
    index()
    return output
  }

  /// The states of a configuration, without memory, with their selectors standing.
  mutating func makeStates(_ book: RuleBook, store: inout SeriesStore) -> [RuleState] {
    var counts: [String: Int] = [:]
    var made: [RuleState] = []
    for group in book.groups {
      for rule in group.rules {
        let base = rule.key
        let number = counts[base, default: 0]
        counts[base] = number + 1
        var query = rule.query
        query.bind(to: &store)
        // A rule that reads no series is due now: nothing else would ever evaluate it.
        let isFed = !query.selectorIDs.isEmpty
        let presence: AlertingRule.Presence =
          if case .alerting(let alerting) = rule { alerting.presence } else { .unknown }
        made.append(
          RuleState(
            key: "\(base)#\(number)", rule: rule, group: group, query: query, presence: presence,
            selectors: query.selectorIDs,
            everyDue: isFed ? now + group.every + Self.coalescing : now))
      }
    }
    return made
  }

  private mutating func adopt(
    _ old: RuleState, into index: Int, store: inout SeriesStore
  ) -> RuleOutput {
    if states[index].isDisabled(at: now) { return remove(old, store: &store) }
    let isUnchanged = states[index].rule.means(old.rule) && states[index].group.runs(as: old.group)
    states[index].adopt(old)
    guard !isUnchanged else { return RuleOutput() }
    if old.group.every != states[index].group.every { states[index].lastSlot = nil }
    states[index].timing.arrivalDue = now
    let steps = states[index].fitLevels(at: now)
    states[index].refreshTimer()
    return output(of: steps, index, at: now)
  }

  /// Closes the alerts of a rule that is gone and ends its series.
  private func remove(_ state: RuleState, store: inout SeriesStore) -> RuleOutput {
    var output = RuleOutput()
    endSeries(of: state, store: &store, at: now)
    let own = [state.failing].compactMap { $0 }
    for (instance, isOwn) in state.instances.ordered.map({ ($0, false) }) + own.map({ ($0, true) })
    {
      var closed = instance
      let step: AlertStep
      switch instance.state {
      case .inactive: continue
      case .firing: step = closed.close(.ruleRemoved, at: now)
      case .pending:
        closed.state = .inactive
        step = AlertStep(.subsided, closed)
      }
      let update = AlertUpdate(
        alert: snapshot(of: step.instance, in: state, isOwn: isOwn), transition: step.transition,
        time: now)
      output.updates.append(update)
      if let entry = HistoryEntry(update) { output.history.append(entry) }
    }
    for fingerprint in state.persisted.sorted() {
      output.changes.append(
        .remove(table: AlertRecords.instances, key: AlertRecords.key(state.key, fingerprint)))
    }
    output.changes.append(.remove(table: AlertRecords.rules, key: state.key))
    return output
  }
}

extension RuleState {
  func isDisabled(at time: Timestamp) -> Bool {
    guard let disabling = alerting?.disabling else { return false }
    return time < disabling.until ?? .distantFuture
  }

  /// Takes the memory of the same rule from before a reload.
  mutating func adopt(_ old: RuleState) {
    lastEvaluation = old.lastEvaluation
    lastArrivalRun = old.lastArrivalRun
    let everyDue = min(old.timing.everyDue, timing.everyDue)
    timing = old.timing
    timing.everyDue = everyDue
    arrivalCause = old.arrivalCause
    hasUnseenArrival = old.hasUnseenArrival
    isPostponed = old.isPostponed
    sources = old.sources
    storedSources = old.storedSources
    reported = old.reported
    instances = old.instances
    seen = old.seen
    failing = old.failing
    lastSlot = old.lastSlot
    written = old.written
    recorded = old.recorded
    persisted = old.persisted
    lastFailure = old.lastFailure
    outcomes = old.outcomes
  }

  /// Takes one alert of before a restart.
  mutating func take(_ instance: AlertInstance, at time: Timestamp) {
    instances.put(instance)
    persisted.insert(instance.fingerprint)
    if instance.isActive { seen[instance.element] = time }
  }

  /// Brings the progress of every alert in line with the rule's levels, which a reload may have
  /// changed. An alert that fired only by a level that is gone is closed.
  mutating func fitLevels(at time: Timestamp) -> [AlertStep] {
    guard let behavior = alerting?.behavior else { return [] }
    var steps: [AlertStep] = []
    for var instance in Array(instances.ordered) {
      let names = behavior.levels.map { $0.severity?.name ?? "" }
      guard instance.levels.map(\.severity) != names else { continue }
      let before = instance
      instance.levels = names.map { name in
        before.levels.first { $0.severity == name } ?? LevelProgress(severity: name)
      }
      let stillFires = instance.levels.contains(where: \.isFiring) || instance.absence.isFiring
      if before.state == .firing, !stillFires {
        steps.append(instance.close(.ruleRemoved, at: time))
        for index in instance.levels.indices { instance.levels[index].clear() }
      } else if before.isActive {
        steps += instance.settle(since: before, behavior, at: time)
      }
      if instance.isActive || instance.resolvedAt != nil {
        instances.put(instance)
      } else {
        instances.remove(instance.fingerprint)
      }
    }
    return steps
  }
}

extension Rule {
  /// Name and written labels: what makes a rule the same rule over a reload
  /// (`rules/group.go`, `CopyState`).
  var key: String {
    switch self {
    case .recording(let rule):
      return "record " + Labels(rule.labels).setting(Labels.metricName, to: rule.name).description
    case .alerting(let rule):
      var labels = rule.labels.map { Label($0.name, $0.text) }
      if !rule.behavior.isLeveled, let severity = rule.behavior.levels.first?.severity {
        labels.append(Label("severity", severity.name))
      }
      return "alert " + Labels(labels).setting(Labels.metricName, to: rule.name).description
    }
  }

  /// Whether two rules would do the same.
  func means(_ other: Rule) -> Bool {
    switch (self, other) {
    case (.recording(let left), .recording(let right)):
      left.expressionText == right.expressionText
    case (.alerting(let left), .alerting(let right)):
      left.expressionText == right.expressionText && left.behavior == right.behavior
        && left.texts.map(\.text) == right.texts.map(\.text)
        && left.levelTexts.mapValues { $0.map(\.text) }
          == right.levelTexts.mapValues { $0.map(\.text) }
        && left.parents == right.parents && left.flapping == right.flapping
    default: false
    }
  }
}

extension RuleGroup {
  /// Whether rules run the same way in both.
  func runs(as other: RuleGroup) -> Bool {
    name == other.name && every == other.every && limit == other.limit && delay == other.delay
      && evaluator == other.evaluator
  }
}
