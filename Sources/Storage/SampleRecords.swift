import Model

/// The store's series as durable records: some hundred series each, their packed samples as they
/// are. A record that is damaged is left out; its series begin anew.
package enum SampleRecords {
  /// The table of the records.
  package static let table = "storage.samples"
  /// A change of what `SampleRing` or `BlockHead` look like in memory is a new version.
  static let version = 1
  /// Places of the store in one record.
  static let placesPerRecord = 512

  static func key(_ number: Int) -> String { String(number) }
}

extension SeriesStore {
  /// How many records hold all series.
  package var sampleRecordCount: Int {
    (series.count + SampleRecords.placesPerRecord - 1) / SampleRecords.placesPerRecord
  }

  /// One of them by its number; nil when none of its places holds a series.
  package func sampleRecord(_ number: Int) -> StateRecord? {
    let first = number * SampleRecords.placesPerRecord
    let places = first..<min(first + SampleRecords.placesPerRecord, series.count)
    var writer = SampleRecordWriter()
    for place in places where series[place].ring.buffer != nil {
      writer.add(series[place].labels, series[place].ring)
    }
    guard writer.count > 0 else { return nil }
    return StateRecord(
      table: SampleRecords.table, key: SampleRecords.key(number), version: SampleRecords.version,
      bytes: writer.finished())
  }

  /// The change that brings a record up to date.
  package func sampleChange(_ number: Int) -> StateChange {
    sampleRecord(number).map(StateChange.put)
      ?? .remove(table: SampleRecords.table, key: SampleRecords.key(number))
  }

  /// Takes up the series of an earlier run: those with samples in the retention, and none from the
  /// future, which would keep new ones out. Gives how many series that were.
  @discardableResult
  package mutating func restore(_ records: [StateRecord], at now: Timestamp) -> Int {
    let oldest = now.milliseconds - limits.retentionMilliseconds
    var restored = 0
    for record in records
    where record.table == SampleRecords.table && record.version == SampleRecords.version {
      guard var reader = SampleRecordReader(record.bytes) else { continue }
      while let (labels, ring) = reader.next() {
        guard ring.lastTime >= oldest, ring.lastTime <= now.milliseconds,
          index.place(of: labels, series) == nil,
          let place = makeSeries(labels, source: -1, slot: 0)
        else { continue }
        series[Int(place)].ring = ring
        restored += 1
      }
    }
    return restored
  }
}
