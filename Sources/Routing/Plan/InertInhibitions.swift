import Diagnostics
import Model

extension RoutingPlan {
  /// W113 and W114: inhibitions that surely never mute anything in the universe, because no alert
  /// matches a side, or no alert has a label that both must have. What is not known counts as
  /// possible.
  package func inertInhibitions(for universe: [AlertUniverseEntry]) -> [Diagnostic] {
    guard !universe.isEmpty else { return [] }
    return inhibitions.flatMap { inhibition -> [Diagnostic] in
      var found: [Diagnostic] = []
      for (matchers, range, verb) in [
        (inhibition.sources, inhibition.sourceRange, "mute"),
        (inhibition.targets, inhibition.targetRange, "be muted"),
      ] {
        let isPossible = universe.contains { entry in
          !matchers.contains { $0.verdict(on: entry.knowledge(of: $0.name)) == .no }
        }
        guard !isPossible, let range else { continue }
        found.append(
          Diagnostic(
            "W113", .warning, "no alert can ever \(verb) here", at: range,
            "no alert matches", help: nearest(matchers, universe).map { "did you mean `\($0)`?" }))
      }
      return found + inhibition.same.compactMap { missing($0, universe) }
    }
  }

  /// The value that was meant where one matcher alone rules every alert out.
  private func nearest(
    _ matchers: [LabelMatcher], _ universe: [AlertUniverseEntry]
  ) -> String? {
    for matcher in matchers where matcher.comparison == .equal {
      var values: Set<String> = []
      for entry in universe {
        if case .values(let known) = entry.knowledge(of: matcher.name) { values.formUnion(known) }
      }
      if values.contains(matcher.value) { continue }
      if let nearest = Suggestion.nearest(to: matcher.value, in: values.sorted(by: Bytes.less)) {
        return nearest
      }
    }
    return nil
  }

  private func missing(
    _ shared: Inhibition.Shared, _ universe: [AlertUniverseEntry]
  ) -> Diagnostic? {
    guard let range = shared.range,
      universe.allSatisfy({ $0.knowledge(of: shared.name) == .absent })
    else { return nil }
    let known = Set(
      universe.flatMap { entry in
        entry.labels.filter { $0.value != .absent }.map(\.key)
      }
    ).sorted(by: Bytes.less)
    let meaning =
      shared.orMissing
      ? "always the same: missing on both sides" : "this inhibition can never match"
    return Diagnostic(
      "W114", .warning, "no alert has a label called `\(shared.name)`", at: range, meaning,
      notes: shared.orMissing
        ? []
        : ["Alertmanager would treat the missing label as equal on both sides"],
      help: Suggestion.nearest(to: shared.name, in: known).map { "did you mean `\($0)`?" })
  }
}
