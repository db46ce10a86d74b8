import Exposition
import Model

/// What the daemon measures of itself: served at `/metrics`, and stored as the target `tocsin`, so
/// that ordinary rules watch the watchdog.
package struct OwnMetrics: Sendable {
  /// One metric family with its samples.
  package struct Family: Sendable {
    package var name: String
    package var type: MetricType
    package var help: String
    package var samples: [(labels: Labels, value: Double)]
    package init(
      _ name: String, _ type: MetricType, _ help: String,
      _ samples: [(labels: Labels, value: Double)]
    ) {
      self.name = name
      self.type = type
      self.help = help
      self.samples = samples
    }
    package init(_ name: String, _ type: MetricType, _ help: String, _ value: Double) {
      self.init(name, type, help, [(Labels(), value)])
    }
  }
  package var families: [Family]

  package init(families: [Family]) { self.families = families }

  /// As `/metrics` writes them; a family without samples is left out.
  package var exposition: [ExpositionFamily] {
    families.filter { !$0.samples.isEmpty }.map { family in
      ExpositionFamily(
        family.name, family.type, family.help,
        family.samples.map { (labels: Array($0.labels), value: $0.value) })
    }
  }
}

/// Turns the families into batches of one target, with slots that stay while the series do.
package struct OwnMetricsTarget: Sendable {
  /// The kind of its source.
  static let kind = "self"
  private var slots: [Labels: UInt32] = [:]
  private let labels: Labels
  private let interval: Duration

  package init(instance: String, interval: Duration) {
    labels = Labels(["instance": instance, "job": "tocsin"])
    self.interval = interval
  }

  package mutating func batch(_ metrics: OwnMetrics, at now: Timestamp) -> SampleBatch {
    let source = SourceID(
      kind: Self.kind, job: "tocsin", instance: labels["instance"] ?? "")
    var births: [SampleBatch.Birth] = []
    var values: [SampleBatch.Value] = []
    for family in metrics.families {
      for sample in family.samples {
        let series = labels.overlaid(with: sample.labels)
          .setting(Labels.metricName, to: family.name)
        let slot: UInt32
        if let known = slots[series] {
          slot = known
        } else {
          slot = UInt32(slots.count)
          slots[series] = slot
          births.append(.init(slot: slot, labels: series))
        }
        values.append(.init(slot: slot, value: sample.value))
      }
    }
    let status = TargetStatus(
      source: source, target: "this daemon", labels: labels, isUp: true, failure: nil,
      lastCollection: now, duration: .zero, interval: interval, timeout: interval)
    return SampleBatch(
      source: source, layout: 1, time: now, births: births, values: values,
      metadata: births.isEmpty
        ? []
        : metrics.families.map {
          MetricMetadata(metric: $0.name, type: $0.type, help: $0.help)
        }, status: status)
  }
}
