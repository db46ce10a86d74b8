import Model
import Outside
import Synchronization

/// Outgoing HTTP, answered by scripts: the script of the longest matching URL prefix answers; with
/// none the connection is refused.
package final class SimulatedTransfers: HTTPTransfers {
  package typealias Script =
    @Sendable (HTTPTransferRequest) -> SimulatedReply<HTTPTransferResult>

  private struct State {
    var scripts: [(prefix: String, script: Script)] = []
    var requests: [HTTPTransferRequest] = []
  }
  private let time: SimulatedTime
  private let state = Mutex(State())

  init(time: SimulatedTime) { self.time = time }

  /// Answers URLs that begin with `prefix` from here on.
  package func respond(to prefix: String, _ script: @escaping Script) {
    state.withLock { state in
      state.scripts.removeAll { $0.prefix == prefix }
      state.scripts.append((prefix, script))
    }
  }

  /// Answers URLs that begin with `prefix` with this response.
  package func respond(
    to prefix: String, status: Int = 200, contentType: String = "text/plain; version=0.0.4",
    body: String, after delay: Duration = .milliseconds(5)
  ) {
    respond(to: prefix) { _ in
      .answer(.response(status: status, contentType: contentType, body: body), after: delay)
    }
  }

  /// Refuses connections to URLs that begin with `prefix`.
  package func refuse(_ prefix: String) {
    respond(to: prefix) { request in
      .answer(.failed(.connect, "connection to \(request.url) refused"))
    }
  }

  /// Everything asked so far.
  package var requests: [HTTPTransferRequest] { state.withLock { $0.requests } }
  /// Forgets what was asked so far.
  package func forgetRequests() { state.withLock { $0.requests = [] } }

  package func transfer(_ request: HTTPTransferRequest) async -> HTTPTransferResult {
    let script = state.withLock { state in
      state.requests.append(request)
      return state.scripts.filter { request.url.hasPrefix($0.prefix) }
        .max { $0.prefix.utf8.count < $1.prefix.utf8.count }?.script
    }
    time.stir()
    let reply =
      script?(request)
      ?? .answer(.failed(.connect, "connection to \(request.url) refused"))
    var result = await time.deliver(reply, within: request.timeout) { isCancelled in
      isCancelled
        ? .failed(.cancelled, "the transfer was cancelled")
        : .failed(.timeout, "no answer from \(request.url) within \(request.timeout)")
    } limited: { result in
      guard result.body.count > request.bodyLimit else { return result }
      var cut = result
      cut.body = Array(result.body.prefix(request.bodyLimit))
      cut.failure = TransferFailure(
        .bodyTooLarge, "the body is larger than \(request.bodyLimit) bytes")
      return cut
    }
    if let sink = request.sink, !result.body.isEmpty {
      sink.begin(status: result.status, headers: result.headers)
      for start in stride(from: 0, to: result.body.count, by: Self.pieceBytes) {
        let piece = result.body[start..<min(start + Self.pieceBytes, result.body.count)]
        piece.withUnsafeBytes(sink.take)
      }
      result.body = []
    }
    return result
  }

  /// Sinks get a body in pieces as small as no network would make them.
  private static let pieceBytes = 7
}

extension HTTPTransferResult {
  /// A complete response.
  package static func response(
    status: Int = 200, contentType: String = "text/plain", body: String, headers: [Label] = []
  ) -> HTTPTransferResult {
    var result = HTTPTransferResult(
      status: status, httpVersion: "1.1", headers: [Label("content-type", contentType)] + headers,
      body: Array(body.utf8), remoteAddress: "127.0.0.1")
    result.phases.connect = .milliseconds(1)
    result.phases.processing = .milliseconds(3)
    result.phases.transfer = .milliseconds(1)
    result.phases.total = .milliseconds(5)
    return result
  }

  /// A transfer that brought nothing.
  package static func failed(
    _ kind: TransferFailure.Kind, _ reason: String
  ) -> HTTPTransferResult {
    HTTPTransferResult(failure: TransferFailure(kind, reason))
  }
}

extension SimulatedTime {
  /// Plays a reply under the caller's deadline.
  func deliver<Answer: Sendable>(
    _ reply: SimulatedReply<Answer>, within timeout: Duration,
    orElse late: (_ isCancelled: Bool) -> Answer, limited: (Answer) -> Answer = { $0 }
  ) async -> Answer {
    switch reply {
    case .answer(let answer, let delay):
      if delay > .zero { await sleep(for: min(delay, timeout)) }
      if Task.isCancelled { return late(true) }
      return delay <= timeout ? limited(answer) : late(false)
    case .silence:
      await sleep(for: timeout)
      return late(Task.isCancelled)
    case .stuck:
      await stick()
      return late(true)
    }
  }
}
