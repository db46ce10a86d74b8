import Model
import Storage

/// The series that alerts themselves are (`rules/alerting.go`).
enum AlertSeries {
  static let alerts = "ALERTS"
  static let forState = "ALERTS_FOR_STATE"
  static let stateLabel = "alertstate"

  static func series(
    of instance: AlertInstance, like old: WrittenSeries?, at time: Timestamp
  ) -> WrittenSeries {
    if var old, old.state == instance.state, old.labels == instance.labels {
      old.time = time
      return old
    }
    return WrittenSeries(
      labels: instance.labels, state: instance.state,
      alerts: instance.labels.setting(Labels.metricName, to: alerts)
        .setting(stateLabel, to: instance.state.rawValue),
      forState: instance.labels.setting(Labels.metricName, to: forState), time: time)
  }
}

extension RuleEngine {
  /// The names of all recorded series.
  var recordNames: Set<String> { Set(book.records.map(\.name)) }

  /// Writes `ALERTS` and `ALERTS_FOR_STATE`: one sample a slot, one more at each change of state,
  /// the staleness marker where a series ends.
  mutating func writeAlertSeries(
    _ index: Int, store: inout SeriesStore, at evaluated: Timestamp
  ) -> [SelectorID] {
    let time = evaluated - states[index].group.delay
    let slot = states[index].slot(of: evaluated)
    if states[index].instances.isEmpty, states[index].written.isEmpty,
      states[index].failing == nil
    {
      states[index].lastSlot = slot
      return []
    }
    var isNewSlot = states[index].lastSlot != slot
    if case .recording = states[index].rule { isNewSlot = true }
    var touched = Set<SelectorID>()
    var active = 0
    func write(_ instance: AlertInstance) {
      guard instance.isActive else { return }
      active += 1
      let old = states[index].written[instance.fingerprint]
      let new = AlertSeries.series(of: instance, like: old, at: time)
      let isChanged = old?.alerts != new.alerts
      if isChanged, let old { end(old, except: new, &touched, store: &store, at: time) }
      guard isChanged || isNewSlot else { return }
      touched.formUnion(store.append(new.alerts, Sample(time, 1)))
      touched.formUnion(store.append(new.forState, Sample(time, instance.activeAt.seconds)))
      states[index].written[instance.fingerprint] = new
    }
    for fingerprint in states[index].instances.fingerprints {
      if let instance = states[index].instances[fingerprint] { write(instance) }
    }
    if let failing = states[index].failing { write(failing) }
    if states[index].written.count > active {
      for fingerprint in states[index].written.keys.sorted()
      where !isActive(fingerprint, of: index) {
        guard let old = states[index].written.removeValue(forKey: fingerprint) else { continue }
        end(old, except: nil, &touched, store: &store, at: time)
      }
    }
    states[index].lastSlot = slot
    return touched.sorted()
  }

  private func isActive(_ fingerprint: Fingerprint, of index: Int) -> Bool {
    if let failing = states[index].failing, failing.fingerprint == fingerprint {
      return failing.isActive
    }
    return states[index].instances[fingerprint]?.isActive ?? false
  }

  /// Ends the series of an alert, but for those that go on. A marker must be newer than the last
  /// sample of its series, or the store would not take it.
  private func end(
    _ old: WrittenSeries, except new: WrittenSeries?, _ touched: inout Set<SelectorID>,
    store: inout SeriesStore, at time: Timestamp
  ) {
    let marker = Sample(max(time, old.time + .milliseconds(1)), StaleMarker.value)
    if old.alerts != new?.alerts { touched.formUnion(store.append(old.alerts, marker)) }
    if old.forState != new?.forState { touched.formUnion(store.append(old.forState, marker)) }
  }

  /// Writes the result of a recording rule; series that it no longer has end.
  mutating func writeRecorded(
    _ elements: [Element], _ index: Int, store: inout SeriesStore, at evaluated: Timestamp
  ) -> [SelectorID] {
    let time = evaluated - states[index].group.delay
    var touched = Set<SelectorID>()
    var next: [Labels: Timestamp] = [:]
    for element in elements {
      touched.formUnion(store.append(element.labels, Sample(time, element.value)))
      next[element.labels] = time
    }
    for labels in states[index].recorded.keys.sorted() where next[labels] == nil {
      let last = states[index].recorded[labels] ?? time
      let marker = Sample(max(time, last + .milliseconds(1)), StaleMarker.value)
      touched.formUnion(store.append(labels, marker))
    }
    states[index].recorded = next
    return touched.sorted()
  }

  /// Ends every series a rule has written.
  func endSeries(of state: RuleState, store: inout SeriesStore, at time: Timestamp) {
    let time = time - state.group.delay
    var touched = Set<SelectorID>()
    for fingerprint in state.written.keys.sorted() {
      guard let old = state.written[fingerprint] else { continue }
      end(old, except: nil, &touched, store: &store, at: time)
    }
    for (labels, last) in state.recorded.sorted(by: { $0.key < $1.key }) {
      let marker = Sample(max(time, last + .milliseconds(1)), StaleMarker.value)
      _ = store.append(labels, marker)
    }
  }
}
