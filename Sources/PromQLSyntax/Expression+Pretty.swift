extension Expression {
  /// The expression split where a part is longer than `width` bytes, indentation not counted: 2
  /// spaces a level, operators on lines of their own (`promql/parser/prettier_rules.md`).
  package func pretty(width: Int = 100) -> String { pretty(level: 0, width: width) }

  private func pretty(level: Int, width: Int) -> String {
    let indent = String(repeating: "  ", count: level)
    let whole = description
    let line = indent + whole
    if whole.utf8.count <= width {
      // Upstream indents a subquery only when it splits it.
      if case .subquery = self { return whole }
      return line
    }
    func below(_ expression: Expression) -> String {
      expression.pretty(level: level + 1, width: width)
    }
    switch self {
    case .number, .string, .vectorSelector, .matrixSelector: return line
    case .aggregation(let node):
      let parameter = node.parameter.map { below($0) + ",\n" } ?? ""
      return "\(indent)\(node.head)(\n\(parameter)\(below(node.expression))\n\(indent))"
    case .call(let node):
      let arguments = node.arguments.map(below).joined(separator: ",\n")
      return "\(indent)\(node.name)(\n\(arguments)\n\(indent))"
    case .binary(let node):
      return "\(below(node.left))\n\(indent)\(node.operatorText)\n\(below(node.right))"
    case .parenthesized(let node):
      return "\(indent)(\n\(below(node.expression))\n\(indent))"
    case .subquery(let node):
      return node.expression.pretty(level: level, width: width) + node.suffix
    case .unary(let node):
      let inner = node.expression.pretty(level: level, width: width)
      return indent + node.sign + inner.drop { $0 == " " }
    }
  }
}
