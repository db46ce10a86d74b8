import CHostWorld
import Glibc
import Model
import Outside
import Synchronization
import Testing

@testable import HostWorld

/// The machine the tests run on, opened once.
enum TestWorld {
  static let world: World = {
    switch HostWorld.open(state: .memory(remark: "a test's")) {
    case .success(let world): world
    case .failure(let failure): preconditionFailure(failure.reason)
    }
  }()
  static let reactor = Reactor()

  /// A new folder for one test.
  static func folder() -> String {
    var name = Array(("/tmp/hostworld." + String(repeating: "X", count: 6)).utf8CString)
    precondition(mkdtemp(&name) != nil, "no temporary folder")
    return String(decoding: name.dropLast().map(UInt8.init), as: UTF8.self)
  }

  static func removeFolder(_ path: String) async {
    _ = await world.processes.run(
      ProcessCommand(arguments: ["rm", "-rf", path], timeout: .seconds(60)))
  }

  private static let portsTaken = Atomic(0)

  /// A port nobody listens on. Not one of those that the system gives to connections by itself: it
  /// might do so before the server of the test has come to bind it.
  static func freePort() -> Int {
    let start = Int(getpid()) * 64
    for _ in 0..<16_000 {
      let taken = portsTaken.wrappingAdd(1, ordering: .relaxed).newValue
      let port = 16_384 + (start + taken) % 16_000
      if let listener = LoopbackServer.listen(port: port) {
        close(listener.descriptor)
        return port
      }
    }
    preconditionFailure("no free port below those of connections")
  }

  /// Waits until a port takes connections; false when it does not within ten seconds.
  static func waitForPort(_ port: Int) async -> Bool {
    for _ in 0..<500 {
      let target = SocketTarget.tcp(host: "127.0.0.1", port: port)
      if case .success(let connection) = await world.sockets.connect(target, timeout: .seconds(1)) {
        connection.close()
        return true
      }
      await world.time.sleep(for: .milliseconds(20))
    }
    return false
  }

  /// How long a piece of work took.
  static func measure(_ work: () async -> Void) async -> Duration {
    let began = world.time.sinceBoot()
    await work()
    return world.time.sinceBoot() - began
  }
}

/// A server on loopback that does with each connection what a test says, on a thread a connection.
final class LoopbackServer: Sendable {
  let port: Int
  private let descriptor: Int32
  private let count = Atomic(0)
  var accepted: Int { count.load(ordering: .relaxed) }

  init(_ serve: @escaping @Sendable (Peer) -> Void) {
    let (descriptor, port) = Self.listen()
    self.descriptor = descriptor
    self.port = port
    let count = UnsafeShared(self)
    startThread("loopback") {
      while true {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0 else { return }
        count.server?.count.add(1, ordering: .relaxed)
        startThread("peer") {
          let peer = Peer(connection)
          serve(peer)
          peer.close()
        }
      }
    }
  }

  deinit {
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
  }

  /// The accepting thread must not keep the server alive.
  private final class UnsafeShared: Sendable {
    private let reference: Mutex<Weak>
    private struct Weak { weak var server: LoopbackServer? }
    init(_ server: LoopbackServer) { reference = Mutex(Weak(server: server)) }
    var server: LoopbackServer? { reference.withLock { $0.server } }
  }

  static func listen() -> (descriptor: Int32, port: Int) {
    guard let listener = listen(port: 0) else { preconditionFailure("no loopback port") }
    return listener
  }

  /// A listener on that port, nil when it is taken.
  static func listen(port: Int) -> (descriptor: Int32, port: Int)? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, length) == 0 && Glibc.listen(descriptor, 64) == 0
          && getsockname(descriptor, pointer, &length) == 0
      }
    }
    guard result else {
      close(descriptor)
      return nil
    }
    return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
  }

  /// One connection.
  final class Peer: Sendable {
    private let descriptor: Int32
    private let buffer = Mutex<[UInt8]>([])
    private let isOpen = Atomic(true)
    init(_ descriptor: Int32) { self.descriptor = descriptor }

    func send(_ text: String) {
      let bytes = Array(text.utf8)
      _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// What comes up to and with a marker; nil when the peer leaves before.
    func read(until marker: String) -> String? {
      let wanted = Array(marker.utf8)
      while true {
        let found = buffer.withLock { buffer -> String? in
          guard buffer.count >= wanted.count else { return nil }
          for start in 0...(buffer.count - wanted.count)
          where Array(buffer[start..<start + wanted.count]) == wanted {
            let end = start + wanted.count
            defer { buffer.removeFirst(end) }
            return String(decoding: buffer[..<end], as: UTF8.self)
          }
          return nil
        }
        if let found { return found }
        var chunk = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        guard count > 0 else { return nil }
        buffer.withLock { $0 += chunk[0..<count] }
      }
    }

    func line() -> String? { read(until: "\r\n").map { String($0.dropLast(1)) } }

    /// Says nothing until the peer leaves.
    func hang() {
      var chunk = [UInt8](repeating: 0, count: 4096)
      while recv(descriptor, &chunk, chunk.count, 0) > 0 {}
    }

    func close() {
      if isOpen.exchange(false, ordering: .relaxed) { Glibc.close(descriptor) }
    }
  }
}

/// Values collected from a server's threads.
final class Collected<Value: Sendable>: Sendable {
  private let values = Mutex<[Value]>([])
  func add(_ value: Value) { values.withLock { $0.append(value) } }
  var all: [Value] { values.withLock { $0 } }
}
