import Model
import PromQLSyntax

/// Labels from series that describe the target another series comes from (`promql/info.go`).
let infoFunctions: [PromQLFunction] = [
  PromQLFunction(
    "info", [.vector, .vector], variadic: 1, isExperimental: true,
    "Adds the labels of info series, such as `target_info`, of the same instance and job.",
    .whole { context throws(EvaluationFailure) in
      guard case .selector(let selector) = context.call.arguments[1].repeatedPart else {
        preconditionFailure("the plan gives `info` a selector of info series")
      }
      let base = try context.vector(0)
      // What counts of an info series is when its sample was taken: the newest wins.
      let times = try context.evaluator.select(selector, context.steps, givesTimes: true)
      var join = InfoJoin(context, selector, base, times)
      return .vector(try join.run())
    })
]

extension Plan {
  /// What a part that is evaluated once evaluates.
  fileprivate var repeatedPart: Plan { if case .once(let inner) = self { inner } else { self } }
}

/// The pairing of a vector with info series at every step.
private struct InfoJoin {
  /// Series of one target have these labels in common.
  static let identifying = ["instance", "job"]

  private let context: CallContext
  private let base: EvaluatedVector
  private let infos: EvaluatedVector
  /// Matchers of labels, the metric's name not among them.
  private let dataMatchers: [LabelMatcher]
  /// Rows that are info series themselves and stay as they are.
  private var isInfo: [Bool] = []
  private var metrics: [String] = []
  /// The metric and the target of each info series; nil: no row of the base comes from there.
  private var places: [(metric: Int, target: Int)?] = []
  /// The target of each row of the base, −1 where no info series has it.
  private var targets: [Int] = []
  private var targetCount = 0
  private var out: EvaluatedVector
  private var outPlaces: [Labels: Int] = [:]

  init(
    _ context: CallContext, _ selector: PlannedSelector, _ base: EvaluatedVector,
    _ infos: EvaluatedVector
  ) {
    self.context = context
    self.base = base
    self.infos = infos
    dataMatchers = selector.matchers.filter { !Bytes.equal($0.name, Labels.metricName) }
    out = EvaluatedVector(steps: base.steps)
    let nameMatchers = selector.matchers.filter { Bytes.equal($0.name, Labels.metricName) }
    isInfo = base.rows.map { row in
      nameMatchers.allSatisfy { $0.matches(row.labels.name) }
    }
    placeSeries()
  }

  private mutating func placeSeries() {
    var wanted: [String: Set<String>] = [:]
    for (row, isInfo) in zip(base.rows, isInfo) where !isInfo {
      for name in Self.identifying {
        if let value = row.labels[name] { wanted[name, default: []].insert(value) }
      }
    }
    var known: [Labels: Int] = [:]
    func target(of labels: Labels) -> Labels { labels.filtered(Self.identifying.contains) }
    for row in infos.rows {
      let labels = row.labels
      let isWanted =
        !wanted.isEmpty && wanted.allSatisfy { name, values in values.contains(labels[name] ?? "") }
      guard isWanted else {
        places.append(nil)
        continue
      }
      let metric = metrics.firstIndex(of: labels.name) ?? metrics.count
      if metric == metrics.count { metrics.append(labels.name) }
      let place = known[target(of: labels)] ?? known.count
      known[target(of: labels)] = place
      places.append((metric, place))
    }
    targets = base.rows.map { known[target(of: $0.labels)] ?? -1 }
    targetCount = known.count
  }

  mutating func run() throws(EvaluationFailure) -> EvaluatedVector {
    for step in 0..<base.steps {
      guard base.rows.indices.contains(where: { base.isPresent($0, step) }) else { continue }
      let current = try currentInfos(step)
      for row in base.rows.indices where base.isPresent(row, step) {
        var labels = base.rows[row].labels
        if !isInfo[row] {
          guard let enriched = try enriched(row, current) else { continue }
          labels = enriched
        }
        try set(labels, like: base.rows[row], step, base[row, step])
      }
    }
    return out
  }

  /// The newest info series by metric and target, −1 for none.
  private func currentInfos(_ step: Int) throws(EvaluationFailure) -> [Int] {
    var current = [Int](repeating: -1, count: metrics.count * targetCount)
    for row in infos.rows.indices where infos.isPresent(row, step) {
      guard let (metric, target) = places[row] else { continue }
      let place = metric * targetCount + target
      let other = current[place]
      if other >= 0, infos[other, step] == infos[row, step] {
        func shown(_ row: Int) -> String {
          "\(infos.rows[row].labels.goText) @ \(Int64((infos[row, step] * 1000).rounded()))"
        }
        throw .refused(
          "found duplicate series for info metric: existing \(shown(other)), new \(shown(row))")
      }
      if other < 0 || infos[other, step] < infos[row, step] { current[place] = row }
    }
    return current
  }

  /// The labels of a row with those of its info series; nil when it must have one and has none.
  private func enriched(_ row: Int, _ current: [Int]) throws(EvaluationFailure) -> Labels? {
    let labels = base.rows[row].labels
    var added = Labels()
    var isMatched = false
    for metric in metrics.indices where targets[row] >= 0 {
      let info = current[metric * targetCount + targets[row]]
      if info < 0 { continue }
      isMatched = true
      for label in infos.rows[info].labels where chooses(label.name) {
        if let present = added[label.name], !Bytes.equal(present, label.value) {
          throw .refused("conflicting label: \(label.name)")
        }
        if labels[label.name] == nil { added = added.setting(label.name, to: label.value) }
      }
    }
    if !isMatched, dataMatchers.contains(where: { !$0.matchesEmpty }) { return nil }
    return added.isEmpty ? labels : labels.overlaid(with: added)
  }

  private func chooses(_ name: String) -> Bool {
    if Bytes.equal(name, Labels.metricName) { return false }
    return dataMatchers.isEmpty || dataMatchers.contains { Bytes.equal($0.name, name) }
  }

  private mutating func set(
    _ labels: Labels, like row: Row, _ step: Int, _ value: Double
  ) throws(EvaluationFailure) {
    let place = outPlaces[labels] ?? out.rows.count
    if place == out.rows.count {
      outPlaces[labels] = place
      try context.evaluator.charge(out.steps)
      out.append(
        Row(labels: labels, dropsName: row.dropsName),
        repeatElement(EvaluatedVector.absent, count: out.steps))
    } else if out.isPresent(place, step) {
      throw .refused("vector cannot contain metrics with the same labelset")
    }
    out[place, step] = value
  }
}
