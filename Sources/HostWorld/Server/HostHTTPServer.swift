import Glibc
import HummingbirdCore
import Logging
import Model
import NIOCore
import NIOPosix
import Outside

/// The local HTTP server on HummingbirdCore: one event loop for every listener.
final class HostHTTPServer: HTTPServing {
  private let reactor: Reactor
  private let users: UserNames
  /// How long running requests get after the stop.
  private let drain: Duration = .seconds(5)

  init(reactor: Reactor) {
    self.reactor = reactor
    users = UserNames(reactor: reactor)
  }

  private struct Running {
    var listener: HTTPListener
    var server: Server<HTTP1Channel>
    var bound: Reply<Result<HTTPListener, ListenFailure>>
    var task: Task<Void, Never>
  }

  func serve(
    _ listeners: [HTTPListener], limits: HTTPServerLimits,
    ready: @escaping @Sendable ([HTTPListener]) -> Void,
    handler: @escaping @Sendable (HTTPServerRequest) async -> HTTPServerResponse
  ) async throws(ListenFailure) {
    for listener in listeners {
      guard case .unix(let path) = listener else { continue }
      if let reason = UnixSocketFile.prepare(path) {
        throw ListenFailure(listener: listener, reason: reason)
      }
    }
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let exchange = HTTPExchange(
      limits: limits, reactor: reactor, users: users, handler: handler)
    let running = listeners.map { start($0, exchange, limits, group) }
    var bound: [HTTPListener] = []
    var failure: ListenFailure?
    for one in running {
      switch await one.bound.value() {
      case .success(let listener): bound.append(listener)
      case .failure(let cause): failure = failure ?? cause
      }
    }
    if failure == nil {
      ready(bound)
      await cancellation()
    }
    await stop(running, exchange)
    for case .unix(let path) in bound { unlink(path) }
    group.shutdownGracefully { _ in }
    if let failure { throw failure }
  }

  private func cancellation() async {
    _ = await Reply<Bool>().value(cancelled: true)
  }

  private func start(
    _ listener: HTTPListener, _ exchange: HTTPExchange, _ limits: HTTPServerLimits,
    _ group: MultiThreadedEventLoopGroup
  ) -> Running {
    let bound = Reply<Result<HTTPListener, ListenFailure>>()
    let address: BindAddress =
      switch listener {
      case .tcp(let host, let port): .hostname(host, port: port)
      case .unix(let path): .unixDomainSocket(path: path)
      }
    let silent = Logger(label: "http", factory: { _ in SwiftLogNoOpLogHandler() })
    let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
      maxHeaderFieldSize: limits.headerBytes, maxHeaderListSize: limits.headerBytes,
      maxHeaderFieldCount: 256)
    let milliseconds = limits.requestTimeout.wholeMilliseconds
    let child = HTTP1Channel(
      responder: { request, writer, channel in
        try await exchange.answer(request, writer, channel)
      },
      configuration: .init(
        additionalChannelHandlers: [DepartureHandler { exchange.peerLeft($0) }],
        idleTimeout: .milliseconds(milliseconds), httpDecoderConfiguration: decoder))
    let server = Server(
      childChannelSetup: child,
      configuration: ServerConfiguration(
        address: address,
        // Streams hold a connection each beside the requests.
        availableConnectionsDelegate: .maximum(4 * limits.concurrentRequests, logger: silent)),
      onServerRunning: { channel in bound.give(Self.opened(listener, channel)) },
      eventLoopGroup: group, logger: silent)
    let task = Task {
      do {
        try await server.run()
        bound.give(.failure(ListenFailure(listener: listener, reason: "\(listener): was closed")))
      } catch {
        let reason = ListenReason.sentence(listener, error)
        bound.give(.failure(ListenFailure(listener: listener, reason: reason)))
      }
    }
    return Running(listener: listener, server: server, bound: bound, task: task)
  }

  /// The listener as bound: with the port the kernel chose, and the socket for owner and group.
  private static func opened(
    _ listener: HTTPListener, _ channel: any Channel
  ) -> Result<HTTPListener, ListenFailure> {
    switch listener {
    case .tcp(let host, let port):
      return .success(.tcp(host: host, port: channel.localAddress?.port ?? port))
    case .unix(let path):
      guard chmod(path, 0o660) == 0 else {
        let reason = "\(path): can't set its mode: \(describeErrno(errno))"
        return .failure(ListenFailure(listener: listener, reason: reason))
      }
      return .success(listener)
    }
  }

  /// Takes no more connections, lets running requests finish, ends streams, then cuts what is left.
  private func stop(_ running: [Running], _ exchange: HTTPExchange) async {
    exchange.endStreams()
    for one in running {
      Task { try? await one.server.shutdownGracefully() }
    }
    let cut = reactor.after(drain) { exchange.closeAll() }
    let finished = Reply<Bool>()
    let patience = reactor.after(drain + .seconds(2)) { finished.give(false) }
    Task {
      for one in running { await one.task.value }
      finished.give(true)
    }
    _ = await finished.value()
    reactor.cancel(cut)
    reactor.cancel(patience)
  }
}

/// Notices a peer that will send nothing more, which ends a stream nobody may be reading.
final class DepartureHandler: ChannelInboundHandler, RemovableChannelHandler, Sendable {
  typealias InboundIn = Never
  private let left: @Sendable (any Channel) -> Void

  init(_ left: @escaping @Sendable (any Channel) -> Void) { self.left = left }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let event = event as? ChannelEvent, event == .inputClosed { left(context.channel) }
    context.fireUserInboundEventTriggered(event)
  }

  func channelInactive(context: ChannelHandlerContext) {
    left(context.channel)
    context.fireChannelInactive()
  }
}
