import FoundationEssentials
import Model
import Outside

/// Takes a request to its endpoint: who may ask, which method, which path.
package struct APIRouter: Sendable {
  /// Every endpoint, one line each.
  static let endpoints: [Endpoint] = [
    StatusPage.endpoint, IncidentPage.endpoint,
    HealthEndpoints.health, HealthEndpoints.live, HealthEndpoints.ready,
    HealthEndpoints.healthy, HealthEndpoints.readyPlain,
    MetricsEndpoint.endpoint, FederateEndpoint.endpoint,
    ReloadEndpoint.endpoint,
    QueryEndpoint.instant, QueryEndpoint.range,
    SeriesEndpoints.series, SeriesEndpoints.labels, SeriesEndpoints.labelValues,
    SeriesEndpoints.exemplars,
    MetadataEndpoints.metadata, MetadataEndpoints.ofTargets,
    FormatEndpoints.format, FormatEndpoints.parse,
    RulesEndpoint.rules, RulesEndpoint.alerts,
    TargetsEndpoint.endpoint, TargetsEndpoint.pools,
    StatusEndpoints.buildInfo, StatusEndpoints.runtimeInfo, StatusEndpoints.configuration,
    StatusEndpoints.flags, StatusEndpoints.storage, StatusEndpoints.alertmanagers,
    AlertmanagerStatusEndpoint.endpoint,
    AlertmanagerAlertsEndpoint.list, AlertmanagerAlertsEndpoint.post,
    AlertmanagerAlertsEndpoint.groups,
    AlertmanagerReceiversEndpoint.endpoint,
    SilencesEndpoint.list, SilencesEndpoint.create, SilencesEndpoint.show,
    SilencesEndpoint.expire,
    ProbesEndpoint.endpoint,
    HistoryEndpoint.endpoint,
  ]

  private let access: any PipelineAccess
  private let token: String?
  /// Host names a browser may use besides loopback names: those of `listen` and `url`.
  private let hostNames: Set<String>

  package init(access: any PipelineAccess, token: String?, hostNames: Set<String>) {
    self.access = access
    self.token = token
    self.hostNames = hostNames
  }

  package func answer(_ request: HTTPServerRequest) async -> HTTPServerResponse {
    if let refusal = refuseForeign(request) { return refusal }
    let path =
      request.path.count > 1 && request.path.hasSuffix("/")
      ? String(request.path.dropLast()) : request.path
    var allowed: [String] = []
    for endpoint in Self.endpoints {
      guard let segments = endpoint.match(path) else { continue }
      let method = request.method == "HEAD" ? "GET" : request.method
      guard endpoint.methods.contains(method) else {
        allowed += endpoint.methods
        continue
      }
      if endpoint.changesState, !isAuthorized(request) { return unauthorized }
      // What a form says counts before what the URL says, as in Go's `FormValue`.
      var parameters = request.query
      if request.header("content-type")?.hasPrefix("application/x-www-form-urlencoded") == true {
        parameters =
          FormBody.parse(String(decoding: request.body, as: UTF8.self)) + request.query
      }
      var response = await endpoint.answer(
        EndpointRequest(
          http: request, access: access, segments: segments, parameters: parameters))
      response.headers.append(Label("x-content-type-options", "nosniff"))
      return response
    }
    guard allowed.isEmpty else {
      var response = HTTPServerResponse.refusal(
        405, code: "method_not_allowed",
        "\(request.path) answers \(allowed.joined(separator: ", "))")
      response.headers.append(Label("allow", allowed.joined(separator: ", ")))
      return response
    }
    return .refusal(404, code: "not_found", "there is nothing at \(request.path)")
  }

  private var unauthorized: HTTPServerResponse {
    let hint =
      token == nil
      ? "use the unix socket, or set `token` in the `daemon` block"
      : "use the unix socket, or send the token as Bearer or as the Basic password"
    var response = HTTPServerResponse.refusal(
      401, code: "unauthorized", "this changes state: \(hint)")
    response.headers.append(Label("www-authenticate", "Basic realm=\"tocsin\""))
    return response
  }

  private func isAuthorized(_ request: HTTPServerRequest) -> Bool {
    if case .unix = request.peer { return true }
    guard let token, !token.isEmpty, let header = request.header("authorization") else {
      return false
    }
    if header.hasPrefix("Bearer ") { return constantTimeEqual(String(header.dropFirst(7)), token) }
    guard header.hasPrefix("Basic "),
      let decoded = Data(base64Encoded: String(header.dropFirst(6))),
      let colon = decoded.firstIndex(of: UInt8(ascii: ":"))
    else { return false }
    return constantTimeEqual(String(decoding: decoded[(colon + 1)...], as: UTF8.self), token)
  }

  /// Compares without telling by its duration how much was right.
  private func constantTimeEqual(_ left: String, _ right: String) -> Bool {
    let (a, b) = (Array(left.utf8), Array(right.utf8))
    guard a.count == b.count else { return false }
    return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }

  /// A web page elsewhere must not reach us through the reader's browser: neither by a foreign
  /// Origin, nor by a host name that was pointed at loopback (DNS rebinding).
  private func refuseForeign(_ request: HTTPServerRequest) -> HTTPServerResponse? {
    if case .unix = request.peer { return nil }
    if let host = request.header("host"), !isKnown(host: host) {
      return .refusal(
        403, code: "unknown_host",
        "this server does not answer to the name \(host); name it in `daemon { url … }`")
    }
    guard let origin = request.header("origin"), origin != "null" else {
      return request.header("origin") == "null" && request.method != "GET"
        ? .refusal(403, code: "foreign_origin", "requests from other web pages are refused") : nil
    }
    let host = origin.split(separator: "/").last.map(String.init) ?? ""
    return isKnown(host: host)
      ? nil
      : .refusal(403, code: "foreign_origin", "requests from \(origin) are refused")
  }

  private func isKnown(host: String) -> Bool {
    var name = host
    if name.hasPrefix("[") {
      name = String(name.dropFirst().prefix { $0 != "]" })
    } else if let colon = name.lastIndex(of: ":") {
      name = String(name[..<colon])
    }
    name = name.lowercased()
    let isAddress = name.contains(":") || name.allSatisfy { $0.isNumber || $0 == "." }
    return isAddress || name == "localhost" || hostNames.contains(name)
  }
}
