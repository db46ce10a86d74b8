import Outside

/// The daemon's own metrics.
enum MetricsEndpoint {
  static let endpoint = Endpoint(["GET"], "/metrics") { request in
    HTTPServerResponse(
      contentType: "text/plain; version=0.0.4; charset=utf-8", await request.access.metrics())
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
