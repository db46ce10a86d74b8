import Model

extension SeriesStore {
  /// A selector whose series are kept known from now on; equal matchers share one. Each call is to
  /// be balanced by `release`.
  package mutating func standing(_ matchers: [LabelMatcher]) -> SelectorID {
    if let known = standingIndex[matchers] {
      standing[Int(known.index)].uses += 1
      return known
    }
    var selector = StandingSelector(matchers: matchers, uses: 1)
    let place = standing.firstIndex { $0.uses == 0 } ?? standing.count
    let id = SelectorID(index: Int32(place))
    for candidate in candidates(matchers) where matchers.allMatch(series[Int(candidate)].labels) {
      selector.members.insert(candidate, series[Int(candidate)].cell)
      var list = selectorLists[series[Int(candidate)].selectors]
      list.insert(id, at: list.firstIndex { $0 > id } ?? list.endIndex)
      series[Int(candidate)].selectors = selectorLists.number(of: list)
    }
    if place == standing.count { standing.append(selector) } else { standing[place] = selector }
    standingIndex[matchers] = id
    if let metric = requiredMetric(of: matchers) {
      standingByMetric[metric, default: []].append(id)
    } else {
      standingElsewhere.append(id)
    }
    selectorGeneration += 1
    return id
  }

  /// Gives a standing selector up; when nobody else has it, it is forgotten.
  package mutating func release(_ id: SelectorID) {
    let place = Int(id.index)
    guard standing.indices.contains(place), standing[place].uses > 0 else { return }
    standing[place].uses -= 1
    guard standing[place].uses == 0 else { return }
    let matchers = standing[place].matchers
    for member in standing[place].members.parts.lazy.flatMap(\.places) {
      let list = selectorLists[series[Int(member)].selectors].filter { $0 != id }
      series[Int(member)].selectors = selectorLists.number(of: list)
    }
    if selectorLists.count > 2 * Self.manySelectorLists { renumberSelectorLists() }
    standing[place] = StandingSelector(matchers: [])
    standingIndex[matchers] = nil
    if let metric = requiredMetric(of: matchers) {
      standingByMetric[metric]?.removeAll { $0 == id }
      if standingByMetric[metric]?.isEmpty == true { standingByMetric[metric] = nil }
    } else {
      standingElsewhere.removeAll { $0 == id }
    }
    selectorGeneration += 1
  }

  private static let manySelectorLists = 1024

  /// Forgets the lists that no series has.
  private mutating func renumberSelectorLists() {
    var fresh = SelectorLists()
    for place in series.indices {
      series[place].selectors = fresh.number(of: selectorLists[series[place].selectors])
    }
    selectorLists = fresh
  }

  /// The sources that feed a standing selector's series; recorded series have none.
  package func sources(of id: SelectorID) -> Set<SourceID> {
    var numbers = Set<Int32>()
    for part in standing[Int(id.index)].members.parts {
      for place in part.places { numbers.insert(series[Int(place)].source) }
    }
    return Set(numbers.filter { $0 >= 0 }.map { layouts[Int($0)].source })
  }

  /// Enters a new series into the selectors that accept it.
  mutating func enlist(_ place: Int32) {
    let labels = series[Int(place)].labels
    let accepting = ((standingByMetric[labels.name] ?? []) + standingElsewhere)
      .filter { standing[Int($0.index)].matchers.allMatch(labels) }.sorted()
    guard !accepting.isEmpty else { return }
    let cell = series[Int(place)].cell
    for id in accepting { standing[Int(id.index)].members.insert(place, cell) }
    series[Int(place)].selectors = selectorLists.number(of: accepting)
    selectorGeneration += 1
  }

  /// Indices of the series that may match, ascending.
  func candidates(_ matchers: [LabelMatcher]) -> [Int32] {
    if let metric = requiredMetric(of: matchers) { return byMetric[metric] ?? [] }
    return series.indices.lazy.filter { series[$0].ring.buffer != nil }.map { Int32($0) }
  }

  /// Whether a selector is kept as a standing one.
  func isStanding(_ id: SelectorID) -> Bool {
    standing.indices.contains(Int(id.index)) && standing[Int(id.index)].uses > 0
  }

  /// Calls `body` with the places of the series that all matchers accept, part by part, until it
  /// says false; `cells` nil means all of them.
  func visitMembers(
    _ matchers: [LabelMatcher], standing id: SelectorID?, cells: [CellID]?,
    _ body: ([Int32]) -> Bool
  ) {
    if let id, isStanding(id) {
      let members = standing[Int(id.index)].members
      if let cells {
        for cell in cells where !body(members.places(in: cell)) { return }
      } else {
        for part in members.parts where !body(part.places) { return }
      }
      return
    }
    _ = body(
      candidates(matchers).filter { place in
        matchers.allMatch(series[Int(place)].labels)
          && cells?.contains(series[Int(place)].cell) ?? true
      })
  }

  /// Places of the series that all matchers accept, ascending.
  func members(_ matchers: [LabelMatcher]) -> [Int32] {
    candidates(matchers).filter { matchers.allMatch(series[Int($0)].labels) }
  }
}
