import Model

/// Turns a notification into what is told, within a channel's limits.
package struct MessageWriter: Sendable {
  var context: MessageContext
  var limits: MessageLimits
  /// Whatever a section has to leave out, this many are drawn first.
  private static let leastDrawn = 5

  init(_ context: MessageContext, limits: MessageLimits) {
    self.context = context
    self.limits = limits
  }

  func message(_ notification: Notification) -> Message {
    let facts = NotificationFacts(notification)
    let isSingle = notification.alerts.count == 1
    let shared = facts.sharedLabels
    let sharedLimit = isSingle ? nil : Self.sharedLimit(facts)
    let writer = CardWriter(
      context: context, now: notification.time, limits: limits, shared: shared, isSingle: isSingle,
      hasOneName: facts.hasOneName, sharedLimit: sharedLimit)
    let worst = facts.firing.max { ($0.alert.severity?.rank ?? 0) < ($1.alert.severity?.rank ?? 0) }
    return Message(
      subject: Subject.text(facts, context),
      tone: (worst ?? facts.closed.first)?.tone ?? .info,
      notices: notices(facts),
      place: "\(Inline.line(context.hostName)), \(context.zone.full(notification.time))",
      sharedFacts: sharedLimit.map { [$0] } ?? [],
      sharedLabels: isSingle
        ? [] : shared.filter { $0.name != Labels.alertName && $0.name != "severity" },
      sections: sections(facts, writer, isSingle: isSingle),
      surroundings: surroundings(facts),
      steps: steps(facts, shared),
      footer: footer(notification))
  }

  private func sections(
    _ facts: NotificationFacts, _ writer: CardWriter, isSingle: Bool
  ) -> [Message.Section] {
    if isSingle {
      return [
        Message.Section(
          title: nil, cards: facts.all.map { writer.card($0, brief: false) },
          leftOut: 0)
      ]
    }
    var left = limits.alerts
    var out: [Message.Section] = []
    // The delta is drawn first; the steady rest is brief beside it, and whole in a reminder.
    let isReminder = facts.new.isEmpty && facts.closed.isEmpty
    let parts: [(String, [NotifiedAlert], Bool)] = [
      ("New", facts.new, false), ("Still firing", facts.ongoing, !isReminder),
      ("Resolved", facts.closed, true),
    ]
    for (title, alerts, brief) in parts where !alerts.isEmpty {
      let drawn = alerts.prefix(max(left, min(Self.leastDrawn, limits.alerts)))
      left -= drawn.count
      out.append(
        Message.Section(
          title: title, cards: drawn.map { writer.card($0, brief: brief) },
          leftOut: alerts.count - drawn.count))
    }
    return out
  }

  /// `warning above 80 %` when all that fire have crossed the same limit.
  private static func sharedLimit(_ facts: NotificationFacts) -> String? {
    let firing = facts.firing.map(\.alert)
    guard let first = firing.first, firing.count > 1, let threshold = first.threshold,
      firing.allSatisfy({ $0.threshold == threshold && $0.severity == first.severity })
    else { return nil }
    return "\(Wording.level(first)) \(Wording.threshold(threshold))"
  }

  private func notices(_ facts: NotificationFacts) -> [String] {
    let notification = facts.notification
    switch notification.reason {
    case .test: return ["This is a test: nothing is wrong."]
    case .flapping:
      return ["Flapping: it keeps changing, so only its quieting will be told."]
    case .escalation:
      let oldest = facts.firing.map(\.alert.activeAt).min() ?? notification.time
      return [
        "Escalated: firing for \(Wording.span(notification.time - oldest)), not acknowledged."
      ]
    case .reminder: return ["Reminder: nothing has changed since the last message."]
    case .first, .newAlerts, .levelRise, .update, .unmuted, .closed: return []
    }
  }

  private func surroundings(_ facts: NotificationFacts) -> [String] {
    var lines: [String] = []
    let told = Set(facts.notification.alerts.map(\.alert.fingerprint))
    let others = context.otherFiring.filter {
      $0.state == .firing && !told.contains($0.fingerprint)
    }
    if !others.isEmpty {
      let now = facts.notification.time
      let shown = others.prefix(MessageContext.shownFiring).map { alert in
        "\(Inline.cut(Inline.line(alert.name), to: 60)) "
          + "(\(Wording.level(alert)), \(Wording.span(now - alert.activeAt)))"
      }
      let rest = others.count - shown.count + context.moreFiring
      let more = rest > 0 ? " and \(Wording.grouped(rest)) more" : ""
      lines.append("Also firing here: \(shown.joined(separator: ", "))\(more)")
    }
    if facts.notification.alerts.count == 1,
      let line = context.background[facts.notification.alerts[0].alert.incident]?.recurrence
    {
      let text = Inline.line(line)
      lines.append(text.prefix(1).uppercased() + text.dropFirst())
    }
    return lines
  }

  private func steps(_ facts: NotificationFacts, _ shared: Labels) -> [Message.Step] {
    var steps: [Message.Step] = []
    guard let first = facts.single ?? facts.all.first else { return steps }
    let isSingle = facts.notification.alerts.count == 1
    if isSingle, let link = context.link(first.alert.incident) {
      steps.append(.init(name: "Look", text: link, kind: .link))
    } else if let base = context.baseURL {
      steps.append(.init(name: "Look", text: base + "/", kind: .link))
    } else {
      steps.append(.init(name: "Look", text: "tocsin alerts", kind: .command))
    }
    guard !facts.firing.isEmpty else { return steps }
    steps.append(
      .init(
        name: "Silence", text: silence(facts, isSingle ? first.alert.labels : shared),
        kind: .command))
    return steps
  }

  /// One silence for the whole message: by what its alerts share, or by their names.
  private func silence(_ facts: NotificationFacts, _ labels: Labels) -> String {
    if labels[Labels.alertName] != nil { return PastedCommand.silence(labels) }
    var names: [String] = []
    for told in facts.firing where !names.contains(told.alert.name) && names.count < 8 {
      names.append(told.alert.name)
    }
    return PastedCommand.silence(names: names)
  }

  private func footer(_ notification: Notification) -> String {
    let receiver = Inline.line(notification.channel.receiver, limit: 60)
    if notification.reason == .test { return "You get this as receiver \"\(receiver)\"." }
    let group =
      switch notification.groupedBy {
      case []: "a route that groups everything together"
      case ["..."]: "a route that groups by every label"
      default: "route group by \(notification.groupedBy.joined(separator: ", "))"
      }
    let reminder = notification.nextReminder.map {
      "; next reminder \(context.zone.shortWithZone($0, seenFrom: notification.time))"
    }
    return "You get this as receiver \"\(receiver)\" by \(group)\(reminder ?? "")."
  }
}
