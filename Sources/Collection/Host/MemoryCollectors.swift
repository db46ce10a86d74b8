import Model

/// Memory and swap, from /proc/meminfo.
struct MemoryCollector: HostCollector {
  static let name = "meminfo"
  static let summary = "Memory and swap by use."
  static let files = ["/proc/meminfo"]

  func collect(
    _ host: inout HostReading, into report: inout CheckReport
  ) async throws(HostFailure) {
    for line in try await host.text("/proc/meminfo").lines {
      let fields = line.fields
      guard fields.count >= 2, fields[0].hasSuffix(":"), let value = fields[1].number else {
        continue
      }
      // `Active(anon)` becomes `Active_anon`, as node_exporter has it.
      let parts = fields[0].dropLast().split(at: "(")
      let name =
        parts.count == 2 && parts[1].hasSuffix(")")
        ? "\(parts[0].string)_\(parts[1].dropLast().string)" : fields[0].dropLast().string
      let isBytes = fields.count > 2 && fields[2] == "kB"
      report.add(
        isBytes ? "node_memory_\(name)_bytes" : "node_memory_\(name)",
        isBytes ? value * 1024 : value)
    }
  }
}

/// Paging and the out-of-memory killer, from /proc/vmstat.
struct VMStatCollector: HostCollector {
  static let name = "vmstat"
  static let summary = "Page faults, paging, swapping, out-of-memory kills."
  static let files = ["/proc/vmstat"]

  func collect(
    _ host: inout HostReading, into report: inout CheckReport
  ) async throws(HostFailure) {
    for line in try await host.text("/proc/vmstat").lines where Self.isWanted(line) {
      let fields = line.fields
      guard fields.count == 2, let value = fields[1].number else { continue }
      report.add("node_vmstat_\(fields[0].string)", value)
    }
  }

  // node_exporter's default: ^(oom_kill|pgpg|pswp|pg.*fault).*
  private static func isWanted(_ line: ProcText) -> Bool {
    line.hasPrefix("oom_kill") || line.hasPrefix("pgpg") || line.hasPrefix("pswp")
      || (line.hasPrefix("pg") && line.contains("fault"))
  }
}

/// Open file descriptors of the whole system, from /proc/sys/fs/file-nr.
struct FileDescriptorCollector: HostCollector {
  static let name = "filefd"
  static let summary = "Open file descriptors and their limit."
  static let files = ["/proc/sys/fs/file-nr"]

  func collect(
    _ host: inout HostReading, into report: inout CheckReport
  ) async throws(HostFailure) {
    let fields = try await host.text("/proc/sys/fs/file-nr").trimmed.fields
    guard fields.count == 3, let allocated = fields[0].number, let maximum = fields[2].number
    else { throw HostFailure("/proc/sys/fs/file-nr has no three numbers") }
    report.add("node_filefd_allocated", allocated)
    report.add("node_filefd_maximum", maximum)
  }
}

/// Connection tracking, from /proc/sys/net/netfilter.
struct ConntrackCollector: HostCollector {
  static let name = "conntrack"
  static let summary = "Entries of the connection tracking table and its limit."
  static let files = ["count", "max"].map { "/proc/sys/net/netfilter/nf_conntrack_\($0)" }

  func collect(
    _ host: inout HostReading, into report: inout CheckReport
  ) async throws(HostFailure) {
    let names = ["node_nf_conntrack_entries", "node_nf_conntrack_entries_limit"]
    for (file, name) in zip(Self.files, names) {
      guard let value = try await host.text(file).trimmed.number else {
        throw HostFailure("\(file) has no number")
      }
      report.add(name, value)
    }
  }
}

/// The clock.
struct TimeCollector: HostCollector {
  static let name = "time"
  static let summary = "The system's time."

  func collect(
    _ host: inout HostReading, into report: inout CheckReport
  ) async throws(HostFailure) {
    report.add("node_time_seconds", host.run.started.seconds)
  }
}

/// What runs here, from /proc/sys/kernel.
struct UnameCollector: HostCollector {
  static let name = "uname"
  static let summary = "Kernel, version, machine and name of the host."
  private static let parts: [(label: String, file: String)] = [
    ("sysname", "ostype"), ("release", "osrelease"), ("version", "version"), ("machine", "arch"),
    ("nodename", "hostname"), ("domainname", "domainname"),
  ]

  func collect(
    _ host: inout HostReading, into report: inout CheckReport
  ) async throws(HostFailure) {
    var labels: [Label] = []
    await host.readSettings(Self.parts.map { Self.path($0.file) }, of: Self.name)
    for (label, file) in Self.parts {
      guard let value = await host.word(Self.path(file)), !value.isEmpty else {
        continue
      }
      labels.append(Label(label, value))
    }
    if labels.isEmpty { throw HostFailure("/proc/sys/kernel cannot be read") }
    report.add("node_uname_info", 1, labels)
  }

  private static func path(_ file: String) -> String { "/proc/sys/kernel/\(file)" }
}
