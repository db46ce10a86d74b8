import Model
import Outside

/// Reads the history back: from the journal, and from the state store for the times when no journal
/// answered.
package struct HistoryReader: Sendable {
  /// What a query brought, oldest first.
  package struct Answer: Sendable, Hashable {
    package var entries: [HistoryEntry]
    /// Why a part of the history could not be read: a sentence each.
    package var remarks: [String]
  }

  private let world: World
  /// A query with rare matchers looks at no more of the journal's entries than this.
  private static let mostScanned = 262_144
  /// The journal stamps an entry when it arrives, which may be a little after it happened.
  private static let slack: Duration = .seconds(60)

  package init(world: World) { self.world = world }

  /// The newest entries that a query accepts, each once.
  package func entries(_ query: HistoryQuery) async -> Answer {
    var remarks: [String] = []
    var found = await journalEntries(query, &remarks)
    let stored = await world.state.history(
      since: query.since, until: query.until, limit: Self.mostScanned)
    switch stored {
    case .success(let entries): found += entries.filter(query.accepts)
    case .failure(let failure): remarks.append(failure.reason)
    }
    return Answer(entries: Self.merged(found, limit: query.limit), remarks: remarks)
  }

  /// Calls back for each entry as it is written, until the task is cancelled.
  package func follow(
    _ matchers: [LabelMatcher], every interval: Duration = .seconds(1),
    _ entry: @escaping @Sendable (HistoryEntry) async -> Void
  ) async {
    let query = HistoryQuery(since: nil, until: nil, matchers: matchers)
    let start = world.time.now()
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        for await arrival in world.journal.follow(matching: query.journalMatches) {
          if let read = Self.entry(arrival), query.accepts(read) { await entry(read) }
        }
      }
      group.addTask { await followStore(from: start, every: interval, query, entry) }
      await group.waitForAll()
    }
  }

  /// The store has no bell: entries it gained are looked for now and then.
  private func followStore(
    from start: Timestamp, every interval: Duration, _ query: HistoryQuery,
    _ entry: @Sendable (HistoryEntry) async -> Void
  ) async {
    // An entry may reach the store after a later one: the last minute is looked at again.
    var seen: Set<HistoryEntry> = []
    while !Task.isCancelled {
      await world.time.sleep(for: interval)
      let since = max(start, world.time.now() - Self.slack)
      guard
        case .success(let entries) = await world.state.history(
          since: since, until: nil, limit: 10_000)
      else { continue }
      for found in entries where !seen.contains(found) && query.accepts(found) {
        await entry(found)
      }
      seen = Set(entries)
    }
  }

  private func journalEntries(
    _ query: HistoryQuery, _ remarks: inout [String]
  ) async -> [HistoryEntry] {
    var scanned = max(1000, query.limit)
    while true {
      let result = await world.journal.entries(
        matching: query.journalMatches, since: query.since,
        until: query.until.map { $0 + Self.slack },
        limit: scanned)
      guard case .success(let raw) = result else {
        if case .failure(let failure) = result { remarks.append(failure.reason) }
        return []
      }
      let entries = raw.compactMap(Self.entry).filter(query.accepts)
      let isWhole = raw.count < scanned
      if isWhole || entries.count >= query.limit { return entries }
      guard scanned < Self.mostScanned else {
        remarks.append("only the newest \(scanned) entries of the journal were looked at")
        return entries
      }
      scanned = min(Self.mostScanned, scanned * 8)
    }
  }

  private static func entry(_ arrival: JournalEntry) -> HistoryEntry? {
    HistoryEntry(journalFields: arrival.fields, received: arrival.time)
  }

  /// In order of time, an entry that is in both places once.
  private static func merged(_ entries: [HistoryEntry], limit: Int) -> [HistoryEntry] {
    var seen: Set<HistoryEntry> = []
    let ordered = entries.enumerated()
      .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
      .map(\.element).filter { seen.insert($0).inserted }
    return ordered.suffix(limit)
  }
}
