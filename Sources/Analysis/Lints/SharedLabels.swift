import Alerting
import Diagnostics
import Language
import Model
import PromQL
import PromQLSyntax
import Routing
import Templates

/// W114: `same` names a label that no alert has. Published rules bring no inhibitions along to
/// measure it on, so it speaks only when no alert can have the label, or of a slip in one the rules
/// speak of.
struct SharedLabels {
  let universe: [AlertUniverseEntry]
  let rules: RuleBook
  let statements: [Statement]

  func diagnostics(_ inhibitions: [Inhibition]) -> [Diagnostic] {
    guard !universe.isEmpty else { return [] }
    let mentioned = mentioned
    return inhibitions.flatMap { inhibition in
      inhibition.same.compactMap { shared in
        guard !shared.orMissing, let range = range(of: shared.name, in: inhibition) else {
          return nil
        }
        let nearest = Suggestion.nearest(to: shared.name, in: mentioned)
        guard
          universe.allSatisfy({ $0.knowledge(of: shared.name) == .absent })
            || isMisspelled(shared.name, nearest, mentioned)
        else { return nil }
        return diagnostic(shared.name, range, inhibition, nearest)
      }
    }
  }

  /// Alerts whose labels are open can have any label. One that no rule ever speaks of and that is a
  /// slip away from one they do speak of is a misspelling all the same.
  private func isMisspelled(_ name: String, _ nearest: String?, _ mentioned: [String]) -> Bool {
    guard let nearest, name.utf8.count >= 5, !mentioned.contains(name) else { return false }
    // A plural or a longer name may well be another label.
    return !name.hasPrefix(nearest) && !nearest.hasPrefix(name)
      && Suggestion.editDistance(name, nearest) <= 2 && name.first == nearest.first
  }

  /// The labels that rules speak of, and those that every target has; sorted.
  private var mentioned: [String] {
    var names: Set<String> = ["instance", "job", "severity", Labels.alertName]
    for rule in rules.groups.flatMap(\.rules) {
      collect(rule.query.expression, into: &names)
      switch rule {
      case .alerting(let alert):
        names.formUnion(alert.labels.map(\.name))
        for reference in alert.texts.flatMap(\.template.references)
        where reference.path.count == 2 && reference.path[0] == "labels" {
          names.insert(reference.path[1])
        }
      case .recording(let record): names.formUnion(record.labels.map(\.name))
      }
    }
    for entry in universe {
      for (name, knowledge) in entry.labels where knowledge != .absent { names.insert(name) }
    }
    return names.sorted(by: Bytes.less)
  }

  private func collect(_ expression: Expression, into names: inout Set<String>) {
    switch expression {
    case .vectorSelector(let node):
      names.formUnion(node.matchers.map(\.name).filter { $0 != Labels.metricName })
    case .aggregation(let node):
      switch node.grouping {
      case .by(let labels), .without(let labels): names.formUnion(labels)
      }
    case .binary(let node):
      names.formUnion((node.matching?.labels ?? []) + (node.matching?.include ?? []))
    case .call(let node) where node.name == "label_replace" || node.name == "label_join":
      for case .string(let text) in node.arguments.dropFirst() { names.insert(text.value) }
    default: break
    }
    for child in expression.children { collect(child, into: &names) }
  }

  private func range(of name: String, in inhibition: Inhibition) -> SourceRange? {
    let statement = statements.first { $0.headRange == inhibition.range }
    let settings = (statement?.block ?? []).filter { $0.keyword.value == "same" }
    return settings.flatMap(\.items).compactMap(\.first).first { Bytes.equal($0.text, name) }?.range
  }

  private func diagnostic(
    _ name: String, _ range: SourceRange, _ inhibition: Inhibition, _ nearest: String?
  ) -> Diagnostic {
    let severity = inhibition.targets.count == 1 ? inhibition.targets.first : nil
    let muted =
      severity.flatMap { $0.name == "severity" && $0.comparison == .equal ? $0.value : nil }
      .map { "every \($0)" } ?? "everything under `mute`"
    return Diagnostic(
      "W114", .warning, "no alert has a label called `\(name)`", at: range,
      "this inhibition can never match",
      notes: [
        "Alertmanager would treat the missing label as equal on both sides, and mute \(muted) on "
          + "the host"
      ],
      help: nearest.map { "did you mean `\($0)`?" },
      replacement: nearest.map { .init(range, $0) })
  }
}
