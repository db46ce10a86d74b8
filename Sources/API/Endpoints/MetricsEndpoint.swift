import Exposition
import Model
import Outside

/// The daemon's own metrics, in the format that the client likes best.
enum MetricsEndpoint {
  static let endpoint = Endpoint(["GET"], "/metrics") { request in
    let format = ExpositionFormat(accepting: request.http.header("accept"))
    return response(ExpositionWriter.write(await request.access.metrics(), as: format), format)
  }

  static func response(_ body: [UInt8], _ format: ExpositionFormat) -> HTTPServerResponse {
    HTTPServerResponse(
      status: 200, headers: [Label("content-type", format.contentType)], body: .bytes(body))
  }
}

/// Prometheus' `/federate`: the newest sample of each series that a `match[]` selects, with its
/// time, for another Prometheus to scrape (`web/federate.go`).
enum FederateEndpoint {
  static let endpoint = Endpoint(["GET"], "/federate") { request in
    let selectors: [[LabelMatcher]]
    do throws(ParameterFlaw) {
      // Braces with nothing in them select nothing.
      selectors = try request.bareSelectors("match[]").filter { !$0.isEmpty }
    } catch {
      return HTTPServerResponse(
        status: 400, contentType: "text/plain; charset=utf-8", error.message + "\n")
    }
    let samples = selectors.isEmpty ? [] : await request.access.newest(matchingAny: selectors)
    let format = ExpositionFormat(accepting: request.http.header("accept"))
    return MetricsEndpoint.response(
      ExpositionWriter.write(families(samples), as: format), format)
  }

  /// A family a name; what type a metric has is not passed on, as Prometheus does not.
  private static func families(_ samples: [ExpositionFamily.Sample]) -> [ExpositionFamily] {
    Dictionary(grouping: samples, by: \.labels.name)
      .map { name, samples in
        ExpositionFamily(
          MetricMetadata(metric: name, type: .unknown),
          samples.sorted { $0.labels < $1.labels })
      }
      .sorted { Bytes.less($0.metadata.metric, $1.metadata.metric) }
  }
}

/// Reads the configuration anew, as SIGHUP does.
enum ReloadEndpoint {
  static let endpoint = Endpoint(["POST", "PUT"], "/-/reload", changesState: true) { request in
    switch await request.access.reload() {
    case .success: HTTPServerResponse(contentType: "text/plain; charset=utf-8", "")
    case .failure(let refusal):
      HTTPServerResponse(
        status: 500, contentType: "text/plain; charset=utf-8", refusal.reason)
    }
  }
}
