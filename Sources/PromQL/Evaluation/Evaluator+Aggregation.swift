import Model
import PromQLSyntax

extension Evaluator {
  func aggregate(
    _ node: PlannedAggregation, _ steps: Steps
  ) throws(EvaluationFailure) -> EvaluatedVector {
    var parameter: EvaluatedScalar?
    var text = ""
    if let plan = node.parameter {
      switch try evaluate(plan, steps) {
      case .scalar(let scalar): parameter = scalar
      case .string(let string): text = string
      default: preconditionFailure("the type checker let another parameter through")
      }
    }
    let input = try vector(node.input, steps)
    switch node.operation {
    case .countValues: return try countValues(input, node.grouping, label: text)
    case .topk, .bottomk, .limitk, .limitRatio:
      return try pick(input, node, parameter ?? .constant(.nan))
    default: break
    }
    let groups = group(input, node.grouping)
    var out = EvaluatedVector(steps: steps.count, rows: groups.rows, absentAt: groups.rows.count)
    try charge(out.values.count)
    if node.operation == .quantile {
      let quantile = parameter ?? .constant(.nan)
      warnOfQuantiles(quantile, node, steps)
      for step in 0..<steps.count { quantiles(input, groups, step, quantile[step], into: &out) }
      return out.withoutEmptyRows()
    }
    var accumulators = [GroupAccumulator?](repeating: nil, count: groups.rows.count)
    for step in 0..<steps.count {
      for index in accumulators.indices { accumulators[index] = nil }
      for row in input.rows.indices where input.isPresent(row, step) {
        let value = input[row, step]
        let place = groups.place[row]
        if accumulators[place] == nil {
          accumulators[place] = GroupAccumulator(first: value)
        } else {
          accumulators[place]?.add(value, for: node.operation)
        }
      }
      for (place, accumulator) in accumulators.enumerated() {
        if let accumulator { out[place, step] = accumulator.value(of: node.operation) }
      }
    }
    return out.withoutEmptyRows()
  }

  struct Groups {
    var rows: [Row] = []
    /// The group of each row of the input.
    var place: [Int] = []
  }

  func group(_ input: EvaluatedVector, _ grouping: Grouping) -> Groups {
    var known = RowGroups(LabelProjection(grouping))
    var groups = Groups()
    groups.place.reserveCapacity(input.rows.count)
    for row in input.rows {
      let place = known.place(of: row)
      if place == groups.rows.count {
        groups.rows.append(Row(labels: known.projection.labels(of: row)))
      }
      if row.dropsName { groups.rows[place].dropsName = true }
      groups.place.append(place)
    }
    return groups
  }

  private func warnOfQuantiles(
    _ quantile: EvaluatedScalar, _ node: PlannedAggregation, _ steps: Steps
  ) {
    let values = (0..<steps.count).map { quantile[$0] }
    var wrong: [Double] = []
    if values.contains(where: \.isNaN) { wrong.append(.nan) }
    let numbers = values.filter { !$0.isNaN }
    if let largest = numbers.max(), largest > 1 { wrong.append(largest) }
    if let smallest = numbers.min(), smallest < 0 { wrong.append(smallest) }
    for value in wrong {
      log.add(
        .warning, "quantile value should be between 0 and 1, got \(GoText.general(value))",
        at: node.parameterRange ?? node.range)
    }
  }

  private func quantiles(
    _ input: EvaluatedVector, _ groups: Groups, _ step: Int, _ quantile: Double,
    into out: inout EvaluatedVector
  ) {
    var values = [[Double]](repeating: [], count: groups.rows.count)
    for row in input.rows.indices where input.isPresent(row, step) {
      values[groups.place[row]].append(input[row, step])
    }
    for place in values.indices where !values[place].isEmpty {
      out[place, step] = Quantile.value(quantile, of: values[place])
    }
  }

  private func countValues(
    _ input: EvaluatedVector, _ grouping: Grouping, label: String
  ) throws(EvaluationFailure) -> EvaluatedVector {
    guard LabelText.isName(label) else {
      throw .refused("invalid label name \(GoText.quoted(label))")
    }
    var grouping = grouping
    if !grouping.isWithout { grouping.names.append(label) }
    let projection = LabelProjection(grouping)
    var out = EvaluatedVector(steps: input.steps)
    var places: [Labels: Int] = [:]
    for step in 0..<input.steps {
      for row in input.rows.indices where input.isPresent(row, step) {
        let valued = input.rows[row].labels.setting(label, to: GoText.fixed(input[row, step]))
        let labels = projection.labels(of: Row(labels: valued))
        let place = places[labels] ?? out.rows.count
        if place == out.rows.count {
          places[labels] = place
          try charge(input.steps)
          out.append(
            Row(labels: labels), repeatElement(EvaluatedVector.absent, count: input.steps))
        }
        out[place, step] = out.isPresent(place, step) ? out[place, step] + 1 : 1
      }
    }
    return out
  }
}

/// What one group has added up to at one step.
struct GroupAccumulator {
  private var value: Double
  private var sum: CompensatedSum
  private var mean: CompensatedMean
  private var count = 1.0
  private var runningMean: Double
  private var squares: Double

  init(first: Double) {
    value = first
    sum = CompensatedSum(first)
    mean = CompensatedMean(first: first)
    runningMean = first
    squares = first.isFinite ? 0 : .nan
  }

  mutating func add(_ next: Double, for operation: AggregationOperator) {
    count += 1
    switch operation {
    case .sum: sum.add(next)
    case .avg: mean.add(next)
    case .max: if value < next || value.isNaN { value = next }
    case .min: if value > next || value.isNaN { value = next }
    case .stddev, .stdvar:
      // Welford's method.
      let delta = next - runningMean
      runningMean += delta / count
      squares += delta * (next - runningMean)
    default: break
    }
  }

  func value(of operation: AggregationOperator) -> Double {
    switch operation {
    case .sum: sum.value
    case .avg: mean.value
    case .count: count
    case .group: 1
    case .stdvar: squares / count
    case .stddev: (squares / count).squareRoot()
    default: value
    }
  }
}

/// Quantiles of a list of numbers.
enum Quantile {
  /// The φ-quantile, between two values by weight; NaN sorts first.
  static func value(_ quantile: Double, of values: [Double]) -> Double {
    if values.isEmpty || quantile.isNaN { return .nan }
    if quantile < 0 { return -.infinity }
    if quantile > 1 { return .infinity }
    let sorted = values.sorted { $0.isNaN ? !$1.isNaN : $0 < $1 }
    let rank = quantile * Double(sorted.count - 1)
    let lower = max(0, rank.rounded(.down))
    let upper = min(Double(sorted.count - 1), lower + 1)
    let weight = rank - rank.rounded(.down)
    return sorted[Int(lower)] * (1 - weight) + sorted[Int(upper)] * weight
  }
}
