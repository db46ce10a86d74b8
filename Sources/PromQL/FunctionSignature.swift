import PromQLSyntax

/// What a function takes and gives (`promql/parser/functions.go`).
package struct FunctionSignature: Sendable, Hashable {
  package var name: String
  package var arguments: [ValueType]
  /// 0: exactly the arguments listed. n > 0: the last one is optional and may be given up to n
  /// times. Negative: any number of times.
  package var variadic: Int
  package var result: ValueType
  package var isExperimental: Bool

  package init(
    name: String, arguments: [ValueType], variadic: Int = 0, result: ValueType,
    isExperimental: Bool = false
  ) {
    self.name = name
    self.arguments = arguments
    self.variadic = variadic
    self.result = result
    self.isExperimental = isExperimental
  }
}
