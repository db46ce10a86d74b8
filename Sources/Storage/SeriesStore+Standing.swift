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
    selector.members = candidates(matchers).filter {
      matchers.allMatch(series[Int($0)].labels)
    }
    let place = standing.firstIndex { $0.uses == 0 } ?? standing.count
    let id = SelectorID(index: Int32(place))
    for member in selector.members {
      let position =
        series[Int(member)].selectors.firstIndex { $0 > id }
        ?? series[Int(member)].selectors.endIndex
      series[Int(member)].selectors.insert(id, at: position)
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
    for member in standing[place].members {
      series[Int(member)].selectors.removeAll { $0 == id }
    }
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

  /// The sources that feed a standing selector's series; recorded series have none.
  package func sources(of id: SelectorID) -> Set<SourceID> {
    let places = Set(standing[Int(id.index)].members.map { series[Int($0)].source })
    return Set(places.filter { $0 >= 0 }.map { layouts[Int($0)].source })
  }

  /// Enters a new series into the selectors that accept it.
  mutating func enlist(_ place: Int32) {
    let labels = series[Int(place)].labels
    let accepting = ((standingByMetric[labels.name] ?? []) + standingElsewhere)
      .filter { standing[Int($0.index)].matchers.allMatch(labels) }.sorted()
    guard !accepting.isEmpty else { return }
    for id in accepting { standing[Int(id.index)].members.insertAscending(place) }
    series[Int(place)].selectors = accepting
    selectorGeneration += 1
  }

  /// Indices of the series that may match, ascending.
  func candidates(_ matchers: [LabelMatcher]) -> [Int32] {
    if let metric = requiredMetric(of: matchers) { return byMetric[metric] ?? [] }
    return series.indices.lazy.filter { series[$0].ring.count > 0 }.map { Int32($0) }
  }

  /// Indices of the series that all matchers accept, ascending.
  func members(_ matchers: [LabelMatcher], standing id: SelectorID?) -> [Int32] {
    if let id, standing.indices.contains(Int(id.index)), standing[Int(id.index)].uses > 0 {
      return standing[Int(id.index)].members
    }
    return candidates(matchers).filter { matchers.allMatch(series[Int($0)].labels) }
  }
}
