import Model

/// Disk I/O, from /proc/diskstats (Documentation/admin-guide/iostats.rst of the kernel).
struct DiskCollector: HostCollector {
  static let name = "diskstats"
  static let summary = "Reads, writes, bytes and time of block devices."
  static let files = ["/proc/diskstats"]

  /// Metric and factor by the column behind the device's name.
  private static let columns: [(name: String, factor: Double)] = [
    ("node_disk_reads_completed_total", 1), ("node_disk_reads_merged_total", 1),
    ("node_disk_read_bytes_total", 512), ("node_disk_read_time_seconds_total", 0.001),
    ("node_disk_writes_completed_total", 1), ("node_disk_writes_merged_total", 1),
    ("node_disk_written_bytes_total", 512), ("node_disk_write_time_seconds_total", 0.001),
    ("node_disk_io_now", 1), ("node_disk_io_time_seconds_total", 0.001),
    ("node_disk_io_time_weighted_seconds_total", 0.001),
    ("node_disk_discards_completed_total", 1), ("node_disk_discards_merged_total", 1),
    ("node_disk_discarded_sectors_total", 1), ("node_disk_discard_time_seconds_total", 0.001),
    ("node_disk_flush_requests_total", 1), ("node_disk_flush_requests_time_seconds_total", 0.001),
  ]

  func collect(
    _ host: inout HostReading, into report: inout CheckReport
  ) async throws(HostFailure) {
    for line in try await host.text("/proc/diskstats").lines {
      let fields = line.fields
      guard fields.count >= 14 else { continue }
      let device = fields[2].string
      if host.settings.excludedDisks?.pattern.matches(device) ?? false { continue }
      report.add(
        "node_disk_info", 1,
        [
          Label("device", device), Label("major", fields[0].string),
          Label("minor", fields[1].string),
        ])
      for (column, field) in zip(Self.columns, fields[3...]) {
        guard let value = field.number else { continue }
        report.add(column.name, value * column.factor, [Label("device", device)])
      }
    }
  }
}

/// Software RAID, from /proc/mdstat.
struct RAIDCollector: HostCollector {
  static let name = "mdadm"
  static let summary = "Disks of software RAID arrays."
  static let files = ["/proc/mdstat"]

  func collect(
    _ host: inout HostReading, into report: inout CheckReport
  ) async throws(HostFailure) {
    let lines = try await host.text("/proc/mdstat").lines
    for (index, line) in lines.enumerated() {
      let fields = line.fields
      guard fields.count > 3, fields[0].hasPrefix("md"), fields[1] == ":" else { continue }
      // What belongs to an array is indented.
      let below = lines[(index + 1)...].prefix { $0.hasPrefix(" ") }
      add(fields, Array(below), &report)
    }
  }

  /// `md0 : active raid1 sdb1[1] sda1[0](F)`, then `… blocks super 1.2 [2/1] [U_]`.
  private func add(_ fields: [ProcText], _ below: [ProcText], _ report: inout CheckReport) {
    let device = Label("device", fields[0].string)
    let members = fields.dropFirst(3).filter { $0.contains("[") }
    let failed = members.count { $0.hasSuffix("(F)") }
    let spare = members.count { $0.hasSuffix("(S)") }
    var (required, active) = (0, fields[2] == "active" ? members.count - failed - spare : 0)
    for line in below {
      for field in line.fields where field.hasPrefix("[") && field.contains("/") {
        let counts = field.dropFirst().dropLast().split(at: "/")
        guard counts.count == 2, let all = Int(counts[0].string), let up = Int(counts[1].string)
        else { continue }
        (required, active) = (all, up)
      }
      if line.contains("blocks") {
        let count = line.fields.first?.number ?? 0
        report.add("node_md_blocks", count, [device])
        // While nothing is being rebuilt, everything is in step.
        let isRebuilding = below.contains { $0.contains("recovery") || $0.contains("resync") }
        if !isRebuilding { report.add("node_md_blocks_synced", count, [device]) }
      }
    }
    report.add("node_md_disks_required", Double(required), [device])
    for (state, count) in [("active", active), ("failed", failed), ("spare", spare)] {
      report.add("node_md_disks", Double(count), [device, Label("state", state)])
    }
    let isRecovering = below.contains { $0.contains("recovery") }
    let states: [StaticString] = ["active", "inactive", "recovering", "resync", "check"]
    for state in states {
      let isNamed = isRecovering ? state.description == "recovering" : fields[2] == state
      let isSo = isNamed || below.contains { $0.contains(state) }
      report.add("node_md_state", isSo ? 1 : 0, [device, Label("state", state.description)])
    }
  }
}
