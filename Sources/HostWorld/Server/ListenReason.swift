import Glibc
import NIOCore
import Outside

/// Why a listener can't be had, in a sentence.
enum ListenReason {
  static func sentence(_ listener: HTTPListener, _ error: any Error) -> String {
    guard let error = error as? IOError else { return "can't listen on \(listener): \(error)" }
    switch (listener, error.errnoCode) {
    case (.tcp(_, let port), EADDRINUSE):
      let holder = PortHolder.find(port: port).map { "\($0.name) (process \($0.process))" }
      return "can't listen on \(listener): \(holder ?? "another process") holds the port; "
        + "end it, or set another address with `listen`"
    case (.tcp, EADDRNOTAVAIL):
      return "can't listen on \(listener): this machine has no such address"
    case (.tcp(_, let port), EACCES) where port < 1024:
      return "can't listen on \(listener): ports below 1024 need the right CAP_NET_BIND_SERVICE"
    case (.unix(let path), ENOENT):
      return "can't listen on \(path): its folder is not there"
    case (_, let code): return "can't listen on \(listener): \(describeErrno(code))"
    }
  }
}

/// Finds the process that listens on a TCP port, as far as /proc shows it.
enum PortHolder {
  static func find(port: Int) -> (name: String, process: Int)? {
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
      guard let text = readSmallFile(table) else { continue }
      for inode in inodes(listeningOn: port, in: text) {
        if let process = owner(ofSocket: inode) { return process }
      }
    }
    return nil
  }

  /// The sockets in state LISTEN (0A) on a port, in the format of /proc/net/tcp (proc(5)).
  static func inodes(listeningOn port: Int, in table: String) -> [String] {
    table.split(separator: "\n").dropFirst().compactMap { line in
      let fields = line.split(separator: " ")
      guard fields.count > 9, fields[3] == "0A" else { return nil }
      let local = fields[1].split(separator: ":")
      guard local.count == 2, Int(local[1], radix: 16) == port else { return nil }
      return String(fields[9])
    }
  }

  /// The processes among the names in /proc, oldest first: what a program starts holds its sockets,
  /// too, if only until it has become another program.
  static func processes(among names: [String]) -> [Int] { names.compactMap { Int($0) }.sorted() }

  private static func owner(ofSocket inode: String) -> (name: String, process: Int)? {
    guard case .success(let names) = FileCalls.list("/proc") else { return nil }
    for process in processes(among: names) {
      guard case .success(let files) = FileCalls.list("/proc/\(process)/fd") else { continue }
      for file in files {
        var target = [UInt8](repeating: 0, count: 64)
        let count = target.withUnsafeMutableBytes {
          readlink(
            "/proc/\(process)/fd/\(file)", $0.baseAddress!.assumingMemoryBound(to: CChar.self), 64)
        }
        guard count > 0 else { continue }
        if String(decoding: target.prefix(count), as: UTF8.self) == "socket:[\(inode)]" {
          let name = readSmallFile("/proc/\(process)/comm") ?? "a process\n"
          return (String(name.prefix { $0 != "\n" }), process)
        }
      }
    }
    return nil
  }
}

/// A unix socket's place in the file system.
enum UnixSocketFile {
  /// Removes a socket file that nobody listens on; the reason when the place can't be used.
  static func prepare(_ path: String) -> String? {
    guard let address = SocketAddress(unixPath: path) else {
      return "\(path) is too long for a unix socket"
    }
    var facts = stat()
    guard lstat(path, &facts) == 0 else {
      return errno == ENOENT ? nil : "can't listen on \(path): \(describeErrno(errno))"
    }
    guard facts.st_mode & S_IFMT == S_IFSOCK else {
      return "can't listen on \(path): a file that is no socket is there"
    }
    let probe = socket(
      AF_UNIX,
      Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard probe >= 0 else { return "can't listen on \(path): \(describeErrno(errno))" }
    defer { close(probe) }
    let result = address.withPointer { connect(probe, $0, $1) }
    // A full queue (EAGAIN) has a listener behind it, too.
    if result == 0 || errno == EAGAIN {
      return "can't listen on \(path): another process listens there already"
    }
    guard errno == ECONNREFUSED else {
      return "can't listen on \(path): \(describeErrno(errno))"
    }
    guard unlink(path) == 0 else {
      return "can't remove the left-over socket \(path): \(describeErrno(errno))"
    }
    return nil
  }
}
