import Model

/// Writes what is said of one alert.
struct CardWriter {
  var context: MessageContext
  var now: Timestamp
  var limits: MessageLimits
  /// Labels said once for the whole group.
  var shared: Labels
  /// Whether the message is about this alert alone.
  var isSingle: Bool
  /// Whether the message is about one name, which then need not be said again.
  var hasOneName: Bool
  /// The limit said once for the whole group.
  var sharedLimit: String?

  /// The steady rest of a group is drawn briefly.
  func card(_ told: NotifiedAlert, brief: Bool) -> Message.Card {
    let alert = told.alert
    let headline = alert.headline
    // A headline made of labels alone repeats what the labels say.
    let says = !alert.summaryLine.isEmpty || alert.value != nil
    let name = Inline.cut(Inline.line(alert.name), to: 100)
    let isTitle = !isSingle && hasOneName && !headline.isEmpty
    var card = Message.Card(
      title: isTitle ? headline : name, level: level(told), tone: told.tone,
      summary: isTitle || !(says || brief) ? "" : headline, facts: [], description: "", labels: [],
      evidence: [], runbook: nil, link: context.link(alert.incident), isBrief: brief)
    guard !brief else {
      card.facts = [briefFact(told)]
      return card
    }
    let background = context.background[alert.incident] ?? IncidentBackground()
    let description = alert[annotation: "description"]?.plain ?? ""
    let limit = isSingle ? limits.description : min(limits.description, 500)
    card.facts =
      told.closeReason.map { closedFacts(alert, $0, headline) }
      ?? firingFacts(told, headline)
    card.facts += background.remarks.prefix(6).map { Inline.line($0) }
    card.description = Inline.paragraph(description, limit: limit)
    card.labels = labels(alert, headline)
    card.evidence = background.evidence.prefix(12).map { Inline.line($0) }
    card.runbook = runbook(alert)
    return card
  }

  private func level(_ told: NotifiedAlert) -> String {
    let level = Wording.level(told.alert)
    switch told.standing {
    case .closed(.recovered): return "resolved"
    case .closed: return "closed"
    case .levelChanged(let from): return "\(from) → \(level)"
    case .new, .ongoing: break
    }
    switch told.alert.knowledge {
    case .known: return level
    case .noData: return told.alert.isHeld ? "no data, was \(level)" : "\(level), no data"
    case .error: return "unknown, was \(level)"
    }
  }

  private func firingFacts(_ told: NotifiedAlert, _ headline: String) -> [String] {
    let alert = told.alert
    var facts: [String] = []
    if let line = measure(alert, headline) { facts.append(line) }
    facts.append(since(alert))
    if let line = change(alert, from: told) { facts.append(line) }
    facts += knowledge(alert)
    if let muted = told.mutedSince {
      facts.append("was muted for \(Wording.span(now - muted)), and still fires")
    }
    if let kept = alert.keepFiringSince {
      facts.append("the condition cleared at \(short(kept)); kept firing by the rule")
    }
    return facts
  }

  /// `warning for 12 min`, `lasted 5 min`.
  private func briefFact(_ told: NotifiedAlert) -> String {
    let alert = told.alert
    if let reason = told.closeReason {
      let lasted = "lasted \(Wording.span((alert.resolvedAt ?? now) - alert.activeAt))"
      return Wording.reason(reason).map { "\($0); \(lasted)" } ?? lasted
    }
    let line = "\(Wording.level(alert)) for \(Wording.span(now - alert.activeAt))"
    switch alert.knowledge {
    case .known: break
    case .noData(let since): return "\(line); no data since \(short(since))"
    case .error(let since, _): return "\(line); the rule fails since \(short(since))"
    }
    if case .levelChanged(let from) = told.standing { return "\(line); was \(from)" }
    return line
  }

  /// The value, unless the summary says it, against the limit it crossed.
  private func measure(_ alert: Alert, _ headline: String) -> String? {
    let value = alert.valueText.flatMap { headline.contains($0) ? nil : $0 }
    guard let threshold = alert.threshold else { return value.map { "value \($0)" } }
    let limit = "\(Wording.level(alert)) \(Wording.threshold(threshold))"
    if headline.contains(Wording.threshold(threshold)) || limit == sharedLimit { return value }
    return value.map { "\($0) now, \(limit)" } ?? limit
  }

  private func since(_ alert: Alert) -> String {
    "since \(short(alert.activeAt)) (\(Wording.span(now - alert.activeAt)))"
  }

  /// `82 % when it started, 95 % at worst, 91 % now`, when there is a difference to tell.
  private func change(_ alert: Alert, from told: NotifiedAlert) -> String? {
    guard let now = alert.valueText, let first = alert.valueAtStart else { return nil }
    let start = Wording.value(first, alert.unit)
    let worst = alert.worstValue.map { Wording.value($0, alert.unit) }
    guard start != now || (worst ?? now) != now else { return nil }
    let peak = worst.flatMap { $0 == now || $0 == start ? nil : ", \($0) at worst" } ?? ""
    return "\(start) when it started\(peak), \(now) now"
  }

  private func knowledge(_ alert: Alert) -> [String] {
    switch alert.knowledge {
    case .known: return []
    case .noData(let since):
      let start = "no data since \(short(since)) (\(Wording.span(now - since)))"
      guard alert.isHeld else { return [start] }
      return [start + ": the last known state is held"]
    case .error(let since, let reason):
      return [
        "the rule fails since \(short(since)) (\(Wording.span(now - since))): "
          + Inline.line(reason, limit: 200),
        "the last known state is held",
      ]
    }
  }

  private func closedFacts(
    _ alert: Alert, _ reason: CloseReason, _ headline: String
  ) -> [String] {
    let end = alert.resolvedAt ?? now
    var facts: [String] = []
    if let reason = Wording.reason(reason) {
      facts.append("closed, \(Inline.line(reason)): it is not known to have recovered")
    }
    let lasted = Wording.span(end - alert.activeAt)
    facts.append("from \(short(alert.activeAt)) to \(short(end)) (\(lasted))")
    let worst = alert.worstValue.map { Wording.value($0, alert.unit) }
    let last = alert.valueText
    if let worst, let last, worst != last {
      facts.append("\(worst) at worst, \(last) at the close")
    } else if let worst {
      facts.append("\(worst) at worst")
    } else if let last, !headline.contains(last) {
      facts.append("\(last) at the close")
    }
    return facts
  }

  /// In a group only those that neither all alerts share nor the headline says.
  private func labels(_ alert: Alert, _ headline: String) -> [Label] {
    if isSingle { return alert.tellingLabels }
    return alert.tellingLabels.filter { label in
      let isShared = shared[label.name].map { Bytes.equal($0, label.value) } ?? false
      return !isShared && !headline.contains(label.value)
    }
  }

  /// Only what a browser opens: a runbook that is no link is drawn as words all the same.
  private func runbook(_ alert: Alert) -> String? {
    let text = alert[annotation: "runbook"] ?? alert[annotation: "runbook_url"]
    guard let text else { return nil }
    let line = Inline.line(text.plain, limit: 500)
    return line.isEmpty ? nil : line
  }

  private func short(_ time: Timestamp) -> String {
    context.zone.short(time, seenFrom: now)
  }
}
