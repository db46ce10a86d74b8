import Glibc
import Model

/// Why a duration expression has no value.
package enum DurationFailure: String, Error, Sendable {
  case divisionByZero = "division by zero"
  case moduloByZero = "modulo by zero"
}

extension DurationExpression {
  /// The value in seconds; `step` and `range` are the query's own, in seconds
  /// (`promql/durations.go`).
  package func seconds(step: Double, range: Double) throws(DurationFailure) -> Double {
    switch self {
    case .constant(let duration): return duration.inSeconds
    case .number(let value): return value
    case .function(let name): return name == "step" ? step : range
    case .choice(let name, let left, let right):
      let left = try left.seconds(step: step, range: range)
      let right = try right.seconds(step: step, range: range)
      return name == "min_of" ? Swift.min(left, right) : Swift.max(left, right)
    case .negated(let inner): return -(try inner.seconds(step: step, range: range))
    case .parenthesized(let inner): return try inner.seconds(step: step, range: range)
    case .binary(let operation, let left, let right):
      let left = try left.seconds(step: step, range: range)
      let right = try right.seconds(step: step, range: range)
      switch operation {
      case "+": return left + right
      case "-": return left - right
      case "*": return left * right
      case "/":
        if right == 0 { throw .divisionByZero }
        return left / right
      case "%":
        if right == 0 { throw .moduloByZero }
        return fmod(left, right)
      default: return pow(left, right)
      }
    }
  }
}
