import Model

/// The recent samples of all series in memory, and the standing selectors of the rules.
///
/// A source's batch names series by slot, so that appending the samples of known slots neither
/// hashes nor compares labels.
package struct SeriesStore: Sendable {
  package var limits: StoreLimits
  /// What has been refused since the store was made.
  package internal(set) var refusals = StoreRefusals()

  /// All series; a place whose index is in `free` holds none.
  var series: [StoredSeries] = []
  var free: [Int32] = []
  var index = SeriesIndex()
  var cells = SeriesCells()
  var selectorLists = SelectorLists()
  /// Series by metric name; "" holds those without one.
  var byMetric: [String: [Int32]] = [:]

  var standing: [StandingSelector] = []
  var standingIndex: [[LabelMatcher]: SelectorID] = [:]
  var standingByMetric: [String: [SelectorID]] = [:]
  /// Standing selectors that do not demand a metric name.
  var standingElsewhere: [SelectorID] = []
  /// Rises whenever selectors or their members change.
  var selectorGeneration: UInt64 = 0

  var sourceIndex: [SourceID: Int32] = [:]
  var layouts: [SourceLayout] = []
  var metadataByMetric: [String: MetricMetadata] = [:]
  /// Label names and values, so that equal ones share their memory.
  private var texts = SharedTexts()

  package private(set) var mayHaveMetadataLabels = false

  package init(limits: StoreLimits = StoreLimits()) { self.limits = limits }

  /// Series held, ended ones with samples in the retention among them.
  package var seriesCount: Int { index.count }

  /// Samples held.
  package var sampleCount: Int { series.reduce(0) { $0 + $1.ring.count } }

  /// Bytes allocated for packed samples.
  package var sampleBytes: Int { series.reduce(0) { $0 + $1.ring.allocatedBytes } }

  /// Adds one sample to the series of that label set: recorded series, `ALERTS`, tests. Gives the
  /// standing selectors it touches.
  @discardableResult
  package mutating func append(_ labels: Labels, _ sample: Sample) -> [SelectorID] {
    let place: Int32
    if let known = index.place(of: labels, series) {
      place = known
    } else if let born = makeSeries(labels, source: -1, slot: 0) {
      place = born
    } else {
      refusals.overCap += 1
      return []
    }
    let verdict = series[Int(place)].append(
      time: sample.timestamp.milliseconds, value: sample.value,
      retention: limits.retentionMilliseconds)
    switch verdict {
    case .stored: return selectorLists[series[Int(place)].selectors]
    case .outOfOrder: refusals.outOfOrder += 1
    case .duplicate: refusals.duplicates += 1
    }
    return []
  }

  /// A new series of that label set, nil when the cap is reached. Vital ones are made all the same:
  /// a target whose `up` is not there would be down without anybody being told.
  mutating func makeSeries(
    _ labels: Labels, source: Int32, slot: UInt32, isVital: Bool = false
  ) -> Int32? {
    guard index.count < limits.maxSeries || isVital else { return nil }
    let labels = texts.shared(labels)
    if labels.names.hasMetadataLabels { mayHaveMetadataLabels = true }
    var stored = StoredSeries(labels: labels, source: source, slot: slot)
    stored.cell = cells.enter(labels)
    let place: Int32
    if let reused = free.popLast() {
      place = reused
      series[Int(place)] = stored
    } else {
      place = Int32(series.count)
      // Arrays double when they grow; a quarter more is enough for something this large.
      if series.count == series.capacity {
        series.reserveCapacity(series.count + max(64, series.count / 4))
      }
      series.append(stored)
    }
    index.insert(place, series)
    byMetric[labels.name, default: []].insertAscending(place)
    enlist(place)
    return place
  }

  /// Removes a series that has no samples left.
  mutating func dropSeries(_ place: Int32) {
    let dropped = series[Int(place)]
    index.remove(place, dropped.labels)
    cells.leave(dropped.cell)
    let name = dropped.labels.name
    byMetric[name]?.removeAscending(place)
    if byMetric[name]?.isEmpty == true { byMetric[name] = nil }
    let selectors = selectorLists[dropped.selectors]
    for selector in selectors {
      standing[Int(selector.index)].members.remove(place, dropped.cell)
    }
    if !selectors.isEmpty { selectorGeneration += 1 }
    forgetSlots(of: dropped, at: place)
    series[Int(place)] = StoredSeries(labels: Labels(), source: -1, slot: 0)
    free.append(place)
  }

  private mutating func forgetSlots(of dropped: StoredSeries, at place: Int32) {
    if dropped.isShared {
      for source in layouts.indices {
        for slot in layouts[source].slots.indices {
          layouts[source].forget(slot, of: place, labels: dropped.labels)
        }
      }
    } else if dropped.source >= 0 {
      layouts[Int(dropped.source)]
        .forget(Int(dropped.slot), of: place, labels: dropped.labels)
    }
  }

  /// Drops samples before a time, in whole blocks, and series that have none left.
  package mutating func truncate(before cutoff: Timestamp) {
    for place in series.indices where series[place].ring.buffer != nil {
      series[place].ring.truncate(before: cutoff.milliseconds)
      if series[place].ring.buffer == nil { dropSeries(Int32(place)) }
    }
    // Texts of series long gone; those in use only lose their chance to be shared with new ones.
    if texts.count > 4 * seriesCount + 1000 { texts = SharedTexts() }
  }
}
