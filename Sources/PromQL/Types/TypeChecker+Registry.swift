import PromQLSyntax

extension TypeChecker {
  /// Checks an expression that parsed without errors against the functions there are.
  package static func check(
    _ expression: Expression, features: LanguageFeatures = []
  ) -> TypedResult {
    check(
      expression, features: features, signatures: FunctionRegistry.signature(of:),
      names: FunctionRegistry.names)
  }
}
