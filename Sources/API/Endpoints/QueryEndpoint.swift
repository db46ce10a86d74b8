import Model
import Outside
import PromQL

/// Prometheus' `query` and `query_range` (`web/api/v1/api.go`).
enum QueryEndpoint {
  static let instant = Endpoint(["GET", "POST"], "/api/v1/query") { request in
    guard let expression = request.parameter("query") else {
      return .failure(400, "bad_data", "invalid parameter \"query\": it is missing")
    }
    var time = request.access.now()
    if let text = request.parameter("time") {
      guard let given = SampleText.time(text) else { return badParameter("time", text) }
      time = given
    }
    guard let timeout = timeout(request) else {
      return badParameter("timeout", request.parameter("timeout") ?? "")
    }
    return answer(await request.access.query(expression, at: time, timeout: timeout), at: time)
  }

  static let range = Endpoint(["GET", "POST"], "/api/v1/query_range") { request in
    guard let expression = request.parameter("query") else {
      return .failure(400, "bad_data", "invalid parameter \"query\": it is missing")
    }
    guard let start = request.parameter("start").flatMap(SampleText.time) else {
      return badParameter("start", request.parameter("start") ?? "")
    }
    guard let end = request.parameter("end").flatMap(SampleText.time) else {
      return badParameter("end", request.parameter("end") ?? "")
    }
    guard let step = request.parameter("step").flatMap(duration) else {
      return badParameter("step", request.parameter("step") ?? "")
    }
    guard end >= start else {
      return .failure(
        400, "bad_data", "invalid parameter \"end\": end timestamp must not be before start time")
    }
    guard step > .zero else {
      return .failure(
        400, "bad_data",
        "invalid parameter \"step\": zero or negative query resolution step widths are not accepted. Try a positive integer"
      )
    }
    guard (end - start).wholeMilliseconds / max(1, step.wholeMilliseconds) <= 11_000 else {
      return .failure(
        400, "bad_data",
        "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)"
      )
    }
    guard let timeout = timeout(request) else {
      return badParameter("timeout", request.parameter("timeout") ?? "")
    }
    let result = await request.access.query(
      expression, from: start, through: end, step: step, timeout: timeout)
    return answer(result, at: end)
  }

  static func badParameter(_ name: String, _ text: String) -> HTTPServerResponse {
    .failure(
      400, "bad_data",
      "invalid parameter \"\(name)\": cannot parse \(PromQuote.quoted(text)) to a valid value")
  }

  /// A duration as Unix seconds with a fraction, or in PromQL's notation.
  static func duration(_ text: String) -> Duration? {
    if let seconds = Double(text), seconds.isFinite, abs(seconds) < 9e9 {
      return .milliseconds(Int64((seconds * 1000).rounded()))
    }
    return DurationText.parse(text)
  }

  private static func timeout(_ request: EndpointRequest) -> Duration? {
    guard let text = request.parameter("timeout") else { return .seconds(30) }
    return duration(text).map { min($0, .seconds(30)) }
  }

  private static func answer(
    _ result: Result<QueryOutcome, QueryRefusal>, at time: Timestamp
  ) -> HTTPServerResponse {
    switch result {
    case .failure(.badData(let reason)): return .failure(400, "bad_data", reason)
    case .failure(.execution(let reason)): return .failure(422, "execution", reason)
    case .failure(.timeout(let reason)): return .failure(503, "timeout", reason)
    case .success(let outcome):
      let body: JSON = [
        "resultType": .string(typeName(outcome.value)), "result": json(outcome.value, at: time),
      ]
      return .data(
        body, warnings: outcome.annotations.filter { $0.kind == .warning }.map(\.description),
        infos: outcome.annotations.filter { $0.kind == .info }.map(\.description))
    }
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
    switch value {
    case .scalar(let number): point(time, number)
    case .string(let text): .array([.number(time.seconds), .string(text)])
    case .vector(let elements):
      .array(
        elements.map { ["metric": JSON($0.labels), "value": point(time, $0.value)] })
    case .matrix(let elements):
      .array(
        elements.map { element in
          [
            "metric": JSON(element.labels),
            "values": .array(element.samples.map { point($0.timestamp, $0.value) }),
          ]
        })
    }
  }

  private static func point(_ time: Timestamp, _ value: Double) -> JSON {
    .array([.number(time.seconds), .string(SampleText.number(value))])
  }
}

/// Durations as PromQL and the interval fields write them.
package enum DurationText {
  private static let units: [(name: String, milliseconds: Int64)] = [
    ("ms", 1), ("y", 31_536_000_000), ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000),
    ("m", 60_000), ("s", 1000),
  ]

  /// A duration such as `1h30m`; nil when the text is none.
  package static func parse(_ text: String) -> Duration? {
    var rest = Substring(text)
    var total: Int64 = 0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard let count = Int64(digits) else { return nil }
      rest = rest.dropFirst(digits.count)
      guard let unit = units.first(where: { rest.hasPrefix($0.name) }) else { return nil }
      rest = rest.dropFirst(unit.name.count)
      let (product, overflow) = count.multipliedReportingOverflow(by: unit.milliseconds)
      guard !overflow, total < Int64.max / 4, product < Int64.max / 4 else { return nil }
      total += product
    }
    return .milliseconds(total)
  }
}
