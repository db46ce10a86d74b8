import PromQLOracle
import PromQLSyntax

extension ExpressionGenerator {
  static let simpleAggregations: [AggregationOperator] = [
    .sum, .sum, .avg, .count, .min, .max, .group, .stddev, .stdvar,
  ]
  static let arithmetics: [BinaryOperator] = [
    .add, .subtract, .multiply, .divide, .modulo, .power, .atan2,
  ]
  static let comparisons = BinaryOperator.allCases.filter(\.isComparison)
  static let sets: [BinaryOperator] = [.and, .or, .unless]

  mutating func anyOperation() -> BinaryOperator {
    numbers.pick(Self.arithmetics + Self.comparisons + Self.sets)
  }

  // MARK: Aggregations

  /// An aggregation of a piece, by or without some of its labels or none; `labels` fixes them.
  mutating func aggregation(
    _ operation: AggregationOperator, of piece: Piece, isBy: Bool? = nil, labels: [String]? = nil
  ) -> Piece {
    var parameter = ""
    switch operation {
    case .topk, .bottomk: parameter = numbers.pick(["1", "2", "3", "5", "100", "0", "-1"]) + ", "
    case .quantile: parameter = quantile() + ", "
    case .countValues:
      parameter = "\"\(numbers.pick(["value", "job", "version"]))\", "
    default: break
    }
    // Ranked elements keep their labels.
    let ranks = operation == .topk || operation == .bottomk
    var chosen = labels ?? numbers.some(of: piece.labels)
    if isBy != nil, chosen.isEmpty { chosen = ["job"] }
    let by = isBy ?? numbers.chance(0.7)
    let clause =
      chosen.isEmpty && isBy == nil && (labels != nil || numbers.chance(0.5))
      ? "" : " \(by ? "by" : "without") (\(chosen.joined(separator: ", ")))"
    let kept = clause.isEmpty ? [] : by ? chosen : piece.labels.filter { !chosen.contains($0) }
    let inside = "(\(parameter)\(piece.text))"
    let text =
      numbers.chance(0.8)
      ? "\(operation.rawValue)\(clause)\(clause.isEmpty ? "" : " ")\(inside)"
      : "\(operation.rawValue)\(inside)\(clause)"
    return Piece(text, labels: ranks ? piece.labels : kept)
  }

  // MARK: Binary operators

  mutating func binary(_ operation: BinaryOperator, depth: Int) -> Piece {
    if operation.isComparison { return comparison(operation, depth: depth) }
    switch numbers.number(0...9) {
    case 0...2 where !operation.isSet: return withScalar(operation, depth: depth)
    case 3, 4: return matched(operation, isOn: numbers.chance(0.5), depth: depth)
    case 5 where !operation.isSet: return grouped(operation, numbers.chance(0.5))
    case 6: return unrelated(operation, depth: depth)
    default: return alike(operation, modifier: "", depth: depth)
    }
  }

  mutating func comparison(
    _ operation: BinaryOperator, depth: Int, isBool: Bool? = nil
  ) -> Piece {
    let modifier = isBool ?? numbers.chance(0.3) ? " bool" : ""
    if numbers.chance(0.6) {
      let shape = shape()
      let piece = keeping(shape, depth: depth)
      // Equality holds where values are few.
      let threshold =
        operation == .equal
        ? numbers.pick(["1", "0", "2", "1"])
        : "\(shape.typical * numbers.pick([0, 0.5, 1, 1.2]))"
      let text = "\(atom(piece)) \(operation.rawValue)\(modifier) \(threshold)"
      return Piece(text, labels: piece.labels, isAtom: false)
    }
    if numbers.chance(0.1) {
      let text = "\(scalar()) \(operation.rawValue) bool \(scalar())"
      return Piece("vector(\(text))", labels: [])
    }
    return alike(operation, modifier: modifier, depth: depth)
  }

  private mutating func withScalar(_ operation: BinaryOperator, depth: Int) -> Piece {
    let piece = vector(depth: depth)
    let other = scalar()
    let text =
      numbers.chance(0.7)
      ? "\(atom(piece)) \(operation.rawValue) \(other)"
      : "\(other) \(operation.rawValue) \(atom(piece))"
    return Piece(text, labels: piece.labels, isAtom: false)
  }

  /// Two vectors of one metric, whose elements pair one to one.
  private mutating func alike(
    _ operation: BinaryOperator, modifier: String, depth: Int
  ) -> Piece {
    let shape = shape()
    let (left, right) = (keeping(shape, depth: depth), keeping(shape, depth: depth))
    let text = "\(atom(left)) \(operation.rawValue)\(modifier) \(atom(right))"
    return Piece(text, labels: left.labels, isAtom: false)
  }

  /// Two vectors that may have nothing in common.
  private mutating func unrelated(_ operation: BinaryOperator, depth: Int) -> Piece {
    let (left, right) = (vector(depth: depth), vector(depth: depth))
    let text = "\(atom(left)) \(operation.rawValue) \(atom(right))"
    return Piece(text, labels: left.labels, isAtom: false)
  }

  /// Something that has the metric's elements, each once.
  private mutating func keeping(_ shape: MetricShape, depth: Int) -> Piece {
    let plain = numbers.chance(0.4) || depth == 0
    if plain { return selector(shape) }
    switch numbers.number(0...3) {
    case 0: return Piece("\(numbers.pick(Self.plainMaps))(\(shape.name))", labels: shape.labelNames)
    case 1: return Piece("\(shape.name) offset 5m", labels: shape.labelNames)
    default:
      let functions = Self.rangeFunctions.filter { $0 != "irate" }
      return Piece(
        "\(numbers.pick(functions))(\(shape.name)[\(numbers.pick(["2m", "5m", "10m"]))])",
        labels: shape.labelNames)
    }
  }

  /// Two vectors that pair on labels, or ignoring labels, mostly after both were aggregated.
  mutating func matched(_ operation: BinaryOperator, isOn: Bool, depth: Int) -> Piece {
    let key = numbers.pick([["job"], ["instance"], ["job", "instance"], []])
    let (left, right) = (keeping(shape(), depth: depth), keeping(shape(), depth: depth))
    let bool = operation.isComparison && numbers.chance(0.4) ? " bool" : ""
    if isOn {
      // Sets pair many to many.
      let free = operation.isSet && numbers.chance(0.6)
      let one = free || numbers.chance(0.05) ? left : aggregated(left, by: key)
      let two = free || numbers.chance(0.05) ? right : aggregated(right, by: key)
      let text =
        "\(atom(one)) \(operation.rawValue)\(bool) on (\(key.joined(separator: ", "))) \(atom(two))"
      return Piece(text, labels: key, isAtom: false)
    }
    let extra = numbers.pick(["code", "zone", "extra"])
    let one = aggregated(left, by: key)
    let two =
      numbers.chance(0.5)
      ? aggregated(right, by: key)
      : Piece(
        "label_replace(\(aggregated(right, by: key).text), \"\(extra)\", \"x\", \"\", \"\")",
        labels: key)
    let text = "\(atom(one)) \(operation.rawValue)\(bool) ignoring (\(extra)) \(atom(two))"
    return Piece(text, labels: key, isAtom: false)
  }

  private mutating func aggregated(_ piece: Piece, by key: [String]) -> Piece {
    let operation = numbers.pick([.sum, .max, .min, .count, .avg] as [AggregationOperator])
    return aggregation(operation, of: piece, isBy: true, labels: key.isEmpty ? ["job"] : key)
  }

  /// Many on one side, one on the other.
  mutating func grouped(_ operation: BinaryOperator, _ isLeft: Bool) -> Piece {
    let shape = shape { $0.labels.count > 2 }
    let many = keeping(shape, depth: 1)
    let one: Piece
    let include: String
    if numbers.chance(0.5) {
      one = Piece("build_info", labels: ["job", "instance", "version"])
      include = numbers.pick(["version", "version", ""])
    } else {
      one = aggregated(keeping(self.shape(), depth: 1), by: ["job", "instance"])
      include = numbers.pick(["", "", "version"])
    }
    let bool = operation.isComparison && numbers.chance(0.5) ? " bool" : ""
    let group = "\(isLeft ? "group_left" : "group_right") (\(include))"
    let pairing = "\(operation.rawValue)\(bool) on (job, instance) \(group)"
    let text =
      isLeft
      ? "\(atom(many)) \(pairing) \(atom(one))" : "\(atom(one)) \(pairing) \(atom(many))"
    return Piece(text, labels: shape.labelNames + [include].filter { !$0.isEmpty }, isAtom: false)
  }
}
