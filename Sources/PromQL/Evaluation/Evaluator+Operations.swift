import Glibc
import Model
import PromQLSyntax

extension BinaryOperator {
  /// The value for two numbers; a comparison gives the left one.
  func value(_ left: Double, _ right: Double) -> Double {
    switch self {
    case .add: left + right
    case .subtract: left - right
    case .multiply: left * right
    case .divide: left / right
    case .modulo: fmod(left, right)
    case .power: pow(left, right)
    case .atan2: Glibc.atan2(left, right)
    default: left
    }
  }

  /// Whether a comparison holds; every other operator does.
  func holds(_ left: Double, _ right: Double) -> Bool {
    switch self {
    case .equal: left == right
    case .notEqual: left != right
    case .less: left < right
    case .lessOrEqual: left <= right
    case .greater: left > right
    case .greaterOrEqual: left >= right
    default: true
    }
  }

  /// Whether the result means something else than the operands, so that their name must go.
  var changesMeaning: Bool {
    switch self {
    case .add, .subtract, .multiply, .divide, .modulo, .power, .atan2: true
    default: false
    }
  }

  /// Trimming of native histograms, which numbers cannot be.
  var isTrim: Bool { self == .trimUpper || self == .trimLower }
}

extension Evaluator {
  func operate(
    _ node: PlannedOperation, _ steps: Steps
  ) throws(EvaluationFailure) -> EvaluatedValue {
    // `a + b + c …` leans to the left: it is walked, however long, not descended.
    var chain = [node]
    while case .operation(let left) = chain[chain.count - 1].left { chain.append(left) }
    var value = try evaluate(chain[chain.count - 1].left, steps)
    for operation in chain.reversed() {
      value = try operate(operation, value, try evaluate(operation.right, steps), steps)
    }
    return value
  }

  private func operate(
    _ node: PlannedOperation, _ left: EvaluatedValue, _ right: EvaluatedValue, _ steps: Steps
  ) throws(EvaluationFailure) -> EvaluatedValue {
    switch (left, right) {
    case (.scalar(let left), .scalar(let right)): return .scalar(operate(node, left, right, steps))
    case (.vector(let left), .scalar(let right)):
      return .vector(try operate(node, left, right, scalarIsLeft: false))
    case (.scalar(let left), .vector(let right)):
      return .vector(try operate(node, right, left, scalarIsLeft: true))
    case (.vector(let left), .vector(let right)):
      if node.operation.isSet { return .vector(try combine(node, left, right)) }
      return .vector(try match(node, left, right))
    default: preconditionFailure("the type checker let other operands through")
    }
  }

  private func operate(
    _ node: PlannedOperation, _ left: EvaluatedScalar, _ right: EvaluatedScalar, _ steps: Steps
  ) -> EvaluatedScalar {
    func value(_ left: Double, _ right: Double) -> Double {
      node.operation.isComparison
        ? (node.operation.holds(left, right) ? 1 : 0) : node.operation.value(left, right)
    }
    if case .constant(let left) = left, case .constant(let right) = right {
      return .constant(value(left, right))
    }
    return .varying((0..<steps.count).map { value(left[$0], right[$0]) })
  }

  private func operate(
    _ node: PlannedOperation, _ vector: EvaluatedVector, _ scalar: EvaluatedScalar,
    scalarIsLeft: Bool
  ) throws(EvaluationFailure) -> EvaluatedVector {
    var vector = vector
    if node.operation.isTrim {
      if !vector.rows.isEmpty { informOfTrim(node) }
      return EvaluatedVector(steps: vector.steps)
    }
    if case .constant(let scalar) = scalar, !node.operation.isComparison {
      let operation = node.operation
      vector.mapValues {
        scalarIsLeft ? operation.value(scalar, $0) : operation.value($0, scalar)
      }
    } else {
      compute(node, &vector, scalar, scalarIsLeft)
    }
    guard node.operation.changesMeaning || node.returnsBool else {
      return vector.withoutEmptyRows()
    }
    let isUnique = dropNames(&vector)
    return try merged(vector, isUnique: isUnique)
  }

  private func compute(
    _ node: PlannedOperation, _ vector: inout EvaluatedVector, _ scalar: EvaluatedScalar,
    _ scalarIsLeft: Bool
  ) {
    let steps = vector.steps
    for row in vector.rows.indices {
      for step in 0..<steps where vector.isPresent(row, step) {
        let value = vector[row, step]
        let (left, right) = scalarIsLeft ? (scalar[step], value) : (value, scalar[step])
        var result = node.operation.value(left, right)
        if node.operation.isComparison {
          let holds = node.operation.holds(left, right)
          if node.returnsBool {
            result = holds ? 1 : 0
          } else {
            result = holds ? value : EvaluatedVector.absent
          }
        }
        vector[row, step] = result
      }
    }
  }

  func informOfTrim(_ node: PlannedOperation) {
    log.add(
      .info,
      "incompatible sample types encountered for binary operator "
        + "\(GoText.quoted(node.operation.rawValue)): float \(node.operation.rawValue) float",
      at: node.range)
  }

  // MARK: Set operators

  private func combine(
    _ node: PlannedOperation, _ left: EvaluatedVector, _ right: EvaluatedVector
  ) throws(EvaluationFailure) -> EvaluatedVector {
    let signatures = MatchSignatures(left, right, node.matching ?? VectorMatching())
    let steps = left.steps
    func presence(_ vector: EvaluatedVector, _ places: [Int]) -> [Bool] {
      var out = [Bool](repeating: false, count: signatures.count * steps)
      for row in vector.rows.indices {
        for step in 0..<steps where vector.isPresent(row, step) {
          out[places[row] * steps + step] = true
        }
      }
      return out
    }
    var out = left
    if node.operation == .or {
      let taken = presence(left, signatures.left)
      for row in right.rows.indices {
        let place = signatures.right[row] * steps
        let first = out.values.count
        out.append(right.rows[row], right.values[row * steps..<(row + 1) * steps])
        for step in 0..<steps where taken[place + step] {
          out.values[first + step] = EvaluatedVector.absent
        }
      }
    } else {
      let present = presence(right, signatures.right)
      let wanted = node.operation == .and
      for row in left.rows.indices {
        let place = signatures.left[row] * steps
        for step in 0..<steps where present[place + step] != wanted {
          out.values[row * steps + step] = EvaluatedVector.absent
        }
      }
    }
    // Elements of `or` with equal labels have equal signatures: at one step only one is left.
    let isUnique = !limits.delaysNameRemoval && (node.operation != .or || steps == 1)
    return try merged(out.withoutEmptyRows(), isUnique: isUnique)
  }
}

/// Numbers the groups of rows that may be paired: those on either side with equal matching labels.
struct MatchSignatures {
  private(set) var left: [Int] = []
  private(set) var right: [Int] = []
  private(set) var count = 0

  init(_ left: EvaluatedVector, _ right: EvaluatedVector, _ matching: VectorMatching) {
    var known = RowGroups(LabelProjection(matching))
    self.left = known.places(of: left.rows)
    self.right = known.places(of: right.rows)
    count = known.count
  }
}

extension VectorMatching {
  private func lists(_ name: String) -> Bool { labels.contains { Bytes.equal($0, name) } }

  /// The labels by which elements are paired.
  func signature(of labels: Labels) -> Labels {
    isOn
      ? labels.filtered(lists)
      : labels.filtered { !lists($0) && !Bytes.equal($0, Labels.metricName) }
  }
}
