import Model

/// When each target is due: a grid per target, fixed by its identity, so that targets spread over
/// the interval and keep their place across restarts and reloads. A few of them share a place: an
/// awakening costs a quiet machine more than a check, and what is taken together is of one moment.
struct Schedule: Sendable {
  private struct Appointment: Sendable {
    var due: Duration
    var source: SourceID
    /// An appointment is void once its target's edition has moved on.
    var edition: UInt64
  }
  private var heap: [Appointment] = []

  var next: Duration? { heap.first?.due }

  mutating func add(_ source: SourceID, due: Duration, edition: UInt64) {
    heap.append(Appointment(due: due, source: source, edition: edition))
    var child = heap.count - 1
    while child > 0, case let parent = (child - 1) / 2, heap[child].due < heap[parent].due {
      heap.swapAt(child, parent)
      child = parent
    }
  }

  /// Takes the earliest appointment that is due by `now`.
  mutating func takeDue(by now: Duration) -> (source: SourceID, edition: UInt64, due: Duration)? {
    guard let first = heap.first, first.due <= now else { return nil }
    removeFirst()
    return (first.source, first.edition, first.due)
  }

  /// Drops the earliest appointments for as long as they are void.
  mutating func dropVoid(_ isVoid: (SourceID, UInt64) -> Bool) {
    while let first = heap.first, isVoid(first.source, first.edition) { removeFirst() }
  }

  private mutating func removeFirst() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && heap[child].due < heap[least].due { least = child }
      if least == parent { break }
      heap.swapAt(parent, least)
      parent = least
    }
  }

  /// How many targets share a place at most, on average.
  static let together = 8

  /// Into how many parts the intervals of so many targets are divided: a power of two, so that few
  /// targets move when their number does, and none further than a part.
  static func parts(forTargets count: Int) -> Int {
    var parts = 1
    while parts * together < count { parts *= 2 }
    return parts
  }

  /// A target's place within its interval: a hash of its identity, rounded down to a part.
  static func phase(of source: SourceID, interval: Duration, parts: Int) -> Duration {
    var hash: UInt64 = 14_695_981_039_346_656_037
    for byte in source.description.utf8 { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
    // FNV leaves neighbours in the lower bits: mix them (MurmurHash3's finalizer).
    hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
    hash = (hash ^ (hash >> 33)) &* 0xC4CE_B9FE_1A85_EC53
    hash ^= hash >> 33
    // As a fraction of 2^64: its upper bits say which part.
    let part = hash.multipliedFullWidth(by: UInt64(parts)).high
    return .milliseconds(max(1, interval.wholeMilliseconds) * Int64(part) / Int64(parts))
  }

  /// The first point of the grid after `time`.
  static func gridPoint(after time: Duration, phase: Duration, interval: Duration) -> Duration {
    let step = max(1, interval.wholeMilliseconds)
    let behind = (time - phase).wholeMilliseconds
    let count = behind < 0 ? 0 : behind / step + 1
    return phase + .milliseconds(count * step)
  }

  /// The first run comes soon, so that a start shows something; it keeps the spread in small.
  static func firstRun(after time: Duration, phase: Duration, interval: Duration) -> Duration {
    let step = max(1, interval.wholeMilliseconds)
    return time + .milliseconds(phase.wholeMilliseconds * min(1000, step) / step)
  }
}
