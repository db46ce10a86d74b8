import Synchronization

/// The file systems in which a call hangs, with the number of such calls.
final class StuckMounts: Sendable {
  private struct State {
    /// The mount point, or the path itself where the mount can't be told from the path.
    var calls: [String: Int] = [:]
    var keys: [String: [String]] = [:]
  }
  private let state = Mutex(State())
  private let mountTable: @Sendable () -> String?

  /// `mountTable` gives the text of /proc/self/mounts.
  init(mountTable: @escaping @Sendable () -> String? = { readSmallFile("/proc/self/mounts") }) {
    self.mountTable = mountTable
  }

  /// The stuck mount that holds a path; nil when none is known.
  func mount(of path: String) -> String? {
    state.withLock { state in
      if state.calls.isEmpty { return nil }
      return state.calls.keys.filter { Self.holds($0, path) }.max { $0.count < $1.count }
    }
  }

  /// A call on a path hangs.
  func note(_ path: String) {
    let key = key(of: path)
    state.withLock { state in
      state.calls[key, default: 0] += 1
      state.keys[path, default: []].append(key)
    }
  }

  /// A hanging call on a path returned.
  func forget(_ path: String) {
    state.withLock { state in
      guard let key = state.keys[path]?.popLast() else { return }
      if state.keys[path]?.isEmpty == true { state.keys[path] = nil }
      let left = (state.calls[key] ?? 1) - 1
      state.calls[key] = left > 0 ? left : nil
    }
  }

  /// The mount point above a path. A symbolic link can lead from the root file system to a dead
  /// one, so the root is never blamed: then the path alone is remembered.
  private func key(of path: String) -> String {
    var best = ""
    for line in (mountTable() ?? "").split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count > 1 else { continue }
      let point = Self.unescape(fields[1])
      if point != "/", point.count > best.count, Self.holds(point, path) { best = point }
    }
    return best.isEmpty ? path : best
  }

  static func holds(_ mount: String, _ path: String) -> Bool {
    path == mount || path.hasPrefix(mount.hasSuffix("/") ? mount : mount + "/")
  }

  /// Undoes the octal escapes of /proc/self/mounts: `\040` is a blank.
  static func unescape(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    let source = Array(text.utf8)
    var index = 0
    while index < source.count {
      if source[index] == UInt8(ascii: "\\"), index + 3 < source.count,
        let value = UInt8(String(decoding: source[index + 1...index + 3], as: UTF8.self), radix: 8)
      {
        bytes.append(value)
        index += 4
      } else {
        bytes.append(source[index])
        index += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
