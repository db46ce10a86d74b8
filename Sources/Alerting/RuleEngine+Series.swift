import Model
import Storage

/// The series that alerts themselves are (`rules/alerting.go`).
enum AlertSeries {
  static let alerts = "ALERTS"
  static let forState = "ALERTS_FOR_STATE"
  static let stateLabel = "alertstate"

  static func series(of instance: AlertInstance, at time: Timestamp) -> WrittenSeries {
    WrittenSeries(
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
    let active =
      states[index].ordered.filter(\.isActive)
      + [states[index].failing].compactMap { $0 }.filter(\.isActive)
    var next: [Fingerprint: WrittenSeries] = [:]
    var touched: [SelectorID] = []
    for instance in active {
      let old = states[index].written[instance.fingerprint]
      var new = AlertSeries.series(of: instance, at: time)
      let isChanged = old?.alerts != new.alerts
      if isChanged, let old { touched += end(old, except: new, store: &store, at: time) }
      if isChanged || isNewSlot {
        touched += store.append(new.alerts, Sample(time, 1))
        touched += store.append(new.forState, Sample(time, instance.activeAt.seconds))
      } else {
        new.time = old?.time ?? time
      }
      next[instance.fingerprint] = new
    }
    for fingerprint in states[index].written.keys.sorted() where next[fingerprint] == nil {
      guard let old = states[index].written[fingerprint] else { continue }
      touched += end(old, except: nil, store: &store, at: time)
    }
    states[index].written = next
    states[index].lastSlot = slot
    return touched
  }

  /// Ends the series of an alert, but for those that go on. A marker must be newer than the last
  /// sample of its series, or the store would not take it.
  private func end(
    _ old: WrittenSeries, except new: WrittenSeries?, store: inout SeriesStore, at time: Timestamp
  ) -> [SelectorID] {
    let marker = Sample(max(time, old.time + .milliseconds(1)), StaleMarker.value)
    var touched: [SelectorID] = []
    if old.alerts != new?.alerts { touched += store.append(old.alerts, marker) }
    if old.forState != new?.forState { touched += store.append(old.forState, marker) }
    return touched
  }

  /// Writes the result of a recording rule; series that it no longer has end.
  mutating func writeRecorded(
    _ elements: [Element], _ index: Int, store: inout SeriesStore, at evaluated: Timestamp
  ) -> [SelectorID] {
    let time = evaluated - states[index].group.delay
    var touched: [SelectorID] = []
    var next: [Labels: Timestamp] = [:]
    for element in elements {
      touched += store.append(element.labels, Sample(time, element.value))
      next[element.labels] = time
    }
    for labels in states[index].recorded.keys.sorted() where next[labels] == nil {
      let last = states[index].recorded[labels] ?? time
      let marker = Sample(max(time, last + .milliseconds(1)), StaleMarker.value)
      touched += store.append(labels, marker)
    }
    states[index].recorded = next
    return touched
  }

  /// Ends every series a rule has written.
  func endSeries(of state: RuleState, store: inout SeriesStore, at time: Timestamp) {
    let time = time - state.group.delay
    for fingerprint in state.written.keys.sorted() {
      guard let old = state.written[fingerprint] else { continue }
      _ = end(old, except: nil, store: &store, at: time)
    }
    for (labels, last) in state.recorded.sorted(by: { $0.key < $1.key }) {
      let marker = Sample(max(time, last + .milliseconds(1)), StaleMarker.value)
      _ = store.append(labels, marker)
    }
  }
}
