import Model

/// How a message that does not arrive is tried again.
enum RetryPolicy {
  static let first = Duration.seconds(1)
  static let longest = Duration.seconds(300)
  /// A receiver may ask for more patience, up to this.
  static let longestAsked = Duration.seconds(3600)
  /// After this long the message is a dead letter; its content is tried again one `repeat` later.
  static let bound = Duration.seconds(3600)
  /// A close that could not be delivered for this long is only recorded.
  static let closeBound = Duration.seconds(120 * 3600)

  /// The pause after a failed attempt; attempts count from 1.
  static func pause(after attempt: Int, asked: Duration?) -> Duration {
    let doubled = first * Double(1 << min(max(0, attempt - 1), 10))
    return max(min(doubled, longest), min(asked ?? .zero, longestAsked))
  }
}

extension Router {
  /// Takes what became of a message. Outcomes of attempts that are no longer under way are ignored.
  package mutating func handle(
    _ outcome: DeliveryOutcome, at now: Timestamp
  ) -> RoutingOutput {
    var turn = Turn(now)
    pass(&turn)
    if let group = groupOfMessage[outcome.notification],
      let attempt = groupStates[group]?[outcome.channel].attempt,
      attempt.notification.id == outcome.notification,
      attempt.notification.attempt == outcome.attempt
    {
      take(outcome, of: attempt, in: group, &turn)
      turn.groups.insert(group)
      turn.records.insert(.group(group))
      turn.touched = true
    }
    return settle(&turn)
  }

  private mutating func take(
    _ outcome: DeliveryOutcome, of attempt: Attempt, in group: GroupID, _ turn: inout Turn
  ) {
    let notification = attempt.notification
    let channel = outcome.channel
    switch outcome.result {
    case .delivered(let detail, let rejected):
      noteRejected(rejected, notification, &turn)
      noteDelivery(
        .delivered, notification, priority: 6, reason: outcome.fallback,
        "delivered to \(channel.receiver) by \(channel.channel)"
          + (detail.isEmpty ? "" : ": \(detail)"), &turn)
      tallies[channel, default: ChannelCounters(channel: channel)].delivered += 1
      if !attempt.isRemainder { enter(attempt, in: group, &turn) }
      clearAttempt(group, channel, &turn)
    case .partial(let remaining, let rejected, let reason):
      noteRejected(rejected, notification, &turn)
      noteFailure(
        notification, reason, "only some recipients have it, \(remaining.count) are owed", &turn)
      if !attempt.isRemainder { enter(attempt, in: group, &turn) }
      var rest = attempt
      rest.isRemainder = true
      rest.notification.remainingRecipients = remaining
      postpone(rest, in: group, asked: nil, reason, &turn)
    case .transientFailure(let reason, let retryAfter):
      noteFailure(notification, reason, "it is tried again", &turn)
      postpone(attempt, in: group, asked: retryAfter, reason, &turn)
    case .permanentFailure(let reason):
      noteFailure(notification, reason, "it can't be delivered", &turn)
      giveUp(attempt, in: group, reason, &turn)
    }
  }

  /// Enters a message that arrived into the ledger.
  private mutating func enter(_ attempt: Attempt, in group: GroupID, _ turn: inout Turn) {
    let notification = attempt.notification
    let channel = notification.channel
    groupStates[group]?[channel].thread = MessageThread(
      first: notification.thread.first, count: notification.thread.count + 1)
    groupStates[group]?[channel].lastSent = attempt.lastTried
    groupStates[group]?[channel].deadLetteredAt = nil
    for item in notification.alerts {
      let id = item.alert.incident
      guard let incident = incidents[id] else { continue }
      if case .closed = item.standing {
        incidents[id]?.ledger[channel] = nil
      } else {
        let told = incident.ledger[channel]
        incidents[id]?.ledger[channel] = LedgerEntry(
          channel: channel, severity: item.alert.severity, group: group,
          firstTold: told?.firstTold ?? attempt.lastTried, lastTold: attempt.lastTried,
          thread: notification.thread.first)
        noteFlapTold(item.alert, notification, &turn)
      }
      turn.leaving.insert(id)
      turn.records.insert(.incident(id))
    }
    for item in notification.alerts { seat(item.alert.incident, &turn) }
    endConversationIfOver(group, channel)
  }

  private mutating func noteFlapTold(
    _ alert: Alert, _ notification: Notification, _ turn: inout Turn
  ) {
    guard notification.reason == .flapping, let flap = flaps[alert.fingerprint],
      let since = flap.since, since <= notification.time,
      !flap.told.contains(notification.channel)
    else { return }
    flaps[alert.fingerprint]?.told.append(notification.channel)
    turn.records.insert(.flap(alert.fingerprint))
  }

  /// Sets a failed attempt to wait, or gives it up when it has failed for too long.
  mutating func postpone(
    _ attempt: Attempt, in group: GroupID, asked: Duration?, _ reason: String,
    _ turn: inout Turn
  ) {
    if turn.now - attempt.firstTried >= RetryPolicy.bound {
      giveUp(attempt, in: group, reason, &turn)
      return
    }
    var waiting = attempt
    let pause = RetryPolicy.pause(after: attempt.notification.attempt, asked: asked)
    waiting.state = .waiting(until: turn.now + pause)
    groupStates[group]?[attempt.notification.channel].attempt = waiting
    wakeOthers(attempt, &turn)
  }

  /// Another group may have become the one to tell while the message was under way.
  private func wakeOthers(_ attempt: Attempt, _ turn: inout Turn) {
    for item in attempt.notification.alerts {
      if let incident = incidents[item.alert.incident], incident.seats.count > 1 {
        turn.groups.formUnion(incident.seats)
      }
    }
  }

  private mutating func giveUp(
    _ attempt: Attempt, in group: GroupID, _ reason: String, _ turn: inout Turn
  ) {
    let notification = attempt.notification
    let channel = notification.channel
    tallies[channel, default: ChannelCounters(channel: channel)].deadLetters += 1
    noteDelivery(
      .deadLetter, notification, priority: 3, reason: reason,
      "a message to \(channel.receiver) by \(channel.channel) was given up after "
        + "\(notification.attempt) attempts: \(reason)", &turn)
    if !attempt.isRemainder { groupStates[group]?[channel].deadLetteredAt = turn.now }
    clearAttempt(group, channel, &turn)
  }

  private mutating func clearAttempt(
    _ group: GroupID, _ channel: ChannelID, _ turn: inout Turn
  ) {
    guard let attempt = groupStates[group]?[channel].attempt else { return }
    groupStates[group]?[channel].attempt = nil
    groupOfMessage.removeValue(forKey: attempt.notification.id)
    for item in attempt.notification.alerts {
      turn.leaving.insert(item.alert.incident)
      seat(item.alert.incident, &turn)
    }
    turn.groups.insert(group)
  }

  /// Ends a try whose channel is gone, or whose content nobody is owed any more.
  mutating func dropAttempt(_ group: GroupID, _ channel: ChannelID, _ turn: inout Turn) {
    clearAttempt(group, channel, &turn)
    endConversationIfOver(group, channel)
  }

  /// A message whose outcome did not come in time counts as failed: it may arrive twice.
  mutating func expireAttempt(_ group: GroupID, _ channel: ChannelID, _ turn: inout Turn) {
    guard let attempt = groupStates[group]?[channel].attempt,
      case .inFlight(let deadline) = attempt.state, deadline <= turn.now
    else { return }
    let reason = "no outcome within \(DurationText.text(Self.outcomeBound))"
    noteFailure(attempt.notification, reason, "it is tried again", &turn)
    postpone(attempt, in: group, asked: nil, reason, &turn)
  }

  /// What a conversation does while its message waits for the next attempt.
  mutating func wait(
    _ group: GroupID, _ channel: ChannelID, _ until: Timestamp, _ turn: inout Turn
  ) {
    guard let attempt = groupStates[group]?[channel].attempt else { return }
    groupStates[group]?[channel].due = until
    guard attempt.isRemainder else { return }
    // News for everybody overtakes what only some recipients are owed.
    let survey = currentSurvey(group, channel, &turn)
    if survey.isDue(at: turn.now) {
      clearAttempt(group, channel, &turn)
      tell(group, channel, survey, after: nil, &turn)
    } else if let due = survey.due {
      groupStates[group]?[channel].due = min(until, due)
    }
  }

  /// Tries again with what is true now.
  mutating func retry(_ group: GroupID, _ channel: ChannelID, _ turn: inout Turn) {
    guard let attempt = groupStates[group]?[channel].attempt else { return }
    let survey = currentSurvey(group, channel, &turn)
    if attempt.isRemainder {
      guard !survey.isDue(at: turn.now) else {
        clearAttempt(group, channel, &turn)
        tell(group, channel, survey, after: nil, &turn)
        return
      }
      var notification = attempt.notification
      notification.attempt += 1
      send(
        notification, in: group, firstTried: attempt.firstTried, isRemainder: true, &turn)
    } else if survey.owes(at: turn.now) {
      tell(group, channel, survey, after: attempt, &turn)
    } else {
      dropAttempt(group, channel, &turn)
    }
  }

  private mutating func noteFailure(
    _ notification: Notification, _ reason: String, _ consequence: String, _ turn: inout Turn
  ) {
    tallies[notification.channel, default: ChannelCounters(channel: notification.channel)]
      .failures += 1
    noteDelivery(
      .deliveryFailed, notification, priority: 4, reason: reason,
      "a message to \(notification.channel.receiver) by \(notification.channel.channel) failed: "
        + "\(reason); \(consequence)", &turn)
  }

  private mutating func noteRejected(
    _ rejected: [DeliveryOutcome.RejectedRecipient], _ notification: Notification,
    _ turn: inout Turn
  ) {
    for recipient in rejected {
      noteDelivery(
        .deliveryFailed, notification, priority: 4, reason: recipient.reason,
        "\(recipient.recipient) was refused for good: \(recipient.reason)", &turn)
    }
  }
}
