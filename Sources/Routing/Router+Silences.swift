import Model

extension Router {
  /// How long a silence is kept after its end (`alertmanager/silence/silence.go` retention).
  static let silenceRetention = Duration.seconds(120 * 3600)
  static let silenceLimit = 10_000

  /// Every silence, those that have ended within the last 120 h too, in the order of their ids.
  package var silences: [Silence] {
    silenceList.values.sorted { Bytes.less($0.id, $1.id) }
  }

  /// Changes the silences and gives the id of the one in force afterwards.
  package mutating func handle(
    _ command: SilenceCommand, at now: Timestamp
  ) -> (Result<String, SilenceFailure>, RoutingOutput) {
    var turn = Turn(now)
    pass(&turn)
    let result: Result<String, SilenceFailure>
    switch command {
    case .set(let draft, let newID): result = set(draft, newID, &turn)
    case .expire(let id): result = expire(id, &turn)
    }
    return (result, settle(&turn))
  }

  private mutating func set(
    _ draft: SilenceDraft, _ newID: String, _ turn: inout Turn
  ) -> Result<String, SilenceFailure> {
    if let failure = flaw(in: draft, at: turn.now) { return .failure(failure) }
    var draft = draft
    if let id = draft.id {
      guard let old = silenceList[id] else { return .failure(.unknown(id: id)) }
      if Self.canUpdate(old, to: draft, at: turn.now) {
        if old.state(at: turn.now) == .active { draft.startsAt = old.startsAt }
        put(silence(draft, id: id, at: turn.now), &turn)
        return .success(id)
      }
    }
    guard silenceList.count < Self.silenceLimit else {
      return .failure(.tooMany(limit: Self.silenceLimit))
    }
    if let id = draft.id { end(id, &turn) }
    draft.startsAt = max(draft.startsAt, turn.now)
    put(silence(draft, id: newID, at: turn.now), &turn)
    return .success(newID)
  }

  private func flaw(in draft: SilenceDraft, at now: Timestamp) -> SilenceFailure? {
    if draft.matchers.allSatisfy(\.matchesEmpty) { return .matchesEverything }
    if draft.startsAt >= draft.endsAt { return .endsBeforeItStarts }
    if draft.endsAt < now { return .endsInThePast }
    return nil
  }

  /// Whether a change keeps the silence's identity: the matchers are the same, and an active one
  /// keeps its start to the second while a pending one does not move into the past.
  private static func canUpdate(
    _ old: Silence, to draft: SilenceDraft, at now: Timestamp
  ) -> Bool {
    guard old.matchers == draft.matchers else { return false }
    switch old.state(at: now) {
    case .active:
      return old.startsAt.milliseconds / 1000 == draft.startsAt.milliseconds / 1000
        && draft.endsAt >= now
    case .pending: return draft.startsAt >= now
    case .expired: return false
    }
  }

  private func silence(_ draft: SilenceDraft, id: String, at now: Timestamp) -> Silence {
    Silence(
      id: id, matchers: draft.matchers, startsAt: draft.startsAt, endsAt: draft.endsAt,
      updatedAt: now, createdBy: draft.createdBy, comment: draft.comment)
  }

  private mutating func expire(
    _ id: String, _ turn: inout Turn
  ) -> Result<String, SilenceFailure> {
    guard silenceList[id] != nil else { return .failure(.unknown(id: id)) }
    end(id, &turn)
    return .success(id)
  }

  private mutating func end(_ id: String, _ turn: inout Turn) {
    guard var silence = silenceList[id] else { return }
    switch silence.state(at: turn.now) {
    case .expired: return
    case .active: silence.endsAt = turn.now
    case .pending:
      silence.startsAt = turn.now
      silence.endsAt = turn.now
    }
    silence.updatedAt = turn.now
    put(silence, &turn)
  }

  private mutating func put(_ silence: Silence, _ turn: inout Turn) {
    silenceList[silence.id] = silence
    turn.records.insert(.silence(silence.id))
    turn.mutesStale = true
    turn.touched = true
    silencesPassedAt = turn.now
  }

  /// When a silence next begins, ends or is forgotten. The end itself still belongs to it.
  var nextSilenceEdge: Timestamp? {
    silenceList.values.lazy.flatMap { silence in
      [
        silence.startsAt, silence.endsAt + .milliseconds(1),
        silence.endsAt + Self.silenceRetention,
      ]
    }.filter { $0 > silencesPassedAt }.min()
  }

  /// Forgets old silences; says whether one has begun or ended since the last look.
  mutating func passSilences(_ turn: inout Turn) -> Bool {
    guard let edge = nextSilenceEdge, edge <= turn.now else { return false }
    silencesPassedAt = turn.now
    for id in silenceList.keys.sorted(by: Bytes.less) {
      guard let silence = silenceList[id], silence.endsAt + Self.silenceRetention <= turn.now
      else { continue }
      silenceList.removeValue(forKey: id)
      turn.records.insert(.silence(id))
    }
    return true
  }
}
