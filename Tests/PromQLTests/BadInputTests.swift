import Diagnostics
import Foundation
import Model
import PromQL
import PromQLSyntax
import Storage
import Testing

/// Queries made to hurt: a clear error or the right answer, soon, on a small stack as well.
@Suite struct BadInputTests {
  private static let store: SeriesStore = {
    var store = SeriesStore(limits: StoreLimits(retention: .seconds(10_000)))
    for place in 0..<50 {
      let labels = Labels(["__name__": "x", "job": "j", "instance": "\(place)"])
      for step in 0..<60 {
        store.append(labels, Sample(Timestamp(milliseconds: Int64(step) * 10_000), Double(step)))
      }
    }
    return store
  }()

  /// What a query gives at 600 s: "error: …", or its elements by number.
  private static func answer(
    _ text: String, limits: EvaluationLimits = EvaluationLimits(), features: LanguageFeatures = .all
  ) -> String {
    let parsed = PromQLParser.parse(SourceText(name: "query", text: text), features: features)
    guard let expression = parsed.expression else {
      return "error: \(parsed.errors.first?.message ?? "")"
    }
    switch Query.prepare(expression, features: features) {
    case .failure(let failure):
      return "error: \(failure.errors.first?.message ?? failure.diagnostics[0].message)"
    case .success(let query):
      let time = Timestamp(milliseconds: 590_000)
      switch query.instant(at: time, over: store, limits: limits) {
      case .failure(let failure): return "error: \(failure.message)"
      case .success(let outcome):
        switch outcome.value {
        case .vector(let elements): return "\(elements.count) elements"
        case .matrix(let elements): return "\(elements.count) series"
        case .scalar(let value): return "\(value)"
        case .string(let text): return "\(text.utf8.count) bytes"
        }
      }
    }
  }

  /// Runs a body on a thread with half the stack that Linux gives one; built for release, a
  /// fraction of that does.
  private static func onSmallStack(_ body: @escaping @Sendable () -> String) -> String {
    let done = DispatchSemaphore(value: 0)
    let box = AnswerBox()
    let thread = Thread {
      box.answer = body()
      done.signal()
    }
    thread.stackSize = 4 << 20
    thread.start()
    done.wait()
    return box.answer
  }

  private final class AnswerBox: @unchecked Sendable { var answer = "" }

  struct Deep: Sendable {
    var name: String
    var head: String
    var middle: String
    var tail: String
  }
  private static let deep = [
    Deep(name: "parentheses", head: "(", middle: "x", tail: ")"),
    Deep(name: "signs", head: "-", middle: "x", tail: ""),
    Deep(name: "calls", head: "abs(", middle: "x", tail: ")"),
    Deep(name: "aggregations", head: "sum(", middle: "x", tail: ")"),
    Deep(name: "powers", head: "x ^ ", middle: "1", tail: ""),
    Deep(name: "sums", head: "", middle: "x", tail: " + x"),
    Deep(name: "sums in parentheses", head: "(1 + ", middle: "x", tail: ")"),
    Deep(name: "set operators", head: "", middle: "x", tail: " or x"),
    Deep(name: "subqueries", head: "", middle: "x", tail: "[1m:1m]"),
    Deep(name: "subqueries in calls", head: "max_over_time(", middle: "x", tail: "[1m:1m])"),
    Deep(name: "ranges of durations", head: "", middle: "x[1m", tail: "+1s"),
    Deep(name: "durations in parentheses", head: "", middle: "x[(1m", tail: ")"),
  ]

  @Test(arguments: deep.indices, [150, 900, 10_000])
  func depthEndsInAnErrorOrAnAnswer(_ index: Int, _ count: Int) {
    let deep = Self.deep[index]
    func repeated(_ text: String) -> String { String(repeating: text, count: count) }
    var text = repeated(deep.head) + deep.middle + repeated(deep.tail)
    if deep.name == "ranges of durations" { text += "]" }
    let answer = Self.onSmallStack { [text] in Self.answer(text) }
    if count == 10_000 {
      #expect(answer.hasPrefix("error: "), "\(deep.name): \(answer)")
    }
    #expect(answer != "", "\(deep.name)")
  }

  @Test func depthNamesItsLimit() {
    let text = String(repeating: "(", count: 10_000) + "x" + String(repeating: ")", count: 10_000)
    #expect(Self.answer(text) == "error: expression is nested more than 200 levels deep")
    let sum = "x" + String(repeating: " + x", count: 10_000)
    #expect(Self.answer(sum) == "error: expression is made of more than 1000 operations")
  }

  @Test(arguments: [
    ("\"L\"", "1048576 bytes"), ("count_values(\"L\", x)", "1 elements"),
    ("label_replace(x{instance=\"1\"}, \"L\", \"L\", \"job\", \"j\")", "1 elements"),
    ("x{job=\"L\"}", "0 elements"), ("L", "0 elements"),
  ])
  func longTextsAreRead(_ text: String, _ expected: String) {
    let long = String(repeating: "a", count: 1 << 20)
    #expect(Self.answer(text.replacingOccurrences(of: "L", with: long)) == expected)
  }

  @Test func longPatternsEndInAnErrorOrAnAnswer() {
    for long in [String(repeating: "a|b", count: 350_000), String(repeating: "a", count: 1 << 20)] {
      for text in ["x{job=~\"\(long)\"}", "label_replace(x, \"d\", \"$1\", \"job\", \"\(long)\")"] {
        let answer = Self.answer(text)
        #expect(answer.hasPrefix("error: ") || answer.hasSuffix(" elements"))
        #expect(answer.utf8.count < 1200, "\(answer.prefix(200))")
      }
    }
    #expect(Self.answer("x{job=~\"(a{1000}){1000}\"}").hasPrefix("error: "))
  }

  @Test func whatSelectsEverythingIsRefused() {
    let message = "error: vector selector must contain at least one non-empty matcher"
    for text in ["{}", "{a=\"\"}", "{a=~\".*\"}", "rate({}[5m])", "sum({b!=\"c\"})"] {
      #expect(Self.answer(text) == message, "\(text)")
    }
  }

  @Test func manyLabelsAreGroupedBy() {
    let names = (0..<20_000).map { "label_\($0)" }.joined(separator: ", ")
    #expect(Self.answer("sum by (\(names), instance) (x)") == "50 elements")
    #expect(Self.answer("sum without (\(names)) (x)") == "50 elements")
    #expect(Self.answer("x * on (\(names), instance) x") == "50 elements")
    #expect(
      Self.answer("x * on (\(names), instance) group_left (\(names)) x").hasPrefix("error: label"))
  }

  @Test(arguments: [
    ("x[1e300]", "error: duration out of range"),
    ("x[293y]", "error: duration out of range"),
    ("x offset 1e19", "error: duration out of range"),
    ("x[0]", "error: duration must be greater than 0"),
    ("x[-5m]", "error: duration must be greater than 0"),
    ("max_over_time(x[292y])", "50 elements"),
    ("x offset 292y", "0 elements"), ("x offset -292y", "0 elements"),
    ("x @ 9223372036854775 offset -292y", "0 elements"),
    ("x @ -9223372036854775 offset 292y", "0 elements"),
    ("x @ 1e18", "0 elements"),
    ("x @ 1e19", "error: timestamp out of bounds for @ modifier: 10000000000000000000.000000"),
    ("x @ NaN", "error: timestamp out of bounds for @ modifier: NaN"),
    ("x @ Inf", "error: timestamp out of bounds for @ modifier: +Inf"),
    ("rate(x[292y:292y] @ 9e15)", "0 elements"),
    (
      "1e999",
      "error: error parsing number: strconv.ParseFloat: parsing \"1e999\": value out of range"
    ),
    ("topk(1e18, x)", "50 elements"),
    ("topk(1e19, x)", "error: Scalar value 1e+19 overflows int64"),
    ("topk(NaN, x)", "error: Parameter value is NaN"),
    ("bottomk(-Inf, x)", "0 elements"), ("quantile(-Inf, x)", "1 elements"),
    ("round(x, 0)", "50 elements"), ("round(x, NaN)", "50 elements"),
    ("hour(x * 1e300)", "50 elements"), ("year(x * -Inf)", "50 elements"),
    ("days_in_month(x * NaN)", "50 elements"),
    ("predict_linear(x[5m], 1e308)", "50 elements"),
    ("x[step() / 0]", "error: division by zero"), ("x[1m % (1 - 1)]", "error: modulo by zero"),
    ("x[2 ^ 2000]", "error: duration out of range"),
    ("x[1m * NaN]", "error: unexpected character: 'N', expected ':'"),
  ])
  func hugeNumbersAndDurations(_ text: String, _ expected: String) {
    #expect(Self.answer(text) == expected, "\(text)")
  }

  @Test func millionsOfStepsAreRefused() {
    #expect(
      Self.answer("max_over_time(x[1000000s:1s])")
        == "error: query would evaluate more than 250000 steps")
  }

  @Test func samplesAreCounted() {
    let limits = EvaluationLimits(maxSamples: 1000)
    let message =
      "error: query processing would load too many samples into memory in query execution"
    for text in ["rate(x[10m])", "x[10m]", "max_over_time(x[10m:1s])"] {
      #expect(Self.answer(text, limits: limits) == message, "\(text)")
    }
    #expect(Self.answer("x", limits: limits) == "50 elements")
  }

  @Test func timeIsLimited() {
    // The evaluation asks often, whatever it is busy with.
    for text in [
      "sum(x)", "quantile_over_time(0.5, vector(1)[200000s:1s])",
      "avg_over_time(x[10m])", "x * on (instance) x",
    ] {
      let limits = EvaluationLimits(shouldStop: { true })
      #expect(
        Self.answer(text, limits: limits) == "error: query timed out in expression evaluation")
    }
  }

  @Test func longWindowsAtManyStepsStop() throws {
    // One series, and at each of 2000 steps a window of 10,000 samples.
    let source = SourceText(name: "query", text: "avg_over_time(vector(1)[10000s:1s])")
    let expression = try #require(PromQLParser.parse(source).expression)
    let query = try Query.prepare(expression).get()
    let asked = LockedCount()
    let result = query.range(
      from: Timestamp(milliseconds: 0), through: Timestamp(milliseconds: 2_000_000),
      step: .seconds(1), over: Self.store,
      limits: EvaluationLimits(shouldStop: { asked.next() > 10 }))
    #expect(throws: EvaluationFailure.stopped) { try result.get() }
  }

  private final class LockedCount: @unchecked Sendable {
    private let lock = NSLock()
    private var count = 0
    func next() -> Int {
      lock.withLock {
        count += 1
        return count
      }
    }
  }
}
