import PromQLSyntax

/// How a PromQL expression is broken into lines: not at all up to 100 columns; else every operand
/// of a chain of operators on its own line, led by its operator two columns further left.
enum ExpressionLayout {
  /// The lines of an expression that starts at `column`; all but the first are indented.
  static func lines(of expression: Expression, column: Int) -> [String] {
    let flat = expression.description
    if column + flat.count <= Formatter.width { return [flat] }
    if case .binary(let operation) = expression { return chain(operation, column) }
    let margin = String(repeating: " ", count: column)
    let pretty = expression.pretty(width: max(40, Formatter.width - column))
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard let first = pretty.first else { return [flat] }
    return [first] + pretty.dropFirst().map { margin + $0 }
  }

  private static func chain(_ operation: BinaryOperation, _ column: Int) -> [String] {
    var links: [(sign: String, operand: Expression)] = []
    var left = Expression.binary(operation)
    while case .binary(let node) = left {
      links.append((sign(of: node), node.right))
      left = node.left
    }
    var lines = self.lines(of: left, column: column)
    for link in links.reversed() {
      let flat = "\(link.sign) \(link.operand.description)"
      let last = lines.count == 1 ? column + lines[0].count : lines[lines.count - 1].count
      // A limit stays with what it limits.
      if case .number = link.operand, last + 1 + flat.count <= Formatter.width {
        lines[lines.count - 1] += " " + flat
        continue
      }
      let margin = String(repeating: " ", count: max(0, column - 2))
      let start = margin + link.sign + " "
      let operand = self.lines(of: link.operand, column: start.count)
      lines.append(start + operand[0])
      lines += operand.dropFirst()
    }
    return lines
  }

  /// The operator with its modifiers: `and on (job)`.
  private static func sign(of node: BinaryOperation) -> String {
    let whole = Expression.binary(node).description
    let (left, right) = (node.left.description, node.right.description)
    return String(whole.dropFirst(left.count + 1).dropLast(right.count + 1))
  }

  /// Whether PromQL text has a comment: a `#` outside quotes.
  static func hasComments(_ bytes: ArraySlice<UInt8>) -> Bool {
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let byte = bytes[index]
      if byte == UInt8(ascii: "#") { return true }
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "`") {
        index += 1
        while index < bytes.endIndex, bytes[index] != byte {
          index += bytes[index] == UInt8(ascii: "\\") && byte != UInt8(ascii: "`") ? 2 : 1
        }
      }
      index += 1
    }
    return false
  }
}
