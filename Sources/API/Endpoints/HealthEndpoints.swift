import Model
import Outside

/// Whether the daemon does its work, in the shape of Container Kit's own health endpoints.
enum HealthEndpoints {
  static let health = Endpoint(["GET"], "/health") { request in
    let report = await request.access.health()
    return await answer(request, checks: report.checks, healthy: report.isHealthy)
  }

  /// Alive: answering is the proof.
  static let live = Endpoint(["GET"], "/health/live") { request in
    await answer(request, checks: [], healthy: true)
  }

  static let ready = Endpoint(["GET"], "/health/ready") { request in
    let report = await request.access.health()
    let start = HealthReport.Check(
      name: "start", error: report.isReady ? nil : "still waiting for the first answers")
    return await answer(
      request, checks: report.checks + [start], healthy: report.isHealthy && report.isReady)
  }

  static let healthy = Endpoint(["GET"], "/-/healthy") { _ in
    HTTPServerResponse(contentType: "text/plain; charset=utf-8", "Tocsin is Healthy.\n")
  }

  static let readyPlain = Endpoint(["GET"], "/-/ready") { request in
    let isReady = await request.access.health().isReady
    return HTTPServerResponse(
      status: isReady ? 200 : 503, contentType: "text/plain; charset=utf-8",
      isReady ? "Tocsin is Ready.\n" : "Tocsin is not ready yet.\n")
  }

  private static func answer(
    _ request: EndpointRequest, checks: [HealthReport.Check], healthy: Bool
  ) async -> HTTPServerResponse {
    let identity = await request.access.identity()
    let now = request.access.now()
    let details = checks.map { check -> (name: String, value: JSON) in
      var members: [(name: String, value: JSON)] = [
        ("status", .string(check.error == nil ? "healthy" : "failed"))
      ]
      if let error = check.error { members.append(("error", .string(error))) }
      return (check.name, .object(members))
    }
    let body: JSON = [
      "status": .string(healthy ? "healthy" : "unhealthy"),
      "timestamp": .string(SampleText.rfc3339(now)),
      "version": .string(identity.version),
      "uptime": .number((now - identity.startedAt).inSeconds),
      "checks": .object(details),
    ]
    return .json(body, status: healthy ? 200 : 503)
  }
}
