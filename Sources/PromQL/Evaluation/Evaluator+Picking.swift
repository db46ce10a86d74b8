import Model
import PromQLSyntax

extension Evaluator {
  /// `topk`, `bottomk`, `limitk`, `limit_ratio`: some elements of each group, as they are.
  func pick(
    _ input: EvaluatedVector, _ node: PlannedAggregation, _ parameter: EvaluatedScalar
  ) throws(EvaluationFailure) -> EvaluatedVector {
    let numbers = (0..<input.steps).map { parameter[$0] }
    guard try checkParameters(numbers, node) else { return EvaluatedVector(steps: input.steps) }
    let groups = group(input, node.grouping)
    let members = groups.members
    var out = EvaluatedVector(steps: input.steps, rows: input.rows, absentAt: input.rows.count)
    var order: [Int] = []
    // Where a series stands between 0 and 1 is the same at every step.
    let shares =
      node.operation == .limitRatio
      ? input.rows.map { Double(LabelHash.value(of: $0.labels)) / Double(UInt64.max) } : []
    for step in 0..<input.steps {
      for group in members {
        let present = group.filter { input.isPresent($0, step) }
        let picked =
          node.operation == .limitRatio
          ? pick(present, shares, ratio: numbers[step])
          : pick(present, input, step, numbers[step], node.operation)
        for row in picked { out[row, step] = input[row, step] }
        order += picked
      }
    }
    // An instant query shows the order; a range query sorts by labels.
    if input.steps == 1 {
      var ordered = EvaluatedVector(steps: 1)
      for row in order { ordered.append(out.rows[row], CollectionOfOne(out[row, 0])) }
      return ordered
    }
    return out.withoutEmptyRows()
  }

  private func pick(_ rows: [Int], _ shares: [Double], ratio: Double) -> [Int] {
    let ratio = min(1, max(-1, ratio))
    if ratio == 0 { return [] }
    return rows.filter { ratio > 0 ? shares[$0] < ratio : shares[$0] >= 1 + ratio }
  }

  private func pick(
    _ rows: [Int], _ input: EvaluatedVector, _ step: Int, _ parameter: Double,
    _ operation: AggregationOperator
  ) -> [Int] {
    guard parameter >= 1 else { return [] }
    let count = min(Int(parameter), rows.count)
    if operation == .limitk { return Array(rows.prefix(count)) }
    let isTop = operation == .topk
    var heap = PickHeap(capacity: count) { (left: Double, right: Double) in
      left.isNaN || (isTop ? left < right : left > right)
    }
    for row in rows { heap.offer(row, input[row, step]) }
    return heap.best()
  }

  /// False when nothing will be picked at any step.
  private func checkParameters(
    _ numbers: [Double], _ node: PlannedAggregation
  ) throws(EvaluationFailure) -> Bool {
    let real = numbers.filter { !$0.isNaN }
    let hasNaN = real.count < numbers.count
    let largest = real.max() ?? .nan
    let smallest = real.min() ?? .nan
    if node.operation == .limitRatio {
      if !hasNaN, largest == 0, smallest == 0 { return false }
      if hasNaN { throw .refused("Ratio value is NaN") }
      for (value, cap) in [(largest, 1.0), (smallest, -1.0)]
      where cap > 0 ? value > cap : value < cap {
        log.add(
          .warning,
          "ratio value should be between -1 and 1, got \(GoText.general(value)), capping to "
            + GoText.general(cap), at: node.parameterRange ?? node.range)
      }
      return true
    }
    if !hasNaN, largest < 1 { return false }
    if hasNaN { throw .refused("Parameter value is NaN") }
    if smallest <= -9_223_372_036_854_775_808 {
      throw .refused("Scalar value \(GoText.general(smallest)) underflows int64")
    }
    if largest >= 9_223_372_036_854_774_784 {
      throw .refused("Scalar value \(GoText.general(largest)) overflows int64")
    }
    return true
  }
}

/// The best few of many, the worst of them on top. Which of two equal elements stays when room runs
/// out, and their order, are those of upstream's heap (Go's `container/heap`).
private struct PickHeap {
  private let capacity: Int
  private let isWorse: (Double, Double) -> Bool
  private var elements: [(row: Int, value: Double)] = []

  init(capacity: Int, isWorse: @escaping (Double, Double) -> Bool) {
    self.capacity = capacity
    self.isWorse = isWorse
  }

  mutating func offer(_ row: Int, _ value: Double) {
    if elements.count < capacity {
      elements.append((row, value))
      // Upstream pushes the first elements of `bottomk` and `topk` alike.
      siftUp(elements.count - 1)
    } else if isBetter(value, than: elements[0].value) {
      elements[0] = (row, value)
      siftDown(0)
    }
  }

  private func isBetter(_ value: Double, than worst: Double) -> Bool {
    worst.isNaN ? !value.isNaN : !value.isNaN && isWorse(worst, value)
  }

  private mutating func siftUp(_ start: Int) {
    var child = start
    while child > 0 {
      let parent = (child - 1) / 2
      guard isWorse(elements[child].value, elements[parent].value) else { return }
      elements.swapAt(child, parent)
      child = parent
    }
  }

  private mutating func siftDown(_ start: Int) {
    var parent = start
    while 2 * parent + 1 < elements.count {
      var child = 2 * parent + 1
      if child + 1 < elements.count, isWorse(elements[child + 1].value, elements[child].value) {
        child += 1
      }
      guard isWorse(elements[child].value, elements[parent].value) else { return }
      elements.swapAt(parent, child)
      parent = child
    }
  }

  /// The rows kept, the best first.
  func best() -> [Int] {
    let order = elements.indices.sorted { left, right in
      let (a, b) = (elements[left].value, elements[right].value)
      if a.isNaN || b.isNaN { return a.isNaN == b.isNaN ? left < right : b.isNaN }
      return a == b ? left < right : isWorse(b, a)
    }
    return order.map { elements[$0].row }
  }
}
