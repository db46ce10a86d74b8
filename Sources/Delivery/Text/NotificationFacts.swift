import Model

/// What every text of a notification starts from: its alerts in the order they are told.
struct NotificationFacts: Sendable {
  let notification: Notification
  /// New ones and level rises; causes before symptoms, then the worst first.
  let new: [NotifiedAlert]
  let ongoing: [NotifiedAlert]
  let closed: [NotifiedAlert]

  init(_ notification: Notification) {
    self.notification = notification
    let order = CauseOrder(notification.alerts.map(\.alert))
    let sorted = notification.alerts.sorted { order.precedes($0.alert, $1.alert) }
    new = sorted.filter { $0.isNews }
    closed = sorted.filter { $0.closeReason != nil }
    ongoing = sorted.filter { !$0.isNews && $0.closeReason == nil }
  }

  var firing: [NotifiedAlert] { new + ongoing }
  var all: [NotifiedAlert] { new + ongoing + closed }
  /// The one alert the message is about: the only one, or the only one that changed.
  var single: NotifiedAlert? {
    if notification.alerts.count == 1 { return all.first }
    let changed = new + closed
    return changed.count == 1 ? changed[0] : nil
  }

  /// Labels with the same value on every alert.
  var sharedLabels: Labels {
    guard let first = notification.alerts.first else { return Labels() }
    return Labels(
      sorted: first.alert.labels.filter { label in
        notification.alerts.allSatisfy { alert in
          alert.alert.labels[label.name].map { Bytes.equal($0, label.value) } ?? false
        }
      })
  }

  /// Whether all alerts bear one name.
  var hasOneName: Bool {
    guard let first = notification.alerts.first?.alert.name else { return true }
    return notification.alerts.allSatisfy { Bytes.equal($0.alert.name, first) }
  }
}

extension NotifiedAlert {
  /// Told for the first time, at a higher level than before, or again after a mute.
  var isNews: Bool {
    switch standing {
    case .new: true
    case .levelChanged(let from): (alert.severity?.rank ?? -1) > from.rank
    case .ongoing: mutedSince != nil
    case .closed: false
    }
  }

  var closeReason: CloseReason? {
    if case .closed(let reason) = standing { reason } else { nil }
  }

  /// The word of the subject's bracket.
  var tag: String {
    switch standing {
    case .closed(.recovered): return "RESOLVED"
    case .closed: return "CLOSED"
    case .new, .levelChanged, .ongoing: break
    }
    switch alert.knowledge {
    case .known: return Wording.level(alert).uppercased()
    case .noData: return "NO DATA"
    case .error: return "UNKNOWN"
    }
  }

  var tone: Message.Tone {
    switch standing {
    case .closed(.recovered): return .good
    case .closed: return .info
    case .new, .levelChanged, .ongoing: break
    }
    if case .known = alert.knowledge { return alert.severity?.tone ?? .critical }
    return .unknown
  }
}

extension Severity {
  /// The usual words by name; the others by their place, so that a scale of one's own has colours.
  var tone: Message.Tone {
    switch name {
    case "critical", "error", "emergency", "page": .critical
    case "warning", "warn": .warning
    case "info", "information", "notice", "none": .info
    default: rank >= 2 ? .critical : rank == 1 ? .warning : .info
    }
  }
}

extension Alert {
  /// The rule's summary in one line, "" when it has none.
  var summaryLine: String {
    Inline.line(self[annotation: "summary"]?.plain ?? "")
  }

  /// The value with its unit, nil when there is none.
  var valueText: String? { value.map { Wording.value($0, unit) } }

  /// What is wrong in one line, without the alert's name: the summary, else the value against its
  /// limit and the labels that tell which.
  var headline: String {
    let summary = summaryLine
    if !summary.isEmpty {
      let name = Inline.line(name)
      guard summary.hasPrefix(name + " ") || summary.hasPrefix(name + ":") else { return summary }
      return Inline.line(String(summary.dropFirst(name.count + 1)))
    }
    let which = tellingLabels.prefix(3).map { Inline.labelValue($0.value, limit: 40) }
      .joined(separator: " ")
    let what = valueText.map { value in
      threshold.map { "\(value), \(Wording.threshold($0))" } ?? value
    }
    return [which, what ?? ""].filter { !$0.isEmpty }.joined(separator: ": ")
  }

  /// All labels but the name and the level, which every text says elsewhere.
  var tellingLabels: [Label] {
    labels.filter { $0.name != Labels.alertName && $0.name != "severity" }
  }
}
