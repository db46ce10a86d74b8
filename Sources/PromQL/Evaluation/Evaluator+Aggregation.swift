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
    try charge(groups.rows.count * steps.count)
    if node.operation == .quantile {
      let quantile = parameter ?? .constant(.nan)
      warnOfQuantiles(quantile, node, steps)
      return quantiles(input, groups, quantile)
    }
    return accumulated(input, groups, node.operation)
  }

  struct Groups {
    var rows: [Row] = []
    /// The group of each row of the input.
    var place: [Int] = []

    /// The rows of each group, in order.
    var members: [[Int]] {
      var members = [[Int]](repeating: [], count: rows.count)
      for (row, place) in place.enumerated() { members[place].append(row) }
      return members
    }
  }

  func group(_ input: EvaluatedVector, _ grouping: Grouping) -> Groups {
    var known = RowGroups(LabelProjection(grouping))
    var groups = Groups()
    groups.place = known.places(of: input.rows)
    var labels = RowLabels(known.projection)
    groups.rows = known.first.map { Row(labels: labels.labels(of: $0)) }
    if limits.delaysNameRemoval {
      for (row, place) in zip(input.rows, groups.place) where row.dropsName {
        groups.rows[place].dropsName = true
      }
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
    _ input: EvaluatedVector, _ groups: Groups, _ quantile: EvaluatedScalar
  ) -> EvaluatedVector {
    var out = EvaluatedVector(steps: input.steps, rows: groups.rows, absentAt: groups.rows.count)
    let members = groups.members
    let largest = members.map(\.count).max() ?? 0
    withUnsafeTemporaryAllocation(of: Double.self, capacity: largest) { scratch in
      for (place, rows) in members.enumerated() {
        for step in 0..<input.steps {
          var count = 0
          for row in rows where input.isPresent(row, step) {
            scratch.initializeElement(at: count, to: input[row, step])
            count += 1
          }
          if count == 0 { continue }
          out[place, step] = Quantile.select(
            quantile[step], of: UnsafeMutableBufferPointer(rebasing: scratch[..<count]))
        }
      }
    }
    return out.withoutEmptyRows()
  }

  private func countValues(
    _ input: EvaluatedVector, _ grouping: Grouping, label: String
  ) throws(EvaluationFailure) -> EvaluatedVector {
    guard LabelText.isName(label) else {
      throw .refused("invalid label name \(GoText.quoted(label))")
    }
    // The label itself is set anew, unless it is one of those that `without` takes away.
    let isTaken =
      grouping.isWithout
      && (label == Labels.metricName || grouping.names.contains { Bytes.equal($0, label) })
    var rest = grouping
    if grouping.isWithout {
      rest.names.append(label)
    } else {
      rest.names.removeAll { Bytes.equal($0, label) }
    }
    let groups = group(input, rest)
    var out = EvaluatedVector(steps: input.steps)
    var places: [CountedValue: Int] = [:]
    for step in 0..<input.steps {
      for row in input.rows.indices where input.isPresent(row, step) {
        let value = input[row, step]
        let bits = isTaken ? 0 : value.isNaN ? Double.nan.bitPattern : value.bitPattern
        let key = CountedValue(group: groups.place[row], bits: bits)
        let place = places[key] ?? out.rows.count
        if place == out.rows.count {
          places[key] = place
          let labels = groups.rows[key.group].labels
          try charge(input.steps)
          out.append(
            Row(labels: isTaken ? labels : labels.setting(label, to: GoText.fixed(value))),
            repeatElement(EvaluatedVector.absent, count: input.steps))
        }
        out[place, step] = out.isPresent(place, step) ? out[place, step] + 1 : 1
      }
    }
    return out
  }

  private struct CountedValue: Hashable {
    var group: Int
    var bits: UInt64
  }
}
