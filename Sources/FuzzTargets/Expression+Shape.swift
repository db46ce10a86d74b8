import Model
import PromQLSyntax

extension Expression {
  /// The tree as a text that tells everything but the places: two expressions that mean the same
  /// because one is the other printed have the same shape.
  var shape: String {
    switch self {
    case .number(let node): "number(\(node.value.shape)\(node.isDuration ? " duration" : ""))"
    case .string(let node): "string(\(PromQuote.quoted(node.value)))"
    case .vectorSelector(let node): node.shape
    case .matrixSelector(let node): "range(\(node.selector.shape) \(node.window.shape))"
    case .subquery(let node):
      "subquery(\(node.expression.shape) \(node.window.shape) \(node.step?.shape ?? "-")"
        + " \(node.modifiers.shape))"
    case .call(let node): "call(\(node.name) \(Self.list(node.arguments)))"
    case .aggregation(let node):
      "aggregate(\(node.operation.rawValue) \(node.grouping.shape)"
        + " \(node.parameter?.shape ?? "-") \(node.expression.shape))"
    case .binary(let node):
      "binary(\(node.operation.rawValue) \(node.returnsBool) \(node.matching?.shape ?? "-")"
        + " \(node.left.shape) \(node.right.shape))"
    // A plus changes nothing; infinity is printed with one.
    case .unary(let node): node.isNegation ? "-\(node.expression.shape)" : node.expression.shape
    case .parenthesized(let node): "(\(node.expression.shape))"
    }
  }

  private static func list(_ expressions: [Expression]) -> String {
    expressions.map(\.shape).joined(separator: " ")
  }
}

extension Double {
  fileprivate var shape: String { isNaN ? "NaN" : "\(bitPattern)" }
}

extension VectorSelector {
  fileprivate var shape: String {
    // Printed, matchers are sorted.
    let matchers = matchers.map {
      "\(PromQuote.quoted($0.name))\($0.comparison.rawValue)\(PromQuote.quoted($0.value))"
    }.sorted(by: Bytes.less)
    return "select(\(metric ?? "-") [\(matchers.joined(separator: " "))] \(modifiers.shape)"
      + " \(rangeExtension?.rawValue ?? "-"))"
  }
}

extension TimeModifiers {
  fileprivate var shape: String {
    // An offset of nothing is none, and not printed.
    let offset = offset.flatMap { $0.constant == .zero ? nil : $0.shape } ?? "-"
    switch at {
    // Far from now, a number of seconds says no milliseconds.
    case .timestamp(let time): return "\(offset)@\(time.seconds)"
    case .start: return "\(offset)@start"
    case .end: return "\(offset)@end"
    case nil: return offset
    }
  }
}

extension DurationExpression {
  fileprivate var shape: String {
    switch self {
    case .constant(let duration): "\(duration)"
    case .number(let value): value.shape
    case .function(let name): "\(name)()"
    case .choice(let name, let left, let right): "\(name)(\(left.shape) \(right.shape))"
    case .binary(let sign, let left, let right): "(\(sign) \(left.shape) \(right.shape))"
    case .negated(let inner): "-\(inner.shape)"
    case .parenthesized(let inner): "(\(inner.shape))"
    }
  }
}

extension Aggregation.Grouping {
  fileprivate var shape: String {
    switch self {
    case .by(let labels): "by \(labels)"
    case .without(let labels): "without \(labels)"
    }
  }
}

extension VectorMatching {
  fileprivate var shape: String {
    "\(cardinality.rawValue) \(isOn) \(labels) \(include) \(fillLeft?.shape ?? "-")"
      + " \(fillRight?.shape ?? "-")"
  }
}
