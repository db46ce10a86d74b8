import Model
import Storage

/// Recent samples on their way to durable state: a few records at a time, so that within
/// `cycle` each has been written once. What a crash loses is at most that much of a series' newest
/// samples; a clean stop loses nothing.
struct SampleWriting: Sendable {
  /// Every record is written once in this time.
  static let cycle: Duration = .seconds(300)
  /// Some of them are written this often.
  static let interval: Duration = .seconds(15)

  private(set) var nextDeadline: Timestamp
  private var next = 0
  /// How many records the state store has at most, by what was written so far.
  private var written = 0
  /// Writes that are left in this cycle.
  private var turns = Self.turnsInCycle

  private static let turnsInCycle = Int(cycle / interval)

  init(startingAt now: Timestamp) { nextDeadline = now + Self.interval }

  /// The changes of one turn.
  mutating func changes(of store: SeriesStore, at now: Timestamp) -> [StateChange] {
    nextDeadline = now + Self.interval
    // Records that are no longer needed are removed in their turn.
    let count = max(store.sampleRecordCount, written)
    written = count
    let share = (count - next + turns - 1) / turns
    let turn = next..<min(count, next + max(0, share))
    next = turn.upperBound
    turns -= 1
    if turns == 0 {
      turns = Self.turnsInCycle
      next = 0
      written = store.sampleRecordCount
    }
    return turn.map { store.sampleChange($0) }
  }

  /// All records.
  static func all(of store: SeriesStore) -> [StateRecord] {
    (0..<store.sampleRecordCount).compactMap { store.sampleRecord($0) }
  }
}
