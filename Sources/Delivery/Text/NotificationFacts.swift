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
    let depth = Self.causeDepth(notification.alerts)
    let sorted = notification.alerts.sorted { Self.precedes($0.alert, $1.alert, depth) }
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

  private static func precedes(_ left: Alert, _ right: Alert, _ depth: [String: Int]) -> Bool {
    let (a, b) = (depth[left.name] ?? 0, depth[right.name] ?? 0)
    if a != b { return a < b }
    let (rankLeft, rankRight) = (left.severity?.rank ?? -1, right.severity?.rank ?? -1)
    if rankLeft != rankRight { return rankLeft > rankRight }
    if left.activeAt != right.activeAt { return left.activeAt < right.activeAt }
    return left.labels < right.labels
  }

  /// How many causes stand above each alert's name among the names in the message; a cycle counts
  /// as no cause.
  private static func causeDepth(_ alerts: [NotifiedAlert]) -> [String: Int] {
    var parents: [String: [String]] = [:]
    for alert in alerts.map(\.alert) where parents[alert.name] == nil {
      parents[alert.name] = alert.parents
    }
    var depth: [String: Int] = [:]
    func find(_ name: String, _ path: [String]) -> Int {
      if let known = depth[name] { return known }
      guard !path.contains(name), path.count < 32 else { return 0 }
      let above = (parents[name] ?? []).filter { parents[$0] != nil }
      let found = above.map { find($0, path + [name]) + 1 }.max() ?? 0
      depth[name] = found
      return found
    }
    for name in parents.keys.sorted() { depth[name] = find(name, []) }
    return depth
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
