import Glibc
import Model
import Outside
import Testing

@testable import HostWorld

/// Serves until the body ends, then stops and waits for the end.
private func serving(
  _ listeners: [HTTPListener] = [.tcp(host: "127.0.0.1", port: 0)],
  limits: HTTPServerLimits = HTTPServerLimits(),
  handler: @escaping @Sendable (HTTPServerRequest) async -> HTTPServerResponse,
  _ body: ([HTTPListener]) async throws -> Void
) async throws {
  let bound = Reply<Result<[HTTPListener], ListenFailure>>()
  let task = Task {
    do throws(ListenFailure) {
      try await TestWorld.world.server.serve(
        listeners, limits: limits, ready: { bound.give(.success($0)) }, handler: handler)
    } catch {
      bound.give(.failure(error))
    }
  }
  let ready = try await bound.value().get()
  do {
    try await body(ready)
  } catch {
    task.cancel()
    throw error
  }
  task.cancel()
  await task.value
}

private func url(_ listener: HTTPListener, _ path: String = "/") -> String {
  "http://\(listener)\(path)"
}

private func get(
  _ url: String, method: String = "GET", headers: [Label] = [], body: [UInt8] = [],
  unixSocket: String? = nil, timeout: Duration = .seconds(60)
) async -> HTTPTransferResult {
  await TestWorld.world.transfers.transfer(
    HTTPTransferRequest(
      method: method, url: url, headers: headers, body: body, timeout: timeout,
      unixSocket: unixSocket))
}

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

@Test func requestsArriveDecodedAndAnswersLeave() async throws {
  try await serving(
    handler: { request in
      let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: "|")
      var response = HTTPServerResponse(
        status: 201, contentType: "text/plain",
        "\(request.method) \(request.path) \(query) \(text(request.body)) \(request.header("x-a") ?? "-")"
      )
      response.headers.append(Label("X-Answer", "yes"))
      return response
    }
  ) { bound in
    let result = await get(
      url(bound[0], "/a%20b/c?match%5B%5D=up%7Ba%3D%22b%22%7D&x=1+2&flag&x=3"), method: "POST",
      headers: [Label("X-A", "v")], body: Array("body".utf8))
    #expect(result.status == 201)
    #expect(
      text(result.body) == "POST /a b/c match[]=up{a=\"b\"}|x=1 2|flag=|x=3 body v")
    #expect(result.header("x-answer") == "yes")
    #expect(result.header("content-type") == "text/plain")
  }
}

@Test func hostAndPeerAreKnown() async throws {
  try await serving(
    handler: { request in
      HTTPServerResponse(
        contentType: "text/plain", "\(request.header("host") ?? "-") \(request.peer)")
    }
  ) { bound in
    let result = await get(url(bound[0]))
    #expect(text(result.body) == "\(bound[0]) tcp(address: \"127.0.0.1\")")
  }
}

@Test func headHasNoBody() async throws {
  try await serving(handler: { _ in HTTPServerResponse(contentType: "text/plain", "12345") }) {
    bound in
    let result = await get(url(bound[0]), method: "HEAD")
    #expect(result.status == 200)
    #expect(result.header("content-length") == "5")
    #expect(result.body == [])
  }
}

@Test func aUnixSocketServesBesideTCPAndNamesItsPeer() async throws {
  let folder = TestWorld.folder()
  let path = folder + "/socket"
  try await serving(
    [.tcp(host: "127.0.0.1", port: 0), .unix(path: path)],
    handler: { HTTPServerResponse(contentType: "text/plain", "\($0.peer)") }
  ) { bound in
    #expect(bound[1] == .unix(path: path))
    let own = await get("http://local/", unixSocket: path)
    #expect(own.status == 200)
    #expect(text(own.body).hasPrefix("unix(uid: \(geteuid()), user: \""))
    #expect(own.remoteAddress == path)
    #expect(await get(url(bound[0])).status == 200)
    let facts = try await TestWorld.world.files.attributes(path, timeout: .seconds(60)).get()
    #expect(facts.mode == 0o660)
  }
  #expect(access(path, F_OK) != 0)
  await TestWorld.removeFolder(folder)
}

@Test func aLeftOverSocketIsReplacedAndALivingOneIsNot() async throws {
  let folder = TestWorld.folder()
  let path = folder + "/socket"
  let address = try #require(SocketAddress(unixPath: path))
  let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
  #expect(address.withPointer { bind(descriptor, $0, $1) } == 0)
  #expect(Glibc.listen(descriptor, 1) == 0)
  let answer: @Sendable (HTTPServerRequest) async -> HTTPServerResponse = { _ in
    HTTPServerResponse(contentType: "text/plain", "")
  }
  await #expect(throws: ListenFailure.self) {
    try await serving([.unix(path: path)], handler: answer) { _ in }
  }
  close(descriptor)
  #expect(access(path, F_OK) == 0)
  try await serving([.unix(path: path)], handler: answer) { bound in
    #expect(await get("http://local/", unixSocket: path).status == 200)
  }
  let plain = folder + "/plain"
  try await TestWorld.world.files.write([1], to: plain).get()
  await #expect(throws: ListenFailure.self) {
    try await serving([.unix(path: plain)], handler: answer) { _ in }
  }
  #expect(access(plain, F_OK) == 0)
  await TestWorld.removeFolder(folder)
}

@Test func aPortInUseIsASentenceThatNamesTheHolder() async throws {
  let server = LoopbackServer { $0.hang() }
  let taken = HTTPListener.tcp(host: "127.0.0.1", port: server.port)
  var failure: ListenFailure?
  do {
    try await serving(
      [.tcp(host: "127.0.0.1", port: 0), taken],
      handler: { _ in HTTPServerResponse(contentType: "text/plain", "") }
    ) { _ in }
  } catch let error as ListenFailure {
    failure = error
  }
  #expect(failure?.listener == taken)
  let reason = failure?.reason ?? ""
  #expect(reason.hasPrefix("can't listen on 127.0.0.1:\(server.port): "))
  #expect(reason.contains("(process \(getpid())) holds the port"))
}

/// A child that has not become its own program yet holds the port as well: it is not to be named.
@Test func theOldestHolderOfAPortIsNamed() {
  #expect(PortHolder.processes(among: ["1232", "480", "self", "99", "net"]) == [99, 480, 1232])
}

@Test func bodiesAndHeadersHaveLimits() async throws {
  var limits = HTTPServerLimits()
  limits.bodyBytes = 1000
  limits.headerBytes = 2000
  try await serving(
    limits: limits, handler: { HTTPServerResponse(contentType: "text/plain", "\($0.body.count)") }
  ) { bound in
    let much = [UInt8](repeating: 120, count: 1001)
    #expect(await get(url(bound[0]), method: "POST", body: much).status == 413)
    let fits = await get(url(bound[0]), method: "POST", body: Array(much.dropLast()))
    #expect(text(fits.body) == "1000")
    let long = [Label("X-Long", String(repeating: "y", count: 4000))]
    let refused = await get(url(bound[0]), headers: long)
    #expect(refused.status == 400 || refused.status == 431)
  }
}

@Test func aChunkedBodyHasTheLimitToo() async throws {
  var limits = HTTPServerLimits()
  limits.bodyBytes = 10
  try await serving(
    limits: limits, handler: { _ in HTTPServerResponse(contentType: "text/plain", "took it") }
  ) { bound in
    guard case .tcp(_, let port) = bound[0] else { return }
    let target = SocketTarget.tcp(host: "127.0.0.1", port: port)
    let peer = try await TestWorld.world.sockets.connect(target, timeout: .seconds(60)).get()
    let request =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n"
    try await peer.write(Array(request.utf8), timeout: .seconds(60)).get()
    let answer = try await peer.read(limit: 1000, timeout: .seconds(60)).get()
    #expect(text(answer).hasPrefix("HTTP/1.1 413"))
    peer.close()
  }
}

@Test func tooManyRequestsAreTurnedAway() async throws {
  var limits = HTTPServerLimits()
  limits.concurrentRequests = 1
  let inside = Reply<Bool>()
  let release = Reply<Bool>()
  try await serving(
    limits: limits,
    handler: { request in
      if request.path == "/slow" {
        inside.give(true)
        _ = await release.value()
      }
      return HTTPServerResponse(contentType: "text/plain", "done")
    }
  ) { bound in
    async let slow = get(url(bound[0], "/slow"))
    _ = await inside.value()
    let refused = await get(url(bound[0], "/other"))
    #expect(refused.status == 503)
    #expect(refused.header("retry-after") == "1")
    release.give(true)
    #expect(await slow.status == 200)
    #expect(await get(url(bound[0], "/other")).status == 200)
  }
}

@Test func slowClientsAndSlowHandlersAreCut() async throws {
  var limits = HTTPServerLimits()
  limits.requestTimeout = .milliseconds(200)
  let release = Reply<Bool>()
  try await serving(
    limits: limits,
    handler: { request in
      if request.path == "/slow" { _ = await release.value() }
      return HTTPServerResponse(contentType: "text/plain", "done")
    }
  ) { bound in
    guard case .tcp(_, let port) = bound[0] else { return }
    let target = SocketTarget.tcp(host: "127.0.0.1", port: port)
    for part in ["GET / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc"] {
      let peer = try await TestWorld.world.sockets.connect(target, timeout: .seconds(60)).get()
      try await peer.write(Array(part.utf8), timeout: .seconds(60)).get()
      let end = await peer.read(limit: 1000, timeout: .seconds(60))
      switch end {
      case .success(let bytes): #expect(bytes == [], "\(text(bytes))")
      case .failure(let failure): #expect(failure.kind == .reset)
      }
      peer.close()
    }
    #expect(await get(url(bound[0], "/slow")).failure?.kind == .reset)
    release.give(true)
  }
}

@Test func streamsFlowAndEndWithTheServer() async throws {
  let (source, feed) = AsyncStream.makeStream(of: [UInt8].self)
  let ended = Reply<Bool>()
  feed.onTermination = { _ in ended.give(true) }
  try await serving(
    handler: { _ in
      HTTPServerResponse(
        status: 200, headers: [Label("content-type", "text/event-stream")], body: .stream(source))
    }
  ) { bound in
    guard case .tcp(_, let port) = bound[0] else { return }
    let target = SocketTarget.tcp(host: "127.0.0.1", port: port)
    let peer = try await TestWorld.world.sockets.connect(target, timeout: .seconds(60)).get()
    try await peer.write(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8), timeout: .seconds(60))
      .get()
    var seen = ""
    for number in 1...3 {
      feed.yield(Array("data: \(number)\n\n".utf8))
      while !seen.contains("data: \(number)\n\n") {
        seen += text(try await peer.read(limit: 1000, timeout: .seconds(60)).get())
      }
    }
    #expect(seen.contains("text/event-stream"))
    peer.close()
    // The peer left: the source is told.
    #expect(await ended.value())
  }
}

@Test func aStreamEndsProperlyAtTheStop() async throws {
  let (source, feed) = AsyncStream.makeStream(of: [UInt8].self)
  feed.yield(Array("first".utf8))
  let opened = Reply<any SocketConnection>()
  try await serving(handler: { _ in HTTPServerResponse(status: 200, body: .stream(source)) }) {
    bound in
    guard case .tcp(_, let port) = bound[0] else { return }
    let target = SocketTarget.tcp(host: "127.0.0.1", port: port)
    let peer = try await TestWorld.world.sockets.connect(target, timeout: .seconds(60)).get()
    let request = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    try await peer.write(request, timeout: .seconds(60)).get()
    var seen = ""
    while !seen.contains("first\r\n") {
      seen += text(try await peer.read(limit: 1000, timeout: .seconds(60)).get())
    }
    opened.give(peer)
  }
  // The last chunk, not a connection that was cut.
  let peer = await opened.value()
  #expect(text(try await peer.read(limit: 1000, timeout: .seconds(60)).get()) == "0\r\n\r\n")
  peer.close()
}

@Test func runningRequestsFinishAtTheStop() async throws {
  let inside = Reply<Bool>()
  let release = Reply<Bool>()
  let bound = Reply<[HTTPListener]>()
  let server = Task {
    try await TestWorld.world.server.serve(
      [.tcp(host: "127.0.0.1", port: 0)], limits: HTTPServerLimits(), ready: { bound.give($0) }
    ) { _ in
      inside.give(true)
      _ = await release.value()
      return HTTPServerResponse(contentType: "text/plain", "finished")
    }
  }
  let listener = await bound.value()[0]
  async let answer = get(url(listener))
  _ = await inside.value()
  server.cancel()
  release.give(true)
  #expect(text(await answer.body) == "finished")
  _ = await server.result
}

@Test func keepAliveConnectionsServeManyRequests() async throws {
  try await serving(handler: { HTTPServerResponse(contentType: "text/plain", $0.path) }) { bound in
    for number in 0..<50 {
      #expect(text(await get(url(bound[0], "/\(number)")).body) == "/\(number)")
    }
  }
}

@Test func listeningSocketsAreFoundInTheKernelsTable() {
  let table = """
      sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
       0: 0100007F:2628 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1
       1: 0100007F:2628 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 4343 1
       2: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4444 1
    """
  #expect(PortHolder.inodes(listeningOn: 9768, in: table) == ["4242"])
  #expect(PortHolder.inodes(listeningOn: 81, in: table) == [])
}

@Test func targetsAreDecodedAsWritten() {
  #expect(HTTPServerRequest.split("/a+b%2Fc%zz").path == "/a+b/c%zz")
  #expect(HTTPServerRequest.split("").path == "/")
  #expect(
    HTTPServerRequest.split("/?a=b=c&=x&&d").query == [
      Label("a", "b=c"), Label("", "x"), Label("d", ""),
    ])
}
