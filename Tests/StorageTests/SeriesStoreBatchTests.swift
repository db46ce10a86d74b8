import Model
import Testing

@testable import Storage

@Suite struct SeriesStoreBatchTests {
  private let target = Target()

  @Test func slotsBecomeSeries() {
    var store = SeriesStore()
    let first = store.append(
      target.batch(at: 0, births: [(0, "x"), (1, "y")], [(0, 1), (1, 2)]))
    #expect(first.births == 2)
    #expect(first.ends == 0)
    let second = store.append(target.batch(at: 15, [(0, 3), (1, 4)]))
    #expect(second.births == 0)
    #expect(store.shown("x") == ["1@0", "3@15"])
    #expect(store.shown("y") == ["2@0", "4@15"])
    #expect(store.seriesCount == 2)
    #expect(store.sampleCount == 4)
  }

  @Test func aSlotThatIsMissingEnds() {
    var store = SeriesStore()
    _ = store.append(target.batch(at: 0, births: [(0, "x"), (1, "y")], [(0, 1), (1, 2)]))
    #expect(store.append(target.batch(at: 15, [(0, 1)])).ends == 1)
    #expect(store.append(target.batch(at: 30, [(0, 1)])).ends == 0)
    #expect(store.shown("y") == ["2@0", "stale@15"])
    // It comes back without a new birth.
    #expect(store.append(target.batch(at: 45, [(0, 1), (1, 5)])).births == 0)
    #expect(store.shown("y") == ["2@0", "stale@15", "5@45"])
  }

  @Test func aFailedCollectionEndsAllButWhatItBrings() {
    var store = SeriesStore()
    _ = store.append(
      target.batch(at: 0, births: [(0, "up"), (1, "x"), (2, "y")], [(0, 1), (1, 1), (2, 2)]))
    #expect(store.append(target.batch(at: 15, [(0, 0)])).ends == 2)
    #expect(store.shown("up") == ["1@0", "0@15"])
  }

  @Test func aNewLayoutKeepsSeriesThatAreStillThere() {
    var store = SeriesStore()
    _ = store.append(target.batch(at: 0, births: [(0, "x"), (1, "y")], [(0, 1), (1, 2)]))
    var moved = target
    moved.layout = 2
    let arrival = store.append(
      moved.batch(at: 15, births: [(0, "y"), (1, "z")], [(0, 3), (1, 4)]))
    #expect(arrival.births == 1)
    #expect(arrival.ends == 1)
    #expect(store.shown("x") == ["1@0", "stale@15"])
    #expect(store.shown("y") == ["2@0", "3@15"])
    _ = store.append(moved.batch(at: 30, [(0, 3), (1, 4)]))
    #expect(store.shown("x") == ["1@0", "stale@15"])
  }

  @Test func samplesWithTheirOwnTimeDoNotEnd() {
    var store = SeriesStore()
    _ = store.append(
      target.batch(
        at: 60, births: [(0, "x"), (1, "y")], [(0, 1)], stamped: [(1, Sample(seconds(50), 7))]))
    #expect(store.append(target.batch(at: 75, [(0, 1)])).ends == 0)
    #expect(store.shown("y") == ["7@50"])
  }

  @Test func oldAndRepeatedSamplesAreRefusedAndCounted() {
    var store = SeriesStore()
    _ = store.append(target.batch(at: 60, births: [(0, "x")], [(0, 1)]))
    let late = store.append(
      target.batch(at: 75, [(0, 2)], stamped: [(0, Sample(seconds(30), 9))]))
    #expect(late.outOfOrder == 1)
    let again = store.append(target.batch(at: 75, [(0, 3)]))
    #expect(again.duplicates == 1)
    #expect(store.shown("x") == ["1@60", "2@75"])
    #expect(store.refusals.outOfOrder == 1)
    #expect(store.refusals.duplicates == 1)
  }

  @Test func theCapRefusesFurtherSeriesUntilThereIsRoom() {
    var store = SeriesStore(limits: StoreLimits(maxSeries: 2))
    let births: [(UInt32, String)] = [(0, "x"), (1, "y"), (2, "z")]
    let first = store.append(target.batch(at: 0, births: births, [(0, 1), (1, 2), (2, 3)]))
    #expect(first.births == 2)
    #expect(first.refused == 1)
    #expect(store.append(target.batch(at: 15, [(0, 1), (2, 3)])).refused == 1)
    // `y` ended at 15 and is cut off.
    _ = store.append(target.batch(at: 30, [(0, 1), (2, 3)]))
    store.truncate(before: seconds(20))
    #expect(store.seriesCount == 1)
    let later = store.append(target.batch(at: 45, [(0, 1), (2, 4)]))
    #expect(later.births == 1)
    #expect(later.refused == 0)
    #expect(store.shown("z") == ["4@45"])
    #expect(store.refusals.overCap == 3)
  }

  @Test func whatSaysThatATargetAnswersAlwaysHasRoom() {
    var store = SeriesStore(limits: StoreLimits(maxSeries: 1))
    let births: [(UInt32, String)] = [(0, "x"), (1, "y"), (2, "up")]
    var batch = target.batch(at: 0, births: births, [(0, 1), (1, 2), (2, 1)])
    batch.births[2].isVital = true
    #expect(store.append(batch).refused == 1)
    #expect(store.shown("up") == ["1@0"])
    #expect(store.seriesCount == 2)
  }

  @Test func aSlotOutlivesItsSeries() {
    var store = SeriesStore()
    _ = store.append(target.batch(at: 0, births: [(0, "x"), (1, "y")], [(0, 1), (1, 2)]))
    _ = store.append(target.batch(at: 15, [(0, 1)]))
    for step in 1..<40 { _ = store.append(target.batch(at: 15 + Int64(step) * 15, [(0, 1)])) }
    store.truncate(before: seconds(100))
    #expect(store.shown("y") == [])
    #expect(store.append(target.batch(at: 700, [(0, 1), (1, 9)])).births == 1)
    #expect(store.shown("y") == ["9@700"])
  }

  @Test func unknownSlotsAreCountedOnly() {
    var store = SeriesStore()
    #expect(store.append(target.batch(at: 0, [(7, 1)])).refused == 1)
    #expect(store.seriesCount == 0)
  }

  @Test func aRemovedSourceEnds() {
    var store = SeriesStore()
    let other = Target("b")
    _ = store.append(target.batch(at: 0, births: [(0, "x")], [(0, 1)]))
    _ = store.append(other.batch(at: 0, births: [(0, "z")], [(0, 1)]))
    let id = store.standing([LabelMatcher(Labels.metricName, equals: "x")])
    let arrival = store.removeSource(target.source, at: seconds(20))
    #expect(arrival.touched == [id])
    #expect(store.shown("x") == ["1@0", "stale@20"])
    #expect(store.shown("z") == ["1@0"])
    // The source may come back with births of its own.
    _ = store.append(target.batch(at: 30, births: [(0, "x")], [(0, 2)]))
    #expect(store.shown("x") == ["1@0", "stale@20", "2@30"])
  }

  @Test func retentionCutsWhatIsOldBlockByBlock() {
    var store = SeriesStore(limits: StoreLimits(retention: .seconds(600)))
    _ = store.append(target.batch(at: 0, births: [(0, "x")], [(0, 0)]))
    for step in 1..<1000 { _ = store.append(target.batch(at: Int64(step) * 15, [(0, 1)])) }
    #expect(store.sampleCount >= 40)
    #expect(store.sampleCount <= 40 + 2 * Int(SampleRing.blockLength))
  }
}
