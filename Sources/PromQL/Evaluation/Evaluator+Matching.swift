import Model
import PromQLSyntax

extension Evaluator {
  /// An operator between two vectors, element by element.
  func match(
    _ node: PlannedOperation, _ left: EvaluatedVector, _ right: EvaluatedVector
  ) throws(EvaluationFailure) -> EvaluatedVector {
    let matching = node.matching ?? VectorMatching()
    var pairing = Pairing(evaluator: self, node: node, matching: matching, left: left, right: right)
    let isUnique = pairing.naming != .looked
    return try merged(try pairing.run(), isUnique: isUnique)
  }
}

/// The pairing of two vectors at every step. `many` is the side of which several elements may meet
/// one of the other; for one-to-one it is the left.
private struct Pairing {
  let evaluator: Evaluator
  let node: PlannedOperation
  let matching: VectorMatching
  let isSwapped: Bool
  let many: EvaluatedVector
  let one: EvaluatedVector
  let manyPlaces: [Int]
  let onePlaces: [Int]
  let signatureCount: Int
  let steps: Int
  /// Whether anything can match at a step: upstream stops at once where a side is empty.
  private var isLive: [Bool]
  /// The row of `one` by signature and step, −1 for none.
  private var oneRow: [Int]
  /// Signatures that found a partner, by step.
  private var isMatched: [Bool]
  private var out: EvaluatedVector
  private var outPlaces: [OutputKey: Int] = [:]
  /// How the row of a pair's result is found.
  let naming: Naming
  /// Makes the labels of results.
  private var resultLabels: RowLabels
  /// Set the labels that `group_left` or `group_right` takes from the one side.
  private var setters: [LabelSetter]
  /// The result's row by the row of `many` or by signature, −1 for none.
  private var knownPlaces: [Int] = []

  enum Naming {
    /// Each row of `many` has a row of its own in the result, with the same labels.
    case own
    /// Each signature has a row in the result.
    case bySignature
    /// Labels are made for each pair, and looked up.
    case looked
  }
  /// Pairs made by output row and step, kept by the comparison or not.
  private var attempted: [Bool] = []

  private struct OutputKey: Hashable {
    var signature: Int
    var labels: Labels
  }

  init(
    evaluator: Evaluator, node: PlannedOperation, matching: VectorMatching, left: EvaluatedVector,
    right: EvaluatedVector
  ) {
    self.evaluator = evaluator
    self.node = node
    self.matching = matching
    isSwapped = matching.cardinality == .oneToMany
    resultLabels =
      matching.cardinality == .oneToOne
      ? RowLabels(LabelProjection(resultOf: matching)) : RowLabels.whole
    setters = matching.include.map(LabelSetter.init)
    let signatures = MatchSignatures(left, right, matching)
    (many, one) = isSwapped ? (right, left) : (left, right)
    (manyPlaces, onePlaces) =
      isSwapped ? (signatures.right, signatures.left) : (signatures.left, signatures.right)
    signatureCount = signatures.count
    steps = left.steps
    let fills = matching.fillLeft != nil || matching.fillRight != nil
    naming = Self.naming(
      matching, node.operation, returnsBool: node.returnsBool, many: many,
      canRepeat: fills || evaluator.limits.delaysNameRemoval)
    if naming != .looked {
      let count = naming == .own ? many.rows.count : signatureCount
      knownPlaces = [Int](repeating: -1, count: count)
    }
    func anyPresent(_ vector: EvaluatedVector) -> [Bool] {
      var out = [Bool](repeating: false, count: vector.steps)
      for row in vector.rows.indices {
        for step in out.indices where vector.isPresent(row, step) { out[step] = true }
      }
      return out
    }
    isLive = zip(anyPresent(left), anyPresent(right)).map { fills ? $0 || $1 : $0 && $1 }
    oneRow = [Int](repeating: -1, count: signatureCount * steps)
    isMatched = [Bool](repeating: false, count: signatureCount * steps)
    out = EvaluatedVector(steps: left.steps)
  }

  /// Rows of a vector differ in their labels, and still do without their name if all have the same.
  private static func naming(
    _ matching: VectorMatching, _ operation: BinaryOperator, returnsBool: Bool,
    many: EvaluatedVector, canRepeat: Bool
  ) -> Naming {
    guard !canRepeat, matching.include.isEmpty, many.rows.haveOneName else { return .looked }
    let isWhole =
      matching.cardinality != .oneToOne || (!matching.isOn && matching.labels.isEmpty)
    return isWhole ? .own : .bySignature
  }

  mutating func run() throws(EvaluationFailure) -> EvaluatedVector {
    try placeOne()
    let fillOne = matching.fillRight
    for row in many.rows.indices {
      let signature = manyPlaces[row]
      var last: (partner: Int, place: Int)?
      for step in 0..<steps where many.isPresent(row, step) && isLive[step] {
        let partner = oneRow[signature * steps + step]
        guard partner >= 0 || fillOne != nil else { continue }
        let place: Int
        if let last, last.partner == partner {
          place = last.place
        } else {
          place = try outputRow(signature, row, partner)
          last = (partner, place)
        }
        let oneValue = partner >= 0 ? one[partner, step] : fillOne ?? .nan
        try pair(many[row, step], oneValue, signature, step, place)
      }
    }
    try fillMany()
    return out.withoutEmptyRows()
  }

  /// Finds the element of the one side for each signature and step.
  private mutating func placeOne() throws(EvaluationFailure) {
    var duplicate: (step: Int, row: Int, of: Int)?
    for row in one.rows.indices {
      for step in 0..<steps where one.isPresent(row, step) && isLive[step] {
        let place = onePlaces[row] * steps + step
        if oneRow[place] < 0 {
          oneRow[place] = row
        } else if duplicate.map({ step < $0.step }) ?? true {
          duplicate = (step, row, oneRow[place])
        }
      }
    }
    guard let duplicate else { return }
    let labels = one.rows[duplicate.row].labels
    let side = isSwapped ? "left" : "right"
    throw .refused(
      "found duplicate series for the match group \(matching.group(of: labels).goText) on the "
        + "\(side) hand-side of the operation: [\(labels.goText), "
        + "\(one.rows[duplicate.of].labels.goText)];many-to-many matching not allowed: matching "
        + "labels must be unique on one side")
  }

  /// Pairs the elements of the one side that met none with the fill value.
  private mutating func fillMany() throws(EvaluationFailure) {
    guard let fill = matching.fillLeft else { return }
    for row in one.rows.indices {
      let signature = onePlaces[row]
      for step in 0..<steps
      where one.isPresent(row, step) && isLive[step] && !isMatched[signature * steps + step] {
        let labels = one.rows[row].labels
        let place = try outputRow(
          signature, many: matching.signature(of: labels), one: labels)
        try pair(fill, one[row, step], signature, step, place)
      }
    }
  }

  private mutating func outputRow(
    _ signature: Int, _ row: Int, _ partner: Int
  ) throws(EvaluationFailure) -> Int {
    if naming == .looked {
      let labels = many.rows[row].labels
      let other = partner >= 0 ? one.rows[partner].labels : matching.signature(of: labels)
      return try outputRow(signature, many: labels, one: other)
    }
    let known = naming == .own ? row : signature
    if knownPlaces[known] >= 0 { return knownPlaces[known] }
    var result = many.rows[row]
    result.dropsName = false
    if node.operation.changesMeaning { result.dropNameNow() }
    if naming == .bySignature { result.labels = resultLabels.labels(of: result) }
    knownPlaces[known] = out.rows.count
    return try append(result)
  }

  private mutating func append(_ row: Row) throws(EvaluationFailure) -> Int {
    var row = row
    if node.returnsBool { evaluator.dropName(&row) }
    try evaluator.charge(steps)
    out.append(row, repeatElement(EvaluatedVector.absent, count: steps))
    attempted.append(contentsOf: repeatElement(false, count: steps))
    return out.rows.count - 1
  }

  private mutating func outputRow(
    _ signature: Int, many: Labels, one: Labels
  ) throws(EvaluationFailure) -> Int {
    var whole = Row(labels: many)
    if node.operation.changesMeaning { whole.dropNameNow() }
    var labels = resultLabels.labels(of: whole)
    for index in setters.indices {
      labels = setters[index].setting(labels, to: one[setters[index].name] ?? "")
    }
    var row = Row(labels: labels)
    if node.returnsBool { evaluator.dropName(&row) }
    let key = OutputKey(signature: signature, labels: row.labels)
    if let known = outPlaces[key] { return known }
    outPlaces[key] = out.rows.count
    return try append(Row(labels: labels))
  }

  private mutating func pair(
    _ manyValue: Double, _ oneValue: Double, _ signature: Int, _ step: Int, _ place: Int
  ) throws(EvaluationFailure) {
    if node.operation.isTrim {
      evaluator.informOfTrim(node)
      return
    }
    if matching.cardinality == .oneToOne {
      if isMatched[signature * steps + step] {
        throw .refused(
          "multiple matches for labels: many-to-one matching must be explicit "
            + "(group_left/group_right)")
      }
    } else if attempted[place * steps + step] {
      throw .refused("multiple matches for labels: grouping labels must ensure unique matches")
    }
    isMatched[signature * steps + step] = true
    attempted[place * steps + step] = true
    let (left, right) = isSwapped ? (oneValue, manyValue) : (manyValue, oneValue)
    let holds = node.operation.holds(left, right)
    if node.returnsBool {
      out[place, step] = holds ? 1 : 0
    } else if holds {
      out[place, step] = node.operation.value(left, right)
    }
  }
}

extension VectorMatching {
  /// The labels named in the error about duplicates (`Labels.MatchLabels`).
  fileprivate func group(of labels: Labels) -> Labels { signature(of: labels) }
}

extension Labels {
  /// As `labels.Labels.String()` prints a set: `{a="b", c="d"}` with the metric name among them.
  var goText: String {
    "{" + map { "\($0.name)=\(GoText.quoted($0.value))" }.joined(separator: ", ") + "}"
  }
}
