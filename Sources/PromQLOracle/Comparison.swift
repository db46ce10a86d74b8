import Model

/// How far two values may lie apart and still be the same.
package struct Tolerance: Sendable {
  /// In parts of the greater magnitude. Both engines add the same numbers, but not in the same
  /// order nor with the same compensation, and their libraries differ in the last digit of `exp`.
  package var relative: Double
  /// In absolute terms, for what is zero but for the last digits of numbers that cancel.
  package var absolute: Double
  package init(relative: Double = 1e-9, absolute: Double = 1e-12) {
    self.relative = relative
    self.absolute = absolute
  }

  /// Whether two values are the same. NaN is the same as NaN, an infinity as itself.
  package func accepts(_ left: Double, _ right: Double) -> Bool {
    if left.isNaN || right.isNaN { return left.isNaN && right.isNaN }
    if left == right { return true }
    if left.isInfinite || right.isInfinite { return false }
    return abs(left - right) <= max(absolute, relative * max(abs(left), abs(right)))
  }
}

extension Answer {
  /// In what two answers differ, nil when they are the same: kind, label sets, times and values, or
  /// that both refuse.
  package func difference(
    from other: Answer, tolerance: Tolerance = Tolerance()
  ) -> String? {
    switch (self, other) {
    case (.refused, .refused): return nil
    case (.refused, _), (_, .refused): return "only one side refuses"
    case (.string(let left), .string(let right)):
      return Bytes.equal(left, right) ? nil : "the strings differ"
    case (.series(let kind, let left), .series(let otherKind, let right)):
      if kind != otherKind { return "the kinds differ" }
      for labels in left.keys where right[labels] == nil { return "only one side has \(labels)" }
      for labels in right.keys where left[labels] == nil { return "only one side has \(labels)" }
      for (labels, samples) in left {
        let others = right[labels] ?? []
        if samples.map(\.timestamp) != others.map(\.timestamp) {
          return "the times of \(labels) differ"
        }
        for (one, two) in zip(samples, others) where !tolerance.accepts(one.value, two.value) {
          return "the values of \(labels) differ: \(one.value), \(two.value)"
        }
      }
      return nil
    default: return "the kinds differ"
    }
  }
}
