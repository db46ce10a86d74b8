import Diagnostics
import Model
import PromQLSyntax
import Testing

@testable import PromQLOracle

/// What explains a difference explains no more than that.
@Suite struct KnownChangeTests {
  private static let time = Timestamp(milliseconds: 1_700_000_007_000)
  private static let later = Timestamp(milliseconds: 1_700_000_067_000)

  private func vector(_ elements: [(Labels, Double)]) -> Answer {
    Answer(.vector, elements.map { ($0.0, [Sample(Self.time, $0.1)]) })
  }

  private func fault(
    _ text: String, ours: Answer, theirs: Answer, of operands: [Answer] = [],
    _ times: Question.Times = .instant(time)
  ) throws -> Fault {
    Fault(
      expression: try #require(Question(text, times).expression), times: times, ours: ours,
      theirs: theirs, operands: operands, isOfLastDigits: false, isUnstable: false)
  }

  private let a = Labels(["job": "a"])
  private let b = Labels(["job": "b"])

  @Test func aWrongValueIsNotExplained() throws {
    for text in ["sum(x)", "x + y", "stddev(x)", "topk(1, x)", "x atan2 y", "exp(x)", "sinh(x)"] {
      let fault = try fault(
        text, ours: vector([(a, 1)]), theirs: vector([(a, 2)]), of: [vector([(a, 3)])])
      #expect(KnownChange.explaining(fault) == nil, "\(text)")
    }
  }

  @Test func aMissingElementIsNotExplained() throws {
    for text in ["topk(2, x)", "bottomk(2, x)", "x atan2 y", "stdvar by (job) (x)"] {
      let fault = try fault(
        text, ours: vector([(a, 1)]), theirs: vector([(a, 1), (b, 1)]),
        of: [vector([(a, 1), (b, 1)])])
      #expect(KnownChange.explaining(fault) == nil, "\(text)")
    }
  }

  @Test func anotherOfEqualValuesIs() throws {
    let operand = vector([(a, 1), (b, 1)])
    let fault = try fault(
      "topk(1, x)", ours: vector([(a, 1)]), theirs: vector([(b, 1)]), of: [operand])
    #expect(KnownChange.explaining(fault)?.contains("equal values") == true)
  }

  @Test func theDeviationOfOneInfinityIs() throws {
    let ours = vector([(a, .nan), (b, 2)])
    let operand = vector([(a, .infinity), (b, 5)])
    let fault = try fault(
      "stddev by (job) (x)", ours: ours, theirs: vector([(a, 0), (b, 2)]), of: [operand])
    #expect(KnownChange.explaining(fault)?.contains("deviates") == true)
    let wrong = try self.fault(
      "stddev by (job) (x)", ours: ours, theirs: vector([(a, 0), (b, 3)]), of: [operand])
    #expect(KnownChange.explaining(wrong) == nil)
  }

  @Test func aFixedRangeMovesFromTheSecondStepOn() throws {
    let times = Question.Times.range(Self.time, through: Self.later, step: .seconds(60))
    func line(_ first: Double, _ second: Double) -> Answer {
      Answer(.matrix, [(a, [Sample(Self.time, first), Sample(Self.later, second)])])
    }
    let text = "predict_linear(x[5m] @ 1700000000, 60)"
    let fault = try fault(text, ours: line(1, 2), theirs: line(1, 7), times)
    #expect(KnownChange.explaining(fault)?.contains("predict_linear") == true)
    let early = try self.fault(text, ours: line(1, 2), theirs: line(3, 2), times)
    #expect(KnownChange.explaining(early) == nil)
    let free = try self.fault(
      "predict_linear(x[5m], 60)", ours: line(1, 2), theirs: line(1, 7), times)
    #expect(KnownChange.explaining(free) == nil)
  }
}
