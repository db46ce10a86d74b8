import Model

/// What a snapshot is to hold: the series of one selector and the window that will be read.
package struct Selection: Sendable, Hashable {
  package var matchers: [LabelMatcher]
  package var after: Timestamp
  package var through: Timestamp
  package init(matchers: [LabelMatcher], after: Timestamp, through: Timestamp) {
    self.matchers = matchers
    self.after = after
    self.through = through
  }
}

/// Why a snapshot was not taken.
package enum SnapshotFailure: Error, Sendable, Hashable {
  /// The matched series hold more samples than the limit.
  case tooManySamples(limit: Int)
}

/// The series that some selectors match, as they were at one moment: for an evaluation elsewhere
/// while the store goes on. The packed samples are shared with the store until it changes them.
package struct SeriesSnapshot: SeriesSource {
  private var groups: [[LabelMatcher]: [StoredSeries]]

  init(groups: [[LabelMatcher]: [StoredSeries]]) { self.groups = groups }

  package func visit(
    _ matchers: [LabelMatcher], standing: SelectorID?, after: Timestamp, through: Timestamp,
    dropsStale: Bool, _ body: (Labels, UnsafeBufferPointer<Sample>) -> Bool
  ) {
    var scratch = SampleScratch()
    for series in groups[matchers] ?? [] {
      let goesOn = scratch.visit(
        series, after: after, through: through, dropsStale: dropsStale, body)
      if !goesOn { return }
    }
  }

  package func latest(
    _ matchers: [LabelMatcher], standing: SelectorID?, after: Timestamp, through: Timestamp
  ) -> [LatestSample] {
    (groups[matchers] ?? []).compactMap { $0.latest(after: after, through: through) }
  }
}

extension SeriesStore {
  /// Takes a snapshot of what the selections match, unless that is more than `limit` samples.
  package func snapshot(
    of selections: [Selection], limit: Int
  ) -> Result<SeriesSnapshot, SnapshotFailure> {
    var groups: [[LabelMatcher]: [StoredSeries]] = [:]
    var samples = 0
    for selection in selections where groups[selection.matchers] == nil {
      let windows = selections.filter { $0.matchers == selection.matchers }
      let after = windows.map(\.after).min() ?? selection.after
      let through = windows.map(\.through).max() ?? selection.through
      var held: [StoredSeries] = []
      for place in members(selection.matchers) {
        let candidate = series[Int(place)]
        guard candidate.ring.lastTime > after.milliseconds,
          candidate.ring.firstTime <= through.milliseconds
        else { continue }
        samples += candidate.ring.count
        if samples > limit { return .failure(.tooManySamples(limit: limit)) }
        held.append(candidate)
      }
      groups[selection.matchers] = held
    }
    return .success(SeriesSnapshot(groups: groups))
  }
}
