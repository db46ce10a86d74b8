import Diagnostics
import Model
import PromQLSyntax

extension TypeChecker {
  // MARK: Selectors and subqueries

  mutating func checkSelector(_ selector: VectorSelector, mayBeEmpty: Bool = false) {
    if let metric = selector.metric {
      for matcher in selector.matchers.dropLast()
      where Bytes.equal(matcher.name, Labels.metricName) {
        let names = "\(PromQuote.quoted(metric)) or \(PromQuote.quoted(matcher.value))"
        report(
          "metric name must not be set twice: \(names)", at: selector.range,
          Diagnostic(
            "E024", .error, "the metric's name is given twice", at: selector.range,
            "`\(metric)`, and `__name__` in the braces"))
      }
      return
    }
    if mayBeEmpty || selector.matchers.contains(where: { !$0.matchesEmpty }) { return }
    report(
      "vector selector must contain at least one non-empty matcher", at: selector.range,
      Diagnostic(
        "E024", .error, "this would select every series there is", at: selector.range,
        "every matcher here also accepts an absent label", help: "name a metric, or ask for a value"
      ))
  }

  mutating func checkSubquery(_ subquery: Subquery, _ inner: ValueType?) {
    if inner == .vector || inner == nil { return }
    let type = inner?.rawValue ?? "none"
    report(
      "subquery is only allowed on instant vector, got \(type) instead", at: subquery.range,
      Diagnostic(
        "E021", .error, "a subquery needs an instant vector before it", at: subquery.windowRange,
        "the range",
        context: [.init(subquery.expression.range, inner.described)]))
  }

  mutating func checkUnary(_ unary: UnaryOperation) {
    let type = check(unary.expression)
    if type == .scalar || type == .vector || type == nil { return }
    report(
      "unary expression only allowed on expressions of type scalar or instant vector, got "
        + "\"\(type.documented)\"", at: unary.range,
      Diagnostic(
        "E024", .error, "a sign can only stand before a number or an instant vector",
        at: unary.range, type.described))
  }

  // MARK: Aggregations

  mutating func checkAggregation(_ node: Aggregation) {
    expect(
      .vector, of: node.expression, "aggregation expression", by: node.operation.rawValue,
      at: node.operatorRange)
    guard let parameter = node.parameter else { return }
    expect(
      node.operation == .countValues ? .string : .scalar, of: parameter, "aggregation parameter",
      by: node.operation.rawValue, at: node.operatorRange)
  }

  // MARK: Binary operations

  mutating func checkBinary(_ node: BinaryOperation, _ left: ValueType?, _ right: ValueType?) {
    let areScalars = left == .scalar && right == .scalar
    if node.returnsBool, !node.operation.isComparison {
      report(
        "bool modifier can only be used on comparison operators", at: Self.operatorPlace(node),
        Diagnostic(
          "E024", .error, "`bool` belongs to comparisons", at: Self.operatorPlace(node),
          "`\(node.operation.rawValue)` compares nothing"))
    }
    if node.operation.isComparison, !node.returnsBool, areScalars {
      report(
        "comparisons between scalars must use BOOL modifier", at: Self.operatorPlace(node),
        Diagnostic(
          "E024", .error, "two numbers can only be compared with `bool`", at: node.operatorRange,
          "both sides are numbers",
          help: "write `\(node.left) \(node.operation.rawValue) bool \(node.right)`"))
    }
    checkMatchedLabels(node)
    for (side, type) in [(node.left, left), (node.right, right)]
    where type == .matrix || type == .string {
      report(
        "binary expression must contain only scalar and instant vector types", at: side.range,
        Diagnostic(
          type == .matrix ? "E021" : "E024", .error,
          "`\(node.operation.rawValue)` works on numbers and instant vectors", at: side.range,
          type.described, help: type == .matrix ? rangeHelp(side) : nil))
    }
    if left == .vector, right == .vector {
      if node.operation.isSet { checkSetOperation(node) }
    } else {
      checkMatchingOfScalar(node)
    }
    if left == .scalar || right == .scalar, node.operation.isSet {
      let name = node.operation.rawValue
      let side = left == .scalar ? node.left : node.right
      report(
        "set operator \"\(name)\" not allowed in binary scalar expression", at: node.range,
        Diagnostic(
          "E024", .error, "`\(name)` needs an instant vector on both sides", at: side.range,
          "a number", help: "write `vector(\(side))`"))
    }
  }

  private mutating func checkMatchedLabels(_ node: BinaryOperation) {
    guard let matching = node.matching, matching.isOn else { return }
    let included = NameList(matching.include)
    for label in matching.labels where included.contains(label) {
      report(
        "label \(PromQuote.quoted(label)) must not occur in ON and GROUP clause at once",
        at: Self.operatorPlace(node),
        Diagnostic(
          "E024", .error, "`\(label)` cannot be both matched and copied",
          at: Self.operatorPlace(node), "in `on` and in the group"))
    }
  }

  private mutating func checkMatchingOfScalar(_ node: BinaryOperation) {
    guard let matching = node.matching else { return }
    if !matching.labels.isEmpty {
      report(
        "vector matching only allowed between instant vectors", at: node.range,
        Diagnostic(
          "E024", .error, "labels can only be matched between two instant vectors",
          at: Self.operatorPlace(node), "one side is a number"))
    }
    if matching.fillLeft != nil || matching.fillRight != nil {
      report(
        "filling in missing series only allowed between instant vectors", at: node.range,
        Diagnostic(
          "E024", .error, "only series missing between two instant vectors can be filled in",
          at: Self.operatorPlace(node), "one side is a number"))
    }
  }

  private mutating func checkSetOperation(_ node: BinaryOperation) {
    guard let matching = node.matching else { return }
    let name = node.operation.rawValue
    if matching.cardinality == .oneToMany || matching.cardinality == .manyToOne {
      report(
        "no grouping allowed for \"\(name)\" operation", at: node.range,
        Diagnostic(
          "E024", .error, "`\(name)` takes no `group_left` or `group_right`",
          at: Self.operatorPlace(node), "remove the group"))
      errors.append(
        SyntaxError(range: node.range, message: "set operations must always be many-to-many"))
    }
    if matching.fillLeft != nil || matching.fillRight != nil {
      report(
        "filling in missing series not allowed for set operators", at: node.range,
        Diagnostic(
          "E024", .error, "`\(name)` cannot fill in series", at: Self.operatorPlace(node),
          "remove `fill`"))
    }
  }

  /// The operator with its modifiers as upstream measures it: between the operands, without the
  /// white space, and one byte short.
  private static func operatorPlace(_ node: BinaryOperation) -> SourceRange {
    let bytes = node.range.source.bytes
    func isBlank(_ index: Int) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) }
    var lower = node.left.range.upper
    while lower < node.operatorRange.lower, isBlank(lower) { lower += 1 }
    var upper = node.right.range.lower - 1
    while upper > lower, isBlank(upper) { upper -= 1 }
    return SourceRange(node.range.source, lower, upper)
  }
}
