import Model
import Outside
import SimulatedWorld
import Testing

@testable import History

@Suite struct HistoryReaderTests {
  private let simulated = SimulatedWorld()
  private let start = Timestamp(milliseconds: 1_700_000_000_000)

  private func entry(
    _ second: Int, _ alert: String = "A", _ event: HistoryEvent = .firing
  ) -> HistoryEntry {
    HistoryEntry(
      time: start + .seconds(second), event: event, message: "\(alert) \(second)", priority: 4,
      alert: alert, severity: "warning", labels: Labels(["alertname": alert, "job": "node"]),
      receiver: "ops")
  }

  private func journal(_ entries: HistoryEntry...) async {
    _ = await simulated.journal.append(entries.map(\.journalFields))
  }

  private func messages(_ query: HistoryQuery) async -> [String] {
    await HistoryReader(world: simulated.world).entries(query).entries.map(\.message)
  }

  private func matcher(
    _ name: String, _ comparison: LabelMatcher.Operator, _ value: String
  ) throws -> LabelMatcher {
    try LabelMatcher(name, comparison, value)
  }

  @Test func journalAndStoreAreOneHistory() async {
    await journal(entry(1), entry(3), entry(5))
    _ = await simulated.state.appendHistory([entry(2), entry(3), entry(4)])
    #expect(await messages(HistoryQuery()) == ["A 1", "A 2", "A 3", "A 4", "A 5"])
    #expect(await messages(HistoryQuery(limit: 2)) == ["A 4", "A 5"])
    #expect(
      await messages(
        HistoryQuery(since: start + .seconds(2), until: start + .seconds(4)))
        == ["A 2", "A 3", "A 4"])
  }

  @Test func matchersSeeLabelsAndFields() async throws {
    await journal(entry(1), entry(2, "B"), entry(3, "B", .resolved), entry(4, "C", .delivered))
    #expect(
      await messages(HistoryQuery(matchers: [try matcher("alertname", .equal, "B")]))
        == ["B 2", "B 3"])
    #expect(
      await messages(
        HistoryQuery(matchers: [
          try matcher("alertname", .matches, "A|B"), try matcher("event", .equal, "resolved"),
        ])) == ["B 3"])
    #expect(
      await messages(HistoryQuery(matchers: [try matcher("receiver", .notEqual, "ops")])) == [])
    #expect(
      await messages(
        HistoryQuery(
          matchers: [
            try matcher("job", .equal, "node"), try matcher("severity", .equal, "warning"),
          ], limit: 1)) == ["C 4"])
  }

  @Test func rareEntriesAreFoundFarBack() async throws {
    await journal(entry(0, "Rare"))
    for second in 1...3000 { await journal(entry(second)) }
    let query = HistoryQuery(matchers: [try matcher("alertname", .matches, "Ra.*")], limit: 10)
    #expect(await messages(query) == ["Rare 0"])
  }

  @Test func foreignEntriesUnderOurNameAreSkipped() async {
    _ = await simulated.journal.append([
      [HistoryEntry.identifierField, Label("MESSAGE", "a log line")]
    ])
    await journal(entry(1))
    #expect(await messages(HistoryQuery()) == ["A 1"])
  }

  @Test func whatCannotBeReadIsSaid() async {
    _ = await simulated.state.appendHistory([entry(1)])
    simulated.journal.setAnswering(false)
    let answer = await HistoryReader(world: simulated.world).entries(HistoryQuery())
    #expect(answer.entries.map(\.message) == ["A 1"])
    #expect(answer.remarks == ["no journal answers"])
  }

  @Test func followingSeesBothPlaces() async throws {
    let seen = Lines()
    let matchers = [try matcher("alertname", .equal, "A")]
    await withTaskGroup(of: Void.self) { group in
      let world = simulated.world
      group.addTask {
        await HistoryReader(world: world).follow(matchers) { entry in
          seen.add(entry.message)
        }
      }
      await simulated.time.settle()
      // The follower may begin a moment later; what it missed is not told.
      let isFollowing = await simulated.time.settles {
        await journal(entry(0, "B"), entry(1))
        return !seen.all.isEmpty
      }
      #expect(isFollowing)
      _ = await simulated.state.appendHistory([entry(3), entry(4, "B")])
      let sawStore = await simulated.time.settles {
        await simulated.time.advance(by: .seconds(1))
        return seen.all.contains("A 3")
      }
      #expect(sawStore)
      await simulated.time.advance(by: .seconds(5))
      group.cancelAll()
    }
    #expect(Set(seen.all) == ["A 1", "A 3"])
    #expect(seen.all.filter { $0 == "A 3" }.count == 1, "each entry of the store once")
  }
}
