import Diagnostics
import Model
import PromQLSyntax
import Storage

/// A PromQL expression that is typed and ready to be evaluated any number of times.
package struct Query: Sendable {
  package let expression: Expression
  package let type: ValueType
  /// All vector selectors, range selectors' among them, in written order.
  package let selectors: [VectorSelector]
  /// The standing selectors of the store it is bound to, in the order of `selectors`; empty when it
  /// is not bound.
  package private(set) var selectorIDs: [SelectorID] = []
  let plan: Plan

  /// Checks the types of an expression and makes it ready; experimental functions are refused
  /// unless they are enabled.
  package static func prepare(
    _ expression: Expression, features: LanguageFeatures = []
  ) -> Result<Query, QueryPreparationFailure> {
    let typed = TypeChecker.check(
      expression, features: features, signatures: FunctionRegistry.signature(of:),
      names: FunctionRegistry.names)
    guard let type = typed.type, typed.errors.isEmpty else {
      return .failure(
        QueryPreparationFailure(diagnostics: typed.diagnostics, errors: typed.errors))
    }
    var builder = PlanBuilder()
    let plan = builder.plan(expression)
    guard builder.diagnostics.isEmpty else {
      return .failure(QueryPreparationFailure(diagnostics: builder.diagnostics))
    }
    return .success(
      Query(expression: expression, type: type, selectors: builder.selectors, plan: plan))
  }

  private init(expression: Expression, type: ValueType, selectors: [VectorSelector], plan: Plan) {
    self.expression = expression
    self.type = type
    self.selectors = selectors
    self.plan = plan
  }

  /// Makes the selectors standing ones of a store, so that evaluation need not search; to be undone
  /// with `release`.
  package mutating func bind(to store: inout SeriesStore) {
    guard selectorIDs.isEmpty else { return }
    for selector in selectors { selectorIDs.append(store.standing(selector.matchers)) }
  }

  /// Gives the standing selectors up.
  package mutating func release(from store: inout SeriesStore) {
    for id in selectorIDs { store.release(id) }
    selectorIDs = []
  }
}

extension Query {
  /// Why the query has no value at more than one time, in Prometheus' words; nil when it has.
  package var rangeFlaw: String? {
    if type == .vector || type == .scalar { return nil }
    return "invalid expression type \(GoText.quoted(type.prometheusName)) for range query, must be "
      + "Scalar or instant Vector"
  }

  /// The value at one time.
  package func instant(
    at time: Timestamp, over source: some SeriesSource,
    limits: EvaluationLimits = EvaluationLimits()
  ) -> Result<QueryOutcome, EvaluationFailure> {
    let steps = Steps(start: time.bounded.milliseconds, interval: 1, count: 1)
    let evaluator = Evaluator(
      source: source, limits: limits, standing: selectorIDs, query: steps, isRangeQuery: false)
    do throws(EvaluationFailure) {
      let value = try evaluator.evaluate(plan, steps)
      let result = try evaluator.instantValue(value, steps)
      return .success(QueryOutcome(value: result, annotations: evaluator.log.annotations))
    } catch {
      return .failure(error)
    }
  }

  /// The values from one time through another, `step` apart: always a matrix, sorted by labels.
  package func range(
    from start: Timestamp, through end: Timestamp, step: Duration, over source: some SeriesSource,
    limits: EvaluationLimits = EvaluationLimits()
  ) -> Result<QueryOutcome, EvaluationFailure> {
    let interval = step.wholeMilliseconds
    guard interval > 0 else { return .failure(.refused("step must be positive")) }
    let (start, end) = (start.bounded, end.bounded)
    let span = end.milliseconds - start.milliseconds
    guard span >= 0 else { return .success(QueryOutcome(value: .matrix([]))) }
    guard span / interval < limits.maxSteps else {
      return .failure(.tooManySteps(limit: limits.maxSteps))
    }
    if let flaw = rangeFlaw { return .failure(.refused(flaw)) }
    let steps = Steps(
      start: start.milliseconds, interval: interval, count: Int(span / interval) + 1)
    let evaluator = Evaluator(
      source: source, limits: limits, standing: selectorIDs, query: steps, isRangeQuery: true)
    do throws(EvaluationFailure) {
      let value = try evaluator.evaluate(plan, steps)
      let matrix = try evaluator.matrix(value, steps)
      return .success(
        QueryOutcome(value: .matrix(matrix), annotations: evaluator.log.annotations))
    } catch {
      return .failure(error)
    }
  }
}

extension ValueType {
  /// Upstream's word for the type in sentences.
  var prometheusName: String {
    switch self {
    case .scalar: "scalar"
    case .string: "string"
    case .vector: "instant vector"
    case .matrix: "range vector"
    }
  }
}

extension Evaluator {
  private func finished(_ vector: EvaluatedVector) throws(EvaluationFailure) -> EvaluatedVector {
    var vector = vector
    var whole = RowLabels.whole
    for row in vector.rows.indices where vector.rows[row].dropsName || vector.rows[row].isNameless {
      if vector.rows[row].dropsName { vector.rows[row].dropNameNow() }
      vector.rows[row].labels = whole.labels(of: vector.rows[row])
    }
    return try merged(vector, isUnique: !limits.delaysNameRemoval, isFinal: true)
  }

  func instantValue(
    _ value: EvaluatedValue, _ steps: Steps
  ) throws(EvaluationFailure) -> QueryValue {
    switch value {
    case .scalar(let scalar): return .scalar(scalar[0])
    case .string(let text): return .string(text)
    case .vector(let vector):
      let vector = try finished(vector)
      return .vector(
        vector.rows.indices.lazy.filter { vector.isPresent($0, 0) }.map {
          VectorElement(labels: vector.rows[$0].labels, value: vector[$0, 0])
        })
    case .ranges(let ranges):
      let end = ranges.geometry.end(at: steps.start)
      var out: [MatrixElement] = []
      var known: Set<Labels> = []
      for index in ranges.rows.indices {
        var row = ranges.rows[index]
        if row.dropsName { row.labels = row.labels.withoutName }
        let samples = RangeExtent.samples(ranges, index, end: end)
        if samples.isEmpty { continue }
        guard known.insert(row.labels).inserted else {
          throw .refused("vector cannot contain metrics with the same labelset")
        }
        out.append(MatrixElement(labels: row.labels, samples: samples))
      }
      return .matrix(out.sorted { $0.labels < $1.labels })
    }
  }

  func matrix(
    _ value: EvaluatedValue, _ steps: Steps
  ) throws(EvaluationFailure) -> [MatrixElement] {
    func times(_ values: (Int) -> Double?) -> [Sample] {
      (0..<steps.count).compactMap { step in
        values(step).map { Sample(Timestamp(milliseconds: steps[step]), $0) }
      }
    }
    switch value {
    case .scalar(let scalar):
      return [MatrixElement(labels: Labels(), samples: times { scalar[$0] })]
    case .vector(let vector):
      let vector = try finished(vector)
      return vector.rows.indices.map { row in
        MatrixElement(
          labels: vector.rows[row].labels,
          samples: times { vector.isPresent(row, $0) ? vector[row, $0] : nil })
      }.filter { !$0.samples.isEmpty }.sorted { $0.labels < $1.labels }
    case .string, .ranges: return []
    }
  }
}

/// What a range selector on its own shows.
enum RangeExtent {
  /// The samples of a series in the range that ends at `end`; an extended selector's first and last
  /// stand at the boundaries.
  static func samples(_ ranges: EvaluatedRanges, _ index: Int, end: Int64) -> [Sample] {
    let start = end - ranges.geometry.window
    let all = ranges.samples[index]
    let inside = all.filter {
      $0.timestamp.milliseconds > start && $0.timestamp.milliseconds <= end
    }
    guard let rangeExtension = ranges.geometry.rangeExtension else { return inside }
    return ExtendedRange.boundaries(
      all, inside: inside, start: start, end: end, isSmoothed: rangeExtension == .smoothed)
  }
}
