import Diagnostics
import Model
import PromQL
import PromQLSyntax
import Storage
import Synchronization
import Testing

@Suite struct QueryTests {
  static func query(
    _ text: String, features: LanguageFeatures = .all
  ) -> Result<Query, QueryPreparationFailure> {
    let parsed = PromQLParser.parse(SourceText(name: "test", text: text), features: features)
    guard let expression = parsed.expression else {
      return .failure(QueryPreparationFailure(diagnostics: parsed.diagnostics))
    }
    return Query.prepare(expression, features: features)
  }

  private func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1000) }

  private func store(_ count: Int = 3) -> SeriesStore {
    var store = SeriesStore()
    for index in 0..<count {
      let labels = Labels(["__name__": "up", "instance": "\(index)"])
      for minute in 0..<10 {
        store.append(labels, Sample(at(Int64(minute) * 60), Double(index)))
      }
    }
    return store
  }

  /// Series of two names that are never there at the same time.
  private func relay() -> SeriesStore {
    var store = SeriesStore()
    for minute in Int64(0)..<60 {
      let name = minute < 20 ? "first" : "second"
      if minute < 20 || minute >= 40 {
        store.append(Labels(["__name__": name]), Sample(at(minute * 60), Double(minute)))
      }
    }
    return store
  }

  @Test(arguments: [
    ("count_over_time({__name__=~'first|second'}[1m])", false),
    ("-{__name__=~'first|second'}", false), ("abs({__name__=~'first|second'})", true),
  ])
  func namesThatTakeTurnsMeetWhereUpstreamLooksAtAllSteps(_ text: String, _ works: Bool) throws {
    let range = try Self.query(text).get().range(
      from: at(0), through: at(3540), step: .seconds(60), over: relay())
    switch range {
    case .success: #expect(works)
    case .failure(let failure):
      #expect(!works)
      #expect("\(failure)".contains("same labelset"))
    }
  }

  @Test func saysItsType() throws {
    #expect(try Self.query("1").get().type == .scalar)
    #expect(try Self.query("\"a\"").get().type == .string)
    #expect(try Self.query("up").get().type == .vector)
    #expect(try Self.query("up[5m]").get().type == .matrix)
  }

  @Test func refusesWrongTypes() {
    guard case .failure(let failure) = Self.query("rate(up)") else {
      Issue.record("prepared")
      return
    }
    #expect(failure.errors.first?.message.contains("expected type range vector") == true)
    #expect(!failure.diagnostics.isEmpty)
  }

  @Test func experimentalFunctionsNeedTheirFeature() {
    guard case .failure = Self.query("mad_over_time(up[5m])", features: []) else {
      Issue.record("prepared")
      return
    }
  }

  @Test func evaluatesOverStandingSelectors() throws {
    var store = store()
    var query = try Self.query("sum(up) + count(up{instance!=\"0\"})").get()
    query.bind(to: &store)
    #expect(query.selectorIDs.count == 2)
    let outcome = try query.instant(at: at(540), over: store).get()
    #expect(outcome.value == .vector([VectorElement(labels: Labels(), value: 5)]))
    query.release(from: &store)
    #expect(query.selectorIDs.isEmpty)
    #expect(try query.instant(at: at(540), over: store).get() == outcome)
  }

  @Test func givesTheSameOverASnapshot() throws {
    var store = store()
    let query = try Self.query("sum by (instance) (rate(up[5m] offset 1m)) or up").get()
    let selections = query.selections(from: at(540), through: at(540))
    let snapshot = try store.snapshot(of: selections, limit: 1000).get()
    let before = try query.instant(at: at(540), over: store).get()
    store.append(Labels(["__name__": "up", "instance": "9"]), Sample(at(540), 1))
    #expect(try query.instant(at: at(540), over: snapshot).get() == before)
    #expect(try query.instant(at: at(540), over: store).get() != before)
  }

  @Test func knowsHowFarItLooksBack() throws {
    func reach(_ text: String) throws -> Duration { try Self.query(text).get().longestReach }
    #expect(try reach("up") == .seconds(300))
    #expect(try reach("1") == .zero)
    #expect(try reach("rate(up[10m])") == .seconds(600))
    #expect(try reach("rate(up[10m] offset 1h)") == .seconds(4200))
    #expect(try reach("max_over_time(rate(up[5m])[1h:1m])") == .seconds(3900))
    #expect(try reach("up offset -10m") == .zero)
    #expect(try reach("up @ end()") == .seconds(300))
  }

  @Test func rangesAreSortedByLabels() throws {
    let query = try Self.query("sort_desc(up)").get()
    let outcome = try query.range(
      from: at(0), through: at(120), step: .seconds(60), over: store()
    ).get()
    guard case .matrix(let matrix) = outcome.value else {
      Issue.record("\(outcome.value)")
      return
    }
    #expect(matrix.map { $0.labels["instance"] } == ["0", "1", "2"])
    #expect(matrix.map(\.samples.count) == [3, 3, 3])
  }

  @Test func stopsAtItsLimits() throws {
    let many = try Self.query("sum_over_time(up[10m])").get()
    let failure = many.instant(
      at: at(540), over: store(), limits: EvaluationLimits(maxSamples: 20))
    #expect(failure == .failure(.tooManySamples))

    let deep = try Self.query("sum_over_time(vector(1)[100d:1s])").get()
    #expect(
      deep.instant(at: at(0), over: store(), limits: EvaluationLimits(maxSteps: 1000))
        == .failure(.tooManySteps(limit: 1000)))

    let long = try Self.query("vector(1)").get()
    #expect(
      long.range(
        from: at(0), through: at(10_000), step: .seconds(1), over: store(),
        limits: EvaluationLimits(maxSteps: 1000)) == .failure(.tooManySteps(limit: 1000)))

    let stopped = many.instant(
      at: at(540), over: store(), limits: EvaluationLimits(shouldStop: { true }))
    #expect(stopped == .failure(.stopped))
  }

  /// A few series over very many steps are long, too.
  @Test func isAskedToStopAgainAndAgain() throws {
    let query = try Self.query("max_over_time(rate(up[1m])[1h:20ms])").get()
    let asked = Mutex(0)
    let limits = EvaluationLimits(shouldStop: {
      asked.withLock {
        $0 += 1
        return $0 > 6
      }
    })
    #expect(query.instant(at: at(540), over: store(), limits: limits) == .failure(.stopped))
    #expect(asked.withLock { $0 } == 7)
  }

  @Test func survivesTheLongestExpressions() throws {
    let chain = (0..<900).map { _ in "1" }.joined(separator: " + ")
    #expect(
      try Self.query(chain).get().instant(at: at(0), over: store()).get().value == .scalar(900))
    let nested = String(repeating: "-(", count: 90) + "1" + String(repeating: ")", count: 90)
    #expect(
      try Self.query(nested).get().instant(at: at(0), over: store()).get().value == .scalar(1))
  }

  @Test func remarksSayWhere() throws {
    let query = try Self.query("1 +\n  sum(rate(up[5m]))").get()
    let outcome = try query.instant(at: at(540), over: store()).get()
    #expect(
      outcome.annotations.map(\.description) == [
        "PromQL info: metric might not be a counter, name does not end in "
          + "_total/_sum/_count/_bucket: \"up\" (2:12)"
      ])
  }

  @Test func aRangeQueryHasNoRangeVectors() throws {
    let query = try Self.query("up[5m]").get()
    let result = query.range(from: at(0), through: at(60), step: .seconds(60), over: store())
    guard case .failure(.refused(let message)) = result else {
      Issue.record("\(result)")
      return
    }
    #expect(message.contains("invalid expression type \"range vector\" for range query"))
  }
}
