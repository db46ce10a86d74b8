import Model

/// An alert as `POST /api/v2/alerts` brings it.
package struct PostedAlert: Sendable, Hashable {
  package var labels: [Label]
  package var annotations: [Label]
  package var startsAt: Timestamp?
  package var endsAt: Timestamp?
  package var generatorURL: String
  package init(
    labels: [Label], annotations: [Label] = [], startsAt: Timestamp? = nil,
    endsAt: Timestamp? = nil, generatorURL: String = ""
  ) {
    self.labels = labels
    self.annotations = annotations
    self.startsAt = startsAt
    self.endsAt = endsAt
    self.generatorURL = generatorURL
  }
}

/// Why a posted alert was not taken.
package enum PostedAlertFailure: Error, Sendable, Hashable, CustomStringConvertible {
  case noLabels
  case badLabelName(String)
  case endsBeforeStart
  case tooMany(limit: Int)

  package var description: String {
    switch self {
    case .noLabels: "at least one label pair required"
    case .badLabelName(let name): "invalid label name \(PromQuote.quoted(name))"
    case .endsBeforeStart: "start time must be before end time"
    case .tooMany(let limit): "more than \(limit) posted alerts are held"
    }
  }
}

/// The alerts that other systems post: kept while they are renewed, closed when they end
/// (Alertmanager's `api/v2/api.go`, `provider/mem/mem.go`, `alert/alert.go`).
package struct PostedAlerts: Sendable {
  /// What is kept of an alert.
  struct Entry: Sendable, Hashable, Codable {
    var labels: Labels
    var annotations: [Alert.Annotation]
    var startsAt: Timestamp
    var endsAt: Timestamp
    /// Whether the end was set here because the sender named none.
    var isTimeout: Bool
    var updatedAt: Timestamp
    var generatorURL: String
    var incident: IncidentID
    /// Set once the end was told.
    var closed: CloseReason?
  }

  package static let standardTimeout = Duration.seconds(300)
  package static let limit = 10_000

  var entries: [Fingerprint: Entry] = [:]
  var timeout: Duration
  var severities: SeverityScale

  /// The alerts that records hold. `timeout` is how long an alert without an end is believed.
  package init(
    restoring records: [StateRecord] = [], timeout: Duration = PostedAlerts.standardTimeout,
    severities: SeverityScale = .standard
  ) {
    self.timeout = timeout
    self.severities = severities
    for record in records where record.table == AlertRecords.posted {
      guard let entry = AlertRecords.decode(Entry.self, record) else { continue }
      entries[entry.labels.fingerprint] = entry
    }
  }

  /// Everything that a restart needs.
  package func checkpoint() -> [StateRecord] {
    ordered.map { record(of: $0) }
  }

  /// When the next alert ends or is forgotten.
  package var nextDeadline: Timestamp? {
    entries.values.map { entry in
      entry.closed == nil ? entry.endsAt : entry.endsAt + RuleState.keptResolved
    }.min()
  }

  /// The severities of a new configuration.
  package mutating func replace(severities: SeverityScale) { self.severities = severities }

  /// Firing alerts in the order of their labels.
  package func alerts() -> [Alert] {
    ordered.filter { $0.closed == nil }.map(alert)
  }

  /// Takes posted alerts. Those that are in order are kept even when others are refused.
  package mutating func ingest(
    _ posted: [PostedAlert], at now: Timestamp
  ) -> (failures: [PostedAlertFailure], output: RuleOutput) {
    var output = handleDeadline(at: now)
    var failures: [PostedAlertFailure] = []
    for alert in posted {
      switch entry(from: alert, at: now) {
      case .failure(let failure): failures.append(failure)
      case .success(let fresh): put(fresh, at: now, into: &output)
      }
    }
    return (failures, output)
  }

  /// Closes alerts whose end has come and forgets those that ended long ago.
  package mutating func handleDeadline(at now: Timestamp) -> RuleOutput {
    var output = RuleOutput()
    for var entry in ordered {
      let fingerprint = entry.labels.fingerprint
      if entry.closed == nil, entry.endsAt <= now {
        entry.closed = .expired
        entries[fingerprint] = entry
        tell(entry, .resolved(.expired), at: now, in: &output)
      } else if entry.closed != nil, entry.endsAt + RuleState.keptResolved <= now {
        entries[fingerprint] = nil
        output.changes.append(
          .remove(table: AlertRecords.posted, key: fingerprint.description))
      }
    }
    return output
  }

  private var ordered: [Entry] { entries.values.sorted { $0.labels < $1.labels } }

  private func entry(
    from posted: PostedAlert, at now: Timestamp
  ) -> Result<Entry, PostedAlertFailure> {
    let labels = Labels(posted.labels)
    guard !labels.isEmpty else { return .failure(.noLabels) }
    if let bad = labels.first(where: { $0.name.isEmpty }) {
      return .failure(.badLabelName(bad.name))
    }
    let startsAt = posted.startsAt ?? posted.endsAt ?? now
    let endsAt = posted.endsAt ?? now + timeout
    guard startsAt <= endsAt else { return .failure(.endsBeforeStart) }
    let fingerprint = labels.fingerprint
    guard entries[fingerprint] != nil || entries.count < Self.limit else {
      return .failure(.tooMany(limit: Self.limit))
    }
    let annotations = posted.annotations.map { label in
      Alert.Annotation(
        name: label.name, text: RenderedText(segments: [.inserted(label.value)]))
    }
    return .success(
      Entry(
        labels: labels, annotations: annotations, startsAt: startsAt, endsAt: endsAt,
        isTimeout: posted.endsAt == nil, updatedAt: now, generatorURL: posted.generatorURL,
        incident: IncidentID(startedAt: startsAt, fingerprint: fingerprint)))
  }

  private mutating func put(_ fresh: Entry, at now: Timestamp, into output: inout RuleOutput) {
    let fingerprint = fresh.labels.fingerprint
    guard let old = entries[fingerprint] else {
      return begin(fresh, at: now, into: &output)
    }
    let overlaps = fresh.startsAt <= old.endsAt && old.startsAt <= fresh.endsAt
    guard overlaps else {
      // Another incident: the old one has ended, or is taken over.
      if old.closed == nil {
        var ended = old
        ended.closed = .recovered
        ended.endsAt = min(old.endsAt, now)
        tell(ended, .resolved(.recovered), at: now, in: &output)
      }
      return begin(fresh, at: now, into: &output)
    }
    var merged = Self.merge(old, fresh, at: now)
    if old.closed != nil {
      // It fires again inside the old span: told anew, as an incident of its own.
      guard merged.endsAt > now else {
        merged.closed = old.closed
        entries[fingerprint] = merged
        return
      }
      merged.incident = IncidentID(startedAt: now, fingerprint: fingerprint)
      return begin(merged, at: now, into: &output)
    }
    merged.incident = old.incident
    if merged.endsAt <= now {
      merged.closed = .recovered
      entries[fingerprint] = merged
      tell(merged, .resolved(.recovered), at: now, in: &output)
      return
    }
    entries[fingerprint] = merged
    output.changes.append(.put(record(of: merged)))
    if merged.annotations != old.annotations {
      output.updates.append(
        AlertUpdate(alert: alert(merged), transition: .refreshed, time: now))
    }
  }

  private mutating func begin(_ entry: Entry, at now: Timestamp, into output: inout RuleOutput) {
    var entry = entry
    if entry.endsAt <= now {
      // Over before it was heard of: nobody was told that it fired.
      entry.closed = .recovered
      entries[entry.labels.fingerprint] = entry
      output.changes.append(.put(record(of: entry)))
      return
    }
    entries[entry.labels.fingerprint] = entry
    tell(entry, .fired, at: now, in: &output)
  }

  /// One alert out of two that overlap: the newer, with the earliest start; of two ends that count
  /// the later.
  private static func merge(_ old: Entry, _ new: Entry, at now: Timestamp) -> Entry {
    var merged = new
    merged.startsAt = min(old.startsAt, new.startsAt)
    let (oldEnded, newEnded) = (old.endsAt <= now, new.endsAt <= now)
    if newEnded {
      if oldEnded { merged.endsAt = max(old.endsAt, new.endsAt) }
    } else if old.endsAt > new.endsAt, !old.isTimeout {
      merged.endsAt = old.endsAt
      merged.isTimeout = false
    }
    return merged
  }

  private func tell(
    _ entry: Entry, _ transition: AlertTransition, at now: Timestamp, in output: inout RuleOutput
  ) {
    let update = AlertUpdate(alert: alert(entry), transition: transition, time: now)
    output.updates.append(update)
    if let entry = HistoryEntry(update) { output.history.append(entry) }
    output.changes.append(.put(record(of: entry)))
  }

  private func alert(_ entry: Entry) -> Alert {
    let severity = entry.labels["severity"].flatMap { severities[$0] }
    var alert = Alert(
      fingerprint: entry.labels.fingerprint, incident: entry.incident, labels: entry.labels,
      severity: severity, state: entry.closed == nil ? .firing : .inactive,
      activeAt: entry.startsAt)
    alert.annotations = entry.annotations
    alert.firedAt = entry.startsAt
    if let reason = entry.closed {
      alert.resolvedAt = entry.endsAt
      alert.closeReason = reason
    }
    alert.generatorURL = entry.generatorURL
    return alert
  }

  private func record(of entry: Entry) -> StateRecord {
    AlertRecords.record(
      AlertRecords.posted, entry.labels.fingerprint.description, entry)
  }
}
