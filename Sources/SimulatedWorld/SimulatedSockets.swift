import Model
import Outside
import Synchronization

/// Raw connections, answered by scripts; without one a connection is refused.
package final class SimulatedSockets: Sockets {
  /// What a peer does once connected.
  package struct Peer: Sendable {
    /// Bytes it sends on its own, before anything is written to it.
    package var greeting: [UInt8]
    /// What it answers to what has been written so far; nil ends the stream.
    package var answer: @Sendable ([UInt8]) -> [UInt8]?
    /// The pause before each single byte; zero sends all at once.
    package var pace: Duration
    /// Accepts and then says nothing at all.
    package var isSilent: Bool
    /// Resets the connection at the first read.
    package var resets: Bool

    package init(
      greeting: String = "", pace: Duration = .zero, isSilent: Bool = false, resets: Bool = false,
      answer: @escaping @Sendable ([UInt8]) -> [UInt8]? = { _ in nil }
    ) {
      self.greeting = Array(greeting.utf8)
      self.answer = answer
      self.pace = pace
      self.isSilent = isSilent
      self.resets = resets
    }
  }
  private let time: SimulatedTime
  private let peers = Mutex<[SocketTarget: SimulatedReply<Peer>]>([:])

  init(time: SimulatedTime) { self.time = time }

  /// Answers connections to this target from here on.
  package func respond(to target: SocketTarget, _ reply: SimulatedReply<Peer>) {
    peers.withLock { $0[target] = reply }
  }

  package func connect(
    _ target: SocketTarget, timeout: Duration
  ) async -> Result<any SocketConnection, TransferFailure> {
    time.stir()
    guard let reply = peers.withLock({ $0[target] }) else {
      return .failure(TransferFailure(.connect, "connection refused"))
    }
    let peer: Peer? = await time.deliver(reply.optional, within: timeout) { _ in nil }
    guard let peer else {
      return .failure(TransferFailure(.timeout, "no connection within \(timeout)"))
    }
    return .success(SimulatedConnection(peer: peer, time: time))
  }
}

extension SimulatedReply {
  fileprivate var optional: SimulatedReply<Answer?> {
    switch self {
    case .answer(let answer, let delay): .answer(answer, after: delay)
    case .silence: .silence
    case .stuck: .stuck
    }
  }
}

private final class SimulatedConnection: SocketConnection {
  private struct State {
    var written: [UInt8] = []
    var pending: [UInt8]
    var isClosed = false
  }
  private let peer: SimulatedSockets.Peer
  private let time: SimulatedTime
  private let state: Mutex<State>

  init(peer: SimulatedSockets.Peer, time: SimulatedTime) {
    self.peer = peer
    self.time = time
    state = Mutex(State(pending: peer.greeting))
  }

  var remoteAddress: String { "127.0.0.1" }
  var phases: TransferPhases {
    var phases = TransferPhases()
    phases.connect = .milliseconds(1)
    return phases
  }

  func read(limit: Int, timeout: Duration) async -> Result<[UInt8], TransferFailure> {
    time.stir()
    if peer.resets { return .failure(TransferFailure(.reset, "the peer reset the connection")) }
    if peer.isSilent {
      await time.sleep(for: timeout)
      return .failure(TransferFailure(.timeout, "nothing was received within \(timeout)"))
    }
    if peer.pace > timeout {
      await time.sleep(for: timeout)
      return .failure(TransferFailure(.timeout, "nothing was received within \(timeout)"))
    }
    if peer.pace > .zero { await time.sleep(for: peer.pace) }
    return state.withLock { state in
      let count = min(peer.pace > .zero ? 1 : limit, state.pending.count)
      let bytes = Array(state.pending.prefix(count))
      state.pending.removeFirst(count)
      return .success(bytes)
    }
  }

  func write(_ bytes: [UInt8], timeout: Duration) async -> Result<Void, TransferFailure> {
    time.stir()
    if peer.resets { return .failure(TransferFailure(.reset, "the peer reset the connection")) }
    state.withLock { state in
      state.written += bytes
      if let answer = peer.answer(state.written) { state.pending += answer }
    }
    return .success(())
  }

  func close() { state.withLock { $0.isClosed = true } }
}
