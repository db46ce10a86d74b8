import Model

extension SeriesStore: SeriesSource {
  package func select(
    _ matchers: [LabelMatcher], standing id: SelectorID?, after: Timestamp, through: Timestamp,
    limit: Int
  ) -> [SeriesSlice] {
    var out: [SeriesSlice] = []
    var copied = 0
    for place in members(matchers, standing: id) {
      guard let slice = series[Int(place)].slice(after: after, through: through) else { continue }
      copied += slice.samples.count
      out.append(slice)
      if copied > limit { break }
    }
    return out
  }

  package func latest(
    _ matchers: [LabelMatcher], standing id: SelectorID?, after: Timestamp, through: Timestamp
  ) -> [LatestSample] {
    members(matchers, standing: id).compactMap {
      series[Int($0)].latest(after: after, through: through)
    }
  }

  /// The label sets of the series that any of the lists of matchers accepts and that have a sample
  /// in `(after, through]`, in Prometheus' order; no list means all series.
  package func labelSets(
    matching lists: [[LabelMatcher]], after: Timestamp, through: Timestamp
  ) -> [Labels] {
    var places: Set<Int32> = []
    for matchers in lists.isEmpty ? [[]] : lists {
      places.formUnion(members(matchers, standing: nil))
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
  func slice(after: Timestamp, through: Timestamp) -> SeriesSlice? {
    let samples = ring.samples(after: after.milliseconds, through: through.milliseconds)
    return samples.isEmpty ? nil : SeriesSlice(labels: labels, samples: samples)
  }

  func latest(after: Timestamp, through: Timestamp) -> LatestSample? {
    ring.newest(after: after.milliseconds, through: through.milliseconds).map {
      LatestSample(labels: labels, sample: $0)
    }
  }
}
