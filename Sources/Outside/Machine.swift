import Model

/// Raw connections, for probes.
package protocol Sockets: Sendable {
  /// Connects to host and port, or to a unix socket. The host may be a name or an address.
  func connect(
    _ target: SocketTarget, timeout: Duration
  ) async -> Result<any SocketConnection, TransferFailure>
}

package enum SocketTarget: Sendable, Hashable {
  case tcp(host: String, port: Int)
  case unix(path: String)
}

package protocol SocketConnection: Sendable {
  var remoteAddress: String { get }
  /// Phases up to the connection: resolve and connect are set.
  var phases: TransferPhases { get }
  /// Up to `limit` bytes; empty at the end of the stream.
  func read(limit: Int, timeout: Duration) async -> Result<[UInt8], TransferFailure>
  func write(_ bytes: [UInt8], timeout: Duration) async -> Result<Void, TransferFailure>
  func close()
}

/// Files and file systems. Every call has a deadline, because a dead mount answers never.
package protocol Files: Sendable {
  func read(_ path: String, limit: Int, timeout: Duration) async -> Result<[UInt8], FileFailure>
  /// Reads several files one after another within one deadline, which costs as little as reading
  /// one. Of a file that hangs and those behind it only the failure comes back.
  func read(
    _ paths: [String], limit: Int, timeout: Duration
  ) async -> [Result<[UInt8], FileFailure>]
  /// Writes to a temporary file beside `path` and renames it into place.
  func write(_ bytes: [UInt8], to path: String) async -> Result<Void, FileFailure>
  func list(_ directory: String, timeout: Duration) async -> Result<[String], FileFailure>
  func attributes(_ path: String, timeout: Duration) async -> Result<FileAttributes, FileFailure>
  func space(_ path: String, timeout: Duration) async -> Result<FileSystemSpace, FileFailure>
  /// Asks for several file systems one after another within one deadline, as `read` does for files.
  func space(
    _ paths: [String], timeout: Duration
  ) async -> [Result<FileSystemSpace, FileFailure>]
  /// Paths that match a shell pattern, sorted.
  func glob(_ pattern: String) async -> [String]
  func createDirectory(_ path: String, mode: UInt16) async -> Result<Void, FileFailure>
}

package struct FileAttributes: Sendable, Hashable {
  package var size: Int64
  package var modified: Timestamp
  package var isDirectory: Bool
  /// The permission bits.
  package var mode: UInt16
  package var owner: UInt32
  package init(
    size: Int64, modified: Timestamp, isDirectory: Bool, mode: UInt16, owner: UInt32
  ) {
    self.size = size
    self.modified = modified
    self.isDirectory = isDirectory
    self.mode = mode
    self.owner = owner
  }
}

/// statvfs(3), in bytes and counts.
package struct FileSystemSpace: Sendable, Hashable {
  package var size: UInt64
  package var free: UInt64
  /// Free for a plain user.
  package var available: UInt64
  package var files: UInt64
  package var filesFree: UInt64
  package var isReadOnly: Bool
  package init(
    size: UInt64, free: UInt64, available: UInt64, files: UInt64, filesFree: UInt64,
    isReadOnly: Bool
  ) {
    self.size = size
    self.free = free
    self.available = available
    self.files = files
    self.filesFree = filesFree
    self.isReadOnly = isReadOnly
  }
}

package struct FileFailure: Error, Sendable, Hashable {
  package enum Kind: String, Sendable, Hashable {
    case notFound, permission, timeout, tooLarge, full, other
  }
  package var kind: Kind
  /// One sentence that names the path.
  package var reason: String
  package init(_ kind: Kind, _ reason: String) {
    self.kind = kind
    self.reason = reason
  }
}

/// Child processes: each in a process group of its own, which is killed whole at the deadline.
package protocol Processes: Sendable {
  func run(_ command: ProcessCommand) async -> ProcessResult
}

package struct ProcessCommand: Sendable {
  /// The program and its arguments; no shell.
  package var arguments: [String]
  package var environment: [Label]
  package var input: [UInt8]
  package var timeout: Duration
  /// The cap of each of standard output and standard error, in bytes; the rest is read and dropped.
  package var outputLimit: Int
  package init(
    arguments: [String], environment: [Label] = [], input: [UInt8] = [], timeout: Duration,
    outputLimit: Int = 64 << 10
  ) {
    self.arguments = arguments
    self.environment = environment
    self.input = input
    self.timeout = timeout
    self.outputLimit = outputLimit
  }
}

package struct ProcessResult: Sendable, Hashable {
  package enum End: Sendable, Hashable {
    case exited(Int32)
    case signalled(Int32)
    case timedOut
    /// One sentence: not found, not executable.
    case couldNotStart(String)
  }
  package var end: End
  package var output: [UInt8]
  package var errors: [UInt8]
  package var duration: Duration
  package init(end: End, output: [UInt8] = [], errors: [UInt8] = [], duration: Duration = .zero) {
    self.end = end
    self.output = output
    self.errors = errors
    self.duration = duration
  }
}

/// The process' environment and identity.
package protocol EnvironmentValues: Sendable {
  subscript(name: String) -> String? { get }
  var hostName: String { get }
  var processID: Int32 { get }
  var userID: UInt32 { get }
  /// The process' resident memory in bytes, CPU seconds and open descriptors so far.
  func usage() -> ProcessUsage
  /// Gives memory back to the machine that only the past needed, such as the start.
  func giveBackMemory()
}

package struct ProcessUsage: Sendable, Hashable {
  package var residentBytes: UInt64
  package var cpuSeconds: Double
  package var openFiles: Int
  package init(residentBytes: UInt64, cpuSeconds: Double, openFiles: Int) {
    self.residentBytes = residentBytes
    self.cpuSeconds = cpuSeconds
    self.openFiles = openFiles
  }
}
