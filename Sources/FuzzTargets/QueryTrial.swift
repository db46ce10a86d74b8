import Diagnostics
import Model
import PromQL
import PromQLSyntax
import Storage
import Synchronization

/// Evaluates an expression over a small store within narrow limits, as it is and as it is printed.
enum QueryTrial {
  /// Asked this often, an evaluation is to stop.
  private static let patience = 20_000

  static let store: SeriesStore = {
    var store = SeriesStore(limits: StoreLimits(retention: .seconds(1_000_000)))
    let names = ["a", "b", "a_total", "a_bucket", "target_info", "quoted name"]
    for (number, name) in names.enumerated() {
      for (place, extra) in [("x", "1"), ("y", "2"), ("le", "0.5"), ("le", "+Inf")].enumerated() {
        let labels = Labels([
          Label(Labels.metricName, name), Label(extra.0, extra.1), Label("job", "j"),
          Label("instance", place % 2 == 0 ? "i" : "k"),
        ])
        for step in 0..<20 {
          let odd: [Double] = [.nan, .infinity, -.infinity, StaleMarker.value, -0.0, 1e308]
          let value =
            (step + place) % 7 == 6
            ? odd[(step + number) % odd.count] : Double(step * (place + 1) - number)
          store.append(labels, Sample(Timestamp(milliseconds: Int64(step) * 30_000), value))
        }
      }
    }
    return store
  }()

  static func complaint(about expression: Expression) -> String? {
    guard case .success(let query) = Query.prepare(expression, features: .all) else { return nil }
    let printed = PromQLParser.parse(
      SourceText(name: "printed", text: expression.description), features: .all)
    guard let reread = printed.expression,
      case .success(let other) = Query.prepare(reread, features: .all)
    else { return "printed it has no type: \(expression)" }
    let (first, second) = (instant(query), instant(other))
    if first != second { return "printed it gives another value: \(first); \(second)" }
    let ranged = range(query)
    if ranged != range(other) { return "printed it gives another range: \(ranged)" }
    return nil
  }

  private static func limits(_ delays: Bool) -> EvaluationLimits {
    let asked = Atomic<Int>(0)
    return EvaluationLimits(
      maxSamples: 50_000, maxSteps: 1000, delaysNameRemoval: delays,
      shouldStop: { asked.add(1, ordering: .relaxed).newValue > patience })
  }

  private static func instant(_ query: Query) -> String {
    [true, false].map { delays in
      let time = Timestamp(milliseconds: 400_000)
      return shown(query.instant(at: time, over: store, limits: limits(delays)))
    }.joined(separator: "; ")
  }

  private static func range(_ query: Query) -> String {
    shown(
      query.range(
        from: Timestamp(milliseconds: 90_000), through: Timestamp(milliseconds: 390_000),
        step: .seconds(20), over: store, limits: limits(false)))
  }

  /// As a text, in which NaN is like NaN, whatever its sign: nothing in PromQL tells them apart.
  private static func shown(_ result: Result<QueryOutcome, EvaluationFailure>) -> String {
    switch result {
    case .success(let outcome): "\(outcome.value)".replacing("-nan", with: "nan")
    case .failure(let failure): failure.message
    }
  }
}
