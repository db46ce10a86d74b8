import Model

/// Memory and swap, from /proc/meminfo.
struct MemoryCollector: HostCollector {
  static let name = "meminfo"
  static let summary = "Memory and swap by use."

  func collect(_ host: HostReading, into report: inout CheckReport) async throws(HostFailure) {
    let text = try await host.text("/proc/meminfo")
    for line in ProcText.lines(text) {
      let fields = ProcText.fields(line)
      guard fields.count >= 2, fields[0].hasSuffix(":"), let value = ProcText.number(fields[1])
      else { continue }
      // `Active(anon)` becomes `Active_anon`, as node_exporter has it.
      let name = fields[0].dropLast().replacing("(", with: "_").replacing(")", with: "")
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

  func collect(_ host: HostReading, into report: inout CheckReport) async throws(HostFailure) {
    for line in ProcText.lines(try await host.text("/proc/vmstat")) {
      let fields = ProcText.fields(line)
      guard fields.count == 2, Self.isWanted(fields[0]), let value = ProcText.number(fields[1])
      else { continue }
      report.add("node_vmstat_\(fields[0])", value)
    }
  }

  // node_exporter's default: ^(oom_kill|pgpg|pswp|pg.*fault).*
  private static func isWanted(_ name: Substring) -> Bool {
    name.hasPrefix("oom_kill") || name.hasPrefix("pgpg") || name.hasPrefix("pswp")
      || (name.hasPrefix("pg") && name.contains("fault"))
  }
}

/// Open file descriptors of the whole system, from /proc/sys/fs/file-nr.
struct FileDescriptorCollector: HostCollector {
  static let name = "filefd"
  static let summary = "Open file descriptors and their limit."

  func collect(_ host: HostReading, into report: inout CheckReport) async throws(HostFailure) {
    let text = try await host.text("/proc/sys/fs/file-nr")
    let fields = text.split(whereSeparator: \.isWhitespace)
    guard fields.count == 3, let allocated = ProcText.number(fields[0]),
      let maximum = ProcText.number(fields[2])
    else { throw HostFailure("/proc/sys/fs/file-nr has no three numbers") }
    report.add("node_filefd_allocated", allocated)
    report.add("node_filefd_maximum", maximum)
  }
}

/// Connection tracking, from /proc/sys/net/netfilter.
struct ConntrackCollector: HostCollector {
  static let name = "conntrack"
  static let summary = "Entries of the connection tracking table and its limit."

  func collect(_ host: HostReading, into report: inout CheckReport) async throws(HostFailure) {
    let folder = "/proc/sys/net/netfilter/nf_conntrack_"
    for (file, name) in [
      ("count", "node_nf_conntrack_entries"), ("max", "node_nf_conntrack_entries_limit"),
    ] {
      let text = try await host.text(folder + file)
      guard let value = text.split(whereSeparator: \.isWhitespace).first.flatMap(ProcText.number)
      else { throw HostFailure("\(folder)\(file) has no number") }
      report.add(name, value)
    }
  }
}

/// The clock.
struct TimeCollector: HostCollector {
  static let name = "time"
  static let summary = "The system's time."

  func collect(_ host: HostReading, into report: inout CheckReport) async throws(HostFailure) {
    report.add("node_time_seconds", host.run.started.seconds)
  }
}

/// What runs here, from /proc/sys/kernel.
struct UnameCollector: HostCollector {
  static let name = "uname"
  static let summary = "Kernel, version, machine and name of the host."

  func collect(_ host: HostReading, into report: inout CheckReport) async throws(HostFailure) {
    var labels: [Label] = []
    for (label, file) in [
      ("sysname", "ostype"), ("release", "osrelease"), ("version", "version"), ("machine", "arch"),
      ("nodename", "hostname"), ("domainname", "domainname"),
    ] {
      guard let value = await host.word("/proc/sys/kernel/\(file)"), !value.isEmpty else {
        continue
      }
      labels.append(Label(label, value))
    }
    if labels.isEmpty { throw HostFailure("/proc/sys/kernel cannot be read") }
    report.add("node_uname_info", 1, labels)
  }
}
