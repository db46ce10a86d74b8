import Model

/// A metric as a check measured it; the target's labels are added when it becomes a series.
package struct Measurement: Sendable, Hashable {
  package var name: String
  package var labels: [Label]
  package var value: Double

  package init(_ name: String, _ value: Double, _ labels: [Label] = []) {
    self.name = name
    self.labels = labels
    self.value = value
  }
}

/// What one run of a check found.
package struct CheckReport: Sendable, Hashable {
  /// Why the target is not as expected, in one sentence; nil when it is.
  package var failure: String?
  package var measurements: [Measurement]
  /// Facts worth showing, in order: status codes, phases, certificate dates.
  package var facts: [Label]

  package init(
    failure: String? = nil, measurements: [Measurement] = [], facts: [Label] = []
  ) {
    self.failure = failure
    self.measurements = measurements
    self.facts = facts
  }

  mutating func add(_ name: String, _ value: Double, _ labels: [Label] = []) {
    measurements.append(Measurement(name, value, labels))
  }

  mutating func note(_ name: String, _ value: String) {
    if !value.isEmpty { facts.append(Label(name, value)) }
  }

  /// Keeps the first reason: the first thing that went wrong explains the rest.
  mutating func fail(_ reason: String) {
    if failure == nil { failure = reason }
  }
}

/// The slots of a target whose series come from measurements. Measurements usually come in the
/// order of the last run, so the slot is found by position, else by name and labels.
struct SeriesSlots: Sendable {
  private struct Key: Sendable, Hashable {
    var name: String
    var labels: [Label]

    func series(on target: Labels) -> Labels {
      target.overlaid(with: labels + [Label(Labels.metricName, name)])
    }
  }
  let layout: UInt64
  private var order: [Key] = []
  private var slots: [Key: UInt32] = [:]

  init(layout: UInt64) { self.layout = layout }

  /// Gives each measurement its slot; the first of two with one identity counts. The first `vital`
  /// say whether the target answers.
  mutating func place(
    _ measurements: [Measurement], vital: Int = 0, on target: Labels
  ) -> (births: [SampleBatch.Birth], values: [SampleBatch.Value]) {
    var births: [SampleBatch.Birth] = []
    var values: [SampleBatch.Value] = []
    values.reserveCapacity(measurements.count)
    var keys: [Key]?
    var used: Set<UInt32> = []
    for (index, measurement) in measurements.enumerated() {
      if keys == nil, index < order.count, order[index].name == measurement.name,
        order[index].labels == measurement.labels, let slot = slots[order[index]]
      {
        values.append(.init(slot: slot, value: measurement.value))
        continue
      }
      if keys == nil {
        keys = Array(order.prefix(index))
        used = Set(values.map(\.slot))
      }
      let key = Key(name: measurement.name, labels: measurement.labels)
      let slot = slots[key] ?? UInt32(slots.count)
      if slots[key] == nil {
        slots[key] = slot
        births.append(
          .init(slot: slot, labels: key.series(on: target), isVital: index < vital))
      }
      guard used.insert(slot).inserted else { continue }
      keys?.append(key)
      values.append(.init(slot: slot, value: measurement.value))
    }
    order = keys ?? Array(order.prefix(measurements.count))
    return (births, values)
  }

  /// How many series ever had a slot here; a target that keeps renaming its series starts anew.
  var count: Int { slots.count }
}
