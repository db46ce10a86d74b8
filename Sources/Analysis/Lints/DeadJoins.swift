import Diagnostics
import Model
import PromQLSyntax
import Routing

/// W107: two sides whose labels can never agree. Over 617 published alerts it speaks four times, of
/// two alerts, each of which adds series with different values of one label and is dead as written.
enum DeadJoins {
  static func diagnostics(_ expression: Expression) -> [Diagnostic] {
    var found: [Diagnostic] = []
    if case .binary(let node) = expression, let diagnostic = diagnostic(node) {
      found.append(diagnostic)
    }
    return found + expression.children.flatMap(diagnostics)
  }

  private static func diagnostic(_ node: BinaryOperation) -> Diagnostic? {
    guard let matching = node.matching, node.operation != .or, matching.fillLeft == nil,
      matching.fillRight == nil, !LabelInference.isScalar(node.left),
      !LabelInference.isScalar(node.right)
    else { return nil }
    let left = LabelInference.labels(of: node.left)
    let right = LabelInference.labels(of: node.right)
    let names = Set(left.known.keys).union(right.known.keys).union(matching.labels)
    let apart = names.sorted(by: Bytes.less).filter { name in
      matching.compares(name) && left[name].excludes(right[name])
    }
    guard let first = apart.first else { return nil }
    let sign = node.operation.rawValue
    let message =
      node.operation == .unless
      ? "the right side of `unless` can never match" : "the two sides of `\(sign)` can never match"
    let isBare = right.isClosed && right.possible.isEmpty
    var diagnostic = Diagnostic(
      "W107", .warning, message, at: node.right.range,
      isBare ? bareness(of: node.right) : account(of: first, right),
      context: [
        .init(
          node.left.range,
          isBare
            ? "has labels: " + left.certain.joined(separator: ", ")
            : left.isClosed && left.possible.isEmpty
              ? bareness(of: node.left) : account(of: first, left))
      ])
    if matching.isOn {
      diagnostic.help = "take `\(first)` out of `on (…)`"
    } else if isBare || (left.isClosed && left.possible.isEmpty) {
      diagnostic.help = "write `\(sign) on() …` to compare them anyway"
    } else {
      let ignored = (matching.labels + apart).joined(separator: ", ")
      diagnostic.help = "write `\(sign) ignoring (\(ignored)) …` to compare them anyway"
    }
    return diagnostic
  }

  /// Why an expression has no labels at all.
  private static func bareness(of expression: Expression) -> String {
    var inner = expression
    while case .parenthesized(let node) = inner { inner = node.expression }
    if case .aggregation = inner { return "has no labels left after this aggregation" }
    return "has no labels"
  }

  private static func account(of name: String, _ labels: InferredLabels) -> String {
    guard case .values(let values) = labels[name] else { return "never has a label `\(name)`" }
    let shown = values.prefix(3).joined(separator: " or ") + (values.count > 3 ? " or …" : "")
    return "always has \(name) = \(shown)"
  }
}
