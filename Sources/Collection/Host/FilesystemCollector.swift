import Model
import Outside

/// Space and inodes of mounted file systems. A mount that does not answer costs only its own
/// numbers.
struct FilesystemCollector: HostCollector {
  static let name = "filesystem"
  static let summary = "Space, inodes and state of mounted file systems."
  static let files = ["/proc/1/mounts"]
  static let timeoutCause = "mountpoint timeout"
  /// How many mounts are asked at once.
  private static let workers = 4
  private static let patience: Duration = .seconds(5)

  struct Mount: Sendable, Hashable {
    var device: String
    var mountpoint: String
    var type: String
    var isReadOnly: Bool
  }

  private enum Answer: Sendable {
    case space(FileSystemSpace)
    case failure(String)
  }

  func collect(
    _ host: inout HostReading, into report: inout CheckReport
  ) async throws(HostFailure) {
    // The mounts of process 1 are the machine's; ours may be fewer under a sandboxing unit file.
    let text: ProcText
    if let table = try? await host.text("/proc/1/mounts") {
      text = table
    } else {
      text = try await host.text("/proc/self/mounts")
    }
    let mounts = Self.mounts(text).filter { mount in
      !(host.settings.excludedMounts?.pattern.matches(mount.mountpoint) ?? false)
        && !(host.settings.excludedFileSystems?.pattern.matches(mount.type) ?? false)
    }
    let answers = await ask(mounts, host)
    for (mount, answer) in zip(mounts, answers) { add(mount, answer, to: &report) }
  }

  /// File systems of this machine answer at once, so one call asks for all of them. Those for which
  /// another machine or process answers are asked each by itself, as are those that stand behind
  /// one that does not answer.
  private func ask(_ mounts: [Mount], _ host: HostReading) async -> [Answer] {
    var answers = [Answer](repeating: .failure(Self.timeoutCause), count: mounts.count)
    let asked = mounts.indices.filter {
      !host.memory.stuck.isResting(mounts[$0].mountpoint, at: host.run.startedSinceBoot)
    }
    let near = asked.filter { !Self.isFar(mounts[$0].type) }
    var apart = asked.filter { Self.isFar(mounts[$0].type) }
    if !near.isEmpty {
      let results = await host.run.world.files.space(
        near.map { mounts[$0].mountpoint }, timeout: min(Self.patience, host.run.remaining))
      var held = false
      for (index, result) in zip(near, results) {
        if held { apart.append(index) } else { answers[index] = Self.answer(result) }
        if case .failure(let failure) = result, failure.kind == .timeout { held = true }
      }
    }
    await askApart(apart, mounts, host, &answers)
    return answers
  }

  private func askApart(
    _ asked: [Int], _ mounts: [Mount], _ host: HostReading, _ answers: inout [Answer]
  ) async {
    if asked.isEmpty { return }
    let patience = min(Self.patience, host.run.remaining)
    await withTaskGroup(of: (Int, Answer).self) { group in
      var waiting = asked[...]
      func next() {
        guard let index = waiting.popFirst() else { return }
        let path = mounts[index].mountpoint
        let files = host.run.world.files
        group.addTask { (index, Self.answer(await files.space(path, timeout: patience))) }
      }
      for _ in 0..<Self.workers { next() }
      for await (index, answer) in group {
        answers[index] = answer
        next()
      }
    }
  }

  private static func answer(_ result: Result<FileSystemSpace, FileFailure>) -> Answer {
    switch result {
    case .success(let space): .space(space)
    case .failure(let failure) where failure.kind == .timeout: .failure(timeoutCause)
    case .failure(let failure): .failure(failure.reason)
    }
  }

  /// Whether somebody else than this machine's kernel answers for file systems of this type.
  private static func isFar(_ type: String) -> Bool { type.hasPrefix("fuse") || far.contains(type) }

  private static let far: Set<String> = [
    "9p", "afs", "autofs", "ceph", "cifs", "coda", "glusterfs", "gfs2", "lustre", "ncpfs", "nfs",
    "nfs4", "ocfs2", "smb3", "smbfs", "virtiofs",
  ]

  private func add(_ mount: Mount, _ answer: Answer, to report: inout CheckReport) {
    let labels = [
      Label("device", mount.device), Label("mountpoint", mount.mountpoint),
      Label("fstype", mount.type),
    ]
    switch answer {
    case .failure(let cause):
      report.add("node_filesystem_device_error", 1, labels + [Label("device_error", cause)])
      report.add("node_filesystem_readonly", mount.isReadOnly ? 1 : 0, labels)
    case .space(let space):
      report.add("node_filesystem_device_error", 0, labels)
      report.add(
        "node_filesystem_readonly", mount.isReadOnly || space.isReadOnly ? 1 : 0, labels)
      report.add("node_filesystem_size_bytes", Double(space.size), labels)
      report.add("node_filesystem_free_bytes", Double(space.free), labels)
      report.add("node_filesystem_avail_bytes", Double(space.available), labels)
      report.add("node_filesystem_files", Double(space.files), labels)
      report.add("node_filesystem_files_free", Double(space.filesFree), labels)
    }
  }

  /// device mountpoint type options …; blanks inside a field are octal escapes (fstab(5)).
  static func mounts(_ text: ProcText) -> [Mount] {
    var seen: Set<String> = []
    return text.lines.compactMap { line in
      let fields = line.fields
      guard fields.count >= 4 else { return nil }
      let mount = Mount(
        device: unescaped(fields[0]), mountpoint: unescaped(fields[1]), type: fields[2].string,
        isReadOnly: fields[3].split(at: ",").contains { $0 == "ro" })
      // What is mounted over another hides it; statfs would answer twice for the upper one.
      return seen.insert(mount.device + "\n" + mount.mountpoint).inserted ? mount : nil
    }
  }

  private static func unescaped(_ field: ProcText) -> String {
    let text = field.string
    guard text.utf8.contains(UInt8(ascii: "\\")) else { return text }
    var out: [UInt8] = []
    var bytes = Array(text.utf8)[...]
    while let byte = bytes.popFirst() {
      let digits = bytes.prefix(3)
      if byte == UInt8(ascii: "\\"), digits.count == 3,
        let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
      {
        out.append(value)
        bytes = bytes.dropFirst(3)
      } else {
        out.append(byte)
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}
