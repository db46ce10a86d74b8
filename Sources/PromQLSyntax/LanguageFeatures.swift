/// The experimental parts of PromQL that upstream hides behind `--enable-feature`.
package struct LanguageFeatures: OptionSet, Sendable, Hashable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  /// `promql-experimental-functions`, with `limitk` and `limit_ratio`.
  package static let experimentalFunctions = LanguageFeatures(rawValue: 1)
  /// `promql-duration-expr`: arithmetic in durations.
  package static let durationExpressions = LanguageFeatures(rawValue: 2)
  /// `promql-extended-range-selectors`: `anchored`, `smoothed`.
  package static let extendedRangeSelectors = LanguageFeatures(rawValue: 4)
  /// `promql-binop-fill-modifiers`: `fill`, `fill_left`, `fill_right`.
  package static let fillModifiers = LanguageFeatures(rawValue: 8)
  package static let all: LanguageFeatures = [
    .experimentalFunctions, .durationExpressions, .extendedRangeSelectors, .fillModifiers,
  ]

  /// Upstream's name for one feature.
  package var flag: String {
    switch self {
    case .experimentalFunctions: "promql-experimental-functions"
    case .durationExpressions: "promql-duration-expr"
    case .extendedRangeSelectors: "promql-extended-range-selectors"
    default: "promql-binop-fill-modifiers"
    }
  }
}
