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

    var retired: [SourceLayout.Slot] = []
    if layout.layout != batch.layout {
      retired = layout.slots.filter { $0.batch == layout.batch && layout.batch > 0 }
      layout = SourceLayout(source: batch.source, layout: batch.layout)
    }
    layout.batch += 1
    for birth in batch.births { assign(birth, source: source, in: &layout, &arrival) }

    let isSame = appendValues(batch, source: source, in: &layout, &arrival)
    var stampedPlaces: [Int32] = []
    for stamped in batch.stamped {
      let slot = Int(stamped.slot)
      guard slot < layout.slots.count,
        let place = series(of: slot, source: source, in: &layout, &arrival)
      else {
        if slot >= layout.slots.count { arrival.refused += 1 }
        continue
      }
      store(stamped.sample.value, at: stamped.sample.timestamp.milliseconds, place, &arrival)
      stampedPlaces.append(Int32(place))
    }
    if isSame, retired.isEmpty, stampedPlaces.isEmpty,
      layout.touchedGeneration == selectorGeneration
    {
      (arrival.touched, arrival.cells) = (layout.touched, layout.cells)
    } else {
      settle(&layout, retired: retired, stamped: stampedPlaces, &arrival)
    }
    swap(&layout, &layouts[Int(source)])
    describe(batch.metadata)
    refusals.overCap += arrival.refused
    refusals.outOfOrder += arrival.outOfOrder
    refusals.duplicates += arrival.duplicates
    return arrival
  }

  /// How many samples are added at a time.
  private static let together = 32

  /// Adds the values; true when their slots are exactly those of the batch before.
  private mutating func appendValues(
    _ batch: SampleBatch, source: Int32, in layout: inout SourceLayout, _ arrival: inout Arrival
  ) -> Bool {
    let before = layout.liveCount
    var continuing = 0
    var present = 0
    let time = batch.time.milliseconds
    var rare: [SampleBatch.Value] = []
    let cutoff = limits.retentionMilliseconds
    let number = layout.batch
    layout.slots.withUnsafeMutableBufferPointer { slots in
      series.withUnsafeMutableBufferPointer { series in
        batch.values.withUnsafeBufferPointer { values in
          var start = 0
          while start < values.count {
            let part = values[start..<min(start + Self.together, values.count)]
            start = part.endIndex
            // Their memory lies anywhere, and is waited for once for all of them.
            var known: UInt32 = 0
            for (bit, value) in part.enumerated() {
              let slot = Int(value.slot)
              guard slot < slots.count, slots[slot].batch == number &- 1, slots[slot].series >= 0
              else {
                rare.append(value)
                continue
              }
              slots[slot].batch = number
              known |= 1 << UInt32(bit)
              series[Int(slots[slot].series)].ring.approach()
            }
            continuing += known.nonzeroBitCount
            for (bit, value) in part.enumerated() where known >> UInt32(bit) & 1 != 0 {
              let place = Int(slots[Int(value.slot)].series)
              switch series[place].append(time: time, value: value.value, retention: cutoff) {
              case .stored: break
              case .outOfOrder: arrival.outOfOrder += 1
              case .duplicate: arrival.duplicates += 1
              }
            }
          }
          present = continuing
        }
      }
    }
    for value in rare {
      let slot = Int(value.slot)
      guard slot < layout.slots.count else {
        arrival.refused += 1
        continue
      }
      if layout.slots[slot].batch != number {
        present += 1
        if layout.slots[slot].batch == number &- 1 { continuing += 1 }
        layout.slots[slot].batch = number
      }
      guard let place = self.series(of: slot, source: source, in: &layout, &arrival) else {
        continue
      }
      store(value.value, at: time, place, &arrival)
    }
    layout.liveCount = present
    return continuing == before && continuing == present
  }

  /// Ends the series whose slots are no longer there, and finds anew what the source touches.
  private mutating func settle(
    _ layout: inout SourceLayout, retired: [SourceLayout.Slot], stamped: [Int32],
    _ arrival: inout Arrival
  ) {
    let time = arrival.time.milliseconds
    var touch = Touch()
    for slot in layout.slots {
      if slot.batch == layout.batch &- 1, layout.batch > 1 {
        end(Int(slot.series), at: time, &arrival, &touch)
      } else if slot.batch == layout.batch, slot.series >= 0 {
        touch.note(series[Int(slot.series)])
      }
    }
    for slot in retired { end(Int(slot.series), at: time, &arrival, &touch) }
    for place in stamped { touch.note(series[Int(place)]) }
    touch.settle(&arrival, selectorLists)
    (layout.touched, layout.cells) = (arrival.touched, arrival.cells)
    // Series that ended now, or brought their own time, are not touched by the next batch.
    layout.touchedGeneration =
      arrival.ends == 0 && stamped.isEmpty ? selectorGeneration : nil
  }

  /// Ends all series of a source: they get the staleness marker, and its slots are forgotten.
  @discardableResult
  package mutating func removeSource(_ source: SourceID, at now: Timestamp) -> Arrival {
    var arrival = Arrival(source: source, time: now)
    guard let place = sourceIndex[source] else { return arrival }
    var touch = Touch()
    let layout = layouts[Int(place)]
    for slot in layout.slots where slot.batch == layout.batch && layout.batch > 0 {
      end(Int(slot.series), at: now.milliseconds, &arrival, &touch)
    }
    layouts[Int(place)] = SourceLayout(source: source)
    touch.settle(&arrival, selectorLists)
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
    layout.extend(to: slot)
    layout.homeless[birth.slot] = nil
    if let known = index.place(of: birth.labels, series) {
      let same = series[Int(known)].source == source && series[Int(known)].slot == birth.slot
      if !same {
        if series[Int(known)].source >= 0 { series[Int(known)].isShared = true }
        series[Int(known)].source = source
        series[Int(known)].slot = birth.slot
        selectorGeneration += 1
      }
      layout.slots[slot].series = known
    } else if let born = makeSeries(
      birth.labels, source: source, slot: birth.slot, isVital: birth.isVital)
    {
      layout.slots[slot].series = born
      arrival.births += 1
    } else {
      layout.slots[slot].series = -1
      layout.homeless[birth.slot] = birth.labels
    }
  }

  /// The series of a slot; one that had no room or has gone is tried again.
  private mutating func series(
    of slot: Int, source: Int32, in layout: inout SourceLayout, _ arrival: inout Arrival
  ) -> Int? {
    let known = layout.slots[slot].series
    if known >= 0 { return Int(known) }
    if let labels = layout.homeless[UInt32(slot)] {
      let birth = SampleBatch.Birth(slot: UInt32(slot), labels: labels)
      assign(birth, source: source, in: &layout, &arrival)
    }
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
    _ place: Int, at time: Int64, _ arrival: inout Arrival, _ touch: inout Touch
  ) {
    guard place >= 0, series[place].ring.buffer != nil, !series[place].hasEnded,
      series[place].ring.lastTime < time
    else { return }
    _ = series[place].append(
      time: time, value: StaleMarker.value, retention: limits.retentionMilliseconds)
    arrival.ends += 1
    touch.note(series[place])
  }
}

/// What an event touches: many series mostly have few selector lists and one cell.
private struct Touch {
  private var lists: Set<SelectorLists.Number> = []
  private var cells: Set<CellID> = []
  private var lastList: SelectorLists.Number?
  private var lastCell: CellID?

  mutating func note(_ series: StoredSeries) {
    if series.selectors != lastList {
      lists.insert(series.selectors)
      lastList = series.selectors
    }
    if series.cell != lastCell {
      cells.insert(series.cell)
      lastCell = series.cell
    }
  }

  func settle(_ arrival: inout Arrival, _ selectorLists: SelectorLists) {
    var touched: Set<SelectorID> = []
    for list in lists { touched.formUnion(selectorLists[list]) }
    arrival.touched = touched.sorted()
    arrival.cells = cells.sorted()
  }
}
