import Model
import PromQLSyntax

/// What an expression measures, from the suffixes of metric names and the arithmetic on them: for
/// display, never for evaluation.
enum UnitInference {
  /// A quantity as powers of what it counts.
  private struct Dimension: Equatable {
    var bytes = 0
    var seconds = 0
    /// A plain count of things, of which the name says which.
    var counted: String?
    /// A unit that does not multiply: a point in time, a temperature, a share.
    var fixed: Unit?

    static let ratio = Dimension(fixed: .ratio)
  }

  static func unit(of expression: Expression) -> Unit {
    guard let found = dimension(expression) else { return .none }
    if let fixed = found.fixed { return fixed }
    switch (found.bytes, found.seconds) {
    case (1, 0): return .bytes
    case (1, -1): return .bytesPerSecond
    case (0, 1): return .seconds
    case (0, -1): return .perSecond
    case (0, 0): return found.counted == nil ? .ratio : .none
    default: return .none
    }
  }

  private static func dimension(_ expression: Expression) -> Dimension? {
    switch expression {
    case .vectorSelector(let selector): return selector.metric.flatMap(metric)
    case .matrixSelector(let node): return node.selector.metric.flatMap(metric)
    case .subquery(let node): return dimension(node.expression)
    case .parenthesized(let node): return dimension(node.expression)
    case .unary(let node): return dimension(node.expression)
    case .number(let node):
      return node.isDuration ? Dimension(seconds: 1) : nil
    case .string: return nil
    case .aggregation(let node): return aggregate(node)
    case .call(let node): return call(node)
    case .binary(let node): return binary(node)
    }
  }

  private static func metric(_ name: String) -> Dimension? {
    for suffix in ["_sum", "_total"] where name.hasSuffix(suffix) {
      return base(String(name.dropLast(suffix.count))) ?? Dimension(counted: name)
    }
    if name.hasSuffix("_bucket") { return base(String(name.dropLast(7))) }
    if name.hasSuffix("_count") { return Dimension(counted: name) }
    return base(name) ?? Dimension(counted: name)
  }

  private static func base(_ name: String) -> Dimension? {
    if name.hasSuffix("_timestamp_seconds") || name.hasSuffix("_cert_expiry")
      || name.hasSuffix("_time_seconds") && name.hasPrefix("node_")
    {
      return name.contains("io_time") || name.contains("read_time") || name.contains("write_time")
        ? Dimension(seconds: 1) : Dimension(fixed: .timestamp)
    }
    let units: [(String, Dimension)] = [
      ("_bytes", Dimension(bytes: 1)), ("_seconds", Dimension(seconds: 1)),
      ("_ratio", .ratio), ("_celsius", Dimension(fixed: .celsius)),
      ("_percent", Dimension(fixed: .percent)),
    ]
    return units.first { name.hasSuffix($0.0) }?.1
  }

  private static func aggregate(_ node: Aggregation) -> Dimension? {
    switch node.operation {
    case .count, .countValues, .group, .stdvar: nil
    default: dimension(node.expression)
    }
  }

  private static func call(_ node: FunctionCall) -> Dimension? {
    guard let last = node.arguments.last else {
      return node.name == "time" ? Dimension(fixed: .timestamp) : nil
    }
    switch node.name {
    case "rate", "irate", "deriv":
      guard var found = node.arguments.first.flatMap(dimension), found.fixed == nil else {
        return nil
      }
      found.seconds -= 1
      return found
    case "histogram_quantile":
      return RuleShape(last).metrics.first.flatMap(metric)
    case "quantile_over_time": return dimension(last)
    case "increase", "delta", "idelta", "abs", "ceil", "floor", "round", "clamp", "clamp_min",
      "clamp_max", "sort", "sort_desc", "avg_over_time", "min_over_time", "max_over_time",
      "sum_over_time", "last_over_time", "predict_linear", "scalar", "vector", "label_replace",
      "label_join", "sort_by_label", "sort_by_label_desc":
      return node.arguments.first.flatMap(dimension)
    case "timestamp": return Dimension(fixed: .timestamp)
    default: return nil
    }
  }

  private static func binary(_ node: BinaryOperation) -> Dimension? {
    let (left, right) = (dimension(node.left), dimension(node.right))
    switch node.operation {
    case .and, .unless, .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual:
      return node.returnsBool ? nil : left ?? right
    case .or: return left == right ? left : left ?? right
    case .add, .subtract:
      if left?.fixed == .timestamp, right?.fixed == .timestamp { return Dimension(seconds: 1) }
      if left?.fixed == .timestamp { return left }
      if left == nil || right == nil { return left ?? right }
      return left == right ? left : nil
    case .divide: return divide(node, left, right)
    case .multiply: return multiply(node, left, right)
    default: return nil
    }
  }

  private static func divide(
    _ node: BinaryOperation, _ left: Dimension?, _ right: Dimension?
  ) -> Dimension? {
    guard let left, let right else {
      // A plain number changes the scale, and with it the name of the unit.
      return nil
    }
    if left.fixed != nil || right.fixed != nil {
      return left.fixed == right.fixed && left.fixed != .timestamp ? .ratio : nil
    }
    if (left.bytes, left.seconds) == (right.bytes, right.seconds) {
      // Counts of the same things, or rates of any, are shares; counts of different things are not.
      let isShare =
        left.bytes != 0 || left.seconds != 0 || left.counted == right.counted
      return isShare ? .ratio : nil
    }
    return Dimension(bytes: left.bytes - right.bytes, seconds: left.seconds - right.seconds)
  }

  private static func multiply(
    _ node: BinaryOperation, _ left: Dimension?, _ right: Dimension?
  ) -> Dimension? {
    if isHundred(node.left), right?.fixed == .ratio { return Dimension(fixed: .percent) }
    if isHundred(node.right), left?.fixed == .ratio { return Dimension(fixed: .percent) }
    guard let left, let right, left.fixed == nil, right.fixed == nil else { return nil }
    return Dimension(bytes: left.bytes + right.bytes, seconds: left.seconds + right.seconds)
  }

  private static func isHundred(_ expression: Expression) -> Bool {
    switch expression {
    case .number(let node): node.value == 100
    case .parenthesized(let node): isHundred(node.expression)
    default: false
    }
  }
}
