import Diagnostics
import Model
import PromQL
import PromQLSyntax
import Testing

@testable import PromQLOracle

@Suite struct ComparisonTests {
  private let time = Timestamp(milliseconds: 1_700_000_007_000)

  @Test(arguments: [
    (1.0, 1.0 + 1e-10, true), (1.0, 1.0 + 1e-8, false), (.nan, .nan, true), (.nan, 0, false),
    (.infinity, .infinity, true), (.infinity, -.infinity, false), (0, 1e-13, true),
    (1e300, .infinity, false), (0, -0.0, true),
  ])
  func values(_ left: Double, _ right: Double, _ isSame: Bool) {
    #expect(Tolerance().accepts(left, right) == isSame)
  }

  @Test func kindsLabelsAndTimesCount() {
    func answer(_ kind: Answer.Kind, _ labels: Labels, _ time: Timestamp) -> Answer {
      Answer(kind, [(labels, [Sample(time, 1)])])
    }
    let (labels, other) = (Labels(["job": "a"]), Labels(["job": "b"]))
    let one = answer(.vector, labels, time)
    #expect(one.difference(from: one) == nil)
    #expect(one.difference(from: answer(.matrix, labels, time)) != nil)
    #expect(one.difference(from: answer(.vector, other, time)) != nil)
    #expect(one.difference(from: answer(.vector, labels, time + .seconds(1))) != nil)
    #expect(one.difference(from: .refused("no")) != nil)
    #expect(Answer.refused("no").difference(from: .refused("never")) == nil)
    #expect(Answer(.vector, [(labels, []), (labels, [])]).isRefusal)
  }

  @Test func anOperatorIsReplayedOverOtherOperands() throws {
    let times = Question.Times.instant(time)
    let expression = try #require(Question("up * on (job) group_left () (x - y)", times).expression)
    let places = OperandPlace.all(in: expression, times, query: times)
    let answers: [[(Labels, Double)]] = [
      [(Labels(["job": "a", "instance": "1"]), 3)], [(Labels(["job": "a"]), 5)],
    ]
    let operands = zip(places, answers).map { place, elements in
      let answer = Answer(.vector, elements.map { ($0.0, [Sample(time, $0.1)]) })
      return Operand(place: place, pair: Oracle.Pair(ours: answer, theirs: answer))
    }
    #expect(operands.count == 2)
    let replay = Replay(expression: expression, times: times, operands: operands).answer
    let product = Answer(
      .vector, [(Labels(["job": "a", "instance": "1"]), [Sample(time, 15)])])
    #expect(replay?.difference(from: product) == nil)
    #expect(replay != nil)
  }

  @Test func subqueriesAreAskedAtTheirOwnSteps() throws {
    let times = Question.Times.instant(time)
    let expression = try #require(
      Question("sum_over_time(rate(x[1m])[2m5s:30s] offset 1m)", times).expression)
    let place = try #require(OperandPlace.all(in: expression, times, query: times).first)
    // After 1,699,999,822 and through 1,699,999,947.
    let first = Timestamp(milliseconds: 1_699_999_830_000)
    let last = Timestamp(milliseconds: 1_699_999_920_000)
    #expect(place.times == .range(first, through: last, step: .seconds(30)))
  }

  @Test func seriesAreWrittenAsOpenMetrics() {
    let series = SyntheticSeries(
      labels: Labels(["__name__": "x", "a": "b\"c"]),
      samples: [
        Sample(Timestamp(milliseconds: 1_700_000_000_125), .infinity),
        Sample(Timestamp(milliseconds: 1_700_000_015_500), 0.5),
      ])
    let lines = [
      #"x{a="b\"c"} +Inf 1700000000.125"#, #"x{a="b\"c"} 0.5 1700000015.5"#, "# EOF", "",
    ]
    #expect(
      String(decoding: [series].openMetrics(), as: UTF8.self) == lines.joined(separator: "\n"))
  }

  @Test func seedsRepeat() {
    var (one, two) = (SeededNumbers(seed: 7), SeededNumbers(seed: 7))
    let numbers = (0..<50).map { _ in one.number(3...9) }
    #expect(numbers == (0..<50).map { _ in two.number(3...9) })
    #expect(Set(numbers) == Set(3...9))
  }
}
