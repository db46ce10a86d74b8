import Glibc
import Outside
import Synchronization

/// Files of /proc that are read in every run stay open: finding and opening one costs more than
/// reading it, and each read from the beginning brings what holds now.
final class OpenProcFiles: Sendable {
  private final class OpenFile: Sendable {
    let descriptor: Int32
    init(_ descriptor: Int32) { self.descriptor = descriptor }
    // Not before the last read from it, which may hang.
    deinit { close(descriptor) }
  }
  private let files = Mutex<[String: OpenFile]>([:])
  /// More than the host checks have, so that nobody's list of paths keeps everything open.
  private static let most = 64

  /// The file's content; nil when it is none to keep open, or can't be read this way any more.
  func read(
    _ path: String, limit: Int, by scratch: inout [UInt8]
  ) -> Result<[UInt8], FileFailure>? {
    guard Self.stays(path), let file = file(path) else { return nil }
    let result = FileCalls.read(path, at: file.descriptor, limit: limit, by: &scratch)
    if case .success = result { return result }
    files.withLock { files in
      if files[path] === file { files[path] = nil }
    }
    return nil
  }

  private func file(_ path: String) -> OpenFile? {
    if let known = files.withLock({ $0[path] }) { return known }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    let opened = OpenFile(descriptor)
    files.withLock { if $0.count < Self.most { $0[path] = opened } }
    return opened
  }

  /// Whether the path is that of the kernel itself or of process 1: others end, and their numbers
  /// are given to new ones.
  private static func stays(_ path: String) -> Bool {
    let root = "/proc/"
    guard path.hasPrefix(root) else { return false }
    let first = path.utf8.dropFirst(root.utf8.count).prefix { $0 != UInt8(ascii: "/") }
    return first.elementsEqual("1".utf8) || !first.allSatisfy { (0x30...0x39).contains($0) }
  }
}
