import Model

extension Router {
  /// Lets time pass: windows, silences and flapping end, conversations become due.
  mutating func pass(_ turn: inout Turn) {
    guard let deadline = nextDeadline, deadline <= turn.now else { return }
    turn.touched = true
    if let edge = nextWindowEdge, edge <= turn.now {
      readWindows(at: turn.now)
      turn.mutesStale = true
      // A window that ends can change which of several groups tells a channel.
      turn.groups.formUnion(groupStates.keys)
    }
    if passSilences(&turn) { turn.mutesStale = true }
    settleFlaps(&turn)
    while let next = nextDue(), next.time <= turn.now {
      turn.groups.insert(next.group)
      groupStates[next.group]?.due = nil
    }
  }

  /// The group that is due first; void entries go.
  private mutating func nextDue() -> DueQueue.Entry? {
    while let first = dues.first {
      if groupStates[first.group]?.due == first.time { return first }
      dues.removeFirst()
    }
    return nil
  }

  /// Enters when a group is due.
  mutating func schedule(_ id: GroupID) {
    guard let state = groupStates[id] else { return }
    let due = state.lanes.compactMap(\.due).min()
    guard due != state.due else { return }
    groupStates[id]?.due = due
    if let due { dues.insert(.init(time: due, group: id)) }
    guard dues.count > 4 * groupStates.count + 64 else { return }
    // Mostly void entries: begin again with what holds.
    dues = DueQueue()
    for (id, state) in groupStates {
      if let due = state.due { dues.insert(.init(time: due, group: id)) }
    }
  }

  /// Brings every conversation that the event touched up to date and closes the books.
  mutating func settle(_ turn: inout Turn) -> RoutingOutput {
    if turn.mutesStale { updateMutes(&turn) }
    while !turn.groups.isEmpty || !turn.leaving.isEmpty {
      let groups = turn.groups
      turn.groups = []
      turn.touched = true
      for id in ordered(groups) { reconsider(id, &turn) }
      let leaving = turn.leaving
      turn.leaving = []
      for id in leaving.sorted() { removeIfDone(id, &turn) }
    }
    if turn.touched || !turn.records.isEmpty { nextDeadline = earliestDeadline() }
    turn.output.changes = changes(of: turn.records)
    return turn.output
  }

  /// Groups in route order, so that what several events do in one turn has one order.
  func ordered(_ groups: some Sequence<GroupID>) -> [GroupID] {
    groups.map { (routeIndex[$0.route] ?? Int.max, $0) }.sorted { left, right in
      if left.0 != right.0 { return left.0 < right.0 }
      if left.1.route != right.1.route { return Bytes.less(left.1.route, right.1.route) }
      return left.1.labels < right.1.labels
    }.map(\.1)
  }

  private mutating func earliestDeadline() -> Timestamp? {
    var times: [Timestamp] = []
    if let nextWindowEdge { times.append(nextWindowEdge) }
    if let edge = nextSilenceEdge { times.append(edge) }
    times += flaps.values.compactMap(\.quietAt)
    if let next = nextDue() { times.append(next.time) }
    return times.min()
  }

  /// Brings one group's conversations up to date.
  private mutating func reconsider(_ id: GroupID, _ turn: inout Turn) {
    guard let state = groupStates[id] else { return }
    var channels = routeIndex[id.route].map { channelsOfRoute[$0].map(\.id) } ?? []
    for lane in state.lanes where !channels.contains(lane.channel) { channels.append(lane.channel) }
    for member in state.members.sorted() {
      for entry in incidents[member]?.ledger.entries ?? []
      where entry.group == id && !channels.contains(entry.channel) {
        channels.append(entry.channel)
      }
    }
    for channel in channels { reconsider(id, channel, &turn) }
    guard let settled = groupStates[id] else { return }
    turn.records.insert(.group(id))
    if settled.members.isEmpty && settled.lanes.allSatisfy({ $0.attempt == nil }) {
      groupStates.removeValue(forKey: id)
    } else {
      schedule(id)
    }
  }

  /// Brings one conversation up to date: asks, closes silently, retries or tells what is due.
  private mutating func reconsider(
    _ id: GroupID, _ channel: ChannelID, _ turn: inout Turn
  ) {
    guard let state = groupStates[id] else { return }
    if plan.channel(channel) == nil, state[channel].attempt != nil {
      dropAttempt(id, channel, &turn)
    }
    expireAttempt(id, channel, &turn)
    switch groupStates[id]?[channel].attempt?.state {
    case .inFlight(let deadline):
      groupStates[id]?[channel].due = deadline
      return
    case .waiting(let until) where until > turn.now:
      wait(id, channel, until, &turn)
      return
    case .waiting: retry(id, channel, &turn)
    case nil: tellWhatIsDue(id, channel, &turn)
    }
  }

  private mutating func tellWhatIsDue(
    _ id: GroupID, _ channel: ChannelID, _ turn: inout Turn
  ) {
    let survey = currentSurvey(id, channel, &turn)
    if survey.isDue(at: turn.now) {
      tell(id, channel, survey, after: nil, &turn)
    } else {
      groupStates[id]?[channel].due = survey.due
    }
  }

  /// A survey after parent probes were asked and silent closes were made.
  mutating func currentSurvey(
    _ id: GroupID, _ channel: ChannelID, _ turn: inout Turn
  ) -> Survey {
    guard let state = groupStates[id] else { return Survey() }
    var survey = survey(state, channel, at: turn.now)
    if !survey.asks.isEmpty {
      for incident in survey.asks { ask(incident, &turn) }
      survey = self.survey(state, channel, at: turn.now)
    }
    var wasClosed = false
    for item in survey.items {
      guard case .close(let reason) = item.kind,
        let words = silence(of: item, reason, state[channel], channel, at: turn.now)
      else { continue }
      closeSilently(item.incident, id, channel, words, &turn)
      wasClosed = true
    }
    guard wasClosed else { return survey }
    return groupStates[id].map { self.survey($0, channel, at: turn.now) } ?? Survey()
  }

  /// Why a close is not told; nil when it is.
  private func silence(
    of item: SurveyItem, _ reason: CloseReason, _ lane: Lane, _ channel: ChannelID,
    at now: Timestamp
  ) -> String? {
    guard let outline = plan.channel(channel) else {
      return "the channel is no longer configured"
    }
    if !outline.announcesClose { return "\(reason.text), and `resolved no`" }
    guard lane.attempt == nil, lane.deadLetteredAt != nil, let since = item.since,
      now - since >= RetryPolicy.closeBound
    else { return nil }
    return "\(reason.text), but the channel has refused it for "
      + DurationText.text(RetryPolicy.closeBound)
  }

  private mutating func ask(_ id: IncidentID, _ turn: inout Turn) {
    guard let parents = incidents[id]?.alert.parents else { return }
    let probes = parents.filter(plan.probes.contains)
    incidents[id]?.verification = Verification(askedAt: turn.now, awaiting: probes)
    for probe in probes where !turn.output.verify.contains(probe) {
      turn.output.verify.append(probe)
    }
    turn.records.insert(.incident(id))
  }

  private mutating func closeSilently(
    _ incident: IncidentID, _ group: GroupID, _ channel: ChannelID, _ words: String,
    _ turn: inout Turn
  ) {
    guard let alert = incidents[incident]?.alert else { return }
    incidents[incident]?.ledger[channel] = nil
    noteSilentClose(alert, on: channel, reason: words, &turn)
    endConversationIfOver(group, channel)
    seat(incident, &turn)
    turn.records.insert(.incident(incident))
    turn.leaving.insert(incident)
  }

  /// A conversation with nothing told left in it is over: the next one begins with `wait`.
  mutating func endConversationIfOver(_ group: GroupID, _ channel: ChannelID) {
    guard let state = groupStates[group] else { return }
    let isOpen = state.members.contains { id in
      guard let incident = incidents[id], incident.ledger[channel] != nil else { return false }
      return incident.ledger[channel]?.group == group || teller(incident, channel) == group
    }
    guard !isOpen else { return }
    groupStates[group]?[channel].thread = nil
    groupStates[group]?[channel].lastFlush = nil
    groupStates[group]?[channel].lastSent = nil
  }
}
