import Model
import PromQL
import PromQLSyntax

/// An expression's tree as JSON, as Prometheus' web interface reads it
/// (`web/api/v1/translate_ast.go`): members sorted by name, as Go's maps are written.
enum ExpressionJSON {
  static func json(_ expression: Expression) -> JSON {
    switch expression {
    case .number(let node):
      return ["type": "numberLiteral", "val": .string(NumberText.fixed(node.value))]
    case .string(let node): return ["type": "stringLiteral", "val": .string(node.value)]
    case .parenthesized(let node):
      return ["expr": json(node.expression), "type": "parenExpr"]
    case .unary(let node):
      return [
        "expr": json(node.expression), "op": node.isNegation ? "-" : "+", "type": "unaryExpr",
      ]
    case .vectorSelector(let node): return .object(selector(node, "vectorSelector"))
    case .matrixSelector(let node):
      var members = selector(node.selector, "matrixSelector")
      members.append(("range", milliseconds(node.window)))
      return sorted(members)
    case .subquery(let node): return json(node)
    case .call(let node): return json(node)
    case .aggregation(let node): return json(node)
    case .binary(let node): return json(node)
    }
  }

  private static func sorted(_ members: [(name: String, value: JSON)]) -> JSON {
    .object(members.sorted { Bytes.less($0.name, $1.name) })
  }

  private static func selector(
    _ node: VectorSelector, _ type: String
  ) -> [(name: String, value: JSON)] {
    let matchers = node.matchers.map { matcher -> JSON in
      [
        "name": .string(matcher.name), "type": .string(matcher.comparison.rawValue),
        "value": .string(matcher.value),
      ]
    }
    return [
      ("anchored", .bool(node.rangeExtension == .anchored)), ("matchers", .array(matchers)),
      ("name", .string(node.metric ?? "")), ("offset", milliseconds(node.modifiers.offset)),
      ("smoothed", .bool(node.rangeExtension == .smoothed)),
      ("startOrEnd", startOrEnd(node.modifiers.at)), ("timestamp", timestamp(node.modifiers.at)),
      ("type", .string(type)),
    ]
  }

  private static func json(_ node: Subquery) -> JSON {
    [
      "expr": json(node.expression), "offset": milliseconds(node.modifiers.offset),
      "range": milliseconds(node.window), "startOrEnd": startOrEnd(node.modifiers.at),
      "step": milliseconds(node.step), "timestamp": timestamp(node.modifiers.at),
      "type": "subquery",
    ]
  }

  private static func json(_ node: FunctionCall) -> JSON {
    let signature = FunctionRegistry.signature(of: node.name)
    return [
      "args": .array(node.arguments.map(json)),
      "func": [
        "argTypes": .array((signature?.arguments ?? []).map { .string($0.rawValue) }),
        "name": .string(node.name),
        "returnType": .string(signature?.result.rawValue ?? ""),
        "variadic": .integer(Int64(signature?.variadic ?? 0)),
      ],
      "type": "call",
    ]
  }

  private static func json(_ node: Aggregation) -> JSON {
    let (labels, isWithout) =
      switch node.grouping {
      case .by(let labels): (labels, false)
      case .without(let labels): (labels, true)
      }
    return [
      "expr": json(node.expression), "grouping": .array(labels.map(JSON.string)),
      "op": .string(node.operation.rawValue), "param": node.parameter.map(json) ?? .null,
      "type": "aggregation", "without": .bool(isWithout),
    ]
  }

  private static func json(_ node: BinaryOperation) -> JSON {
    [
      "bool": .bool(node.returnsBool), "lhs": json(node.left),
      // With a scalar on a side there is nothing to match.
      "matching": isVector(node.left) && isVector(node.right)
        ? node.matching.map(json) ?? .null : .null, "op": .string(node.operation.rawValue),
      "rhs": json(node.right), "type": "binaryExpr",
    ]
  }

  private static func isVector(_ expression: Expression) -> Bool {
    switch expression {
    case .number, .string: false
    case .vectorSelector, .matrixSelector, .subquery, .aggregation: true
    case .call(let node): FunctionRegistry.signature(of: node.name)?.result == .vector
    case .unary(let node): isVector(node.expression)
    case .parenthesized(let node): isVector(node.expression)
    case .binary(let node): isVector(node.left) || isVector(node.right)
    }
  }

  private static func json(_ matching: VectorMatching) -> JSON {
    let card =
      switch matching.cardinality {
      case .oneToOne: "one-to-one"
      case .manyToOne: "many-to-one"
      case .oneToMany: "one-to-many"
      case .manyToMany: "many-to-many"
      }
    return [
      "card": .string(card),
      "fillValues": [
        "lhs": matching.fillLeft.map(JSON.number) ?? .null,
        "rhs": matching.fillRight.map(JSON.number) ?? .null,
      ],
      "include": .array(matching.include.map(JSON.string)),
      "labels": .array(matching.labels.map(JSON.string)), "on": .bool(matching.isOn),
    ]
  }

  private static func milliseconds(_ duration: DurationExpression?) -> JSON {
    .integer(duration?.constant?.wholeMilliseconds ?? 0)
  }

  private static func timestamp(_ at: AtModifier?) -> JSON {
    if case .timestamp(let time) = at { .integer(time.milliseconds) } else { .null }
  }

  private static func startOrEnd(_ at: AtModifier?) -> JSON {
    switch at {
    case .start: "start"
    case .end: "end"
    case .timestamp, nil: .null
    }
  }
}
