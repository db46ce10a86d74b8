import Model

/// A record that this room owns.
enum RecordKey: Hashable, Sendable {
  case incident(IncidentID)
  case group(GroupID)
  case silence(String)
  case flap(Fingerprint)

  var table: String {
    switch self {
    case .incident: "routing.incidents"
    case .group: "routing.groups"
    case .silence: "routing.silences"
    case .flap: "routing.flaps"
    }
  }
  var key: String {
    switch self {
    case .incident(let id): id.text
    case .group(let id): id.key
    case .silence(let id): id
    case .flap(let fingerprint): fingerprint.description
    }
  }
}

/// A silence as it is stored; its patterns are compiled again when it is read.
private struct StoredSilence: Codable {
  struct Matcher: Codable {
    var name: String
    var comparison: LabelMatcher.Operator
    var value: String
  }
  var id: String
  var matchers: [Matcher]
  var startsAt: Timestamp
  var endsAt: Timestamp
  var updatedAt: Timestamp
  var createdBy: String
  var comment: String

  init(_ silence: Silence) {
    id = silence.id
    matchers = silence.matchers.map {
      Matcher(name: $0.name, comparison: $0.comparison, value: $0.value)
    }
    startsAt = silence.startsAt
    endsAt = silence.endsAt
    updatedAt = silence.updatedAt
    createdBy = silence.createdBy
    comment = silence.comment
  }

  func silence() throws(Pattern.Failure) -> Silence {
    var read: [LabelMatcher] = []
    for matcher in matchers {
      read.append(try LabelMatcher(matcher.name, matcher.comparison, matcher.value))
    }
    return Silence(
      id: id, matchers: read, startsAt: startsAt, endsAt: endsAt, updatedAt: updatedAt,
      createdBy: createdBy, comment: comment)
  }
}

private struct StoredFlap: Codable {
  var fingerprint: Fingerprint
  var state: FlapState
}

extension Router {
  /// The tables that hold this room's records.
  package static let tables = [
    "routing.incidents", "routing.groups", "routing.silences", "routing.flaps",
  ]

  /// The version of the layout of this room's records.
  static let recordVersion = 1

  /// Everything that must survive a restart, in the order of tables and keys.
  package func checkpoint() -> [StateRecord] {
    var keys: [RecordKey] = incidents.keys.map { .incident($0) }
    keys += groupStates.keys.map { .group($0) }
    keys += silenceList.keys.map { .silence($0) }
    keys += flaps.keys.map { .flap($0) }
    return changes(of: keys).compactMap { change in
      if case .put(let record) = change { return record } else { return nil }
    }
  }

  func changes(of keys: some Sequence<RecordKey>) -> [StateChange] {
    guard keys.contains(where: { _ in true }) else { return [] }
    return keys.map { (key: $0, table: $0.table, name: $0.key) }.sorted { left, right in
      left.table == right.table
        ? Bytes.less(left.name, right.name) : Bytes.less(left.table, right.table)
    }.map { key, table, name in
      record(key, table, name).map(StateChange.put) ?? .remove(table: table, key: name)
    }
  }

  /// The record of what a key names, nil when there is nothing to keep.
  private func record(_ key: RecordKey, _ table: String, _ name: String) -> StateRecord? {
    func record(_ value: (some Encodable)?) -> StateRecord? {
      value.map { StateRecord(table: table, key: name, version: Self.recordVersion, of: $0) }
    }
    switch key {
    case .incident(let id): return record(incidents[id])
    case .group(let id): return record(groupStates[id].flatMap { $0.isIdle ? nil : $0 })
    case .silence(let id): return record(silenceList[id].map(StoredSilence.init))
    case .flap(let fingerprint):
      return record(flaps[fingerprint].map { StoredFlap(fingerprint: fingerprint, state: $0) })
    }
  }

  /// Takes up what an earlier run left. Nothing is told here: the next deadline is now.
  mutating func restore(_ records: [StateRecord], at now: Timestamp) {
    for record in records where record.table.hasPrefix("routing.") {
      do {
        guard record.version == Self.recordVersion else {
          unreadable.append("\(record.table) \(record.key): version \(record.version)")
          continue
        }
        try restore(record, at: now)
      } catch {
        unreadable.append("\(record.table) \(record.key): \(error)")
      }
    }
    silencesPassedAt = now
    var turn = Turn(now)
    for id in incidents.keys.sorted() {
      route(id, &turn)
      // The statement moved or stayed while nobody ran: either way it was not this event.
      incidents[id]?.reroutedAt = nil
    }
    for (id, state) in groupStates {
      for lane in state.lanes { groupStates[id]?[lane.channel].due = now }
      if state.lanes.isEmpty, let channel = channels(of: id).first {
        groupStates[id]?[channel].due = now
      }
      schedule(id)
    }
    if !incidents.isEmpty || !silenceList.isEmpty || !flaps.isEmpty {
      nextDeadline = now
    } else {
      nextDeadline = nextWindowEdge
    }
  }

  private func channels(of id: GroupID) -> [ChannelID] {
    routeIndex[id.route].map { channelsOfRoute[$0].map(\.id) } ?? []
  }

  private mutating func restore(_ record: StateRecord, at now: Timestamp) throws {
    switch record.table {
    case "routing.incidents":
      var incident = try record.value(Incident.self)
      incident.restoredAt = now
      let id = incident.alert.incident
      incidents[id] = incident
      if incident.endedAt == nil || current[incident.alert.fingerprint] == nil {
        current[incident.alert.fingerprint] = id
      }
    case "routing.groups":
      var state = try record.value(GroupState.self)
      for index in state.lanes.indices {
        state.lanes[index].attempt?.index()
        guard let attempt = state.lanes[index].attempt else { continue }
        groupOfMessage[attempt.notification.id] = state.id
        // Nobody is left to report how it ended: the message may arrive twice.
        if case .inFlight = attempt.state {
          state.lanes[index].attempt?.state = .waiting(until: now)
        }
      }
      groupStates[state.id] = state
    case "routing.silences":
      let silence = try record.value(StoredSilence.self).silence()
      silenceList[silence.id] = silence
    case "routing.flaps":
      let flap = try record.value(StoredFlap.self)
      flaps[flap.fingerprint] = flap.state
    default:
      unreadable.append("\(record.table) \(record.key): no such table")
    }
  }
}
