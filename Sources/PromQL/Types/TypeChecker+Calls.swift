import Diagnostics
import Model
import PromQLSyntax

extension TypeChecker {
  mutating func checkCall(_ call: FunctionCall) {
    guard let signature = signatures(call.name) else { return }
    checkCount(call, signature)
    let checksLabels = call.name == "info" && call.arguments.count > 1
    if checksLabels { checkLabelSelector(call) }
    for (index, argument) in call.arguments.enumerated() {
      if index >= signature.arguments.count, signature.variadic == 0 { break }
      guard let expected = signature.arguments.last else { break }
      let wanted =
        index < signature.arguments.count ? signature.arguments[index] : expected
      if checksLabels, index == 1, case .vectorSelector(let selector) = argument {
        checkSelector(selector, mayBeEmpty: true)
        continue
      }
      expect(
        wanted, of: argument, "call to function \(PromQuote.quoted(call.name))", by: call.name,
        at: call.nameRange)
    }
  }

  private mutating func checkCount(_ call: FunctionCall, _ signature: FunctionSignature) {
    let count = call.arguments.count
    let listed = signature.arguments.count
    let (bound, limit): (String, Int)
    if signature.variadic == 0 {
      if count == listed { return }
      (bound, limit) = ("", listed)
    } else if count < listed - 1 {
      (bound, limit) = ("at least ", listed - 1)
    } else if signature.variadic > 0, count > listed - 1 + signature.variadic {
      (bound, limit) = ("at most ", listed - 1 + signature.variadic)
    } else {
      return
    }
    let name = PromQuote.quoted(call.name)
    report(
      "expected \(bound)\(limit) argument(s) in call to \(name), got \(count)", at: call.range,
      Diagnostic(
        "E023", .error,
        "`\(call.name)` takes \(bound)\(limit == 0 ? "no" : "\(limit)") "
          + "argument\(limit == 1 ? "" : "s")", at: call.nameRange,
        "got \(count == 0 ? "none" : "\(count)")"))
  }

  /// The second argument of `info` chooses labels, not a metric.
  private mutating func checkLabelSelector(_ call: FunctionCall) {
    let argument = call.arguments[1]
    let type = type(of: argument)
    if type != .vector {
      report(
        "expected type instant vector in call to function \"info\", got \(type.documented)",
        at: call.range,
        Diagnostic(
          "E024", .error, "`info` needs matchers as its second argument", at: argument.range,
          type.described))
    }
    let message: String
    switch argument {
    case .vectorSelector(let selector):
      if selector.metric == nil { return }
      message = "expected label selectors only, got vector selector instead"
    default: message = "expected label selectors only"
    }
    report(
      message, at: argument.range,
      Diagnostic(
        "E024", .error, "`info` needs matchers as its second argument", at: argument.range,
        "expected braces alone, as in `{cluster=\"a\"}`"))
  }

  /// Checks an operand and that it has the type wanted.
  mutating func expect(
    _ wanted: ValueType, of operand: Expression, _ place: String, by name: String,
    at nameRange: SourceRange
  ) {
    let type = check(operand)
    if type == wanted || type == nil { return }
    let message =
      "expected type \(ValueType?(wanted).documented) in \(place), got \(type.documented)"
    report(message, at: operand.range, diagnostic(wanted, type, operand, name))
  }

  private func diagnostic(
    _ wanted: ValueType, _ type: ValueType?, _ operand: Expression, _ name: String
  ) -> Diagnostic {
    switch (wanted, type) {
    case (.matrix, .vector):
      var help = "write `\(name)(\(operand)[5m:1m])`"
      if case .vectorSelector = operand { help = "write `\(name)(\(operand)[5m])`" }
      return Diagnostic(
        "E024", .error, "`\(name)` needs a range of samples", at: operand.range,
        "one sample a series", help: help)
    case (.vector, .matrix):
      return Diagnostic(
        "E021", .error, "`\(name)` needs one sample a series, not a range", at: operand.range,
        "a range of samples", help: rangeHelp(operand))
    case (.vector, .scalar):
      return Diagnostic(
        "E024", .error, "`\(name)` needs an instant vector, not a number", at: operand.range,
        "a number", help: "write `vector(\(operand))`")
    default:
      return Diagnostic(
        "E024", .error, "`\(name)` needs \(ValueType?(wanted).described) here", at: operand.range,
        type.described)
    }
  }

  /// How a range becomes an instant vector.
  func rangeHelp(_ operand: Expression) -> String { "write `rate(\(operand))`" }
}

extension ValueType? {
  /// Prometheus' word for the type.
  var documented: String {
    switch self {
    case .vector: "instant vector"
    case .matrix: "range vector"
    case .scalar: "scalar"
    case .string: "string"
    case nil: "none"
    }
  }

  /// The type in a sentence.
  var described: String {
    switch self {
    case .vector: "an instant vector"
    case .matrix: "a range of samples"
    case .scalar: "a number"
    case .string: "a text"
    case nil: "nothing"
    }
  }
}
