import Model
import Testing

@testable import Storage

@Suite struct SeriesStoreSelectorTests {
  private let target = Target()
  private let x = [LabelMatcher(Labels.metricName, equals: "x")]

  @Test func standingSelectorsFollowBirthsAndDeaths() {
    var store = SeriesStore()
    let id = store.standing(x)
    #expect(store.sources(of: id) == [])
    let first = store.append(target.batch(at: 0, births: [(0, "x"), (1, "y")], [(0, 1), (1, 1)]))
    #expect(first.touched == [id])
    #expect(store.sources(of: id) == [target.source])
    #expect(
      store.select(x, standing: id, after: .distantPast, through: .distantFuture).count == 1)
    _ = store.append(target.batch(at: 15, [(1, 1)]))
    store.truncate(before: seconds(100))
    #expect(store.sources(of: id) == [])
  }

  @Test func onlyWhatABatchBringsIsTouched() throws {
    var store = SeriesStore()
    let onX = store.standing(x)
    let onAll = store.standing([try LabelMatcher("instance", .matches, "a|b")])
    let onZ = store.standing([LabelMatcher(Labels.metricName, equals: "z")])
    let births: [(UInt32, String)] = [(0, "x"), (1, "y"), (2, "z")]
    #expect(
      store.append(target.batch(at: 0, births: births, [(0, 1), (1, 1), (2, 1)])).touched
        == [onX, onAll, onZ])
    for step in 1..<4 {
      #expect(
        store.append(target.batch(at: Int64(step) * 15, [(0, 1), (1, 1), (2, 1)])).touched
          == [onX, onAll, onZ])
    }
    // The batch in which a series ends touches its selectors, the next no more.
    #expect(store.append(target.batch(at: 60, [(0, 1), (1, 1)])).touched == [onX, onAll, onZ])
    #expect(store.append(target.batch(at: 75, [(0, 1), (1, 1)])).touched == [onX, onAll])
    #expect(store.append(target.batch(at: 90, [(0, 1), (1, 1)])).touched == [onX, onAll])
  }

  @Test func selectorsMadeLaterAreTouchedToo() {
    var store = SeriesStore()
    _ = store.append(target.batch(at: 0, births: [(0, "x")], [(0, 1)]))
    _ = store.append(target.batch(at: 15, [(0, 1)]))
    let id = store.standing(x)
    #expect(store.append(target.batch(at: 30, [(0, 1)])).touched == [id])
    store.release(id)
    #expect(store.append(target.batch(at: 45, [(0, 1)])).touched == [])
  }

  @Test func equalSelectorsAreShared() {
    var store = SeriesStore()
    let first = store.standing(x)
    let second = store.standing(x)
    #expect(first == second)
    store.release(first)
    #expect(store.append(Labels(["__name__": "x"]), Sample(seconds(0), 1)) == [second])
    store.release(second)
    #expect(store.append(Labels(["__name__": "x"]), Sample(seconds(1), 1)) == [])
  }

  @Test func recordedSeriesTouchAndObeyTheCap() {
    var store = SeriesStore(limits: StoreLimits(maxSeries: 1))
    let id = store.standing(x)
    #expect(store.append(Labels(["__name__": "x"]), Sample(seconds(0), 1)) == [id])
    #expect(store.append(Labels(["__name__": "x"]), Sample(seconds(0), 1)) == [])
    #expect(store.append(Labels(["__name__": "y"]), Sample(seconds(0), 1)) == [])
    #expect(store.refusals.duplicates == 1)
    #expect(store.refusals.overCap == 1)
    #expect(store.sources(of: id) == [])
  }

  @Test func labelsAndMetadataCanBeAsked() {
    var store = SeriesStore()
    let described = MetricMetadata(metric: "x", type: .gauge, help: "An x.")
    _ = store.append(
      target.batch(at: 0, births: [(0, "x"), (1, "y")], [(0, 1), (1, 1)], metadata: [described]))
    _ = store.append(Target("b").batch(at: 100, births: [(0, "x")], [(0, 1)]))
    #expect(store.labelNames() == ["__name__", "instance"])
    #expect(store.labelValues(of: "__name__") == ["x", "y"])
    #expect(store.labelValues(of: "instance", matching: [x], after: seconds(50)) == ["b"])
    #expect(
      store.labelSets(matching: [x], after: .distantPast, through: .distantFuture)
        .map { $0["instance"] } == ["a", "b"])
    #expect(store.metadata(of: "x") == described)
    #expect(store.metadata(of: "y") == nil)
    #expect(store.metadata == [described])
  }

  @Test func snapshotsStayAsTheyWere() throws {
    var store = SeriesStore()
    _ = store.append(target.batch(at: 0, births: [(0, "x"), (1, "y")], [(0, 1), (1, 1)]))
    _ = store.append(target.batch(at: 15, [(0, 2), (1, 2)]))
    let selection = Selection(matchers: x, after: .distantPast, through: seconds(15))
    let snapshot = try store.snapshot(of: [selection], limit: 10).get()
    _ = store.append(target.batch(at: 30, [(0, 3), (1, 3)]))
    let read = snapshot.select(x, after: .distantPast, through: .distantFuture)
    #expect(read.flatMap(\.samples).map(\.value) == [1, 2])
    #expect(
      snapshot.latest(x, standing: nil, after: .distantPast, through: .distantFuture)
        .map(\.sample.value) == [2])
    #expect(store.shown("x") == ["1@0", "2@15", "3@30"])
    guard case .failure(.tooManySamples(limit: 2)) = store.snapshot(of: [selection], limit: 2)
    else {
      Issue.record("a snapshot beyond the limit")
      return
    }
  }
}
