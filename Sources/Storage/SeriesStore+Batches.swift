import Model

extension SeriesStore {
  /// Adds what one collection of a target brought: slots become series, and slots that were in the
  /// target's last batch and are not in this one get the staleness marker at the batch's time.
  package mutating func append(_ batch: SampleBatch) -> Arrival {
    var arrival = Arrival(source: batch.source, time: batch.time)
    let source = place(of: batch.source)
    // Out of the store while it is worked on, so that both can be changed without a copy.
    var layout = SourceLayout(source: batch.source)
    swap(&layout, &layouts[Int(source)])
    var touched: Set<SelectorID> = []

    var retired: [SourceLayout.Slot] = []
    if layout.layout != batch.layout {
      retired = layout.slots.filter { $0.batch == layout.batch && layout.batch > 0 }
      layout = SourceLayout(source: batch.source, layout: batch.layout)
    }
    layout.batch += 1
    for birth in batch.births { assign(birth, source: source, in: &layout, &arrival) }

    var continuing = 0
    let before = layout.liveCount
    var present = 0
    let time = batch.time.milliseconds
    let collectsTouched = layout.touchedGeneration != selectorGeneration || !retired.isEmpty
    for value in batch.values {
      let slot = Int(value.slot)
      guard slot < layout.slots.count else {
        arrival.refused += 1
        continue
      }
      if layout.slots[slot].batch != layout.batch {
        present += 1
        if layout.slots[slot].batch == layout.batch - 1 { continuing += 1 }
        layout.slots[slot].batch = layout.batch
      }
      guard let place = series(of: slot, source: source, in: &layout, &arrival) else { continue }
      store(value.value, at: time, place, &arrival)
      if collectsTouched { touched.formUnion(series[place].selectors) }
    }
    for stamped in batch.stamped {
      let slot = Int(stamped.slot)
      guard slot < layout.slots.count,
        let place = series(of: slot, source: source, in: &layout, &arrival)
      else {
        if slot >= layout.slots.count { arrival.refused += 1 }
        continue
      }
      store(stamped.sample.value, at: stamped.sample.timestamp.milliseconds, place, &arrival)
      touched.formUnion(series[place].selectors)
    }
    layout.liveCount = present
    if continuing < before || continuing < present || collectsTouched {
      // The set of slots has changed: what it touches is to be found anew.
      for slot in layout.slots.indices {
        if layout.slots[slot].batch == layout.batch - 1, layout.batch > 1 {
          end(Int(layout.slots[slot].series), at: time, &arrival, &touched)
        } else if layout.slots[slot].batch == layout.batch, layout.slots[slot].series >= 0 {
          touched.formUnion(series[Int(layout.slots[slot].series)].selectors)
        }
      }
      for slot in retired { end(Int(slot.series), at: time, &arrival, &touched) }
      arrival.touched = touched.sorted()
      layout.touched = arrival.touched
      // Series that ended now are not touched by the next batch.
      layout.touchedGeneration =
        arrival.ends == 0 && batch.stamped.isEmpty ? selectorGeneration : nil
    } else {
      arrival.touched =
        touched.isEmpty ? layout.touched : touched.union(layout.touched).sorted()
    }
    swap(&layout, &layouts[Int(source)])
    describe(batch.metadata)
    refusals.overCap += arrival.refused
    refusals.outOfOrder += arrival.outOfOrder
    refusals.duplicates += arrival.duplicates
    return arrival
  }

  /// Ends all series of a source: they get the staleness marker, and its slots are forgotten.
  @discardableResult
  package mutating func removeSource(_ source: SourceID, at now: Timestamp) -> Arrival {
    var arrival = Arrival(source: source, time: now)
    guard let place = sourceIndex[source] else { return arrival }
    var touched: Set<SelectorID> = []
    let layout = layouts[Int(place)]
    for slot in layout.slots where slot.batch == layout.batch && layout.batch > 0 {
      end(Int(slot.series), at: now.milliseconds, &arrival, &touched)
    }
    layouts[Int(place)] = SourceLayout(source: source)
    arrival.touched = touched.sorted()
    return arrival
  }

  private mutating func place(of source: SourceID) -> Int32 {
    if let known = sourceIndex[source] { return known }
    let place = Int32(layouts.count)
    layouts.append(SourceLayout(source: source))
    sourceIndex[source] = place
    return place
  }

  private mutating func assign(
    _ birth: SampleBatch.Birth, source: Int32, in layout: inout SourceLayout,
    _ arrival: inout Arrival
  ) {
    let slot = Int(birth.slot)
    // A slot far beyond the rest would be room for nothing.
    guard slot <= layout.slots.count + limits.maxSeries else { return }
    while layout.slots.count <= slot {
      layout.slots.append(SourceLayout.Slot(series: -1, batch: 0, labels: Labels()))
    }
    layout.slots[slot].labels = birth.labels
    if let known = index[birth.labels] {
      let same = series[Int(known)].source == source && series[Int(known)].slot == birth.slot
      if !same {
        if series[Int(known)].source >= 0 { series[Int(known)].isShared = true }
        series[Int(known)].source = source
        series[Int(known)].slot = birth.slot
        selectorGeneration += 1
      }
      layout.slots[slot].series = known
      layout.slots[slot].labels = series[Int(known)].labels
    } else if let born = makeSeries(birth.labels, source: source, slot: birth.slot) {
      layout.slots[slot].series = born
      layout.slots[slot].labels = series[Int(born)].labels
      arrival.births += 1
    } else {
      layout.slots[slot].series = -1
    }
  }

  /// The series of a slot; one that had no room or has gone is tried again.
  @inline(__always)
  private mutating func series(
    of slot: Int, source: Int32, in layout: inout SourceLayout, _ arrival: inout Arrival
  ) -> Int? {
    let known = layout.slots[slot].series
    if known >= 0 { return Int(known) }
    let birth = SampleBatch.Birth(slot: UInt32(slot), labels: layout.slots[slot].labels)
    assign(birth, source: source, in: &layout, &arrival)
    let place = layout.slots[slot].series
    if place < 0 { arrival.refused += 1 }
    return place < 0 ? nil : Int(place)
  }

  @inline(__always)
  private mutating func store(
    _ value: Double, at time: Int64, _ place: Int, _ arrival: inout Arrival
  ) {
    let retention = limits.retentionMilliseconds
    switch series[place].append(time: time, value: value, retention: retention) {
    case .stored: break
    case .outOfOrder: arrival.outOfOrder += 1
    case .duplicate: arrival.duplicates += 1
    }
  }

  /// Gives a series the staleness marker, unless it has a sample at that time already (its slot
  /// moved) or has ended.
  private mutating func end(
    _ place: Int, at time: Int64, _ arrival: inout Arrival, _ touched: inout Set<SelectorID>
  ) {
    guard place >= 0, series[place].ring.count > 0, !series[place].hasEnded,
      series[place].ring.lastTime < time
    else { return }
    _ = series[place].append(
      time: time, value: StaleMarker.value, retention: limits.retentionMilliseconds)
    arrival.ends += 1
    touched.formUnion(series[place].selectors)
  }
}
