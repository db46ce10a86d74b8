import Glibc
import Model
import Outside
import Synchronization

/// Raw connections: non-blocking sockets whose readiness the reactor waits for.
final class HostSockets: Sockets {
  private let reactor: Reactor
  private let resolvers: WorkerThreads

  init(reactor: Reactor) {
    self.reactor = reactor
    resolvers = WorkerThreads("resolver", limit: 8, most: 64, reactor: reactor)
  }

  func connect(
    _ target: SocketTarget, timeout: Duration
  ) async -> Result<any SocketConnection, TransferFailure> {
    let began = Clocks.boot()
    let deadline = began + timeout.nanoseconds
    switch target {
    case .unix(let path):
      guard let address = SocketAddress(unixPath: path) else {
        return .failure(.init(.invalidRequest, "\(path) is too long for a unix socket"))
      }
      return await connect([address], began, resolved: began, deadline, timeout, name: path)
    case .tcp(let host, let port):
      guard (1...65535).contains(port) else {
        return .failure(.init(.invalidRequest, "\(port) is not a port"))
      }
      let outcome = await resolvers.run(timeout: timeout) {
        SocketAddress.resolve(host, port: port)
      }
      switch outcome {
      case .done(.success(let addresses)):
        let name = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        return await connect(
          addresses, began, resolved: Clocks.boot(), deadline, timeout, name: name)
      case .done(.failure(let failure)): return .failure(failure)
      case .timedOut:
        return .failure(
          .init(.timeout, "the name \(host) did not resolve within \(describe(timeout))"))
      case .cancelled: return .failure(.init(.cancelled, "the connection was cancelled"))
      case .refused: return .failure(.init(.resolve, "too many names wait to be resolved"))
      }
    }
  }

  /// Tries the addresses in order, each with its share of the time that is left.
  private func connect(
    _ addresses: [SocketAddress], _ began: Int64, resolved: Int64, _ deadline: Int64,
    _ timeout: Duration, name: String
  ) async -> Result<any SocketConnection, TransferFailure> {
    var failure = TransferFailure(.resolve, "\(name) has no address")
    for (index, address) in addresses.enumerated() {
      let now = Clocks.boot()
      // A little in any case: that this process was slow must not look like a peer that is.
      let share = max((deadline - now) / Int64(addresses.count - index), 50_000_000)
      switch await connect(address, until: now + share, timeout, name: name) {
      case .success(let descriptor):
        var phases = TransferPhases()
        phases.resolve = .nanoseconds(resolved - began)
        phases.connect = .nanoseconds(Clocks.boot() - resolved)
        phases.total = .nanoseconds(Clocks.boot() - began)
        let writing = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard writing >= 0 else {
          close(descriptor)
          return .failure(.init(.connect, "\(name): \(describeErrno(errno))"))
        }
        return .success(
          HostConnection(
            reading: descriptor, writing: writing, address: address.text, name: name,
            phases: phases, reactor: reactor))
      case .failure(let cause):
        failure = cause
        if cause.kind == .cancelled { return .failure(cause) }
      }
    }
    return .failure(failure)
  }

  private func connect(
    _ address: SocketAddress, until deadline: Int64, _ timeout: Duration, name: String
  ) async -> Result<Int32, TransferFailure> {
    let descriptor = socket(
      address.family, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue),
      0)
    guard descriptor >= 0 else { return .failure(failure(address, name, errno)) }
    func giveUp(_ cause: TransferFailure) -> Result<Int32, TransferFailure> {
      close(descriptor)
      return .failure(cause)
    }
    if address.withPointer({ Glibc.connect(descriptor, $0, $1) }) == 0 {
      return .success(descriptor)
    }
    // A unix socket whose queue is full says EAGAIN and can't be waited for.
    guard errno == EINPROGRESS else { return giveUp(failure(address, name, errno)) }
    switch await reactor.ready(descriptor, for: .writing, until: deadline) {
    case .ready:
      var code: Int32 = 0
      var length = socklen_t(MemoryLayout<Int32>.size)
      getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
      return code == 0 ? .success(descriptor) : giveUp(failure(address, name, code))
    case .timedOut:
      let peer = address.describe(as: name)
      return giveUp(
        .init(.timeout, "\(peer): no connection within \(describe(timeout))"))
    case .cancelled: return giveUp(.init(.cancelled, "the connection was cancelled"))
    case .failed(let code): return giveUp(failure(address, name, code))
    }
  }

  private func failure(
    _ address: SocketAddress, _ name: String, _ code: Int32
  ) -> TransferFailure {
    let peer = address.describe(as: name)
    if code == ECONNREFUSED { return .init(.connect, "\(peer) refused the connection") }
    return .init(.connect, "can't connect to \(peer): \(describeErrno(code))")
  }
}

/// A connected socket. Reading and writing go through two descriptors, so that one of each can wait
/// at the same time.
final class HostConnection: SocketConnection {
  let remoteAddress: String
  let phases: TransferPhases
  private let name: String
  private let reactor: Reactor
  private let descriptors: Mutex<(reading: Int32, writing: Int32)?>

  init(
    reading: Int32, writing: Int32, address: String, name: String, phases: TransferPhases,
    reactor: Reactor
  ) {
    remoteAddress = address
    self.name = name
    self.phases = phases
    self.reactor = reactor
    descriptors = Mutex((reading, writing))
  }

  deinit { close() }

  func read(limit: Int, timeout: Duration) async -> Result<[UInt8], TransferFailure> {
    let deadline = Clocks.boot() + timeout.nanoseconds
    var buffer = [UInt8](repeating: 0, count: max(1, min(limit, 64 << 10)))
    while true {
      // Under the lock, so that a close can't hand the number to another file meanwhile.
      let (count, code, descriptor) = descriptors.withLock { open -> (Int, Int32, Int32) in
        guard let open else { return (-1, EBADF, -1) }
        let count = recv(open.reading, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return (count, errno, open.reading)
      }
      if count >= 0 { return .success(Array(buffer[0..<count])) }
      if code == EINTR { continue }
      guard code == EAGAIN else { return .failure(broken(code, "reading")) }
      let readiness = await reactor.ready(descriptor, for: .reading, until: deadline)
      if let failure = failure(readiness, timeout, "sent nothing") { return .failure(failure) }
    }
  }

  func write(_ bytes: [UInt8], timeout: Duration) async -> Result<Void, TransferFailure> {
    let deadline = Clocks.boot() + timeout.nanoseconds
    var sent = 0
    while sent < bytes.count {
      let (count, code, descriptor) = descriptors.withLock { open -> (Int, Int32, Int32) in
        guard let open else { return (-1, EBADF, -1) }
        let count = bytes.withUnsafeBytes {
          send(
            open.writing, $0.baseAddress! + sent, $0.count - sent,
            Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
        }
        return (count, errno, open.writing)
      }
      if count >= 0 {
        sent += count
        continue
      }
      if code == EINTR { continue }
      guard code == EAGAIN else { return .failure(broken(code, "writing")) }
      let readiness = await reactor.ready(descriptor, for: .writing, until: deadline)
      if let failure = failure(readiness, timeout, "took nothing") { return .failure(failure) }
    }
    return .success(())
  }

  func close() {
    descriptors.withLock { open in
      guard let both = open else { return }
      open = nil
      reactor.forget(both.reading)
      reactor.forget(both.writing)
      Glibc.close(both.reading)
      Glibc.close(both.writing)
    }
  }

  private func failure(
    _ readiness: Reactor.Readiness, _ timeout: Duration, _ what: String
  ) -> TransferFailure? {
    switch readiness {
    case .ready: nil
    case .timedOut: .init(.timeout, "\(name) \(what) within \(describe(timeout))")
    case .cancelled: .init(.cancelled, "the connection was cancelled")
    case .failed(let code): broken(code, "waiting")
    }
  }

  private func broken(_ code: Int32, _ doing: String) -> TransferFailure {
    if code == EBADF { return .init(.cancelled, "the connection to \(name) was closed") }
    return .init(.reset, "the connection to \(name) broke while \(doing): \(describeErrno(code))")
  }
}
