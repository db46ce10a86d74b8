import Model
import PromQLSyntax

extension Expression {
  /// The same expression with another matcher in every selector, so that series of many cases can
  /// stand in one database.
  package func adding(_ matcher: LabelMatcher) -> Expression {
    switch self {
    case .number, .string: return self
    case .vectorSelector(let node): return .vectorSelector(node.adding(matcher))
    case .matrixSelector(var node):
      node.selector = node.selector.adding(matcher)
      return .matrixSelector(node)
    case .subquery(var node):
      node.expression = node.expression.adding(matcher)
      return .subquery(node)
    case .call(var node):
      node.arguments = node.arguments.map { $0.adding(matcher) }
      return .call(node)
    case .aggregation(var node):
      node.parameter = node.parameter?.adding(matcher)
      node.expression = node.expression.adding(matcher)
      return .aggregation(node)
    case .binary(var node):
      node.left = node.left.adding(matcher)
      node.right = node.right.adding(matcher)
      return .binary(node)
    case .unary(var node):
      node.expression = node.expression.adding(matcher)
      return .unary(node)
    case .parenthesized(var node):
      node.expression = node.expression.adding(matcher)
      return .parenthesized(node)
    }
  }

  /// The expression and all below it, from above.
  package var all: [Expression] { [self] + children.flatMap(\.all) }
}

extension VectorSelector {
  fileprivate func adding(_ matcher: LabelMatcher) -> VectorSelector {
    var copy = self
    copy.matchers.insert(matcher, at: 0)
    return copy
  }
}
