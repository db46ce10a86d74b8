import HTTPTypes
import HummingbirdCore
import Model
import NIOCore
import Outside
import Synchronization

/// Requests and their answers, within the limits.
final class HTTPExchange: Sendable {
  private struct State {
    var requests = 0
    var isStopping = false
    var channels: [ObjectIdentifier: any Channel] = [:]
    var streams: [ObjectIdentifier: StreamReader] = [:]
  }
  private let state = Mutex(State())
  private let limits: HTTPServerLimits
  private let reactor: Reactor
  private let users: UserNames
  private let handler: @Sendable (HTTPServerRequest) async -> HTTPServerResponse

  init(
    limits: HTTPServerLimits, reactor: Reactor, users: UserNames,
    handler: @escaping @Sendable (HTTPServerRequest) async -> HTTPServerResponse
  ) {
    self.limits = limits
    self.reactor = reactor
    self.users = users
    self.handler = handler
  }

  // MARK: One request

  func answer(
    _ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel
  ) async throws {
    guard enter(channel) else {
      let refusal = Self.refusal(503, "too many requests run already; try again in a second")
      return try await write(refusal, isHead: false, writer, channel, closes: true)
    }
    var isCounted = true
    defer { leave(channel, counted: isCounted) }
    // Whoever is slow, the peer or the handler: the connection ends.
    let alarm = reactor.after(limits.requestTimeout) { channel.close(promise: nil) }
    defer { reactor.cancel(alarm) }
    if request.headers[.expect]?.lowercased() == "100-continue" {
      try await writer.writeInformationalHead(HTTPResponse(status: .continue))
    }
    guard let body = try await body(of: request) else {
      let refusal = Self.refusal(413, "the body is larger than \(limits.bodyBytes) bytes")
      return try await write(refusal, isHead: false, writer, channel, closes: true)
    }
    let peer = await peer(of: channel)
    let response = await handler(HTTPServerRequest(request, body: body, peer: peer))
    let isHead = request.method == .head
    guard case .stream(let source) = response.body, !isHead else {
      return try await write(response, isHead: isHead, writer, channel, closes: false)
    }
    reactor.cancel(alarm)
    leave(channel, counted: true)
    isCounted = false
    try await stream(source, response, writer, channel)
  }

  /// The whole body; nil when it is larger than allowed.
  private func body(of request: Request) async throws -> [UInt8]? {
    if let text = request.headers[.contentLength], let length = Int(text),
      length > limits.bodyBytes
    {
      return nil
    }
    do {
      return Array(buffer: try await request.body.collect(upTo: limits.bodyBytes))
    } catch is NIOTooManyBytesError {
      return nil
    }
  }

  private static func refusal(_ status: Int, _ sentence: String) -> HTTPServerResponse {
    var response = HTTPServerResponse(
      status: status, contentType: "text/plain; charset=utf-8", sentence + "\n")
    response.headers.append(Label("connection", "close"))
    if status == 503 { response.headers.append(Label("retry-after", "1")) }
    return response
  }

  private func write(
    _ response: HTTPServerResponse, isHead: Bool, _ writer: consuming ResponseWriter,
    _ channel: any Channel, closes: Bool
  ) async throws {
    var head = HTTPResponse(response)
    var bytes: [UInt8] = []
    if case .bytes(let all) = response.body { bytes = all }
    let hasBody = response.status >= 200 && response.status != 204 && response.status != 304
    if hasBody, case .bytes = response.body {
      head.headerFields[.contentLength] = String(bytes.count)
    }
    if isHead || !hasBody || bytes.isEmpty {
      try await writer.writeResponse(head)
    } else {
      try await writer.write(
        response: head, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
    if closes { channel.close(promise: nil) }
  }

  // MARK: Streams

  private func stream(
    _ source: AsyncStream<[UInt8]>, _ response: HTTPServerResponse,
    _ writer: consuming ResponseWriter, _ channel: any Channel
  ) async throws {
    let reader = StreamReader(source)
    let key = ObjectIdentifier(channel)
    let isStopping = state.withLock { state in
      state.streams[key] = reader
      state.channels[key] = channel
      return state.isStopping
    }
    if isStopping { reader.stop() }
    defer {
      reader.stop()
      state.withLock { state in
        state.streams[key] = nil
        state.channels[key] = nil
      }
    }
    let reactor = reactor
    let patience = limits.requestTimeout
    let body = ResponseBody { writer in
      while let chunk = await reader.next() {
        // A peer that reads nothing is cut, as a slow request is.
        let alarm = reactor.after(patience) { channel.close(promise: nil) }
        defer { reactor.cancel(alarm) }
        try await writer.write(ByteBuffer(bytes: chunk))
      }
      try await writer.finish(nil)
    }
    try await writer.write(response: HTTPResponse(response), body: body)
  }

  /// Ends the stream whose peer went away.
  func peerLeft(_ channel: any Channel) {
    state.withLock { $0.streams[ObjectIdentifier(channel)] }?.stop()
  }

  func endStreams() {
    let readers = state.withLock { state in
      state.isStopping = true
      return Array(state.streams.values)
    }
    for reader in readers { reader.stop() }
  }

  /// Cuts every connection that still has a request.
  func closeAll() {
    let channels = state.withLock { Array($0.channels.values) }
    for channel in channels { channel.close(promise: nil) }
  }

  // MARK: Counting and peers

  private func enter(_ channel: any Channel) -> Bool {
    state.withLock { state in
      guard state.requests < limits.concurrentRequests else { return false }
      state.requests += 1
      state.channels[ObjectIdentifier(channel)] = channel
      return true
    }
  }

  private func leave(_ channel: any Channel, counted: Bool) {
    guard counted else { return }
    state.withLock { state in
      state.requests -= 1
      state.channels[ObjectIdentifier(channel)] = nil
    }
  }

  /// `struct ucred` of unix(7).
  private struct Credentials {
    var process: Int32 = 0
    var user: UInt32 = 0
    var group: UInt32 = 0
  }

  private func peer(of channel: any Channel) async -> HTTPServerRequest.Peer {
    if case .unixDomainSocket? = channel.localAddress {
      guard let options = channel as? any SocketOptionProvider else {
        return .tcp(address: "")
      }
      // SO_PEERCRED, which NIO has no name for.
      let asked: EventLoopFuture<Credentials> = options.unsafeGetSocketOption(
        level: .socket, name: .init(rawValue: 17))
      guard let found = try? await asked.get() else { return .tcp(address: "") }
      return .unix(uid: found.user, user: await users.name(of: found.user))
    }
    return .tcp(address: channel.remoteAddress?.ipAddress ?? "")
  }
}

/// Takes chunks from a stream one by one, and can be stopped while it waits for one.
final class StreamReader: Sendable {
  private let source: AsyncStream<[UInt8]>
  private let state = Mutex<(waiting: Task<[UInt8]?, Never>?, isStopped: Bool)>((nil, false))

  init(_ source: AsyncStream<[UInt8]>) { self.source = source }

  func next() async -> [UInt8]? {
    let source = source
    let task = state.withLock { state -> Task<[UInt8]?, Never>? in
      if state.isStopped { return nil }
      let task = Task<[UInt8]?, Never> {
        var iterator = source.makeAsyncIterator()
        return await iterator.next()
      }
      state.waiting = task
      return task
    }
    return await task?.value
  }

  /// Ends the stream: who waits for a chunk gets none, and the source is told.
  func stop() {
    let waiting = state.withLock { state in
      state.isStopped = true
      return state.waiting
    }
    waiting?.cancel()
  }
}
