import Model
import Testing

@testable import Routing

@Suite struct SilenceTests {
  private let matchers = [LabelMatcher("alertname", equals: "Load")]

  private func draft(
    _ id: String? = nil, _ matchers: [LabelMatcher]? = nil, from: Double, to: Double
  ) -> SilenceDraft {
    SilenceDraft(
      id: id, matchers: matchers ?? self.matchers, startsAt: Bench.time(from),
      endsAt: Bench.time(to), createdBy: "me", comment: "why")
  }

  private func set(
    _ bench: inout Bench, _ draft: SilenceDraft, newID: String
  ) -> Result<String, SilenceFailure> {
    let (result, output) = bench.router.handle(.set(draft, newID: newID), at: bench.now)
    bench.absorb(output)
    return result
  }

  @Test func aNewSilenceDoesNotStartInThePast() throws {
    var bench = Bench(simplePlan())
    bench.advance(to: 100)
    #expect(set(&bench, draft(from: 0, to: 200), newID: "a") == .success("a"))
    #expect(bench.router.silences.map(\.startsAt) == [Bench.time(100)])
    #expect(bench.stored.count == 1)
  }

  @Test func aSilenceThatCannotBeIsRefused() throws {
    var bench = Bench(simplePlan())
    bench.advance(to: 100)
    #expect(set(&bench, draft(from: 200, to: 200), newID: "a") == .failure(.endsBeforeItStarts))
    #expect(set(&bench, draft(from: 0, to: 50), newID: "a") == .failure(.endsInThePast))
    let anything = [try LabelMatcher("x", .matches, ".*")]
    #expect(
      set(&bench, draft(nil, anything, from: 100, to: 200), newID: "a")
        == .failure(.matchesEverything))
    #expect(
      set(&bench, draft("no", from: 100, to: 200), newID: "a") == .failure(.unknown(id: "no")))
    #expect(bench.router.silences.isEmpty && bench.stored.isEmpty)
  }

  @Test func anActiveSilenceIsExtendedInPlace() throws {
    var bench = Bench(simplePlan())
    _ = set(&bench, draft(from: 0, to: 100), newID: "a")
    bench.advance(to: 50)
    #expect(set(&bench, draft("a", from: 0.4, to: 500), newID: "b") == .success("a"))
    #expect(bench.router.silences.map(\.endsAt) == [Bench.time(500)])
    #expect(bench.router.silences.map(\.startsAt) == [Bench.start])
  }

  @Test func otherMatchersOrAnotherStartMakeAnotherSilence() throws {
    var bench = Bench(simplePlan())
    _ = set(&bench, draft(from: 0, to: 100), newID: "a")
    bench.advance(to: 50)
    let other = [LabelMatcher("alertname", equals: "Disk")]
    #expect(set(&bench, draft("a", other, from: 0, to: 100), newID: "b") == .success("b"))
    #expect(bench.router.silences.map(\.endsAt) == [Bench.time(50), Bench.time(100)])
    #expect(set(&bench, draft("b", other, from: 70, to: 100), newID: "c") == .success("c"))
    #expect(bench.router.silences.map(\.endsAt) == [50, 50, 100].map(Bench.time))
    #expect(bench.router.silences.map(\.startsAt) == [0, 50, 70].map(Bench.time))
  }

  @Test func aPendingSilenceMovesInPlaceAndAnExpiredOneComesBackAsAnother() throws {
    var bench = Bench(simplePlan())
    _ = set(&bench, draft(from: 100, to: 200), newID: "a")
    #expect(set(&bench, draft("a", from: 50, to: 60), newID: "b") == .success("a"))
    bench.advance(to: 70)
    #expect(set(&bench, draft("a", from: 50, to: 160), newID: "b") == .success("b"))
    #expect(bench.router.silences.map(\.endsAt) == [Bench.time(60), Bench.time(160)])
  }

  @Test func expiringEndsAnActiveOneNowAndAPendingOneBeforeItBegins() throws {
    var bench = Bench(simplePlan())
    _ = set(&bench, draft(from: 0, to: 100), newID: "a")
    _ = set(&bench, draft(from: 80, to: 100), newID: "b")
    bench.fire(alert("Load"), at: 10)
    bench.advance(to: 50)
    let (result, output) = bench.router.handle(.expire(id: "a"), at: bench.now)
    bench.absorb(output)
    #expect(result == .success("a"))
    bench.absorb(bench.router.handle(.expire(id: "b"), at: bench.now).1)
    #expect(bench.router.silences.map(\.endsAt) == [Bench.time(50), Bench.time(50)])
    #expect(bench.router.silences.map(\.startsAt) == [Bench.time(0), Bench.time(50)])
    bench.advance(to: 60)
    #expect(bench.log == ["50.001: ops unmuted new Load"])
    bench.absorb(bench.router.handle(.expire(id: "a"), at: bench.now).1)
    #expect(bench.router.silences.map(\.endsAt) == [Bench.time(50), Bench.time(50)])
    #expect(
      bench.router.handle(.expire(id: "x"), at: bench.now).0 == .failure(.unknown(id: "x")))
  }

  @Test func aSilenceThatBeginsLaterMutesFromThenOn() {
    var bench = Bench(simplePlan())
    bench.silence("a", "alertname", "Load", from: 100, to: 9000)
    bench.fire(alert("Load"), at: 0)
    bench.advance(to: 8000)
    #expect(bench.log == ["10.0: ops first new Load"])
    #expect(
      bench.router.standing(of: alert("Load").fingerprint).mutes == [.silence(id: "a")])
  }

  @Test func silencesAreForgottenFiveDaysAfterTheirEnd() {
    var bench = Bench(simplePlan())
    bench.silence("a", "alertname", "Load", to: 100)
    bench.advance(to: 100 + 120 * 3600 - 1)
    #expect(bench.router.silences.count == 1)
    bench.advance(to: 100 + 120 * 3600)
    #expect(bench.router.silences.isEmpty && bench.stored.isEmpty)
    #expect(bench.router.nextDeadline == nil)
  }
}
