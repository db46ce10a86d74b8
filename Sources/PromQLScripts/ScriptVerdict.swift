import Model
import PromQL
import PromQLSyntax

/// Compares what a query gave with what a script expects. Each check gives what is wrong, or nil.
enum ScriptVerdict {
  static func check(failure message: String, _ evaluation: Evaluation) -> String? {
    guard let wanted = evaluation.failure else { return "fails: \(message)" }
    return wanted.allSatisfy { $0.accepts(message) } ? nil : "fails otherwise: \(message)"
  }

  static func check(_ outcome: QueryOutcome, _ evaluation: Evaluation) -> String? {
    if evaluation.failure != nil { return "was expected to fail" }
    let warnings = outcome.annotations.filter { $0.kind == .warning }.map(\.description)
    let infos = outcome.annotations.filter { $0.kind == .info }.map(\.description)
    let remarks = evaluation.remarks
    return check(warnings, remarks.warnings, none: remarks.noWarnings, "warning")
      ?? check(infos, remarks.infos, none: remarks.noInfos, "info")
      ?? check(outcome.value, evaluation)
  }

  private static func check(
    _ found: [String], _ wanted: [TextExpectation], none: Bool, _ kind: String
  ) -> String? {
    if none, !found.isEmpty { return "unexpected \(kind): \(found)" }
    if wanted.isEmpty { return nil }
    for expectation in wanted where !found.contains(where: expectation.accepts) {
      return "expected \(kind) \(expectation), found \(found)"
    }
    for text in found where !wanted.contains(where: { $0.accepts(text) }) {
      return "unexpected \(kind): \(text)"
    }
    return nil
  }

  private static func check(_ value: QueryValue, _ evaluation: Evaluation) -> String? {
    switch (evaluation.expected, value) {
    case (.scalar(let wanted), .scalar(let found)):
      return equal(wanted, found) ? nil : "expected scalar \(wanted), found \(found)"
    case (.string(let wanted), .string(let found)):
      return Bytes.equal(wanted, found) ? nil : "expected string \(wanted), found \(found)"
    case (.series(let wanted), .vector(let found)):
      guard case .instant = evaluation.time, evaluation.rangeVector == nil else {
        return "the result is an instant vector"
      }
      return check(found, wanted, isOrdered: evaluation.isOrdered)
    case (.series(let wanted), .matrix(let found)):
      if let range = evaluation.rangeVector {
        return check(found, wanted, start: range.from, step: range.step)
      }
      guard case .range(let start, _, let step) = evaluation.time else {
        return "the result is a range vector"
      }
      return check(found, wanted, start: start, step: step)
    default: return "the result has another type: \(value)"
    }
  }

  /// Checks one step of a range query's result against what an instant query is to give.
  static func check(
    middle value: QueryValue, at time: Timestamp, _ evaluation: Evaluation
  ) -> String? {
    guard case .matrix(let matrix) = value else { return "the result is no matrix" }
    let found = matrix.compactMap { element in
      element.samples.first { $0.timestamp == time }.map {
        VectorElement(labels: element.labels, value: $0.value)
      }
    }
    switch evaluation.expected {
    case .scalar:
      guard let scalar = found.first else { return "no scalar at that step" }
      return check(.scalar(scalar.value), evaluation)
    case .series(let wanted): return check(found, wanted, isOrdered: false)
    case .string: return nil
    }
  }

  private static func check(
    _ found: [VectorElement], _ wanted: [Evaluation.ExpectedSeries], isOrdered: Bool
  ) -> String? {
    var positions: [Labels: Int] = [:]
    for (index, series) in wanted.enumerated() { positions[series.labels] = index }
    var seen: Set<Labels> = []
    for (index, element) in found.enumerated() {
      guard let position = positions[element.labels] else {
        return "unexpected \(element.labels) => \(element.value)"
      }
      if isOrdered, position != index { return "\(element.labels) stands at \(index + 1)" }
      guard seen.insert(element.labels).inserted else { return "\(element.labels) is there twice" }
      guard case .value(let value) = wanted[position].values.first else {
        return "expected no float for \(element.labels)"
      }
      if !equal(value, element.value) {
        return "expected \(value) for \(element.labels), found \(element.value)"
      }
    }
    return wanted.first { !seen.contains($0.labels) }.map { "\($0.labels) is missing" }
  }

  private static func check(
    _ found: [MatrixElement], _ wanted: [Evaluation.ExpectedSeries], start: Timestamp,
    step: Duration
  ) -> String? {
    if zip(found, found.dropFirst()).contains(where: { !($0.labels < $1.labels) }) {
      return "the result is not sorted"
    }
    var series: [Labels: [SeriesValue]] = [:]
    for expected in wanted { series[expected.labels] = expected.values }
    for element in found {
      guard let values = series[element.labels] else {
        return "unexpected \(element.labels) \(shown(element.samples))"
      }
      var expected: [Sample] = []
      for (index, value) in values.enumerated() {
        switch value {
        case .omitted: break
        case .histogram: return "expected a histogram for \(element.labels)"
        case .value(let number):
          let time = start.milliseconds + Int64(index) * step.wholeMilliseconds
          expected.append(Sample(Timestamp(milliseconds: time), number))
        }
      }
      let isEqual =
        expected.count == element.samples.count
        && zip(expected, element.samples).allSatisfy {
          $0.timestamp == $1.timestamp && equal($0.value, $1.value)
        }
      if !isEqual {
        return "expected \(shown(expected)) for \(element.labels), found \(shown(element.samples))"
      }
    }
    let seen = Set(found.map(\.labels))
    return wanted.first { !seen.contains($0.labels) }.map { "\($0.labels) is missing" }
  }

  private static func shown(_ samples: [Sample]) -> String {
    samples.map { "\($0.value)@\($0.timestamp.milliseconds)" }.joined(separator: " ")
  }

  /// Upstream's equality of floats (`util/almost`): any two NaN but the staleness marker, else a
  /// relative difference below 1e-6.
  static func equal(_ left: Double, _ right: Double) -> Bool {
    if StaleMarker.isStale(left) || StaleMarker.isStale(right) {
      return StaleMarker.isStale(left) && StaleMarker.isStale(right)
    }
    if left.isNaN, right.isNaN { return true }
    if left == right { return true }
    let tolerance = 1e-6
    let sum = abs(left) + abs(right)
    let difference = abs(left - right)
    let least = Double.leastNormalMagnitude
    if left == 0 || right == 0 || sum < least { return difference < tolerance * least }
    return difference / min(sum, .greatestFiniteMagnitude) < tolerance
  }
}
