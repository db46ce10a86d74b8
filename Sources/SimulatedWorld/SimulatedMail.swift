import Model
import Outside
import Synchronization

/// A mail server in memory: takes everything unless a script says otherwise.
package final class SimulatedMail: MailTransport {
  package typealias Script = @Sendable (MailTransfer) -> SimulatedReply<MailResult>
  private let time: SimulatedTime
  private let state = Mutex<(script: Script?, sent: [MailTransfer])>((nil, []))

  init(time: SimulatedTime) { self.time = time }

  /// Answers every transfer from here on; nil takes everything again.
  package func respond(_ script: Script?) { state.withLock { $0.script = script } }

  /// Every transfer that was tried.
  package var transfers: [MailTransfer] { state.withLock { $0.sent } }

  package func send(_ mail: MailTransfer) async -> MailResult {
    let script = state.withLock { state in
      state.sent.append(mail)
      return state.script
    }
    time.stir()
    let reply = script?(mail) ?? .answer(MailResult(accepted: mail.recipients))
    return await time.deliver(reply, within: mail.timeout) { isCancelled in
      MailResult(
        failure: TransferFailure(
          isCancelled ? .cancelled : .timeout, "\(mail.host) did not answer in time"))
    }
  }
}

/// The local server: keeps the handler, so that tests ask it without a network.
package final class SimulatedServer: HTTPServing {
  private struct State {
    var handler: (@Sendable (HTTPServerRequest) async -> HTTPServerResponse)?
    var listeners: [HTTPListener] = []
    var refused: [String: String] = [:]
  }
  private let time: SimulatedTime
  private let state = Mutex(State())

  init(time: SimulatedTime) { self.time = time }

  /// Makes a listener's address unavailable.
  package func refuse(_ listener: HTTPListener, reason: String) {
    state.withLock { $0.refused[listener.description] = reason }
  }

  /// What is being listened on; empty while nothing serves.
  package var listeners: [HTTPListener] { state.withLock { $0.listeners } }

  /// Asks the running server; 503 when none runs.
  package func request(_ request: HTTPServerRequest) async -> HTTPServerResponse {
    guard let handler = state.withLock({ $0.handler }) else {
      return HTTPServerResponse(status: 503, contentType: "text/plain", "nothing serves")
    }
    return await handler(request)
  }

  package func serve(
    _ listeners: [HTTPListener], limits: HTTPServerLimits,
    ready: @escaping @Sendable ([HTTPListener]) -> Void,
    handler: @escaping @Sendable (HTTPServerRequest) async -> HTTPServerResponse
  ) async throws(ListenFailure) {
    for listener in listeners {
      if let reason = state.withLock({ $0.refused[listener.description] }) {
        throw ListenFailure(listener: listener, reason: reason)
      }
    }
    state.withLock { state in
      state.handler = handler
      state.listeners = listeners
    }
    ready(listeners)
    while !Task.isCancelled { await time.sleep(for: .seconds(1_000_000)) }
    state.withLock { state in
      state.handler = nil
      state.listeners = []
    }
  }
}
