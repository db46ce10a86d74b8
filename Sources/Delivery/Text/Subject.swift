import Model

/// The line that carries level, host and alert in its first 60 characters: the e-mail's subject,
/// the chat message's header, the terminal's line.
enum Subject {
  private static let longest = 200
  /// How much of a summary a subject repeats.
  private static let longestHeadline = 110

  static func text(_ facts: NotificationFacts, _ context: MessageContext) -> String {
    let line =
      if let single = facts.single {
        one(single, facts, context)
      } else {
        several(facts, context)
      }
    return Inline.cut(Inline.line(line, limit: 400), to: longest)
  }

  private static func one(
    _ told: NotifiedAlert, _ facts: NotificationFacts, _ context: MessageContext
  ) -> String {
    let tag = facts.notification.reason == .test ? "TEST" : told.tag
    let name = Inline.cut(Inline.line(told.alert.name), to: 60)
    var headline = told.alert.headline
    var colon = ""
    if told.closeReason == nil, let unknown = unknownHeadline(told.alert, facts.notification.time) {
      headline = unknown
      colon = ":"
    }
    headline = Inline.cut(headline, to: longestHeadline)
    let remarks = self.remarks(told, facts)
    let end = remarks.isEmpty ? "" : " (\(remarks.joined(separator: "; ")))"
    return "[\(tag)] \(context.shortHost): \(name)\(colon) \(headline)\(end)"
  }

  /// What is not known, and since when, of an alert whose state is held.
  private static func unknownHeadline(_ alert: Alert, _ now: Timestamp) -> String? {
    switch alert.knowledge {
    case .known: return nil
    case .noData(let since):
      let source = alert.labels["job"].map { "nothing from \(Inline.labelValue($0))" } ?? "no data"
      return "\(source) for \(Wording.span(now - since))"
    case .error(let since, _):
      return "cannot be evaluated for \(Wording.span(now - since))"
    }
  }

  private static func remarks(_ told: NotifiedAlert, _ facts: NotificationFacts) -> [String] {
    let (alert, now) = (told.alert, facts.notification.time)
    var out: [String] = []
    switch told.standing {
    case .closed(let reason):
      out.append(
        Wording.reason(reason)
          ?? "lasted \(Wording.span((alert.resolvedAt ?? now) - alert.activeAt))")
    case .levelChanged(let from): out.append("was \(from)")
    case .new, .ongoing: break
    }
    if told.closeReason == nil {
      if alert.isHeld {
        out.append("state held: \(Wording.level(alert))")
      } else if case .noData = alert.knowledge {
        out.append(Wording.level(alert))
      }
      if let since = told.mutedSince { out.append("was muted \(Wording.span(now - since))") }
      switch facts.notification.reason {
      case .reminder: out.append("still firing, \(Wording.span(now - alert.activeAt))")
      case .escalation: out.append("escalated: firing \(Wording.span(now - alert.activeAt))")
      case .flapping: out.append("flapping")
      case .first, .newAlerts, .levelRise, .update, .unmuted, .closed, .test: break
      }
    }
    let others = facts.firing.count - (told.closeReason == nil ? 1 : 0)
    if others > 0 { out.append("\(Wording.grouped(others)) still firing") }
    return out
  }

  private static func several(_ facts: NotificationFacts, _ context: MessageContext) -> String {
    let tag = facts.notification.reason == .test ? "TEST" : counts(facts)
    var remarks: [String] = []
    if !facts.new.isEmpty, !facts.ongoing.isEmpty {
      remarks.append("\(Wording.grouped(facts.new.count)) new")
    }
    switch facts.notification.reason {
    case .reminder: remarks.append("still firing")
    case .escalation: remarks.append("escalated")
    case .flapping: remarks.append("flapping")
    case .unmuted: remarks.append("no longer muted")
    case .first, .newAlerts, .levelRise, .update, .closed, .test: break
    }
    let end = remarks.isEmpty ? "" : " (\(remarks.joined(separator: "; ")))"
    return "[\(tag)] \(context.shortHost): \(names(facts))\(end)"
  }

  /// `2 CRITICAL, 1 WARNING, 3 RESOLVED`
  private static func counts(_ facts: NotificationFacts) -> String {
    var levels: [(word: String, rank: Int, count: Int)] = []
    for told in facts.firing + facts.closed {
      let word = told.tag
      if let index = levels.firstIndex(where: { $0.word == word }) {
        levels[index].count += 1
      } else {
        let rank = told.closeReason == nil ? (told.alert.severity?.rank ?? 0) : -1
        levels.append((word, rank, 1))
      }
    }
    // The order told puts causes first; the bracket counts the worst first.
    return levels.sorted { ($1.rank, $0.word) < ($0.rank, $1.word) }
      .map { "\(Wording.grouped($0.count)) \($0.word)" }.joined(separator: ", ")
  }

  /// The alerts' names; when there is but one, the values of the label that tells them apart.
  private static func names(_ facts: NotificationFacts) -> String {
    var names: [String] = []
    for told in facts.all where !names.contains(told.alert.name) {
      names.append(told.alert.name)
      if names.count == 12 { break }
    }
    guard names.count == 1 else {
      return listed(names.map { Inline.cut(Inline.line($0), to: 40) }, isWhole: names.count < 12)
    }
    let name = Inline.cut(Inline.line(names[0]), to: 60)
    guard let label = tellingLabel(facts.all) else { return name }
    var values: [String] = []
    for told in facts.all {
      let value = Inline.cut(Inline.line(told.alert.labels[label] ?? ""), to: 30)
      if !value.isEmpty, !values.contains(value) { values.append(value) }
      if values.count == 12 { break }
    }
    return "\(name) \(listed(values, isWhole: values.count < 12))"
  }

  /// The label with the most values among the alerts; of several, the shortest ones.
  private static func tellingLabel(_ alerts: [NotifiedAlert]) -> String? {
    var values: [String: Set<String>] = [:]
    for told in alerts.prefix(200) {
      for label in told.alert.tellingLabels { values[label.name, default: []].insert(label.value) }
    }
    let ranked = values.filter { $0.value.count > 1 }.map { entry in
      (
        name: entry.key, count: entry.value.count,
        length: entry.value.reduce(0) { $0 + $1.utf8.count }
      )
    }
    return ranked.min { ($1.count, $0.length, $0.name) < ($0.count, $1.length, $1.name) }?.name
  }

  /// As many items as fit, `…` for the rest.
  private static func listed(_ items: [String], isWhole: Bool) -> String {
    var out = ""
    for (index, item) in items.enumerated() {
      let next = index == 0 ? item : out + ", " + item
      if index > 0, next.count > 90 { return out + " …" }
      out = next
    }
    return isWhole ? out : out + " …"
  }
}

extension Alert {
  /// Whether the state is held for want of data, rather than raised by the want itself.
  var isHeld: Bool {
    switch knowledge {
    case .known: false
    case .noData(let since): (firedAt ?? activeAt) < since
    case .error: true
    }
  }
}
