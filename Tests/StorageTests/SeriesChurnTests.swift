import Glibc
import Model
import Testing

@testable import Storage

/// A target that brings 1000 new series a second for ten minutes, each of which ends a second
/// later: what is held stays bounded by the cap and the retention.
@Suite struct SeriesChurnTests {
  private static let perSecond = 1000
  /// Ten minutes where all that must hold is tried, one elsewhere.
  private static let seconds: Int64 =
    getenv("TOCSIN_REQUIRE_REAL_PARTS") == nil ? 60 : 600

  /// Every second other slots, so that those of the second before end; every fourth second a new
  /// layout, as a scrape's layout starts over when most of it is of lines long gone.
  private func batch(_ target: Target, _ second: Int64) -> SampleBatch {
    var target = target
    target.layout = UInt64(second / 4) + 1
    let first = UInt32(second % 4) * UInt32(Self.perSecond)
    let slots = first..<first + UInt32(Self.perSecond)
    let number = second * Int64(Self.perSecond)
    return target.batch(
      at: second, births: slots.map { ($0, "churn_\(number + Int64($0 - first))") },
      slots.map { ($0, Double(second)) })
  }

  private func run(_ store: inout SeriesStore) async -> (series: Int, bytes: Int) {
    let target = Target()
    var (series, bytes) = (0, 0)
    for second in 0..<Self.seconds {
      _ = store.append(batch(target, second))
      if second % 10 == 9 {
        // As the pipeline does now and then.
        let cutoff = Timestamp(milliseconds: second * 1000) - store.limits.retention
        store.truncate(before: cutoff)
        bytes = max(bytes, store.sampleBytes)
      }
      series = max(series, store.seriesCount)
      // Tests that wait for something share the threads.
      await Task.yield()
    }
    return (series, bytes)
  }

  @Test func theRetentionBoundsWhatIsHeld() async {
    var store = SeriesStore(limits: StoreLimits(maxSeries: 1_000_000, retention: .seconds(30)))
    let most = await run(&store)
    #expect(store.refusals.total == 0)
    // 30 s of series, those of the 10 s until the next truncation, and those that just ended.
    #expect(most.series <= 45 * Self.perSecond)
    #expect(store.seriesCount >= 30 * Self.perSecond)
    #expect(most.bytes <= 45 * Self.perSecond * 256)
    // The places of the series that ended are taken again.
    #expect(store.series.count <= 45 * Self.perSecond)
    #expect(store.byMetric.count == store.seriesCount)
  }

  @Test func theCapBoundsWhatIsHeld() async {
    var store = SeriesStore(limits: StoreLimits(maxSeries: 5000, retention: .seconds(3600)))
    let most = await run(&store)
    #expect(most.series == 5000)
    #expect(store.series.count == 5000)
    // Every sample beyond is counted.
    #expect(store.refusals.overCap == Int(Self.seconds) * Self.perSecond - 5000)
    #expect(store.sampleCount <= 2 * 5000)
  }
}
