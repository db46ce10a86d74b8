import Model

extension SeriesStore: SeriesSource {
  package func visit(
    _ matchers: [LabelMatcher], standing id: SelectorID?, after: Timestamp, through: Timestamp,
    dropsStale: Bool, _ body: (Labels, UnsafeBufferPointer<Sample>) -> Bool
  ) {
    all.visit(
      matchers, standing: id, after: after, through: through, dropsStale: dropsStale, body)
  }

  package func visitWindows(
    _ matchers: [LabelMatcher], standing id: SelectorID?, after: Timestamp, through: Timestamp,
    _ body: (Labels, SeriesWindow) -> Bool
  ) {
    all.visitWindows(matchers, standing: id, after: after, through: through, body)
  }

  package func latest(
    _ matchers: [LabelMatcher], standing id: SelectorID?, after: Timestamp, through: Timestamp
  ) -> [LatestSample] {
    all.latest(matchers, standing: id, after: after, through: through)
  }

  private var all: CellView { CellView(store: self, cells: nil) }

  /// The label sets of the series that any of the lists of matchers accepts and that have a sample
  /// in `(after, through]`, in Prometheus' order; no list means all series.
  package func labelSets(
    matching lists: [[LabelMatcher]], after: Timestamp, through: Timestamp
  ) -> [Labels] {
    var places: Set<Int32> = []
    for matchers in lists.isEmpty ? [[]] : lists {
      places.formUnion(members(matchers))
    }
    return places.map { series[Int($0)] }
      .filter { $0.ring.lastTime > after.milliseconds && $0.ring.firstTime <= through.milliseconds }
      .map(\.labels).sorted()
  }

  /// The label names that occur in those series, in byte order.
  package func labelNames(
    matching lists: [[LabelMatcher]] = [], after: Timestamp = .distantPast,
    through: Timestamp = .distantFuture
  ) -> [String] {
    var names: Set<String> = []
    for labels in labelSets(matching: lists, after: after, through: through) {
      for label in labels { names.insert(label.name) }
    }
    return names.sorted(by: Bytes.less)
  }

  /// The values that a label takes in those series, in byte order.
  package func labelValues(
    of name: String, matching lists: [[LabelMatcher]] = [], after: Timestamp = .distantPast,
    through: Timestamp = .distantFuture
  ) -> [String] {
    var values: Set<String> = []
    for labels in labelSets(matching: lists, after: after, through: through) {
      if let value = labels[name] { values.insert(value) }
    }
    return values.sorted(by: Bytes.less)
  }

  /// The times of the oldest and the newest sample; nil when there is none.
  package var span: (oldest: Timestamp, newest: Timestamp)? {
    let held = index.places.lazy.map { self.series[Int($0)].ring }.filter { $0.count > 0 }
    guard let oldest = held.map(\.firstTime).min(), let newest = held.map(\.lastTime).max() else {
      return nil
    }
    return (Timestamp(milliseconds: oldest), Timestamp(milliseconds: newest))
  }

  /// What a metric says of itself.
  package func metadata(of metric: String) -> MetricMetadata? { metadataByMetric[metric] }

  /// What all metrics say of themselves, by name.
  package var metadata: [MetricMetadata] {
    metadataByMetric.values.sorted { Bytes.less($0.metric, $1.metric) }
  }

  mutating func describe(_ entries: [MetricMetadata]) {
    for entry in entries
    where metadataByMetric.count < limits.maxMetadata || metadataByMetric[entry.metric] != nil {
      metadataByMetric[entry.metric] = entry
    }
  }
}

extension StoredSeries {
  func latest(after: Timestamp, through: Timestamp) -> LatestSample? {
    ring.newest(after: after.milliseconds, through: through.milliseconds).map {
      LatestSample(labels: labels, sample: $0)
    }
  }
}
