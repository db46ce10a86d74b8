import Model

extension Router {
  /// Counts a change of an alert's announced state; enough of them, the last one a turn for the
  /// worse, make it flap. A change to quiet is told as usual, so that the notice is about something
  /// that fires.
  mutating func noteFlap(from before: Incident, to after: Incident, _ turn: inout Turn) {
    guard let policy = after.alert.flapping, policy.changes > 0 else { return }
    let wasFiring = before.isFiring && before.firingSince != nil
    let levelMoved =
      wasFiring && after.isFiring && before.alert.severity != after.alert.severity
    guard wasFiring != after.isFiring || levelMoved else { return }
    let fingerprint = after.alert.fingerprint
    var flap = flaps[fingerprint] ?? FlapState(policy: policy)
    flap.policy = policy
    flap.note(turn.now)
    if flap.since == nil && after.isFiring && flap.changes.count >= policy.changes {
      flap.since = turn.now
      flap.told = []
      turn.output.history.append(
        entry(
          .announced, after.alert, at: turn.now, reason: "flapping",
          "\(named(after.alert)) is flapping: \(policy.changes) changes in "
            + "\(DurationText.text(policy.window)), quiet until it settles"))
    }
    flaps[fingerprint] = flap
    turn.records.insert(.flap(fingerprint))
    turn.touched = true
  }

  /// Whether a channel that knows of the flapping is told nothing more until it ends.
  func isHeld(_ alert: Alert, on channel: ChannelID) -> Bool {
    guard let flap = flaps[alert.fingerprint], flap.since != nil else { return false }
    return flap.told.contains(channel)
  }

  /// Whether an alert flaps and a channel does not know yet.
  func flappingSince(_ alert: Alert, untoldOn channel: ChannelID) -> Timestamp? {
    guard let flap = flaps[alert.fingerprint], let since = flap.since,
      !flap.told.contains(channel)
    else { return nil }
    return since
  }

  /// Ends the flapping of alerts that have been quiet for their window, and forgets old changes.
  mutating func settleFlaps(_ turn: inout Turn) {
    for fingerprint in flaps.keys.sorted() {
      guard let flap = flaps[fingerprint], let quietAt = flap.quietAt, quietAt <= turn.now
      else { continue }
      flaps.removeValue(forKey: fingerprint)
      turn.records.insert(.flap(fingerprint))
      turn.touched = true
      guard flap.since != nil else { continue }
      let members = incidents.keys.sorted().filter {
        incidents[$0]?.alert.fingerprint == fingerprint
      }
      for id in members { turn.groups.formUnion(incidents[id]?.seats ?? []) }
      if let alert = members.last.flatMap({ incidents[$0]?.alert }) {
        turn.output.history.append(
          entry(
            .announced, alert, at: turn.now, reason: "flapping",
            "\(named(alert)) has settled and is no longer flapping"))
      }
    }
  }
}
