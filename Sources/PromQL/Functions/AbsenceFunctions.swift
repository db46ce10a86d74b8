import Model
import PromQLSyntax

/// Elements for what is not there.
let absenceFunctions: [PromQLFunction] = [
  PromQLFunction(
    "absent", [.vector], "1 when the vector is empty, with the labels its selector demands.",
    .whole { context throws(EvaluationFailure) in
      let vector = try context.vector(0)
      var missing = [Bool](repeating: true, count: vector.steps)
      for row in vector.rows.indices {
        for step in missing.indices where vector.isPresent(row, step) { missing[step] = false }
      }
      return .vector(absence(context, missing))
    }),
  PromQLFunction(
    "absent_over_time", [.matrix],
    "1 when no series has a sample in the range, with the labels its selector demands.",
    .whole { context throws(EvaluationFailure) in
      let ranges = try context.ranges(0)
      try context.evaluator.checkExtension(of: ranges.geometry, context.call)
      var missing = [Bool](repeating: true, count: context.steps.count)
      for samples in ranges.samples {
        var next = 0
        for step in missing.indices {
          let end = ranges.geometry.end(at: context.steps[step])
          if ranges.geometry.at != nil { next = 0 }
          while next < samples.count, samples[next].timestamp.milliseconds <= end { next += 1 }
          if next > 0, samples[next - 1].timestamp.milliseconds > end - ranges.geometry.window {
            missing[step] = false
          }
        }
      }
      return .vector(absence(context, missing))
    }),
]

private func absence(_ context: CallContext, _ missing: [Bool]) -> EvaluatedVector {
  var out = EvaluatedVector(steps: missing.count)
  guard missing.contains(true) else { return out }
  out.append(
    Row(labels: demandedLabels(context.matchers(0) ?? [])),
    missing.map { $0 ? 1 : EvaluatedVector.absent })
  return out
}

/// The labels that matchers demand with `=`, each named by one matcher only.
private func demandedLabels(_ matchers: [LabelMatcher]) -> Labels {
  var labels: [String: String] = [:]
  var seen: Set<String> = []
  for matcher in matchers where matcher.name != Labels.metricName {
    if matcher.comparison == .equal, seen.insert(matcher.name).inserted {
      labels[matcher.name] = matcher.value
    } else {
      labels[matcher.name] = nil
    }
  }
  return Labels(labels.map { Label($0.key, $0.value) })
}
