import Diagnostics
import Model
import PromQL
import Testing

@testable import API

@Suite struct QueryEndpointTests {
  private func ask(
    _ path: String, _ query: [Label], _ configure: (ScriptedAccess) -> Void = { _ in }
  ) async -> (status: Int, body: String, requests: [QueryRequest]) {
    let asking = Asking(configure)
    let answer = await asking.ask("GET", "/api/v1/" + path, query: query)
    return (answer.status, answer.body, await asking.access.commands.requests)
  }

  private func error(_ path: String, _ query: [Label]) async -> String {
    let answer = await ask(path, query)
    #expect(answer.status == 400)
    #expect(answer.body.hasPrefix(#"{"status":"error","errorType":"bad_data","error":""#))
    #expect(answer.requests.isEmpty)
    let prefix = #"{"status":"error","errorType":"bad_data","error":""#
    return String(answer.body.dropFirst(prefix.count).dropLast(2))
      .replacing(#"\""#, with: "'")
  }

  @Test func everyParameterReachesTheQuery() async throws {
    let instant = await ask(
      "query",
      [
        Label("query", "up"), Label("time", "2026-11-22T15:04:10.5Z"), Label("timeout", "1m"),
        Label("lookback_delta", "90"),
      ])
    let first = try #require(instant.requests.first)
    #expect(first.span == .instant(Timestamp(milliseconds: 1_795_359_850_500)))
    #expect(first.timeout == .seconds(60))
    #expect(first.lookback == .seconds(90))
    let range = await ask(
      "query_range",
      [
        Label("query", "up"), Label("start", "10.25"), Label("end", "20"), Label("step", "1m30s"),
      ])
    let second = try #require(range.requests.first)
    #expect(
      second.span
        == .range(
          from: Timestamp(milliseconds: 10_250), through: Timestamp(milliseconds: 20_000),
          step: .seconds(90)))
    #expect(second.timeout == nil)
    #expect(second.lookback == nil)
  }

  @Test func withoutATimeItIsNow() async throws {
    let asked = await ask("query", [Label("query", "up"), Label("time", "")])
    #expect(asked.requests.first?.span == .instant(Timestamp(milliseconds: 1_763_823_850_123)))
  }

  @Test func wrongParametersGetPrometheusSentences() async {
    let range = [Label("query", "up"), Label("start", "0"), Label("end", "60")]
    #expect(
      await error("query", [Label("time", "noon")])
        == "invalid parameter 'time': Invalid time value for 'time': cannot parse 'noon' to a "
        + "valid timestamp")
    #expect(
      await error("query", [Label("limit", "-1")])
        == "invalid parameter 'limit': limit must be non-negative")
    #expect(
      await error("query", [Label("timeout", "x")])
        == "invalid parameter 'timeout': cannot parse 'x' to a valid duration")
    #expect(
      await error("query_range", [Label("query", "up")])
        == "invalid parameter 'start': cannot parse '' to a valid timestamp")
    #expect(
      await error("query_range", range)
        == "invalid parameter 'step': cannot parse '' to a valid duration")
    #expect(
      await error("query_range", range + [Label("step", "0")])
        == "invalid parameter 'step': zero or negative query resolution step widths are not "
        + "accepted. Try a positive integer")
    #expect(
      await error("query_range", [Label("start", "9"), Label("end", "8"), Label("step", "1")])
        == "invalid parameter 'end': end timestamp must not be before start time")
    #expect(
      await error("query", [Label("lookback_delta", "x")])
        == "error parsing lookback delta duration: cannot parse 'x' to a valid duration")
    #expect(
      await error("query", [Label("limit", "x")])
        == "invalid parameter 'limit': strconv.Atoi: parsing 'x': invalid syntax")
    #expect(
      await error("query", [Label("limit", "99999999999999999999")])
        == "invalid parameter 'limit': strconv.Atoi: parsing '99999999999999999999': "
        + "value out of range")
    #expect(
      await error("query_range", range + [Label("step", "Inf")])
        == "invalid parameter 'step': cannot parse 'Inf' to a valid duration. It overflows int64")
  }

  @Test func elevenThousandStepsAreTheMost() async {
    func range(_ end: String) -> [Label] {
      [Label("query", "up"), Label("start", "0"), Label("end", end), Label("step", "1")]
    }
    #expect(await ask("query_range", range("11000.9")).status == 200)
    #expect(
      await error("query_range", range("11001"))
        == "exceeded maximum resolution of 11,000 points per timeseries. "
        + "Try decreasing the query resolution (?step=XX)")
  }

  @Test func aLimitCutsAndSaysSo() async {
    let vector = QueryValue.vector(
      (0..<3).map { VectorElement(labels: Labels(["i": "\($0)"]), value: Double($0)) })
    let cut = await ask("query", [Label("query", "up"), Label("limit", "2")]) {
      $0.outcome = .success(QueryOutcome(value: vector))
    }
    #expect(cut.body.contains(#""i":"1""#) && !cut.body.contains(#""i":"2""#))
    #expect(cut.body.hasSuffix(#","warnings":["results truncated due to limit"]}"#))
    for limit in ["0", "3"] {
      let whole = await ask("query", [Label("query", "up"), Label("limit", limit)]) {
        $0.outcome = .success(QueryOutcome(value: vector))
      }
      #expect(whole.body.contains(#""i":"2""#) && !whole.body.contains("warnings"))
    }
  }

  @Test func remarksAreSortedByKind() async {
    let source = SourceText(name: "query", text: "rate(x[1m])")
    func remark(_ kind: QueryAnnotation.Kind, _ text: String) -> QueryAnnotation {
      QueryAnnotation(kind: kind, text: text, range: SourceRange(source, 5, 10))
    }
    let answer = await ask("query", [Label("query", "up")]) {
      $0.outcome = .success(
        QueryOutcome(
          value: .vector([]), annotations: [remark(.info, "odd"), remark(.warning, "bad")]))
    }
    #expect(
      answer.body == """
        {"status":"success","data":{"resultType":"vector","result":[]},\
        "warnings":["PromQL warning: bad (1:6)"],"infos":["PromQL info: odd (1:6)"]}
        """)
  }

  @Test func manyRemarksAreCountedAndNotListed() async {
    let source = SourceText(name: "query", text: "x")
    let answer = await ask("query", [Label("query", "up")]) {
      $0.outcome = .success(
        QueryOutcome(
          value: .vector([]),
          annotations: (0..<12).map {
            QueryAnnotation(kind: .info, text: "odd \($0)", range: SourceRange(source, 0, 1))
          }))
    }
    #expect(answer.body.contains("odd 9 "))
    #expect(!answer.body.contains("odd 10"))
    #expect(answer.body.hasSuffix(#","2 more info annotations omitted"]}"#))
  }

  @Test func everyKindOfValueHasItsForm() async {
    func result(_ value: QueryValue) async -> String {
      let answer = await ask("query", [Label("query", "x"), Label("time", "1.5")]) {
        $0.outcome = .success(QueryOutcome(value: value))
      }
      return String(answer.body.dropFirst(27).dropLast(1))
    }
    #expect(await result(.scalar(.nan)) == #"{"resultType":"scalar","result":[1.5,"NaN"]}"#)
    // No exponents, which elements of a vector have.
    #expect(
      await result(.scalar(1e-7)) == #"{"resultType":"scalar","result":[1.5,"0.0000001"]}"#)
    #expect(
      await result(.scalar(1e21))
        == #"{"resultType":"scalar","result":[1.5,"1000000000000000000000"]}"#)
    #expect(await result(.string("a<")) == #"{"resultType":"string","result":[1.5,"a\u003c"]}"#)
    let matrix = QueryValue.matrix([
      MatrixElement(
        labels: Labels(["a": "b"]),
        samples: [
          Sample(Timestamp(milliseconds: 1000), -.infinity),
          Sample(Timestamp(milliseconds: 1015), 1e-7),
        ])
    ])
    #expect(
      await result(matrix) == """
        {"resultType":"matrix","result":[{"metric":{"a":"b"},\
        "values":[[1,"-Inf"],[1.015,"1e-07"]]}]}
        """)
  }

  @Test func statisticsComeWhenAskedFor() async {
    let answer = await ask("query", [Label("query", "x"), Label("stats", "all")]) {
      $0.cost.queue = .milliseconds(250)
      $0.cost.preparation = .milliseconds(500)
      $0.cost.evaluation = .seconds(1)
      $0.cost.samplesRead = 7
    }
    #expect(
      answer.body.contains(
        """
        "stats":{"timings":{"evalTotalTime":1.5,"resultSortTime":0,"queryPreparationTime":0.5,\
        "innerEvalTime":1,"execQueueTime":0.25,"execTotalTime":1.75},"samples":{"samplesRead":7}}
        """))
    #expect(!(await ask("query", [Label("query", "x")]).body.contains("stats")))
  }

  @Test func everyRefusalHasItsStatus() async {
    for (refusal, status, type) in [
      (QueryRefusal.badData("b"), 400, "bad_data"), (.execution("e"), 422, "execution"),
      (.timeout("t"), 503, "timeout"), (.canceled("c"), 499, "canceled"),
    ] {
      let answer = await ask("query", [Label("query", "up")]) { $0.outcome = .failure(refusal) }
      #expect(answer.status == status)
      #expect(answer.body.contains("\"errorType\":\"\(type)\""))
    }
  }
}
