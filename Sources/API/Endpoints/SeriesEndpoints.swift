import Diagnostics
import Model
import Outside
import PromQLSyntax

/// Prometheus' `series`, `labels`, `label/N/values`, `metadata`.
enum SeriesEndpoints {
  static let series = Endpoint(["GET", "POST"], "/api/v1/series") { request in
    guard !request.parameters("match[]").isEmpty else {
      return .failure(400, "bad_data", "no match[] parameter provided")
    }
    return await withSelectors(request) { .data(.array($0.map { JSON($0) })) }
  }

  static let labels = Endpoint(["GET", "POST"], "/api/v1/labels") { request in
    await withSelectors(request) { series in
      let names = Set(series.flatMap { $0.map(\.name) }).sorted(by: Bytes.less)
      return .data(.array(names.map(JSON.string)))
    }
  }

  static let labelValues = Endpoint(["GET"], "/api/v1/label/{name}/values") { request in
    let name = request.segment("name")
    return await withSelectors(request) { series in
      let values = Set(series.compactMap { $0[name] }).sorted(by: Bytes.less)
      return .data(.array(values.map(JSON.string)))
    }
  }

  static let metadata = Endpoint(["GET"], "/api/v1/metadata") { request in
    let limit = request.parameter("limit").flatMap(Int.init) ?? 10_000
    let wanted = request.parameter("metric")
    let all = await request.access.metadata(limit: limit < 0 ? 10_000 : limit)
    let members = all.filter { wanted == nil || $0.metric == wanted }.map {
      (
        name: $0.metric,
        value: JSON.array([
          [
            "type": .string($0.type.rawValue), "help": .string($0.help), "unit": .string($0.unit),
          ]
        ])
      )
    }
    return .data(.object(members))
  }

  /// The series of the request's selectors; all of them when none is given.
  private static func withSelectors(
    _ request: EndpointRequest, _ answer: ([Labels]) -> HTTPServerResponse
  ) async -> HTTPServerResponse {
    var selectors: [[LabelMatcher]] = []
    for text in request.parameters("match[]") {
      let source = SourceText(name: "match[]", text: text)
      let parsed = PromQLParser.parse(source)
      guard case .vectorSelector(let selector)? = parsed.expression, parsed.errors.isEmpty else {
        let reason = parsed.errors.first?.message ?? "it is not a series selector"
        return .failure(400, "bad_data", "invalid parameter \"match[]\": \(reason)")
      }
      selectors.append(selector.matchers)
    }
    var series = await request.access.series(matchingAny: selectors)
    if let limit = request.parameter("limit").flatMap(Int.init), limit > 0 {
      series = Array(series.prefix(limit))
    }
    return answer(series)
  }
}

/// Prometheus' `format_query`.
enum FormatEndpoint {
  static let endpoint = Endpoint(["GET", "POST"], "/api/v1/format_query") { request in
    let source = SourceText(name: "query", text: request.parameter("query") ?? "")
    let parsed = PromQLParser.parse(source)
    guard let expression = parsed.expression, parsed.errors.isEmpty else {
      let reason = parsed.errors.first?.message ?? "no expression found in input"
      return .failure(400, "bad_data", "invalid parameter \"query\": \(reason)")
    }
    return .data(.string(expression.pretty(width: 100)))
  }
}
