import Glibc
import Model
import Outside
import Testing

@testable import HostWorld

private let sockets = TestWorld.world.sockets

private func connect(_ port: Int) async throws -> any SocketConnection {
  try await sockets.connect(.tcp(host: "127.0.0.1", port: port), timeout: .seconds(60)).get()
}

@Test func bytesGoBothWays() async throws {
  let server = LoopbackServer { peer in
    while let line = peer.read(until: "\n") { peer.send("got " + line) }
  }
  let connection = try await connect(server.port)
  #expect(connection.remoteAddress == "127.0.0.1:\(server.port)")
  try await connection.write(Array("one\n".utf8), timeout: .seconds(60)).get()
  #expect(
    try await connection.read(limit: 100, timeout: .seconds(60)).get() == Array("got one\n".utf8))
  connection.close()
}

@Test func theEndOfTheStreamIsEmpty() async throws {
  let server = LoopbackServer { peer in peer.send("bye") }
  let connection = try await connect(server.port)
  #expect(try await connection.read(limit: 2, timeout: .seconds(60)).get() == Array("by".utf8))
  #expect(try await connection.read(limit: 2, timeout: .seconds(60)).get() == Array("e".utf8))
  #expect(try await connection.read(limit: 2, timeout: .seconds(60)).get() == [])
}

@Test func refusalsAndNamesAreSentences() async {
  let port = TestWorld.freePort()
  let refused = await sockets.connect(.tcp(host: "127.0.0.1", port: port), timeout: .seconds(60))
  guard case .failure(let failure) = refused else {
    Issue.record("connected to nobody")
    return
  }
  #expect(failure == TransferFailure(.connect, "127.0.0.1:\(port) refused the connection"))
  let unknown = await sockets.connect(
    .tcp(host: "no-such-host.invalid", port: 80), timeout: .seconds(60))
  guard case .failure(let failure) = unknown else {
    Issue.record("resolved a name of .invalid")
    return
  }
  #expect(failure.kind == .resolve || failure.kind == .timeout)
  #expect(failure.reason.contains("no-such-host.invalid"))
}

@Test func aSilentPeerHoldsNobody() async throws {
  let server = LoopbackServer { $0.hang() }
  let connection = try await connect(server.port)
  guard
    case .failure(let failure) = await connection.read(limit: 10, timeout: .milliseconds(50))
  else {
    Issue.record("read from a silent peer")
    return
  }
  #expect(failure.kind == .timeout)
  #expect(failure.reason == "127.0.0.1:\(server.port) sent nothing within 50 ms")
  connection.close()
}

@Test func aPeerThatReadsNothingHoldsNobody() async throws {
  let gate = Gate()
  let server = LoopbackServer { _ in gate.pass() }
  let connection = try await connect(server.port)
  let much = [UInt8](repeating: 1, count: 32 << 20)
  guard case .failure(let failure) = await connection.write(much, timeout: .milliseconds(100))
  else {
    Issue.record("wrote to a peer that reads nothing")
    return
  }
  #expect(failure.kind == .timeout)
  connection.close()
  gate.open()
}

@Test func closingEndsAWait() async throws {
  let server = LoopbackServer { $0.hang() }
  let connection = try await connect(server.port)
  let task = Task { await connection.read(limit: 10, timeout: .seconds(300)) }
  await TestWorld.world.time.sleep(for: .milliseconds(20))
  connection.close()
  guard case .failure(let failure) = await task.value else {
    Issue.record("read from a closed connection")
    return
  }
  #expect(failure.kind == .cancelled)
}

@Test func aCancelledReaderStopsWaiting() async throws {
  let server = LoopbackServer { $0.hang() }
  let connection = try await connect(server.port)
  let task = Task { await connection.read(limit: 10, timeout: .seconds(300)) }
  task.cancel()
  guard case .failure(let failure) = await task.value else {
    Issue.record("read after cancellation")
    return
  }
  #expect(failure.kind == .cancelled)
}

@Test func unixSocketsAreReached() async {
  let missing = await sockets.connect(.unix(path: "/tmp/no/such/socket"), timeout: .seconds(60))
  guard case .failure(let failure) = missing else {
    Issue.record("connected to nobody")
    return
  }
  #expect(
    failure.reason == "can't connect to /tmp/no/such/socket: no such file or directory")
  let long = String(repeating: "x", count: 200)
  guard case .failure(let flaw) = await sockets.connect(.unix(path: long), timeout: .seconds(60))
  else {
    Issue.record("took a path that is too long")
    return
  }
  #expect(flaw.kind == .invalidRequest)
}

@Test func anUnreachableAddressTimesOut() async {
  // A listener whose queue is full answers no further connection.
  let (descriptor, port) = LoopbackServer.listen()
  Glibc.listen(descriptor, 0)
  var held: [any SocketConnection] = []
  var failure: TransferFailure?
  for _ in 0..<8 where failure == nil {
    switch await sockets.connect(.tcp(host: "127.0.0.1", port: port), timeout: .milliseconds(100)) {
    case .success(let connection): held.append(connection)
    case .failure(let cause): failure = cause
    }
  }
  #expect(failure?.kind == .timeout)
  #expect(failure?.reason == "127.0.0.1:\(port): no connection within 100 ms")
  close(descriptor)
}
