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

/// The ends of a window in which a series neither fell nor ended.
package struct WindowEnds: Sendable, Hashable {
  package var first: Sample
  package var last: Sample
  /// Samples in the window, these two among them.
  package var count: Int
  package init(first: Sample, last: Sample, count: Int) {
    self.first = first
    self.last = last
    self.count = count
  }
}

/// What a series has in a window: its ends alone where they say all that the change of a counter
/// depends on, otherwise all samples without staleness markers, oldest first.
package enum SeriesWindow {
  case ends(WindowEnds)
  case samples(UnsafeBufferPointer<Sample>)
}

/// Where an evaluation reads series: the store itself, or a snapshot taken from it. Windows are
/// open on the left and closed on the right, as Prometheus 3 has them.
package protocol SeriesSource: Sendable {
  /// Calls `body` with every series that all matchers accept and its samples in
  /// `(after, through]`, oldest first, until it says false. Series without any are left out; so are
  /// staleness markers when `dropsStale`. The samples are there for the call only.
  func visit(
    _ matchers: [LabelMatcher], standing: SelectorID?, after: Timestamp, through: Timestamp,
    dropsStale: Bool, _ body: (Labels, UnsafeBufferPointer<Sample>) -> Bool
  )

  /// Calls `body` with every series that all matchers accept and what it has in
  /// `(after, through]`, until it says false. The samples are there for the call only.
  func visitWindows(
    _ matchers: [LabelMatcher], standing: SelectorID?, after: Timestamp, through: Timestamp,
    _ body: (Labels, SeriesWindow) -> Bool
  )

  /// The newest sample in `(after, through]` of every series that all matchers accept.
  func latest(
    _ matchers: [LabelMatcher], standing: SelectorID?, after: Timestamp, through: Timestamp
  ) -> [LatestSample]

  /// Whether series may carry labels that are dropped along with the metric's name, by which alone
  /// they may differ (`schema.IsMetadataLabel`).
  var mayHaveMetadataLabels: Bool { get }

  /// When the counters behind a series' samples began, by the samples' times; nil where the source
  /// keeps no such times.
  func startTimes(of series: Labels) -> [Timestamp: Timestamp]?
}

extension SeriesSource {
  package var mayHaveMetadataLabels: Bool { true }

  package func startTimes(of series: Labels) -> [Timestamp: Timestamp]? { nil }

  package func visitWindows(
    _ matchers: [LabelMatcher], standing: SelectorID?, after: Timestamp, through: Timestamp,
    _ body: (Labels, SeriesWindow) -> Bool
  ) {
    visit(matchers, standing: standing, after: after, through: through, dropsStale: true) {
      body($0, .samples($1))
    }
  }

  /// The series that all matchers accept with their samples in `(after, through]`, staleness
  /// markers among them; what follows once more than `limit` samples have been copied is left out.
  package func select(
    _ matchers: [LabelMatcher], standing: SelectorID? = nil, after: Timestamp, through: Timestamp,
    limit: Int = .max
  ) -> [SeriesSlice] {
    var out: [SeriesSlice] = []
    var copied = 0
    visit(matchers, standing: standing, after: after, through: through, dropsStale: false) {
      labels, samples in
      out.append(SeriesSlice(labels: labels, samples: Array(samples)))
      copied += samples.count
      return copied <= limit
    }
    return out
  }
}

/// Room for the samples of one series, used for one after the other.
struct SampleScratch: ~Copyable {
  private var room = UnsafeMutableBufferPointer<Sample>.allocate(capacity: 256)

  deinit { room.deallocate() }

  /// Calls `body` with the samples of a series in a window, if there are any; false: no more.
  @inline(__always)
  mutating func visit(
    _ series: borrowing StoredSeries, after: Timestamp, through: Timestamp, dropsStale: Bool,
    _ body: (Labels, UnsafeBufferPointer<Sample>) -> Bool
  ) -> Bool {
    let count = series.ring.count
    if count > room.count {
      room.deallocate()
      room = .allocate(capacity: count * 2)
    }
    guard let start = room.baseAddress else { return true }
    let copied = series.ring.copy(
      after: after.milliseconds, through: through.milliseconds, dropsStale: dropsStale, to: start)
    return copied == 0 || body(series.labels, UnsafeBufferPointer(start: start, count: copied))
  }
}
