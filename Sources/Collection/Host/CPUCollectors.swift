import Model

/// CPU time by mode, from /proc/stat.
struct CPUCollector: HostCollector {
  static let name = "cpu"
  static let summary = "CPU seconds by core and mode."
  static let files = ["/proc/stat"]
  private static let modes = [
    "user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal",
  ]
  // USER_HZ is 100 on every architecture we run on.
  static let ticks = 100.0

  func collect(
    _ host: inout HostReading, into report: inout CheckReport
  ) async throws(HostFailure) {
    let text = try await host.text("/proc/stat")
    var found = false
    for line in text.lines where line.hasPrefix("cpu") {
      let fields = line.fields
      // The first line is the sum of the others.
      guard let cpu = fields.first?.dropFirst(3).string, !cpu.isEmpty, fields.count > 8 else {
        continue
      }
      found = true
      for (index, mode) in Self.modes.enumerated() {
        report.add(
          "node_cpu_seconds_total", (fields[index + 1].number ?? 0) / Self.ticks,
          [Label("cpu", cpu), Label("mode", mode)])
      }
      guard fields.count > 10 else { continue }
      for (index, mode) in ["user", "nice"].enumerated() {
        report.add(
          "node_cpu_guest_seconds_total", (fields[index + 9].number ?? 0) / Self.ticks,
          [Label("cpu", cpu), Label("mode", mode)])
      }
    }
    if !found { throw HostFailure("/proc/stat has no line of a CPU") }
  }
}

/// Load averages, from /proc/loadavg.
struct LoadCollector: HostCollector {
  static let name = "loadavg"
  static let summary = "Load averages over 1, 5 and 15 minutes."
  static let files = ["/proc/loadavg"]

  func collect(
    _ host: inout HostReading, into report: inout CheckReport
  ) async throws(HostFailure) {
    let fields = try await host.text("/proc/loadavg").fields
    guard fields.count >= 3 else { throw HostFailure("/proc/loadavg has no three numbers") }
    for (index, minutes) in [1, 5, 15].enumerated() {
      guard let value = fields[index].number else {
        throw HostFailure("/proc/loadavg has no three numbers")
      }
      report.add("node_load\(minutes)", value)
    }
  }
}

/// What else /proc/stat says: interrupts, context switches, forks, boot time, runnable processes.
struct StatCollector: HostCollector {
  static let name = "stat"
  static let summary = "Interrupts, context switches, forks, boot time, running processes."
  static let files = ["/proc/stat"]
  private static let names: [(line: StaticString, metric: String)] = [
    ("intr", "node_intr_total"), ("ctxt", "node_context_switches_total"),
    ("processes", "node_forks_total"), ("btime", "node_boot_time_seconds"),
    ("procs_running", "node_procs_running"), ("procs_blocked", "node_procs_blocked"),
  ]

  func collect(
    _ host: inout HostReading, into report: inout CheckReport
  ) async throws(HostFailure) {
    for line in try await host.text("/proc/stat").lines where !line.hasPrefix("cpu") {
      // The line of interrupts has a number for each of them; only the sum is wanted.
      let fields = line.fields
      guard fields.count > 1, let name = Self.names.first(where: { fields[0] == $0.line })?.metric,
        let value = fields[1].number
      else { continue }
      report.add(name, value)
    }
  }
}

/// Pressure stall information, from /proc/pressure.
struct PressureCollector: HostCollector {
  static let name = "pressure"
  static let summary = "Time that tasks waited for CPU, memory and I/O (PSI)."
  static let files = ["cpu", "io", "memory"].map { "/proc/pressure/\($0)" }

  func collect(
    _ host: inout HostReading, into report: inout CheckReport
  ) async throws(HostFailure) {
    for resource in ["cpu", "io", "memory"] {
      for line in try await host.text("/proc/pressure/\(resource)").lines {
        let fields = line.fields
        guard let total = fields.first(where: { $0.hasPrefix("total=") }),
          let microseconds = total.dropFirst(6).number
        else { continue }
        let isSome = fields[0] == "some"
        // The whole CPU can't stall; kernels print the line all the same.
        if !isSome, resource == "cpu" { continue }
        report.add(
          "node_pressure_\(resource)_\(isSome ? "waiting" : "stalled")_seconds_total",
          microseconds / 1e6)
      }
    }
  }
}
