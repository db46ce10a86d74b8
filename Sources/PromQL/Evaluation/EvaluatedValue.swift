import Diagnostics
import Model
import PromQLSyntax

/// The times at which an expression is evaluated, in milliseconds.
struct Steps: Sendable {
  var start: Int64
  /// Positive, also when there is one step only.
  var interval: Int64
  var count: Int

  subscript(index: Int) -> Int64 { start + Int64(index) * interval }
  var end: Int64 { self[max(count - 1, 0)] }
}

/// A scalar at every step.
enum EvaluatedScalar: Sendable {
  case constant(Double)
  case varying([Double])

  subscript(step: Int) -> Double {
    switch self {
    case .constant(let value): value
    case .varying(let values): values[step]
    }
  }
}

/// The labels of a series under evaluation.
struct Row: Sendable {
  /// As they came: with the name although it has been dropped.
  private(set) var source: Labels
  /// The name has been dropped; it is taken off when somebody asks.
  private(set) var isNameless = false
  /// The name is to go when the query is done (delayed name removal).
  var dropsName = false

  init(labels: Labels, dropsName: Bool = false) {
    source = labels
    self.dropsName = dropsName
  }

  var labels: Labels {
    get { isNameless ? source.withoutName : source }
    set {
      source = newValue
      isNameless = false
    }
  }

  mutating func dropNameNow() { isNameless = true }
}

/// An instant vector at every step: one row of values a series. A row's place at a step where the
/// series has no value holds `absent`.
struct EvaluatedVector: Sendable {
  /// The staleness marker says the same, and no computation ever yields its bits.
  static let absent = StaleMarker.value

  let steps: Int
  var rows: [Row]
  /// Row by row.
  var values: [Double]

  init(steps: Int, rows: [Row] = [], values: [Double] = []) {
    self.steps = steps
    self.rows = rows
    self.values = values
  }

  /// Rows without any value.
  init(steps: Int, rows: [Row], absentAt count: Int) {
    self.init(
      steps: steps, rows: rows, values: [Double](repeating: Self.absent, count: count * steps))
  }

  @inline(__always)
  static func isAbsent(_ value: Double) -> Bool { value.bitPattern == StaleMarker.bits }

  @inline(__always)
  subscript(row: Int, step: Int) -> Double {
    get { values[row * steps + step] }
    set { values[row * steps + step] = newValue }
  }

  @inline(__always)
  func isPresent(_ row: Int, _ step: Int) -> Bool { !Self.isAbsent(self[row, step]) }

  mutating func append(_ row: Row, _ rowValues: some Sequence<Double>) {
    rows.append(row)
    values.append(contentsOf: rowValues)
  }

  /// Without the rows that have no value at any step.
  func withoutEmptyRows() -> EvaluatedVector {
    guard let first = rows.indices.first(where: isEmpty) else { return self }
    var out = EvaluatedVector(
      steps: steps, rows: Array(rows[..<first]), values: Array(values[..<(first * steps)]))
    for row in first..<rows.count where !isEmpty(row) {
      out.append(rows[row], values[row * steps..<(row + 1) * steps])
    }
    return out
  }

  private func isEmpty(_ row: Int) -> Bool {
    values.withUnsafeBufferPointer { values in
      for place in row * steps..<(row + 1) * steps where !Self.isAbsent(values[place]) {
        return false
      }
      return true
    }
  }

  /// Sets every value anew by what it was.
  @inline(__always)
  mutating func mapValues(_ body: (Double) -> Double) {
    values.withUnsafeMutableBufferPointer { values in
      for place in values.indices where !Self.isAbsent(values[place]) {
        values[place] = body(values[place])
      }
    }
  }
}

/// Where the ranges of the steps lie, in milliseconds.
struct RangeGeometry: Sendable {
  /// The length of the range.
  var window: Int64
  var offset: Int64
  var at: Int64?
  var rangeExtension: RangeExtension?
  /// How far beyond the range an extended selector looks.
  var lookback: Int64 = 0

  /// How far after the end of the range samples count.
  var ahead: Int64 { rangeExtension == .smoothed ? lookback : 0 }

  /// The end of the range of a step at `time`.
  func end(at time: Int64) -> Int64 { (at ?? time) - offset }

  /// What is to be read for all steps: after, through.
  func extent(_ steps: Steps) -> (after: Timestamp, through: Timestamp) {
    (
      Timestamp(milliseconds: end(at: steps.start) - window - lookback),
      Timestamp(milliseconds: end(at: steps.end) + ahead)
    )
  }
}

/// A range vector: the samples of each series, and where each step's range lies among them.
struct EvaluatedRanges: Sendable {
  var rows: [Row]
  /// Oldest first, without staleness markers.
  var samples: [[Sample]]
  var geometry: RangeGeometry
}

/// What a part of an expression evaluates to.
enum EvaluatedValue: Sendable {
  case scalar(EvaluatedScalar)
  case string(String)
  case vector(EvaluatedVector)
  case ranges(EvaluatedRanges)
}
