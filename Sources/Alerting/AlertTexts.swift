import Model
import Templates

extension AlertingRule {
  /// The labels that identify the alert of an element: its own, overlaid with the rule's; the
  /// severity is among them unless it is a level that moves.
  func identity(of element: Labels, host: String) -> Labels {
    let data = TemplateData.fields([
      .init("labels", .labels(element)), .init("alert", .text(name)), .init("host", .text(host)),
    ])
    var added = labels.map { label in
      Label(label.name, label.template.constant ?? label.template.render(data).plain)
    }
    if behavior.isLeveled {
      added.append(Label("severity", ""))
    } else if let severity = behavior.levels.first?.severity {
      added.append(Label("severity", severity.name))
    }
    added.append(Label(Labels.alertName, name))
    return element.overlaid(with: added)
  }

  /// The level line in force for an instance, for display.
  func threshold(of instance: AlertInstance) -> LevelThreshold? {
    guard let severity = instance.severity, behavior.isLeveled else { return condition }
    for level in behavior.levels where level.severity == severity {
      if case .threshold(var line) = level.condition {
        line.hold = level.hold
        line.clearHold = level.clearHold
        // A probe clears on its successes, which the counted failures do not show.
        if probe != nil {
          line.clearComparison = nil
          line.clearLimit = nil
        }
        return line
      }
    }
    return condition
  }

  /// A probe's quantity is its failures less its successes; people are told the failures.
  func shown(_ value: Double?) -> Double? {
    guard probe != nil, let value else { return value }
    return max(0, value)
  }
}

/// Renders the texts of one rule's alerts.
struct AlertTexts: Sendable {
  let rule: AlertingRule
  let host: String
  let clock: LocalTime
  let sources: [SourceID: SourceKnowledge]

  /// The texts of an alert as it stands.
  func annotations(of instance: AlertInstance) -> [Alert.Annotation] {
    let data = TemplateData.fields([
      .init("value", rule.shown(instance.value).map { .number($0, rule.unit) } ?? .absent),
      .init("labels", .labels(instance.labels)),
      .init("level", instance.severity.map { .text($0.name) } ?? .absent),
      .init(
        "threshold",
        rule.threshold(of: instance).map { .number($0.limit.value, rule.displayUnit($0)) }
          ?? .absent),
      .init("alert", .text(rule.name)),
      .init("host", .text(host)),
      .init("since", .time(instance.activeAt)),
    ])
    var texts = rule.texts
    for override in instance.severity.flatMap({ rule.levelTexts[$0.name] }) ?? [] {
      if let index = texts.firstIndex(where: { $0.name == override.name }) {
        texts[index] = override
      } else {
        texts.append(override)
      }
    }
    var annotations = texts.map { text in
      Alert.Annotation(name: text.name, text: text.template.render(data, clock: clock))
    }
    if let probe = rule.probe {
      for text in probeTexts(probe, instance)
      where !annotations.contains(where: { $0.name == text.name }) {
        annotations.append(text)
      }
    }
    return annotations
  }

  /// What a probe's alert says when nothing was written: what fails, and why.
  private func probeTexts(
    _ probe: String, _ instance: AlertInstance
  ) -> [Alert.Annotation] {
    let status = sources.sorted { $0.key < $1.key }.first { source, knowledge in
      source.job == probe && knowledge.labels.agrees(with: instance.element)
    }?.value.status
    let target = status?.target ?? instance.element["instance"] ?? ""
    var summary: [RenderedText.Segment] = [.literal(probe)]
    if !target.isEmpty, target != probe { summary += [.literal(" "), .inserted(target)] }
    let count = Int(rule.shown(instance.value) ?? 0)
    switch (count, status?.failure) {
    case (0, _): summary.append(.literal(" answers again"))
    case (_, let reason?): summary += [.literal(" fails: "), .inserted(reason)]
    case (_, nil): summary.append(.literal(" fails"))
    }
    var annotations = [Alert.Annotation(name: "summary", text: RenderedText(segments: summary))]
    if count > 0 {
      let times = count == 1 ? "failed once" : "failed \(count) times in a row"
      annotations.append(
        Alert.Annotation(name: "description", text: RenderedText(literal: times)))
    }
    return annotations
  }
}

extension AlertingRule {
  /// The unit a limit is shown in: its own when it was written with one.
  func displayUnit(_ line: LevelThreshold) -> Unit {
    line.limit.unit == .none ? unit : line.limit.unit
  }
}
