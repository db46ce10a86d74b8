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
    for (id, state) in groupStates
    where state.lanes.contains(where: { $0.due.map { $0 <= turn.now } ?? false }) {
      turn.groups.insert(id)
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

  private func earliestDeadline() -> Timestamp? {
    var times: [Timestamp] = []
    if let nextWindowEdge { times.append(nextWindowEdge) }
    if let edge = nextSilenceEdge { times.append(edge) }
    times += flaps.values.compactMap(\.quietAt)
    for state in groupStates.values { times += state.lanes.compactMap(\.due) }
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
    let announcesClose = plan.channel(channel)?.announcesClose
    guard announcesClose != true, survey.items.contains(where: \.isClose) else { return survey }
    for item in survey.items {
      guard case .close(let reason) = item.kind else { continue }
      let words =
        announcesClose == nil
        ? "the channel is no longer configured" : "\(reason.text), and `resolved no`"
      closeSilently(item.incident, id, channel, words, &turn)
    }
    return groupStates[id].map { self.survey($0, channel, at: turn.now) } ?? Survey()
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
