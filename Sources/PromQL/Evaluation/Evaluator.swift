import Diagnostics
import Model
import PromQLSyntax
import Storage

/// One evaluation of one plan: reads series, keeps count of what it costs, collects remarks
/// (`promql/engine.go`).
final class Evaluator {
  let source: any SeriesSource
  let limits: EvaluationLimits
  /// The standing selectors by the selectors' places, empty when the query is not bound.
  let standing: [SelectorID]
  /// The steps of the whole query.
  let query: Steps
  let isRangeQuery: Bool
  let log = AnnotationLog()
  private var spent = 0
  /// How much may be spent before it is asked again whether to stop.
  private var nextStopCheck = 0
  private static let stopCheckInterval = 100_000

  init(
    source: any SeriesSource, limits: EvaluationLimits, standing: [SelectorID], query: Steps,
    isRangeQuery: Bool
  ) {
    self.source = source
    self.limits = limits
    self.standing = standing
    self.query = query
    self.isRangeQuery = isRangeQuery
  }

  /// What the query's own `step()`, `range()` say, in seconds.
  var stepSeconds: Double { isRangeQuery ? Double(query.interval) / 1000 : 0 }
  var rangeSeconds: Double { Double(query.end - query.start) / 1000 }

  /// Counts samples read or values computed.
  func charge(_ count: Int) throws(EvaluationFailure) {
    spent += count
    if spent > limits.maxSamples { throw .tooManySamples }
    guard spent >= nextStopCheck else { return }
    nextStopCheck = spent + Self.stopCheckInterval
    try checkStop()
  }

  func checkStop() throws(EvaluationFailure) {
    if let shouldStop = limits.shouldStop, shouldStop() { throw .stopped }
  }

  func evaluate(_ plan: Plan, _ steps: Steps) throws(EvaluationFailure) -> EvaluatedValue {
    try checkStop()
    switch plan {
    case .number(let value): return .scalar(.constant(value))
    case .string(let text): return .string(text)
    case .selector(let selector): return .vector(try select(selector, steps))
    case .window(let window): return .ranges(try ranges(window, steps))
    case .subquery(let subquery): return .ranges(try ranges(subquery, steps))
    case .call(let call): return try evaluate(call, steps)
    case .aggregation(let node): return .vector(try aggregate(node, steps))
    case .operation(let node): return try operate(node, steps)
    case .negation(let inner): return try negate(try evaluate(inner, steps))
    case .affirmation(let inner): return try evaluate(inner, steps)
    case .once(let inner):
      let once = Steps(start: steps.start, interval: steps.interval, count: 1)
      return try repeated(try evaluate(inner, once), steps.count)
    }
  }

  private func repeated(
    _ value: EvaluatedValue, _ count: Int
  ) throws(EvaluationFailure) -> EvaluatedValue {
    switch value {
    case .scalar(let scalar): return .scalar(.constant(scalar[0]))
    case .string, .ranges: return value
    case .vector(let vector):
      if count == 1 { return value }
      try charge(vector.rows.count * count)
      var out = EvaluatedVector(steps: count)
      out.values.reserveCapacity(vector.rows.count * count)
      for row in vector.rows.indices {
        out.append(vector.rows[row], repeatElement(vector[row, 0], count: count))
      }
      return .vector(out)
    }
  }

  private func negate(_ value: EvaluatedValue) throws(EvaluationFailure) -> EvaluatedValue {
    switch value {
    case .scalar(.constant(let number)): return .scalar(.constant(-number))
    case .scalar(.varying(let numbers)): return .scalar(.varying(numbers.map { -$0 }))
    case .vector(var vector):
      vector.mapValues { -$0 }
      let isUnique = dropNames(&vector)
      return .vector(try merged(vector, isUnique: isUnique, refusesAll: true))
    default: return value
    }
  }

  // MARK: Arguments

  func vector(_ plan: Plan, _ steps: Steps) throws(EvaluationFailure) -> EvaluatedVector {
    guard case .vector(let vector) = try evaluate(plan, steps) else {
      preconditionFailure("the type checker let something else than a vector through")
    }
    return vector
  }

  func scalar(_ plan: Plan, _ steps: Steps) throws(EvaluationFailure) -> EvaluatedScalar {
    guard case .scalar(let scalar) = try evaluate(plan, steps) else {
      preconditionFailure("the type checker let something else than a scalar through")
    }
    return scalar
  }

  func ranges(_ plan: Plan, _ steps: Steps) throws(EvaluationFailure) -> EvaluatedRanges {
    guard case .ranges(let ranges) = try evaluate(plan, steps) else {
      preconditionFailure("the type checker let something else than a range vector through")
    }
    return ranges
  }

  // MARK: Names

  /// Takes the names from all rows, now or at the end of the query. True when no two rows can have
  /// become alike, which is so when all had one name.
  @discardableResult
  func dropNames(_ vector: inout EvaluatedVector, haveOneName: Bool = false) -> Bool {
    let staysUnique = haveOneName || vector.rows.haveOneName
    for row in vector.rows.indices { dropName(&vector.rows[row]) }
    return staysUnique
  }

  func dropName(_ row: inout Row) {
    if limits.delaysNameRemoval { row.dropsName = true } else { row.dropNameNow() }
  }

  /// The same vector with the rows of equal labels made one. Two values at one step are an error;
  /// with delayed name removal an instant vector may have them until the end. Where upstream looks
  /// at all steps together, rows of equal labels are an error in any case (`refusesAll`).
  func merged(
    _ vector: EvaluatedVector, isUnique: Bool = false, isFinal: Bool = false,
    refusesAll: Bool = false
  ) throws(EvaluationFailure) -> EvaluatedVector {
    if isUnique || vector.rows.count < 2 { return vector }
    if limits.delaysNameRemoval, !isFinal, vector.steps == 1 { return vector }
    var known = RowGroups(LabelProjection(without: []))
    var firstRow: [Int] = []
    var repeats: [(row: Int, of: Int)] = []
    for (row, place) in known.places(of: vector.rows).enumerated() {
      if place < firstRow.count {
        repeats.append((row, firstRow[place]))
      } else {
        firstRow.append(row)
      }
    }
    guard !repeats.isEmpty else { return vector }
    if refusesAll, !limits.delaysNameRemoval { throw Self.sameLabels }
    var out = vector
    for (row, first) in repeats {
      for step in 0..<vector.steps where vector.isPresent(row, step) {
        if out.isPresent(first, step) {
          throw Self.sameLabels
        }
        out[first, step] = vector[row, step]
        out[row, step] = EvaluatedVector.absent
      }
      if vector.rows[row].dropsName { out.rows[first].dropsName = true }
    }
    return out.withoutEmptyRows()
  }

  private static let sameLabels = EvaluationFailure.refused(
    "vector cannot contain metrics with the same labelset")
}

extension [Row] {
  /// Whether all rows have the same name, or have all lost it: rows that differ now still do when
  /// the name is gone.
  var haveOneName: Bool {
    guard let first else { return true }
    let names = first.source.names
    // Labels that are dropped along with the name may differ, too.
    if names.hasMetadataLabels { return false }
    let position = names.metricNamePosition
    let name = first.source.name
    for row in self {
      guard row.isNameless == first.isNameless else { return false }
      if row.source.sharesNames(with: first.source) {
        if position >= 0, !row.source.agrees(at: position, with: first.source) { return false }
      } else if row.source.names.hasMetadataLabels || !Bytes.equal(row.source.name, name) {
        return false
      }
    }
    return true
  }
}

extension Labels {
  /// The metric name, and what is dropped along with it.
  static func isDroppedWithName(_ name: String) -> Bool {
    name.utf8.first == UInt8(ascii: "_")
      && (name == metricName || name == "__type__" || name == "__unit__")
  }

  /// Without the metric name and what is dropped along with it (`schema.IsMetadataLabel`).
  var withoutName: Labels {
    let hasAny = names.metricNamePosition >= 0 || names.hasMetadataLabels
    return hasAny ? removing(Labels.metricName, "__type__", "__unit__") : self
  }
}
