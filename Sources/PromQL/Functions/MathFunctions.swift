import Glibc
import PromQLSyntax

/// A number from a number.
let mathFunctions: [PromQLFunction] = [
  PromQLFunction("abs", [.vector], "The absolute value.", .map { abs($0) }),
  PromQLFunction("ceil", [.vector], "The next whole number up.", .map { $0.rounded(.up) }),
  PromQLFunction("floor", [.vector], "The next whole number down.", .map { $0.rounded(.down) }),
  PromQLFunction("exp", [.vector], "e to the power of the value.", .map { exp($0) }),
  PromQLFunction("sqrt", [.vector], "The square root.", .map { $0.squareRoot() }),
  PromQLFunction("ln", [.vector], "The natural logarithm.", .map { log($0) }),
  PromQLFunction("log2", [.vector], "The binary logarithm.", .map { log2($0) }),
  PromQLFunction("log10", [.vector], "The decimal logarithm.", .map { log10($0) }),
  PromQLFunction(
    "sgn", [.vector], "−1, 0 or 1: the sign.", .map { $0 < 0 ? -1 : $0 > 0 ? 1 : $0 }),
  PromQLFunction(
    "clamp", [.vector, .scalar, .scalar], "The value kept between two bounds.",
    .mapWith { value, bounds in clamp(value, bounds[0], bounds[1]) }),
  PromQLFunction(
    "clamp_min", [.vector, .scalar], "The value, at least the bound.",
    .mapWith { value, bounds in clamp(value, bounds[0], .infinity) }),
  PromQLFunction(
    "clamp_max", [.vector, .scalar], "The value, at most the bound.",
    .mapWith { value, bounds in clamp(value, -.infinity, bounds[0]) }),
  PromQLFunction(
    "round", [.vector, .scalar], variadic: 1,
    "The nearest whole number, or the nearest multiple of a number; a tie goes up.",
    .mapWith { value, parameters in
      // Multiplying by the inverse loses less than dividing by a fraction.
      let inverse = 1 / (parameters.first ?? 1)
      return (value * inverse + 0.5).rounded(.down) / inverse
    }),
]

/// Bounds the wrong way round leave nothing.
private func clamp(_ value: Double, _ low: Double, _ high: Double) -> Double? {
  high < low ? nil : GoMath.max(low, GoMath.min(high, value))
}

/// The lesser and the greater of two numbers as Go's `math` has them: infinity on the winning side
/// beats NaN, NaN beats every number, and −0 is less than 0.
enum GoMath {
  static func min(_ left: Double, _ right: Double) -> Double {
    if left == -.infinity || right == -.infinity { return -.infinity }
    if left.isNaN || right.isNaN { return .nan }
    if left == 0, right == 0 { return left.sign == .minus ? left : right }
    return left < right ? left : right
  }

  static func max(_ left: Double, _ right: Double) -> Double {
    -min(-left, -right)
  }
}
