import Glibc
import PromQLSyntax

/// Angles, in radians.
let trigonometricFunctions: [PromQLFunction] = [
  PromQLFunction("sin", [.vector], "The sine.", .map { sin($0) }),
  PromQLFunction("cos", [.vector], "The cosine.", .map { cos($0) }),
  PromQLFunction("tan", [.vector], "The tangent.", .map { tan($0) }),
  PromQLFunction("asin", [.vector], "The arc sine.", .map { asin($0) }),
  PromQLFunction("acos", [.vector], "The arc cosine.", .map { acos($0) }),
  PromQLFunction("atan", [.vector], "The arc tangent.", .map { atan($0) }),
  PromQLFunction("sinh", [.vector], "The hyperbolic sine.", .map { sinh($0) }),
  PromQLFunction("cosh", [.vector], "The hyperbolic cosine.", .map { cosh($0) }),
  PromQLFunction("tanh", [.vector], "The hyperbolic tangent.", .map { tanh($0) }),
  PromQLFunction("asinh", [.vector], "The inverse hyperbolic sine.", .map { asinh($0) }),
  PromQLFunction("acosh", [.vector], "The inverse hyperbolic cosine.", .map { acosh($0) }),
  PromQLFunction("atanh", [.vector], "The inverse hyperbolic tangent.", .map { atanh($0) }),
  PromQLFunction("deg", [.vector], "Radians as degrees.", .map { $0 * 180 / .pi }),
  PromQLFunction("rad", [.vector], "Degrees as radians.", .map { $0 * .pi / 180 }),
]
