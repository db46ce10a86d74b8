import Diagnostics
import Model

extension Expression: CustomStringConvertible {
  /// The expression on one line as Prometheus prints it (`promql/parser/printer.go`).
  package var description: String {
    switch self {
    case .number(let node): node.description
    case .string(let node): PromQuote.printable(node.value)
    case .vectorSelector(let node): node.description
    case .matrixSelector(let node): node.description
    case .subquery(let node): node.expression.description + node.suffix
    case .call(let node):
      "\(node.name)(\(node.arguments.map(\.description).joined(separator: ", ")))"
    case .aggregation(let node):
      "\(node.head)(\(node.parameter.map { "\($0), " } ?? "")\(node.expression))"
    case .binary(let node): "\(node.left) \(node.operatorText) \(node.right)"
    case .unary(let node): node.sign + node.expression.description
    case .parenthesized(let node): "(\(node.expression))"
    }
  }
}

extension NumberLiteral: CustomStringConvertible {
  package var description: String {
    guard isDuration, let milliseconds = Int64(exactly: (value * 1000).rounded()) else {
      return NumberText.fixed(value)
    }
    return NumberText.duration(milliseconds: milliseconds)
  }
}

extension DurationExpression: CustomStringConvertible {
  package var description: String {
    switch self {
    case .constant(let duration): NumberText.duration(milliseconds: duration.wholeMilliseconds)
    case .number(let value): NumberText.fixed(value)
    case .function(let name): "\(name)()"
    case .choice(let name, let left, let right): "\(name)(\(left), \(right))"
    case .binary(let operation, let left, let right): "\(left) \(operation) \(right)"
    case .negated(let inner): "-\(inner)"
    case .parenthesized(let inner): "(\(inner))"
    }
  }
}

extension TimeModifiers {
  /// ` @ 10.000`, or nothing.
  fileprivate var atText: String {
    switch at {
    case .timestamp(let time):
      let milliseconds = time.milliseconds.magnitude
      let fraction = String(milliseconds % 1000)
      let sign = time.milliseconds < 0 ? "-" : ""
      return " @ \(sign)\(milliseconds / 1000)."
        + String(repeating: "0", count: 3 - fraction.utf8.count) + fraction
    case .start: return " @ start()"
    case .end: return " @ end()"
    case nil: return ""
    }
  }

  /// ` offset 5m`, or nothing; an offset of 0 is none.
  fileprivate var offsetText: String {
    guard let offset, offset.constant != .zero else { return "" }
    return " offset \(offset)"
  }
}

extension VectorSelector: CustomStringConvertible {
  /// Without modifiers: the name, and the other matchers in order.
  fileprivate var core: String {
    let inner = matchers.filter { matcher in
      guard let metric, !metric.isEmpty else { return true }
      return
        !(Bytes.equal(matcher.name, Labels.metricName) && matcher.comparison == .equal
        && Bytes.equal(matcher.value, metric))
    }.map { matcher in
      let name = LabelName.isPlain(matcher.name) ? matcher.name : PromQuote.printable(matcher.name)
      return "\(name)\(matcher.comparison.rawValue)\(PromQuote.printable(matcher.value))"
    }.sorted(by: Bytes.less)
    let braces = inner.isEmpty && metric != nil ? "" : "{\(inner.joined(separator: ","))}"
    return (metric ?? "") + braces
  }

  fileprivate var extensionText: String { rangeExtension.map { " \($0.rawValue)" } ?? "" }

  package var description: String {
    core + modifiers.atText + extensionText + modifiers.offsetText
  }
}

extension MatrixSelector: CustomStringConvertible {
  package var description: String {
    "\(selector.core)[\(window)]\(selector.extensionText)\(selector.modifiers.atText)"
      + selector.modifiers.offsetText
  }
}

extension Subquery {
  /// `[5m:1m] @ end() offset 1m`
  var suffix: String {
    "[\(window):\(step?.description ?? "")]\(modifiers.atText)\(modifiers.offsetText)"
  }
}

extension Aggregation {
  /// The operator and its grouping, up to the parenthesis.
  var head: String {
    switch grouping {
    case .by([]): operation.rawValue
    case .by(let labels): "\(operation.rawValue) by (\(Self.list(labels))) "
    case .without(let labels): "\(operation.rawValue) without (\(Self.list(labels))) "
    }
  }

  static func list(_ labels: [String]) -> String {
    labels.map { LabelName.isPlain($0) ? $0 : PromQuote.printable($0) }.joined(separator: ", ")
  }
}

extension BinaryOperation {
  /// The operator with `bool`, `on (…)`, `group_left (…)` and `fill (…)`.
  var operatorText: String {
    var out = operation.rawValue
    if returnsBool { out += " bool" }
    guard let matching else { return out }
    let isGrouped = matching.cardinality == .manyToOne || matching.cardinality == .oneToMany
    if !matching.labels.isEmpty || matching.isOn || isGrouped {
      out += " \(matching.isOn ? "on" : "ignoring") (\(Aggregation.list(matching.labels)))"
    }
    if isGrouped {
      let side = matching.cardinality == .manyToOne ? "left" : "right"
      out += " group_\(side) (\(Aggregation.list(matching.include)))"
    }
    if let both = matching.fillLeft, both == matching.fillRight {
      return out + " fill (\(NumberText.general(both)))"
    }
    if let left = matching.fillLeft { out += " fill_left (\(NumberText.general(left)))" }
    if let right = matching.fillRight { out += " fill_right (\(NumberText.general(right)))" }
    return out
  }
}

extension UnaryOperation {
  var sign: String { isNegation ? "-" : "+" }
}
