import Model
import Outside

/// One method and path with its answer. A path segment `{name}` matches any one segment.
package struct Endpoint: Sendable {
  package var methods: [String]
  package let path: String
  /// Whether a segment of the path is `{name}`.
  private let hasNames: Bool
  /// Needs the unix socket or the token.
  package var changesState: Bool
  package var answer: @Sendable (EndpointRequest) async -> HTTPServerResponse

  init(
    _ methods: [String], _ path: String, changesState: Bool = false,
    answer: @escaping @Sendable (EndpointRequest) async -> HTTPServerResponse
  ) {
    self.methods = methods
    self.path = path
    hasNames = path.utf8.contains(UInt8(ascii: "{"))
    self.changesState = changesState
    self.answer = answer
  }

  /// The values of the path's `{name}` segments when it matches.
  func match(_ requested: String) -> [Label]? {
    if !hasNames { return path == requested ? [] : nil }
    let pattern = path.split(separator: "/", omittingEmptySubsequences: false)
    let actual = requested.split(separator: "/", omittingEmptySubsequences: false)
    guard pattern.count == actual.count else { return nil }
    var values: [Label] = []
    for (expected, segment) in zip(pattern, actual) {
      if expected.hasPrefix("{") {
        guard !segment.isEmpty else { return nil }
        values.append(Label(String(expected.dropFirst().dropLast()), String(segment)))
      } else if expected != segment {
        return nil
      }
    }
    return values
  }
}

/// A request on its way through an endpoint.
package struct EndpointRequest: Sendable {
  package var http: HTTPServerRequest
  package var access: any PipelineAccess
  /// Values of the path's `{name}` segments.
  package var segments: [Label]
  /// The parameters of a form body, then those of the query string.
  package var parameters: [Label]

  func parameter(_ name: String) -> String? { parameters.first { $0.name == name }?.value }
  func parameters(_ name: String) -> [String] {
    parameters.filter { $0.name == name }.map(\.value)
  }
  func segment(_ name: String) -> String { segments.first { $0.name == name }?.value ?? "" }

  /// A boolean parameter as Alertmanager reads it.
  func flag(_ name: String, default value: Bool) -> Bool {
    parameter(name).map { $0 == "true" || $0 == "1" } ?? value
  }

  /// Who asks, for the author of a change.
  var author: String {
    if case .unix(_, let user) = http.peer { user } else { "token" }
  }
}

extension HTTPServerResponse {
  static func json(_ value: JSON, status: Int = 200) -> HTTPServerResponse {
    HTTPServerResponse(
      status: status, headers: [Label("content-type", "application/json")],
      body: .bytes(value.bytes))
  }

  /// Prometheus' success envelope.
  static func data(_ value: JSON, warnings: [String] = [], infos: [String] = [])
    -> HTTPServerResponse
  {
    var members: [(name: String, value: JSON)] = [("status", "success"), ("data", value)]
    if !warnings.isEmpty { members.append(("warnings", .array(warnings.map(JSON.string)))) }
    if !infos.isEmpty { members.append(("infos", .array(infos.map(JSON.string)))) }
    return .json(.object(members))
  }

  /// Prometheus' error envelope.
  static func failure(_ status: Int, _ type: String, _ message: String) -> HTTPServerResponse {
    .json(
      ["status": "error", "errorType": .string(type), "error": .string(message)], status: status)
  }

  /// Alertmanager's and our own error: a stable code and a sentence.
  static func refusal(_ status: Int, code: String, _ message: String) -> HTTPServerResponse {
    .json(["code": .string(code), "message": .string(message)], status: status)
  }

  static func refusal(_ refusal: CommandRefusal) -> HTTPServerResponse {
    switch refusal.kind {
    case .invalid: .refusal(400, code: "invalid", refusal.reason)
    case .notFound: .refusal(404, code: "not_found", refusal.reason)
    case .unavailable: .refusal(503, code: "unavailable", refusal.reason)
    }
  }
}

/// `application/x-www-form-urlencoded` (WHATWG URL, section 5).
package enum FormBody {
  package static func parse(_ text: some StringProtocol) -> [Label] {
    text.split(separator: "&").map { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return Label(decode(parts[0]), parts.count > 1 ? decode(parts[1]) : "")
    }
  }

  package static func decode(_ text: some StringProtocol) -> String {
    var out: [UInt8] = []
    let bytes = Array(text.utf8)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "%"), index + 2 < bytes.count,
        let value = UInt8(String(decoding: bytes[index + 1...index + 2], as: UTF8.self), radix: 16)
      {
        out.append(value)
        index += 3
      } else {
        out.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
        index += 1
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}
