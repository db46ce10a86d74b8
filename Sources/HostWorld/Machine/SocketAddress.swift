import Glibc
import Outside

/// An address a socket can connect to.
struct SocketAddress: Sendable, Equatable {
  var family: Int32
  var bytes: [UInt8]
  /// `192.0.2.1:80`, `[2001:db8::1]:80`, or a path.
  var text: String

  /// nil when the path is longer than a unix socket's may be.
  init?(unixPath path: String) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let path = Array(path.utf8)
    guard path.count < MemoryLayout.size(ofValue: address.sun_path), !path.isEmpty else {
      return nil
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    family = AF_UNIX
    bytes = withUnsafeBytes(of: &address) { Array($0) }
    text = String(decoding: path, as: UTF8.self)
  }

  private init?(_ info: addrinfo) {
    guard let address = info.ai_addr else { return nil }
    family = info.ai_family
    bytes = Array(UnsafeRawBufferPointer(start: address, count: Int(info.ai_addrlen)))
    var host = [CChar](repeating: 0, count: 64)
    var port = [CChar](repeating: 0, count: 16)
    let flags = Int32(NI_NUMERICHOST | NI_NUMERICSERV)
    guard
      getnameinfo(address, info.ai_addrlen, &host, 64, &port, 16, flags) == 0
    else { return nil }
    let name = String(decoding: host.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
    let number = String(decoding: port.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
    text = family == AF_INET6 ? "[\(name)]:\(number)" : "\(name):\(number)"
  }

  /// The addresses of a name, in the system's order; blocks as long as the system's resolver does.
  static func resolve(_ host: String, port: Int) -> Result<[SocketAddress], TransferFailure> {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_NUMERICSERV
    var first: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, String(port), &hints, &first)
    guard code == 0 else {
      let why = gai_strerror(code).map { String(cString: $0) } ?? "error \(code)"
      return .failure(.init(.resolve, "the name \(host) does not resolve: \(why)"))
    }
    defer { freeaddrinfo(first) }
    var addresses: [SocketAddress] = []
    var next = first
    while let info = next, addresses.count < 16 {
      if let address = SocketAddress(info.pointee) { addresses.append(address) }
      next = info.pointee.ai_next
    }
    return .success(addresses)
  }

  func withPointer<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
    bytes.withUnsafeBytes {
      body($0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
    }
  }

  /// The name as asked for, with the address behind it when it says more.
  func describe(as name: String) -> String { text == name ? name : "\(name) (\(text))" }
}
