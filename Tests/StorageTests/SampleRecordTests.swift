import Model
import Testing

@testable import Storage

/// Series that go through durable records come back as they were.
@Suite struct SampleRecordTests {
  private static let start: Int64 = 1_700_000_000_000
  private static func time(_ seconds: Int) -> Timestamp {
    Timestamp(milliseconds: start + Int64(seconds) * 1000)
  }

  private func filled(series: Int, samples: Int, step: Int = 15) -> SeriesStore {
    var store = SeriesStore()
    for number in 0..<series {
      let labels = Labels([
        "__name__": "requests_total", "instance": "a:\(number)", "job": "a rather long job name",
        "path": number % 2 == 0 ? "é" : "e\u{301}",
      ])
      for sample in 0..<samples {
        let value = sample % 50 == 49 ? StaleMarker.value : Double(sample * number) / 3
        store.append(labels, Sample(Self.time(sample * step), value))
      }
    }
    return store
  }

  private func all(_ store: SeriesStore) -> [Labels: [Sample]] {
    var found: [Labels: [Sample]] = [:]
    for slice in store.select([], after: .distantPast, through: .distantFuture) {
      found[slice.labels] = slice.samples
    }
    return found
  }

  private func records(_ store: SeriesStore) -> [StateRecord] {
    (0..<store.sampleRecordCount).compactMap { store.sampleRecord($0) }
  }

  private func restored(
    _ records: [StateRecord], at seconds: Int, limits: StoreLimits = StoreLimits()
  ) -> SeriesStore {
    var store = SeriesStore(limits: limits)
    store.restore(records, at: Self.time(seconds))
    return store
  }

  @Test func everySampleComesBackBitByBit() {
    let before = filled(series: 1100, samples: 70)
    let records = records(before)
    #expect(records.count == 3)
    let after = restored(records, at: 70 * 15)
    let (old, new) = (all(before), all(after))
    #expect(new.count == 1100)
    #expect(Set(new.keys) == Set(old.keys))
    for (labels, samples) in old {
      #expect(new[labels]?.map(\.timestamp) == samples.map(\.timestamp))
      #expect(new[labels]?.map(\.value.bitPattern) == samples.map(\.value.bitPattern))
    }
  }

  @Test func samplesGoOnWhereTheyEnded() {
    var after = restored(records(filled(series: 2, samples: 40)), at: 600)
    let labels = Labels([
      "__name__": "requests_total", "instance": "a:1", "job": "a rather long job name",
      "path": "e\u{301}",
    ])
    after.append(labels, Sample(Self.time(600), 7))
    #expect(after.seriesCount == 2)
    let samples = all(after)[labels] ?? []
    #expect(samples.count == 41)
    #expect(samples.last == Sample(Self.time(600), 7))
    var windows = 0
    after.visitWindows([], standing: nil, after: Self.time(100), through: Self.time(600)) {
      _, _ in
      windows += 1
      return true
    }
    #expect(windows == 2)
  }

  @Test func whatIsTooOldOrFromTheFutureStaysOut() {
    let records = records(filled(series: 3, samples: 10))
    let limits = StoreLimits(retention: .seconds(60))
    #expect(restored(records, at: 9 * 15 + 60, limits: limits).seriesCount == 3)
    #expect(restored(records, at: 9 * 15 + 61, limits: limits).seriesCount == 0)
    #expect(restored(records, at: 9 * 15 - 1).seriesCount == 0)
  }

  @Test func theCapHolds() {
    let records = records(filled(series: 30, samples: 2))
    #expect(restored(records, at: 60, limits: StoreLimits(maxSeries: 10)).seriesCount == 10)
  }

  /// Every byte of a record is flipped in turn: nothing of a damaged record is believed.
  @Test func aDamagedRecordIsLeftOut() {
    let whole = records(filled(series: 3, samples: 5))[0]
    for position in whole.bytes.indices {
      var damaged = whole
      damaged.bytes[position] ^= 0x10
      #expect(restored([damaged], at: 600).seriesCount == 0)
    }
    for length in whole.bytes.indices {
      var cut = whole
      cut.bytes.removeLast(whole.bytes.count - length)
      #expect(restored([cut], at: 600).seriesCount == 0)
    }
    var later = whole
    later.version = 99
    #expect(restored([later], at: 600).seriesCount == 0)
  }

  @Test func aRecordOfGoneSeriesIsRemoved() {
    var store = filled(series: 2, samples: 2)
    store.truncate(before: Self.time(1000))
    #expect(store.sampleRecord(0) == nil)
    #expect(store.sampleChange(0) == .remove(table: SampleRecords.table, key: "0"))
  }
}
