import Diagnostics
import Glibc
import HostWorld
import Model
import Outside
import PromQL
import PromQLOracle
import PromQLSyntax
import Storage

/// Published rules: each expression is evaluated over series made up from its own selectors, by us
/// and by a real Prometheus. A rule passes when it has a value and both say the same.
enum RuleCases {
  private struct Case: Decodable {
    var id: String
    var expr: String
    /// Whether Prometheus 2.42 accepts it.
    var promtool_2_42_ok: Bool
  }

  /// A rule with the series found for it.
  private struct Prepared: Sendable {
    var id: String
    var expression: Expression
    var series: [SyntheticSeries]
    var answer: Answer
    /// Tells its series and selectors from those of other rules.
    var number: Int

    /// The question to a database of all rules' series.
    var question: Question {
      let matcher = LabelMatcher(RuleCases.caseLabel, equals: String(number))
      return Question(expression.adding(matcher).description, .instant(RuleSeries.time))
    }
    var marked: [SyntheticSeries] {
      series.map {
        SyntheticSeries(
          labels: $0.labels.setting(RuleCases.caseLabel, to: String(number)), samples: $0.samples)
      }
    }
  }

  private static let caseLabel = "corpus_case"
  private static let attempts = 160
  /// This share of the expressions must have a value.
  private static let leastShare = 0.8

  /// Runs the sub-command; true when enough passed and all answers are the same.
  static func run(_ words: [String]) async -> Bool {
    let isAlone = words.contains("--alone")
    let arguments = Arguments.read(words.filter { $0 != "--alone" })
    var tally = Tally()
    var prepared: [Prepared] = []
    var refused = 0
    for (number, item) in arguments.lines(Case.self).enumerated() {
      switch prepare(item, number) {
      case .success(let rule): prepared.append(rule)
      case .failure where !item.promtool_2_42_ok: refused += 1
      case .failure(let failure): tally.fail(item.id, "\(item.expr): \(failure.reason)")
      }
    }
    if refused > 0 { print("refused \(refused), as by Prometheus") }
    let total = prepared.count + tally.failed
    let filled = prepared.filter { !$0.answer.isEmpty }.count
    for rule in prepared where rule.answer.isEmpty && arguments.isVerbose {
      print("EMPTY \(rule.id): \(rule.expression)")
    }
    let share = Double(filled) / Double(max(1, total))
    print(
      "\(filled) of \(total) expressions have a value: \(percent(share)), at least "
        + "\(percent(leastShare)) must")
    var isSame = true
    if isAlone {
      print("the answers were not compared with a real Prometheus")
      for _ in prepared { tally.pass() }
    } else {
      isSame = await compare(prepared, &tally)
    }
    return tally.conclude(atLeast: arguments.atLeast) && isSame && share >= leastShare
  }

  private static func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }

  // MARK: Our side

  private static func prepare(_ item: Case, _ number: Int) -> Result<Prepared, OracleFailure> {
    let parsed = PromQLParser.parse(SourceText(name: item.id, text: item.expr))
    guard let expression = parsed.expression else {
      return .failure(OracleFailure(parsed.errors.first?.message ?? "does not parse"))
    }
    let query: Query
    switch Query.prepare(expression) {
    case .success(let ready): query = ready
    case .failure(let failure):
      return .failure(OracleFailure(failure.diagnostics.first?.message ?? "has no type"))
    }
    let sketch = RuleSketch(query)
    var last = Prepared(
      id: item.id, expression: expression, series: [], answer: .series(.vector, [:]),
      number: number)
    var refusal = ""
    var isEvaluated = false
    for attempt in 0..<attempts {
      let series = RuleSeries(sketch, attempt: attempt).series
      let answer = Question.answer(query, .instant(RuleSeries.time), over: series.store())
      if case .refused(let reason) = answer {
        refusal = reason
        continue
      }
      isEvaluated = true
      last.series = series
      last.answer = answer
      if !answer.isEmpty { break }
    }
    return isEvaluated ? .success(last) : .failure(OracleFailure("always refused: \(refusal)"))
  }

  // MARK: Both sides

  /// Asks both engines the expressions over one database of all series; false when one differs.
  private static func compare(_ rules: [Prepared], _ tally: inout Tally) async -> Bool {
    guard case .success(let world) = HostWorld.open(state: .memory(remark: "")) else {
      print("the state in memory can't be opened")
      return false
    }
    let series = rules.flatMap(\.marked)
    let verdicts: [Verdict]
    do {
      verdicts = try await PrometheusServer.run(over: series, world: world) { client in
        let oracle = Oracle(store: series.store(), client: client)
        var verdicts: [Verdict] = []
        for rule in rules { verdicts.append(await oracle.judge(rule.question)) }
        return verdicts
      }
    } catch {
      print("there is no Prometheus to compare with: \(error.reason)")
      return false
    }
    var (same, reasons) = (0, [String]())
    for (rule, verdict) in zip(rules, verdicts) {
      switch verdict {
      case .same: same += 1
      case .explained(_, let why): reasons += why
      case .different(let pair, _):
        tally.fail(rule.id, "\(rule.question)\n  ours: \(pair.ours)\n  theirs: \(pair.theirs)")
        continue
      case .failed(let failure):
        tally.fail(rule.id, failure.reason)
        continue
      }
      tally.pass()
    }
    for reason in Set(reasons).sorted() { print("explained: \(reason)") }
    print("\(same) of \(rules.count) answers are the same as the real Prometheus'")
    return tally.failed == 0
  }
}
