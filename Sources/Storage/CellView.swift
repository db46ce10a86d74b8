import Model

/// Some cells of a store, or all of it: what an evaluation of those cells alone reads.
package struct CellView: SeriesSource {
  let store: SeriesStore
  /// In order; nil for all.
  let cells: [CellID]?

  package var mayHaveMetadataLabels: Bool { store.mayHaveMetadataLabels }

  package func visit(
    _ matchers: [LabelMatcher], standing id: SelectorID?, after: Timestamp, through: Timestamp,
    dropsStale: Bool, _ body: (Labels, UnsafeBufferPointer<Sample>) -> Bool
  ) {
    var scratch = SampleScratch()
    // Read in place: a copy of a series would retain and release all it holds.
    store.series.withUnsafeBufferPointer { all in
      store.visitMembers(matchers, standing: id, cells: cells) { places in
        for place in places {
          let goesOn = scratch.visit(
            all[Int(place)], after: after, through: through, dropsStale: dropsStale, body)
          if !goesOn { return false }
        }
        return true
      }
    }
  }

  package func visitWindows(
    _ matchers: [LabelMatcher], standing id: SelectorID?, after: Timestamp, through: Timestamp,
    _ body: (Labels, SeriesWindow) -> Bool
  ) {
    var scratch = SampleScratch()
    let (from, to) = (after.milliseconds, through.milliseconds)
    store.series.withUnsafeBufferPointer { all in
      store.visitMembers(matchers, standing: id, cells: cells) { places in
        for place in places {
          let goesOn =
            if let ends = all[Int(place)].ring.ends(after: from, through: to) {
              body(all[Int(place)].labels, .ends(ends))
            } else {
              scratch.visit(
                all[Int(place)], after: after, through: through, dropsStale: true
              ) { body($0, .samples($1)) }
            }
          if !goesOn { return false }
        }
        return true
      }
    }
  }

  package func latest(
    _ matchers: [LabelMatcher], standing id: SelectorID?, after: Timestamp, through: Timestamp
  ) -> [LatestSample] {
    var out: [LatestSample] = []
    let (from, to) = (after.milliseconds, through.milliseconds)
    store.series.withUnsafeBufferPointer { all in
      store.visitMembers(matchers, standing: id, cells: cells) { places in
        out.reserveCapacity(out.count + places.count)
        for place in places {
          if let sample = all[Int(place)].ring.newest(after: from, through: to) {
            out.append(LatestSample(labels: all[Int(place)].labels, sample: sample))
          }
        }
        return true
      }
    }
    return out
  }
}

extension SeriesStore {
  /// Only these cells, which stand in order.
  package func view(of cells: [CellID]) -> CellView { CellView(store: self, cells: cells) }

  /// The cell in which series with these labels lie, nil when there is none.
  package func cell(of labels: Labels) -> CellID? { cells.cell(of: labels) }

  /// The cells of the instance that these labels name, whatever their job.
  package func cells(ofInstance labels: Labels) -> Set<CellID> {
    cells.cells(ofInstance: labels["instance"] ?? "")
  }

  /// The cells in which any of these standing selectors has series.
  package func cells(of selectors: [SelectorID]) -> Set<CellID> {
    var found: Set<CellID> = []
    for id in selectors where isStanding(id) {
      for part in standing[Int(id.index)].members.parts { found.insert(part.cell) }
    }
    return found
  }

  /// The cells that have an instance with one of these in common, in order.
  package func cells(sharingInstanceWith cells: Set<CellID>) -> [CellID] {
    self.cells.sharingInstance(with: cells)
  }
}
