import Model

/// The local HTTP server.
package protocol HTTPServing: Sendable {
  /// Serves until the task is cancelled, then finishes running requests. Throws when a listener
  /// can't be had. `ready` is called once every listener is bound.
  func serve(
    _ listeners: [HTTPListener], limits: HTTPServerLimits,
    ready: @escaping @Sendable ([HTTPListener]) -> Void,
    handler: @escaping @Sendable (HTTPServerRequest) async -> HTTPServerResponse
  ) async throws(ListenFailure)
}

package struct ListenFailure: Error, Sendable, Hashable {
  package var listener: HTTPListener
  /// One sentence: the port is in use, by what if that can be known, and what to change.
  package var reason: String
  package init(listener: HTTPListener, reason: String) {
    self.listener = listener
    self.reason = reason
  }
}

package enum HTTPListener: Sendable, Hashable, CustomStringConvertible {
  case tcp(host: String, port: Int)
  case unix(path: String)
  package var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): path
    }
  }
}

package struct HTTPServerLimits: Sendable, Hashable {
  package var headerBytes = 16 << 10
  package var bodyBytes = 8 << 20
  package var concurrentRequests = 128
  /// A request must have arrived and its answer left within this time.
  package var requestTimeout: Duration = .seconds(60)
  package init() {}
}

package struct HTTPServerRequest: Sendable {
  package var method: String
  /// Percent-decoded, without the query.
  package var path: String
  /// Decoded `name=value` pairs of the query string, in order.
  package var query: [Label]
  /// Names in lower case.
  package var headers: [Label]
  package var body: [UInt8]
  package var peer: Peer

  package enum Peer: Sendable, Hashable {
    case tcp(address: String)
    /// Peer credentials of a unix socket.
    case unix(uid: UInt32, user: String)
  }

  package init(
    method: String, path: String, query: [Label] = [], headers: [Label] = [], body: [UInt8] = [],
    peer: Peer = .tcp(address: "127.0.0.1")
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.peer = peer
  }

  package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

package struct HTTPServerResponse: Sendable {
  package enum Body: Sendable {
    case bytes([UInt8])
    /// Server-sent events and other endless answers; ends when the stream ends or the peer leaves.
    case stream(AsyncStream<[UInt8]>)
  }
  package var status: Int
  package var headers: [Label]
  package var body: Body

  package init(status: Int, headers: [Label] = [], body: Body) {
    self.status = status
    self.headers = headers
    self.body = body
  }
  package init(status: Int = 200, contentType: String, _ text: String) {
    self.init(
      status: status, headers: [Label("content-type", contentType)], body: .bytes(Array(text.utf8)))
  }
}
