import Diagnostics

/// What became of a text: the tree, and what is wrong with it in Prometheus' words and in ours.
package struct ParsedExpression: Sendable {
  /// nil when there is any mistake.
  package var expression: Expression?
  package var errors: [SyntaxError]
  /// The same mistakes as diagnostics (`E008`–`E010`, `E021`, `E023`, `E027`, `E031`).
  package var diagnostics: [Diagnostic]

  package init(expression: Expression?, errors: [SyntaxError], diagnostics: [Diagnostic]) {
    self.expression = expression
    self.errors = errors
    self.diagnostics = diagnostics
  }
}

/// Bounds that keep every walk over the tree within its thread's stack.
package struct ParserLimits: Sendable {
  /// Levels of parentheses, calls and signs.
  package var nesting: Int
  /// Operators, ranges and modifiers in the whole expression.
  package var operators: Int
  package init(nesting: Int = 200, operators: Int = 1000) {
    self.nesting = nesting
    self.operators = operators
  }
}
