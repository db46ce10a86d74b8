import Model

/// Which entries of the history are wanted.
package struct HistoryQuery: Sendable, Hashable {
  package var since: Timestamp?
  package var until: Timestamp?
  /// Over the labels of the entry's alert and, where it has no label of that name, over
  /// `alertname`, `severity`, `event`, `receiver`, `channel`, `incident`, `fingerprint`, `group`
  /// and `reason`.
  package var matchers: [LabelMatcher]
  /// The newest this many.
  package var limit: Int
  package init(
    since: Timestamp? = nil, until: Timestamp? = nil, matchers: [LabelMatcher] = [],
    limit: Int = 1000
  ) {
    self.since = since
    self.until = until
    self.matchers = matchers
    self.limit = limit
  }

  /// Whether an entry is wanted, its place among the newest left aside.
  package func accepts(_ entry: HistoryEntry) -> Bool {
    if let since, entry.time < since { return false }
    if let until, entry.time > until { return false }
    return matchers.isEmpty || matchers.allMatch(entry.matchableLabels)
  }

  /// Journal fields that every accepted entry carries: the journal's own index finds them.
  var journalMatches: [Label] {
    var matches = [HistoryEntry.identifierField]
    for matcher in matchers where matcher.comparison == .equal && !matcher.value.isEmpty {
      if matcher.name == "event" { matches.append(Label("TOCSIN_EVENT", matcher.value)) }
      if matcher.name == Labels.alertName { matches.append(Label("TOCSIN_ALERT", matcher.value)) }
    }
    return matches
  }
}

extension HistoryEntry {
  /// What matchers see of an entry.
  var matchableLabels: Labels {
    var extra: [Label] = []
    func add(_ name: String, _ value: String?) {
      if let value, labels[name] == nil { extra.append(Label(name, value)) }
    }
    add(Labels.alertName, alert)
    add("severity", severity)
    add("event", event.rawValue)
    add("receiver", receiver)
    add("channel", channel)
    add("incident", incident?.text)
    add("fingerprint", fingerprint?.description)
    add("group", group)
    add("reason", reason)
    return labels.overlaid(with: extra)
  }
}
