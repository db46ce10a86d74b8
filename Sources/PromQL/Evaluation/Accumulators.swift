import PromQLSyntax

extension Evaluator {
  /// Adds up the rows of each group at every step.
  func accumulated(
    _ input: EvaluatedVector, _ groups: Groups, _ operation: AggregationOperator
  ) -> EvaluatedVector {
    switch operation {
    case .sum: accumulated(SumAccumulator.self, input, groups)
    case .avg: accumulated(MeanAccumulator.self, input, groups)
    case .min: accumulated(LeastAccumulator.self, input, groups)
    case .max: accumulated(GreatestAccumulator.self, input, groups)
    case .count: accumulated(CountAccumulator.self, input, groups)
    case .stddev: accumulated(DeviationAccumulator.self, input, groups)
    case .stdvar: accumulated(VarianceAccumulator.self, input, groups)
    default: accumulated(PresenceAccumulator.self, input, groups)
    }
  }

  /// Compiled once for each kind, so that nothing is asked of the kind at every value.
  private func accumulated<Accumulator: GroupAccumulator>(
    _ kind: Accumulator.Type, _ input: EvaluatedVector, _ groups: Groups
  ) -> EvaluatedVector {
    let steps = input.steps
    var cells = [Accumulator](repeating: Accumulator(), count: groups.rows.count * steps)
    cells.withUnsafeMutableBufferPointer { cells in
      input.values.withUnsafeBufferPointer { values in
        for (row, place) in groups.place.enumerated() {
          let (from, to) = (row * steps, place * steps)
          for step in 0..<steps where !EvaluatedVector.isAbsent(values[from + step]) {
            cells[to + step].add(values[from + step])
          }
        }
      }
    }
    let values = cells.map { $0.isEmpty ? EvaluatedVector.absent : $0.value }
    return EvaluatedVector(steps: steps, rows: groups.rows, values: values).withoutEmptyRows()
  }
}

/// What one group has added up to at one step.
private protocol GroupAccumulator {
  init()
  /// Nothing was added yet, and there is no value.
  var isEmpty: Bool { get }
  var value: Double { get }
  mutating func add(_ next: Double)
}

private struct SumAccumulator: GroupAccumulator {
  private var sum = CompensatedSum()
  var isEmpty = true
  var value: Double { sum.value }

  @inline(__always)
  mutating func add(_ next: Double) {
    if isEmpty {
      sum = CompensatedSum(next)
      isEmpty = false
    } else {
      sum.add(next)
    }
  }
}

private struct MeanAccumulator: GroupAccumulator {
  private var mean = CompensatedMean(first: 0)
  var isEmpty = true
  var value: Double { mean.value }

  @inline(__always)
  mutating func add(_ next: Double) {
    if isEmpty {
      mean = CompensatedMean(first: next)
      isEmpty = false
    } else {
      mean.add(next)
    }
  }
}

private struct LeastAccumulator: GroupAccumulator {
  var value = 0.0
  var isEmpty = true

  @inline(__always)
  mutating func add(_ next: Double) {
    if isEmpty || value > next || value.isNaN { value = next }
    isEmpty = false
  }
}

private struct GreatestAccumulator: GroupAccumulator {
  var value = 0.0
  var isEmpty = true

  @inline(__always)
  mutating func add(_ next: Double) {
    if isEmpty || value < next || value.isNaN { value = next }
    isEmpty = false
  }
}

private struct CountAccumulator: GroupAccumulator {
  var value = 0.0
  var isEmpty: Bool { value == 0 }

  @inline(__always)
  mutating func add(_ next: Double) { value += 1 }
}

private struct PresenceAccumulator: GroupAccumulator {
  var isEmpty = true
  var value: Double { 1 }

  @inline(__always)
  mutating func add(_ next: Double) { isEmpty = false }
}

/// Welford's method.
private struct VarianceAccumulator: GroupAccumulator {
  private var count = 0.0
  private var mean = 0.0
  private var squares = 0.0
  var isEmpty: Bool { count == 0 }
  var value: Double { squares / count }

  @inline(__always)
  mutating func add(_ next: Double) {
    count += 1
    if count == 1 {
      mean = next
      squares = next.isFinite ? 0 : .nan
    } else {
      let delta = next - mean
      mean += delta / count
      squares += delta * (next - mean)
    }
  }
}

private struct DeviationAccumulator: GroupAccumulator {
  private var variance = VarianceAccumulator()
  var isEmpty: Bool { variance.isEmpty }
  var value: Double { variance.value.squareRoot() }

  @inline(__always)
  mutating func add(_ next: Double) { variance.add(next) }
}
