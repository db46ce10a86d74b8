import Model

/// The durable records of this room.
enum AlertRecords {
  static let instances = "alerting.instances"
  static let rules = "alerting.rules"
  static let clock = "alerting.clock"
  static let posted = "alerting.posted"
  static let version = 1
  static let clockKey = "observed"

  struct Instance: Codable {
    var rule: String
    var group: String
    var instance: AlertInstance
  }
  struct Rule: Codable {
    var key: String
    var sources: [SourceID]
    var failing: AlertInstance?
  }
  struct Clock: Codable {
    /// Until when the sources were being observed.
    var observed: Timestamp
  }

  static func key(_ rule: String, _ fingerprint: Fingerprint) -> String {
    "\(fingerprint) \(rule)"
  }

  /// nil for bytes that are not such a record: the alert starts anew rather than not at all.
  static func decode<Value: Decodable>(_ type: Value.Type, _ record: StateRecord) -> Value? {
    record.version == version ? try? record.value(type) : nil
  }

  static func record(_ table: String, _ key: String, _ value: some Encodable) -> StateRecord {
    StateRecord(table: table, key: key, version: version, of: value)
  }
}

extension RuleEngine {
  /// The tables that hold this room's records.
  package static let tables = [
    AlertRecords.instances, AlertRecords.rules, AlertRecords.clock, AlertRecords.posted,
  ]

  /// Everything that a restart needs, exact to the moment of the last event.
  package func checkpoint() -> [StateRecord] {
    var records = [AlertRecords.record(AlertRecords.clock, AlertRecords.clockKey, clock)]
    for state in states {
      records.append(record(of: state))
      for instance in state.instances.ordered { records.append(record(of: instance, in: state)) }
    }
    return records
  }

  private var clock: AlertRecords.Clock { AlertRecords.Clock(observed: now) }

  mutating func clockChange() -> StateChange {
    clockSavedAt = now
    return .put(AlertRecords.record(AlertRecords.clock, AlertRecords.clockKey, clock))
  }

  func record(of instance: AlertInstance, in state: RuleState) -> StateRecord {
    AlertRecords.record(
      AlertRecords.instances, AlertRecords.key(state.key, instance.fingerprint),
      AlertRecords.Instance(rule: state.key, group: state.group.name, instance: instance))
  }

  func record(of state: RuleState) -> StateRecord {
    AlertRecords.record(
      AlertRecords.rules, state.key,
      AlertRecords.Rule(
        key: state.key, sources: state.sources.sorted(), failing: state.failing))
  }

  /// Takes the alerts of before the start. The time since is a gap: each instance stands still from
  /// when it was last observed until it is observed again.
  mutating func restore(_ records: [StateRecord]) {
    var observed = Timestamp.distantPast
    var byKey: [String: Int] = [:]
    for (index, state) in states.enumerated() { byKey[state.key] = index }
    for record in records where record.table == AlertRecords.clock {
      if let clock = AlertRecords.decode(AlertRecords.Clock.self, record) {
        observed = min(clock.observed, now)
      }
    }
    for record in records where record.table == AlertRecords.rules {
      guard let rule = AlertRecords.decode(AlertRecords.Rule.self, record) else { continue }
      guard let index = byKey[rule.key] else {
        deferred.changes.append(.remove(table: record.table, key: record.key))
        continue
      }
      states[index].sources.formUnion(rule.sources.filter { known($0) })
      states[index].storedSources = states[index].sources
      states[index].failing = rule.failing
    }
    for record in records where record.table == AlertRecords.instances {
      guard let stored = AlertRecords.decode(AlertRecords.Instance.self, record) else { continue }
      var instance = stored.instance
      guard let index = byKey[stored.rule], !states[index].isDisabled(at: now) else {
        closeOrphan(&instance, group: stored.group, record)
        continue
      }
      if instance.unobservedSince == nil {
        instance.unobservedSince = max(instance.observedAt, observed)
      }
      states[index].take(instance, at: now)
    }
    for index in states.indices {
      let steps = states[index].fitLevels(at: now)
      states[index].instances.arrange()
      deferred.append(output(of: steps, index, at: now))
      states[index].refreshTimer()
    }
  }

  /// Sources that the configuration no longer names do not count; without any, all do.
  private func known(_ source: SourceID) -> Bool {
    sources[source] != nil || !sources.values.contains(where: \.isConfigured)
  }

  /// The rule of a stored alert is gone.
  private mutating func closeOrphan(
    _ instance: inout AlertInstance, group: String, _ record: StateRecord
  ) {
    deferred.changes.append(.remove(table: record.table, key: record.key))
    guard instance.state == .firing else { return }
    let step = instance.close(.ruleRemoved, at: now)
    var alert = Alert(
      fingerprint: instance.fingerprint, incident: instance.incident, labels: instance.labels,
      severity: instance.severity, state: .inactive, activeAt: instance.activeAt, group: group)
    alert.annotations = instance.annotations
    alert.value = instance.value
    alert.valueAtStart = instance.valueAtStart
    alert.worstValue = instance.worstValue
    alert.firedAt = instance.firedAt
    alert.resolvedAt = instance.resolvedAt
    alert.closeReason = .ruleRemoved
    let update = AlertUpdate(alert: alert, transition: step.transition, time: now)
    deferred.updates.append(update)
    if let entry = HistoryEntry(update) { deferred.history.append(entry) }
  }
}
