import Model

extension Router {
  /// How long parent probes get to answer before their child is announced without them.
  static let verificationBound = Duration.seconds(6)
  /// How long after a restart a state may wait for its confirmation before it is told.
  static let confirmationBound = Duration.seconds(60)

  /// Where a survey is made.
  struct Place {
    var group: GroupID
    var channel: ChannelID
    var lane: Lane
    /// The group's route; nil when the plan has it no more.
    var route: Int?
    var timing: GroupTiming
    /// The last time the conversation spoke; nil when it has not.
    var spoke: Timestamp?
  }

  func survey(_ state: GroupState, _ channel: ChannelID, at now: Timestamp) -> Survey {
    let lane = state[channel]
    let route = routeIndex[state.id.route]
    let told = state.members.compactMap { id -> LedgerEntry? in
      guard let incident = incidents[id], let entry = incident.ledger[channel] else { return nil }
      let isHere = entry.group == state.id || teller(incident, channel) == state.id
      return isHere ? entry : nil
    }
    let place = Place(
      group: state.id, channel: channel, lane: lane, route: route,
      timing: plan.tree[route ?? 0].timing,
      spoke: told.isEmpty ? nil : max(lane.lastFlush, told.map(\.lastTold).max()))
    var survey = Survey(isOpen: !told.isEmpty)
    for id in state.members.sorted() {
      guard let incident = incidents[id] else { continue }
      add(incident, place, now, &survey)
    }
    timeNews(place, now, &survey)
    timeCloses(place, now, &survey)
    let reminded = survey.items.contains { item in
      guard case .news = item.kind else { return !item.isClose }
      return false
    }
    if reminded, let last = max(lane.lastSent, told.map(\.lastTold).max()) {
      let base = max(last, lane.deadLetteredAt ?? last) + place.timing.repeatInterval
      survey.reminder =
        lane.attempt == nil ? confirmed(base, survey.items, now) : base
    }
    return survey
  }

  /// The group that tells a channel of an incident: the one that did, while its route leads there
  /// and is not muted by a window; else the first in route order that is not muted.
  func teller(_ incident: Incident, _ channel: ChannelID) -> GroupID? {
    var first: GroupID?
    var audible: GroupID?
    let toldBy = incident.ledger[channel]?.group
    var tolderLeads = false
    for (index, group) in zip(incident.routes, incident.groups)
    where channelsOfRoute[index].contains(where: { $0.id == channel }) {
      if first == nil { first = group }
      if toldBy == group { tolderLeads = true }
      guard routeMutes[index].isEmpty else { continue }
      if toldBy == group { return group }
      if audible == nil { audible = group }
    }
    return audible ?? (tolderLeads ? toldBy : first)
  }

  /// Whether a message of another group about the incident is on its way to the channel: until its
  /// outcome is known nobody else speaks of it there.
  private func isTold(
    _ incident: Incident, on channel: ChannelID, elsewhere group: GroupID
  ) -> Bool {
    incident.seats.contains { seat in
      guard seat != group, let attempt = groupStates[seat]?[channel].attempt,
        case .inFlight = attempt.state
      else { return false }
      return !attempt.isRemainder && attempt.mentions(incident.alert.incident)
    }
  }

  /// Adds what the conversation holds of one incident.
  private func add(
    _ incident: Incident, _ place: Place, _ now: Timestamp, _ survey: inout Survey
  ) {
    let id = incident.alert.incident
    if isTold(incident, on: place.channel, elsewhere: place.group) { return }
    let entry = incident.ledger[place.channel]
    let teller = teller(incident, place.channel)
    let isHeld = isHeld(incident.alert, on: place.channel)
    if let entry, entry.group == place.group {
      if incident.endedAt != nil {
        guard !isHeld else { return }
        let reason = incident.alert.closeReason ?? .recovered
        survey.items.append(
          SurveyItem(
            incident: id, kind: .close(reason), since: incident.endedAt, due: incident.endedAt))
        return
      }
      if teller == nil {
        survey.items.append(
          SurveyItem(
            incident: id, kind: .close(departure(of: incident, from: place.channel)),
            since: incident.reroutedAt, due: incident.reroutedAt ?? now))
        return
      }
    }
    guard teller == place.group, incident.isFiring, !isHeld, let route = place.route,
      incident.mutes.isEmpty, routeMutes[route].isEmpty
    else { return }
    let notice = flappingSince(incident.alert, untoldOn: place.channel)
    let span = incident.muteSpan(on: place.group.route)
    guard let entry else {
      var item = SurveyItem(incident: id, kind: .news, due: now, isFlapNotice: notice != nil)
      item.mutedSince = span?.until == nil ? nil : span?.since
      survey.items.append(item)
      return
    }
    survey.items.append(toldItem(incident, entry, span, notice, place))
  }

  /// What is owed of an incident that the channel knows of.
  private func toldItem(
    _ incident: Incident, _ entry: LedgerEntry, _ span: MuteSpan?, _ notice: Timestamp?,
    _ place: Place
  ) -> SurveyItem {
    var item = SurveyItem(incident: incident.alert.incident, kind: .ongoing)
    if let from = entry.severity, let to = incident.alert.severity,
      from.name != to.name
    {
      let since = incident.levelSince ?? entry.lastTold
      item.kind = .level(from: from, rises: from < to)
      item.due = from < to ? since : tick(since, place)
    }
    if let until = span?.until, let since = span?.since, until > entry.lastTold {
      // What was muted for less than `update` missed nothing.
      if until - since >= place.timing.update {
        item.mutedSince = since
        // The child often recovers right after its parent.
        let pause = until == incident.explainedUntil ? place.timing.wait : .zero
        item.due = min(item.due, until + pause)
      }
    }
    if let notice {
      item.isFlapNotice = true
      item.due = min(item.due, notice)
    }
    if let due = item.due { item.due = afterDeadLetter(due, place) }
    return item
  }

  private func departure(of incident: Incident, from channel: ChannelID) -> CloseReason {
    let receivers = self.receivers(of: incident)
    if plan.channel(channel) == nil || receivers.contains(channel.receiver) {
      return .receiverRemoved
    }
    return .superseded(by: receivers.joined(separator: ", "))
  }

  func receivers(of incident: Incident) -> [String] {
    var names: [String] = []
    for index in incident.routes {
      for name in plan.tree[index].receivers where !names.contains(name) { names.append(name) }
    }
    return names
  }

  // MARK: Timers

  /// The first update of the conversation at or after a time: updates follow each other from the
  /// last message on (`alertmanager/dispatch/dispatch.go` run).
  private func tick(_ since: Timestamp, _ place: Place) -> Timestamp {
    guard let spoke = place.spoke else { return since }
    let update = place.timing.update
    let step = max(1, update.wholeMilliseconds)
    let passed = (since - spoke).wholeMilliseconds
    let steps = max(1, (passed + step - 1) / step)
    return spoke + .milliseconds(steps * step)
  }

  /// What was owed when a message was given up is tried again one `repeat` later.
  private func afterDeadLetter(_ due: Timestamp, _ place: Place) -> Timestamp {
    guard let given = place.lane.deadLetteredAt, due <= given else { return due }
    return given + place.timing.repeatInterval
  }

  private func wasGivenUp(_ due: Timestamp, _ place: Place) -> Bool {
    place.lane.deadLetteredAt.map { due <= $0 } ?? false
  }

  /// Times the announcements of a survey, and asks parent probes before the first one.
  private func timeNews(_ place: Place, _ now: Timestamp, _ survey: inout Survey) {
    let wait = place.timing.wait
    let first = survey.items.compactMap { item -> Timestamp? in
      guard case .news = item.kind, let ready = incidents[item.incident]?.ready(after: wait) else {
        return nil
      }
      return wasGivenUp(ready, place) ? nil : ready
    }.min()
    for index in survey.items.indices {
      guard case .news = survey.items[index].kind,
        let incident = incidents[survey.items[index].incident]
      else { continue }
      let heard = incident.firingSince ?? now
      let arrival = max(heard, incident.reroutedAt ?? heard)
      let ready = incident.ready(after: wait)
      let base = wasGivenUp(ready, place) ? ready : first ?? ready
      var due = survey.isOpen ? tick(arrival, place) : base
      let span = incident.muteSpan(on: place.group.route)
      if let until = span?.until, until >= arrival, until != incident.explainedUntil {
        due = survey.isOpen ? until : max(until, ready)
      }
      if let explained = incident.explainedUntil {
        // The child often recovers right after its parent: it gets the time of a new group.
        survey.items[index].gate = explained + wait
        due = max(due, explained + wait)
      }
      due = afterDeadLetter(due, place)
      if place.lane.attempt == nil, let restored = incident.restoredAt, due <= restored {
        due = restored + Self.confirmationBound
        survey.items[index].gate = max(survey.items[index].gate, due)
      }
      survey.items[index].due = due
      gate(&survey.items[index], incident, now, &survey.asks, &survey.askAt)
    }
  }

  /// Holds an announcement until the parent probes have answered or their time is up.
  private func gate(
    _ item: inout SurveyItem, _ incident: Incident, _ now: Timestamp, _ asks: inout [IncidentID],
    _ askAt: inout Timestamp?
  ) {
    guard incident.ledger.isEmpty, let due = item.due,
      incident.alert.parents.contains(where: plan.probes.contains)
    else { return }
    guard let verification = incident.verification else {
      let ask = due - Self.verificationBound
      item.gate = max(item.gate, max(ask, now) + Self.verificationBound)
      if ask <= now { asks.append(item.incident) } else { askAt = min(askAt, ask) }
      return
    }
    if !verification.awaiting.isEmpty {
      item.gate = max(item.gate, verification.askedAt + Self.verificationBound)
    }
  }

  /// Times the closes of a survey: at `resolve wait` when nothing in the conversation fires any
  /// more, else with the next update.
  private func timeCloses(_ place: Place, _ now: Timestamp, _ survey: inout Survey) {
    let isLive = survey.items.contains { !$0.isClose && $0.gate <= now } || hasMutedTold(place)
    let ends = survey.items.filter(\.isClose).compactMap(\.due)
    guard let last = ends.max() else { return }
    for index in survey.items.indices where survey.items[index].isClose {
      let since = survey.items[index].due ?? last
      let due = isLive ? tick(since, place) : last + place.timing.resolveWait
      survey.items[index].due = afterDeadLetter(due, place)
    }
  }

  /// Whether an alert that the channel was told of fires here, muted.
  private func hasMutedTold(_ place: Place) -> Bool {
    groupStates[place.group]?.members.contains { id in
      guard let incident = incidents[id], incident.endedAt == nil,
        let entry = incident.ledger[place.channel]
      else { return false }
      return entry.group == place.group && teller(incident, place.channel) == place.group
    } ?? false
  }

  /// After a restart, a reminder that fell due in between waits until something confirms the state.
  private func confirmed(
    _ due: Timestamp, _ items: [SurveyItem], _ now: Timestamp
  ) -> Timestamp {
    let restored = items.map { incidents[$0.incident]?.restoredAt }
    guard !restored.contains(nil), let at = restored.compactMap({ $0 }).max(), due <= at else {
      return due
    }
    return at + Self.confirmationBound
  }
}

/// The earlier of two times, of which one may be missing.
private func min(_ left: Timestamp?, _ right: Timestamp) -> Timestamp {
  left.map { $0 < right ? $0 : right } ?? right
}

/// The later of two times, of which either may be missing.
private func max(_ left: Timestamp?, _ right: Timestamp?) -> Timestamp? {
  guard let left, let right else { return left ?? right }
  return left > right ? left : right
}
