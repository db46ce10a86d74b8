import Model

/// The samples of one series in a window of time, oldest first, staleness markers among them.
package struct SeriesSlice: Sendable {
  package var labels: Labels
  package var samples: [Sample]
  package init(labels: Labels, samples: [Sample]) {
    self.labels = labels
    self.samples = samples
  }
}

/// The newest sample of one series in a window of time; it may be a staleness marker.
package struct LatestSample: Sendable {
  package var labels: Labels
  package var sample: Sample
  package init(labels: Labels, sample: Sample) {
    self.labels = labels
    self.sample = sample
  }
}

/// Where an evaluation reads series: the store itself, or a snapshot taken from it. Windows are
/// open on the left and closed on the right, as Prometheus 3 has them.
package protocol SeriesSource: Sendable {
  /// The series that all matchers accept with their samples in `(after, through]`; series without
  /// any are left out, and so is what follows once more than `limit` samples have been copied.
  func select(
    _ matchers: [LabelMatcher], standing: SelectorID?, after: Timestamp, through: Timestamp,
    limit: Int
  ) -> [SeriesSlice]

  /// The newest sample in `(after, through]` of every series that all matchers accept.
  func latest(
    _ matchers: [LabelMatcher], standing: SelectorID?, after: Timestamp, through: Timestamp
  ) -> [LatestSample]
}

extension SeriesSource {
  /// The series that all matchers accept with all their samples in `(after, through]`.
  package func select(
    _ matchers: [LabelMatcher], standing: SelectorID? = nil, after: Timestamp, through: Timestamp
  ) -> [SeriesSlice] {
    select(matchers, standing: standing, after: after, through: through, limit: .max)
  }
}
