import Glibc
import Model
import Outside
import Testing

@testable import HostWorld

/// With a real systemd-journald behind /run/systemd/journal/socket.
@Suite(.enabled(if: RealServer.journalAnswers, "no systemd-journald answers"))
struct RealJournalTests {
  private let journal = HostJournal(reactor: TestWorld.reactor, directory: nil)
  private let mark = TestWorld.world.time.uniqueIdentifier()

  private func fields(_ number: Int) -> [Label] {
    [
      Label("MESSAGE", "line one of \(number)\nline two"), Label("PRIORITY", "6"),
      Label("SYSLOG_IDENTIFIER", "tocsin-test"), Label("TOCSIN_TEST", mark),
      Label("TOCSIN_NUMBER", "\(number)"), Label("not a field", "dropped"),
    ]
  }

  /// The journal files an entry after it has taken it.
  private func entries(
    _ matches: [Label], limit: Int = 100, count: Int
  ) async throws -> [JournalEntry] {
    var found: [JournalEntry] = []
    for _ in 0..<200 {
      found = try await journal.entries(
        matching: matches, since: nil, until: nil, limit: limit
      ).get()
      if found.count >= count { break }
      await TestWorld.world.time.sleep(for: .milliseconds(25))
    }
    return found
  }

  @Test func entriesAreWrittenAndReadBack() async throws {
    let before = TestWorld.world.time.now()
    for number in 1...5 { #expect(await journal.append([fields(number)]) == 1) }
    let all = try await entries([Label("TOCSIN_TEST", mark)], count: 5)
    #expect(all.map { $0["TOCSIN_NUMBER"] } == ["1", "2", "3", "4", "5"])
    let first = try #require(all.first)
    #expect(first["MESSAGE"] == "line one of 1\nline two")
    #expect(first["_PID"] == "\(getpid())")
    #expect(first.time >= before - .seconds(1))
    #expect(!first.cursor.isEmpty)
    let newest = try await entries([Label("TOCSIN_TEST", mark)], limit: 2, count: 2)
    #expect(newest.map { $0["TOCSIN_NUMBER"] } == ["4", "5"])
    let both = [Label("TOCSIN_TEST", mark), Label("TOCSIN_NUMBER", "3")]
    #expect(try await entries(both, count: 1).count == 1)
    // Two values of one field can't both hold.
    let none = [Label("TOCSIN_NUMBER", "3"), Label("TOCSIN_NUMBER", "4")]
    #expect(try await entries(none + [Label("TOCSIN_TEST", mark)], count: 0).isEmpty)
  }

  @Test func aSpanOfTimeIsKeptTo() async throws {
    #expect(await journal.append([fields(1)]) == 1)
    let all = try await entries([Label("TOCSIN_TEST", mark)], count: 1)
    let time = try #require(all.first?.time)
    func count(since: Timestamp?, until: Timestamp?) async throws -> Int {
      try await journal.entries(
        matching: [Label("TOCSIN_TEST", mark)], since: since, until: until, limit: 10
      ).get().count
    }
    #expect(try await count(since: time, until: time) == 1)
    #expect(try await count(since: time + .milliseconds(1), until: nil) == 0)
    #expect(try await count(since: nil, until: time - .milliseconds(1)) == 0)
  }

  @Test func followersSeeEntriesAsTheyArrive() async throws {
    let stream = journal.follow(matching: [Label("TOCSIN_TEST", mark)])
    let reader = Task { () -> [String] in
      var seen: [String] = []
      for await entry in stream {
        seen.append(entry["TOCSIN_NUMBER"] ?? "")
        if seen.contains("done") { break }
      }
      return seen
    }
    // The follower opens the journal on its own thread; what comes before that is not followed.
    var last = fields(0)
    last[4] = Label("TOCSIN_NUMBER", "done")
    let writing = last
    let writer = Task {
      for _ in 0..<1000 where !Task.isCancelled {
        _ = await journal.append([writing])
        await TestWorld.world.time.sleep(for: .milliseconds(50))
      }
      // Nothing of all that was followed.
      reader.cancel()
    }
    #expect(await reader.value.contains("done"))
    writer.cancel()
    await writer.value
  }
}
