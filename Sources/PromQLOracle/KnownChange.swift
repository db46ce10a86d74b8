import Model
import PromQLSyntax

/// A reason for which Prometheus 2.42 and our engine, which follows Prometheus 3, may differ.
/// Each looks at a fault whose operands agree, so that it explains no more than it says.
struct KnownChange: Sendable {
  var reason: String
  var explains: @Sendable (Fault) -> Bool

  /// The reason for a fault, nil when there is none.
  static func explaining(_ fault: Fault) -> String? {
    all.first { $0.explains(fault) }?.reason
  }

  static let all: [KnownChange] = [
    KnownChange(reason: "last digits of operands that cancel, round or compare") {
      $0.isOfLastDigits
    },
    KnownChange(reason: "2.42 keeps the metric name after atan2 (upstream #12595)") {
      keepsNameAfterArcTangent($0)
    },
    KnownChange(reason: "2.42 says that one value of NaN or Inf deviates by 0 (upstream #14941)") {
      deviatesByNothing($0)
    },
    KnownChange(reason: "2.42 rounds deviations of numbers far greater than their spread") {
      roundsDeviation($0)
    },
    KnownChange(reason: "2.42 moves predict_linear's fixed range with the steps (upstream #13559)")
    {
      movesFixedRange($0)
    },
    KnownChange(reason: "2.42 forgets a label of count_values after the first step") {
      forgetsGrouping($0)
    },
    KnownChange(reason: "Go's exp, sinh and cosh overflow below the greatest number") {
      overflowsEarly($0)
    },
    KnownChange(reason: "which of several equal values topk and bottomk keep") {
      picksAnotherOfEquals($0)
    },
    KnownChange(reason: "topk and bottomk among equal values: 2.42's answer changes when repeated")
    {
      $0.isUnstable
    },
  ]

  private static func keepsNameAfterArcTangent(_ fault: Fault) -> Bool {
    guard case .binary(let node) = fault.expression, node.operation == .atan2,
      case .series(let kind, let series) = fault.theirs
    else { return false }
    let nameless = series.map { ($0.key.removing(Labels.metricName), $0.value) }
    // Series that differ in their names alone become one, which both engines refuse.
    return Answer(kind, nameless).difference(from: fault.ours) == nil
  }

  private static func deviatesByNothing(_ fault: Fault) -> Bool {
    guard case .aggregation(let node) = fault.expression,
      node.operation == .stddev || node.operation == .stdvar,
      case .series(let kind, let series) = fault.theirs,
      fault.operands.contains(where: \.hasUnusualValues)
    else { return false }
    let ours = fault.ours.series
    let corrected = series.map { labels, samples in
      let own = ours[labels] ?? []
      return (
        labels,
        samples.enumerated().map { index, sample in
          let isChanged = sample.value == 0 && index < own.count && own[index].value.isNaN
          return isChanged ? own[index] : sample
        }
      )
    }
    return Answer(kind, corrected).difference(from: fault.ours) == nil
  }

  // Both add up differences from a running mean, and only Prometheus 3 keeps what each addition
  // loses: a few units in the last place of the greatest operand.
  private static func roundsDeviation(_ fault: Fault) -> Bool {
    guard case .aggregation(let node) = fault.expression,
      node.operation == .stddev || node.operation == .stdvar
    else { return false }
    func deviations(_ answer: Answer) -> Answer {
      guard node.operation == .stdvar, case .series(let kind, let series) = answer else {
        return answer
      }
      return Answer(
        kind,
        series.map { ($0.key, $0.value.map { Sample($0.timestamp, $0.value.squareRoot()) }) })
    }
    let greatest = fault.operands.flatMap(\.series.values).joined().map { abs($0.value) }.max() ?? 0
    let tolerance = Tolerance(absolute: 8 * greatest.ulp)
    return greatest.isFinite
      && deviations(fault.ours).difference(from: deviations(fault.theirs), tolerance: tolerance)
        == nil
  }

  private static func movesFixedRange(_ fault: Fault) -> Bool {
    guard case .range(let start, _, _) = fault.times, case .call(let node) = fault.expression,
      node.name == "predict_linear", node.arguments.first?.isFixedRange == true
    else { return false }
    return fault.firstStepsAgree(start)
  }

  // It sorts the grouping labels together with the new one in place, so that from the second step
  // on the new one stands for the last of them. Lists of up to two have no room for it.
  private static func forgetsGrouping(_ fault: Fault) -> Bool {
    guard case .range(let start, _, _) = fault.times,
      case .aggregation(let node) = fault.expression,
      node.operation == .countValues, case .by(let labels) = node.grouping, labels.count > 2
    else { return false }
    return fault.firstStepsAgree(start)
  }

  // Go 1.19's `exp` on 64-bit Intel ends at 2^1023, and the others take half of it.
  private static func overflowsEarly(_ fault: Fault) -> Bool {
    guard case .call(let node) = fault.expression, ["exp", "sinh", "cosh"].contains(node.name),
      case .series(let kind, let series) = fault.ours
    else { return false }
    let limit = Double.greatestFiniteMagnitude / (node.name == "exp" ? 2 : 4)
    let overflowing = series.map { labels, samples in
      (
        labels,
        samples.map { sample in
          let value = abs(sample.value) < limit ? sample.value : sample.value * .infinity
          return Sample(sample.timestamp, value)
        }
      )
    }
    return Answer(kind, overflowing).difference(from: fault.theirs) == nil
  }

  // The order of a vector is not part of the language, and 2.42 replaces NaN by NaN in `bottomk`.
  private static func picksAnotherOfEquals(_ fault: Fault) -> Bool {
    guard case .aggregation(let node) = fault.expression,
      node.operation == .topk || node.operation == .bottomk
    else { return false }
    func values(_ answer: Answer) -> [[Double]] {
      var steps: [Timestamp: [Double]] = [:]
      for sample in answer.series.values.joined() {
        steps[sample.timestamp, default: []].append(sample.value)
      }
      return steps.sorted { $0.key < $1.key }.map { values in
        values.value.sorted { $0.isNaN ? !$1.isNaN : $0 < $1 }
      }
    }
    guard !fault.ours.isRefusal, !fault.theirs.isRefusal else { return false }
    let (ours, theirs) = (values(fault.ours), values(fault.theirs))
    return ours.elementsEqual(theirs) { $0.elementsEqual($1, by: Tolerance().accepts) }
  }
}

extension Fault {
  /// Whether the answers are the same at the first step of a range.
  fileprivate func firstStepsAgree(_ start: Timestamp) -> Bool {
    func beginning(_ answer: Answer) -> Answer {
      let first = answer.series.map { labels, samples in
        (labels, samples.filter { $0.timestamp == start })
      }
      return Answer(.matrix, first.filter { !$0.1.isEmpty })
    }
    return !ours.isRefusal && !theirs.isRefusal
      && beginning(ours).difference(from: beginning(theirs)) == nil
  }
}

extension Answer {
  /// Whether a value is NaN or infinite.
  fileprivate var hasUnusualValues: Bool {
    series.values.contains { $0.contains { !$0.value.isFinite } }
  }
}

extension Expression {
  /// A range selector or subquery with `@`.
  fileprivate var isFixedRange: Bool {
    switch self {
    case .matrixSelector(let node): node.selector.modifiers.at != nil
    case .subquery(let node): node.modifiers.at != nil
    case .parenthesized(let node): node.expression.isFixedRange
    default: false
    }
  }
}
