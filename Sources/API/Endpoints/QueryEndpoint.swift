import Model
import Outside
import PromQL

/// Prometheus' `query` and `query_range` (`web/api/v1/api.go`).
enum QueryEndpoint {
  static let instant = Endpoint(["GET", "POST"], "/api/v1/query") { request in
    await request.reading { request throws(ParameterFlaw) in
      let limit = try request.limit()
      let time = try request.time("time", default: request.access.now())
      let query = try asked(request, .instant(time))
      return answer(
        await request.access.query(query), at: time, limit: limit,
        stats: request.parameter("stats"))
    }
  }

  static let range = Endpoint(["GET", "POST"], "/api/v1/query_range") { request in
    await request.reading { request throws(ParameterFlaw) in
      let limit = try request.limit()
      let start = try request.time("start")
      let end = try request.time("end")
      if end < start {
        throw ParameterFlaw("end", "end timestamp must not be before start time")
      }
      let step = try request.duration("step")
      if step <= .zero {
        throw ParameterFlaw(
          "step",
          "zero or negative query resolution step widths are not accepted. Try a positive integer")
      }
      if (end - start) / step >= 11_001 {
        throw ParameterFlaw(
          "exceeded maximum resolution of 11,000 points per timeseries. "
            + "Try decreasing the query resolution (?step=XX)")
      }
      // The resolution of samples is the finest there is.
      let query = try asked(
        request, .range(from: start, through: end, step: max(step, .milliseconds(1))))
      return answer(
        await request.access.query(query), at: end, limit: limit,
        stats: request.parameter("stats"))
    }
  }

  private static func asked(
    _ request: EndpointRequest, _ span: QueryRequest.Span
  ) throws(ParameterFlaw) -> QueryRequest {
    let timeout = try request.optionalDuration("timeout")
    let lookback = try request.lookback()
    return QueryRequest(
      request.parameter("query") ?? "", span, timeout: timeout,
      lookback: lookback.flatMap { $0 > .zero ? $0 : nil })
  }

  private static func answer(
    _ result: Result<QueryAnswer, QueryRefusal>, at time: Timestamp, limit: Int, stats: String?
  ) -> HTTPServerResponse {
    switch result {
    case .failure(.badData(let reason)): return .failure(400, "bad_data", reason)
    case .failure(.execution(let reason)): return .failure(422, "execution", reason)
    case .failure(.timeout(let reason)): return .failure(503, "timeout", reason)
    case .failure(.canceled(let reason)): return .failure(499, "canceled", reason)
    case .success(let answer):
      let outcome = answer.outcome
      let (value, truncation) = outcome.value.limited(to: limit)
      var members: [(name: String, value: JSON)] = [
        ("resultType", .string(typeName(value))), ("result", json(value, at: time)),
      ]
      if stats?.isEmpty == false { members.append(("stats", json(answer.cost))) }
      return .data(
        .object(members), warnings: remarks(outcome, .warning, after: truncation),
        infos: remarks(outcome, .info))
    }
  }

  /// Ten remarks of a kind, and how many more there are (`util/annotations/annotations.go`).
  private static func remarks(
    _ outcome: QueryOutcome, _ kind: QueryAnnotation.Kind, after others: [String] = []
  ) -> [String] {
    let most = 10
    let all = others + outcome.annotations.filter { $0.kind == kind }.map(\.description)
    guard all.count > most else { return all }
    return all.prefix(most) + ["\(all.count - most) more \(kind.rawValue) annotations omitted"]
  }

  private static func typeName(_ value: QueryValue) -> String {
    switch value {
    case .scalar: "scalar"
    case .string: "string"
    case .vector: "vector"
    case .matrix: "matrix"
    }
  }

  private static func json(_ value: QueryValue, at time: Timestamp) -> JSON {
    var writer = JSONWriter()
    writer.append(value, at: time)
    return .written(writer.bytes)
  }

  /// `util/stats/query_stats.go`. Samples are counted where they leave the store, not once more for
  /// every step that looks at them.
  private static func json(_ cost: QueryCost) -> JSON {
    [
      "timings": [
        "evalTotalTime": .number((cost.preparation + cost.evaluation).inSeconds),
        "resultSortTime": 0,
        "queryPreparationTime": .number(cost.preparation.inSeconds),
        "innerEvalTime": .number(cost.evaluation.inSeconds),
        "execQueueTime": .number(cost.queue.inSeconds),
        "execTotalTime": .number(cost.total.inSeconds),
      ],
      "samples": ["samplesRead": .integer(Int64(cost.samplesRead))],
    ]
  }
}

extension QueryValue {
  /// At most `limit` series, all for 0, and the warning that says that there were more.
  fileprivate func limited(to limit: Int) -> (QueryValue, warnings: [String]) {
    switch self {
    case .scalar, .string: return (self, [])
    case .vector(let all):
      let cut = all.limited(to: limit)
      return (.vector(cut.elements), cut.warnings)
    case .matrix(let all):
      let cut = all.limited(to: limit)
      return (.matrix(cut.elements), cut.warnings)
    }
  }
}
