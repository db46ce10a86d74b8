import Model
import Outside
import Testing

@testable import HostWorld

private func transfer(_ request: HTTPTransferRequest) async -> HTTPTransferResult {
  await TestWorld.world.transfers.transfer(request)
}

private func get(
  _ server: LoopbackServer, _ path: String = "/", timeout: Duration = .seconds(60),
  fresh: Bool = false, limit: Int = 1 << 20
) async -> HTTPTransferResult {
  await transfer(
    HTTPTransferRequest(
      url: "http://127.0.0.1:\(server.port)\(path)", timeout: timeout, bodyLimit: limit,
      freshConnection: fresh))
}

/// Answers every request on a connection with the same text.
private func answering(_ response: String) -> LoopbackServer {
  LoopbackServer { peer in
    while peer.read(until: "\r\n\r\n") != nil { peer.send(response) }
  }
}

private let okay = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-One: a\r\nX-One: b \r\n\r\nhello"

@Test func aResponseComesBackWhole() async {
  let server = answering(okay)
  let result = await get(server)
  #expect(result.failure == nil)
  #expect(result.status == 200)
  #expect(result.httpVersion == "1.1")
  #expect(result.body == Array("hello".utf8))
  #expect(
    result.headers == [Label("content-length", "5"), Label("x-one", "a"), Label("x-one", "b")])
  #expect(result.remoteAddress == "127.0.0.1:\(server.port)")
  #expect(result.phases.total > .zero)
  #expect(result.phases.tls == .zero)
  let sum =
    result.phases.resolve + result.phases.connect + result.phases.processing
    + result.phases.transfer
  #expect(sum <= result.phases.total + .milliseconds(1))
}

@Test func scrapesReuseConnectionsAndProbesDoNot() async {
  let server = answering(okay)
  for _ in 0..<3 { #expect(await get(server).failure == nil) }
  #expect(server.accepted == 1)
  for _ in 0..<2 { #expect(await get(server, fresh: true).failure == nil) }
  #expect(server.accepted == 3)
}

@Test func requestsCarryWhatWasAsked() async {
  let seen = Collected<String>()
  let server = LoopbackServer { peer in
    guard let head = peer.read(until: "\r\n\r\n"), let body = peer.read(until: "END") else {
      return
    }
    seen.add(head + body)
    peer.send("HTTP/1.1 204 No Content\r\n\r\n")
  }
  let result = await transfer(
    HTTPTransferRequest(
      method: "POST", url: "http://127.0.0.1:\(server.port)/x?y=1",
      headers: [Label("Content-Type", "application/json"), Label("X-Empty", "")],
      body: Array("{}END".utf8), timeout: .seconds(60), user: "me", password: "pw"))
  #expect(result.status == 204)
  let text = seen.all.first ?? ""
  #expect(text.hasPrefix("POST /x?y=1 HTTP/1.1\r\n"))
  #expect(text.contains("Authorization: Basic bWU6cHc=\r\n"))
  #expect(text.contains("Content-Type: application/json\r\n"))
  #expect(text.contains("X-Empty:\r\n"))
  #expect(!text.contains("Expect:"))
  #expect(text.hasSuffix("{}END"))
}

@Test func aBodyThatIsTooLargeEndsTheTransfer() async {
  let server = answering(
    "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + String(repeating: "x", count: 2000))
  let result = await get(server, limit: 1000)
  #expect(result.failure?.kind == .bodyTooLarge)
  #expect(result.status == 200)
  #expect(result.body.count == 1000)
}

/// Notes what comes.
private final class NotingSink: HTTPBodySink {
  let statuses = Collected<Int>()
  let bytes = Collected<UInt8>()
  func begin(status: Int, headers: [Label]) { statuses.add(status) }
  func take(_ piece: UnsafeRawBufferPointer) { for byte in piece { bytes.add(byte) } }
}

@Test func aSinkGetsTheBodyInPlaceOfTheResult() async {
  let server = LoopbackServer { peer in
    while let head = peer.read(until: "\r\n\r\n") {
      let isMoved = head.contains("/old")
      peer.send(
        isMoved
          ? "HTTP/1.1 302 Found\r\nLocation: /new\r\nContent-Length: 4\r\n\r\ngone"
          : "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n"
            + String(repeating: "x", count: 2000))
    }
  }
  let sink = NotingSink()
  var request = HTTPTransferRequest(
    url: "http://127.0.0.1:\(server.port)/old", timeout: .seconds(60), bodyLimit: 1 << 20)
  request.sink = sink
  let whole = await transfer(request)
  #expect(whole.failure == nil)
  #expect(whole.body.isEmpty)
  #expect(sink.statuses.all == [200])
  #expect(sink.bytes.all == [UInt8](repeating: UInt8(ascii: "x"), count: 2000))

  let small = NotingSink()
  request.bodyLimit = 1000
  request.sink = small
  #expect(await transfer(request).failure?.kind == .bodyTooLarge)
  #expect(small.bytes.all.count == 1000)
}

@Test func redirectsAreFollowedToHTTPOnly() async {
  let server = LoopbackServer { peer in
    while let head = peer.read(until: "\r\n\r\n") {
      let path = head.split(separator: " ")[1]
      let place = path == "/" ? "/next" : path == "/out" ? "ftp://127.0.0.1/" : ""
      peer.send(
        place.isEmpty
          ? okay : "HTTP/1.1 302 Found\r\nLocation: \(place)\r\nContent-Length: 0\r\n\r\n")
    }
  }
  let result = await get(server)
  #expect(result.status == 200)
  #expect(result.redirects == 1)
  #expect(result.effectiveURL.hasSuffix("/next"))
  // Headers are those of the last response.
  #expect(result.header("location") == nil)
  let out = await get(server, "/out")
  #expect(out.failure?.kind == .protocolError)
  #expect(out.failure?.reason == "redirected to 127.0.0.1 by ftp, which is not followed")
  var stay = HTTPTransferRequest(url: "http://127.0.0.1:\(server.port)/", timeout: .seconds(60))
  stay.followsRedirects = false
  #expect(await transfer(stay).status == 302)
}

@Test func failuresNameTheAddressAndThePhase() async {
  let port = TestWorld.freePort()
  let refused = await transfer(
    HTTPTransferRequest(url: "http://127.0.0.1:\(port)/", timeout: .seconds(60)))
  #expect(
    refused.failure == TransferFailure(.connect, "127.0.0.1:\(port) refused the connection"))
  #expect(refused.status == 0)

  let silent = LoopbackServer { $0.hang() }
  let late = await get(silent, timeout: .seconds(1))
  #expect(late.failure?.kind == .timeout)
  #expect(
    late.failure?.reason
      == "127.0.0.1:\(silent.port): no answer within 1 s, while waiting for the response")
  #expect(late.phases.processing > .milliseconds(500))

  let empty = LoopbackServer { peer in _ = peer.read(until: "\r\n\r\n") }
  #expect(await get(empty).failure?.kind == .reset)

  let short = LoopbackServer { peer in
    _ = peer.read(until: "\r\n\r\n")
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
  }
  let half = await get(short)
  #expect(half.failure?.kind == .reset)
  #expect(half.body == Array("half".utf8))
  #expect(half.status == 200)

  let babble = LoopbackServer { peer in
    _ = peer.read(until: "\r\n\r\n")
    peer.send("220 mail.example ESMTP\r\n")
  }
  let strange = await get(babble)
  #expect(
    strange.failure
      == TransferFailure(.protocolError, "127.0.0.1:\(babble.port) does not speak HTTP"))
}

@Test func headersWithoutEndAreCut() async {
  let server = LoopbackServer { peer in
    _ = peer.read(until: "\r\n\r\n")
    peer.send("HTTP/1.1 200 OK\r\n")
    for number in 0..<4000 { peer.send("X-\(number): \(String(repeating: "y", count: 100))\r\n") }
    peer.hang()
  }
  #expect(await get(server).failure?.kind == .protocolError)
}

@Test func whatMustNotBeSentIsRefused() async {
  func kind(_ request: HTTPTransferRequest) async -> TransferFailure.Kind? {
    await transfer(request).failure?.kind
  }
  #expect(
    await kind(HTTPTransferRequest(url: "file:///etc/passwd", timeout: .seconds(1)))
      == .invalidRequest)
  #expect(
    await kind(HTTPTransferRequest(url: "no url at all", timeout: .seconds(1))) == .invalidRequest)
  #expect(
    await kind(
      HTTPTransferRequest(
        url: "http://127.0.0.1/", headers: [Label("X-A", "a\r\nX-B: b")], timeout: .seconds(1)))
      == .invalidRequest)
  #expect(
    await kind(HTTPTransferRequest(method: "GET /", url: "http://127.0.0.1/", timeout: .seconds(1)))
      == .invalidRequest)
}

@Test func aNameThatDoesNotResolveIsOne() async {
  let result = await transfer(
    HTTPTransferRequest(url: "http://no-such-host.invalid/", timeout: .seconds(60)))
  #expect(
    result.failure == TransferFailure(.resolve, "the name no-such-host.invalid does not resolve"))
}

@Test func aCancelledTransferEndsAtOnce() async {
  let arrived = Reply<Bool>()
  let server = LoopbackServer { peer in
    _ = peer.read(until: "\r\n\r\n")
    arrived.give(true)
    peer.hang()
  }
  let task = Task { await get(server, timeout: .seconds(300)) }
  _ = await arrived.value()
  task.cancel()
  #expect(await task.value.failure?.kind == .cancelled)
}

@Test func aCancelNeverOvertakesItsStart() async {
  let server = LoopbackServer { $0.hang() }
  await withTaskGroup(of: TransferFailure.Kind?.self) { group in
    for _ in 0..<100 {
      group.addTask {
        let task = Task { await get(server, timeout: .seconds(300)).failure?.kind }
        task.cancel()
        return await task.value
      }
    }
    for await kind in group { #expect(kind == .cancelled) }
  }
}

@Test func aProxyIsAskedForTheWholeURL() async {
  let seen = Collected<String>()
  let proxy = LoopbackServer { peer in
    seen.add(peer.read(until: "\r\n\r\n") ?? "")
    peer.send(okay)
  }
  let result = await transfer(
    HTTPTransferRequest(
      url: "http://somewhere.invalid/x", timeout: .seconds(60),
      proxy: "http://127.0.0.1:\(proxy.port)"))
  #expect(result.status == 200)
  #expect(seen.all.first?.hasPrefix("GET http://somewhere.invalid/x HTTP/1.1\r\n") == true)
}

@Test func sentencesNeverShowAPath() async {
  let server = LoopbackServer { peer in _ = peer.read(until: "\r\n\r\n") }
  let result = await get(server, "/services/secret?token=secret")
  #expect(result.failure?.reason.contains("secret") == false)
}

@Test func manyTransfersRunAtOnce() async {
  let server = answering(okay)
  let failures = await withTaskGroup(of: Bool.self) { group in
    for _ in 0..<200 { group.addTask { await get(server).failure != nil } }
    return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
  }
  #expect(failures == 0)
}
