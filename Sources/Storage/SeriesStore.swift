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
  var index: [Labels: Int32] = [:]
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
  /// Names and values of labels, so that equal ones share their memory.
  private var texts: Set<InternedText> = []

  package init(limits: StoreLimits = StoreLimits()) { self.limits = limits }

  /// Series held, ended ones with samples in the retention among them.
  package var seriesCount: Int { index.count }

  /// Samples held.
  package var sampleCount: Int { index.values.reduce(0) { $0 + series[Int($1)].ring.count } }

  /// Bytes allocated for packed samples.
  package var sampleBytes: Int {
    index.values.reduce(0) { $0 + series[Int($1)].ring.allocatedBytes }
  }

  /// Adds one sample to the series of that label set: recorded series, `ALERTS`, tests. Gives the
  /// standing selectors it touches.
  @discardableResult
  package mutating func append(_ labels: Labels, _ sample: Sample) -> [SelectorID] {
    let place: Int32
    if let known = index[labels] {
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
    case .stored: return series[Int(place)].selectors
    case .outOfOrder: refusals.outOfOrder += 1
    case .duplicate: refusals.duplicates += 1
    }
    return []
  }

  /// A new series of that label set, nil when the cap is reached.
  mutating func makeSeries(_ labels: Labels, source: Int32, slot: UInt32) -> Int32? {
    guard index.count < limits.maxSeries else { return nil }
    let labels = Labels(
      sorted: labels.map { Label(intern($0.name), intern($0.value)) })
    let stored = StoredSeries(labels: labels, source: source, slot: slot)
    let place: Int32
    if let reused = free.popLast() {
      place = reused
      series[Int(place)] = stored
    } else {
      place = Int32(series.count)
      series.append(stored)
    }
    index[labels] = place
    byMetric[labels.name, default: []].insertAscending(place)
    enlist(place)
    return place
  }

  private mutating func intern(_ text: String) -> String {
    // Up to 15 bytes a string has no memory of its own.
    if text.utf8.count <= 15 { return text }
    return texts.insert(InternedText(text: text)).memberAfterInsert.text
  }

  /// Removes a series that has no samples left.
  mutating func dropSeries(_ place: Int32) {
    let dropped = series[Int(place)]
    index[dropped.labels] = nil
    let name = dropped.labels.name
    byMetric[name]?.removeAscending(place)
    if byMetric[name]?.isEmpty == true { byMetric[name] = nil }
    for selector in dropped.selectors {
      standing[Int(selector.index)].members.removeAscending(place)
    }
    if !dropped.selectors.isEmpty { selectorGeneration += 1 }
    forgetSlots(of: dropped, at: place)
    series[Int(place)] = StoredSeries(labels: Labels(), source: -1, slot: 0)
    free.append(place)
  }

  private mutating func forgetSlots(of dropped: StoredSeries, at place: Int32) {
    func forget(_ slots: inout [SourceLayout.Slot], _ slot: Int) {
      if slots.indices.contains(slot), slots[slot].series == place { slots[slot].series = -1 }
    }
    if dropped.isShared {
      for source in layouts.indices {
        for slot in layouts[source].slots.indices { forget(&layouts[source].slots, slot) }
      }
    } else if dropped.source >= 0 {
      forget(&layouts[Int(dropped.source)].slots, Int(dropped.slot))
    }
  }

  /// Drops samples before a time, in whole blocks, and series that have none left.
  package mutating func truncate(before cutoff: Timestamp) {
    for place in series.indices where series[place].ring.count > 0 {
      series[place].ring.truncate(before: cutoff.milliseconds)
      if series[place].ring.count == 0 { dropSeries(Int32(place)) }
    }
    // Texts of series long gone; those in use only lose their chance to be shared with new ones.
    if texts.count > 4 * seriesCount + 1000 { texts = [] }
  }
}

/// A text that is equal to another byte by byte.
private struct InternedText: Hashable, Sendable {
  var text: String
  static func == (left: InternedText, right: InternedText) -> Bool {
    Bytes.equal(left.text, right.text)
  }
  func hash(into hasher: inout Hasher) { Bytes.hash(text, into: &hasher) }
}
