import Model

/// CPU time by mode, from /proc/stat.
struct CPUCollector: HostCollector {
  static let name = "cpu"
  static let summary = "CPU seconds by core and mode."
  private static let modes = [
    "user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal",
  ]
  // USER_HZ is 100 on every architecture we run on.
  static let ticks = 100.0

  func collect(_ host: HostReading, into report: inout CheckReport) async throws(HostFailure) {
    let text = try await host.text("/proc/stat")
    var found = false
    for line in ProcText.lines(text) where line.hasPrefix("cpu") {
      let fields = ProcText.fields(line)
      // The first line is the sum of the others.
      guard let cpu = fields.first?.dropFirst(3), !cpu.isEmpty, fields.count > 8 else { continue }
      found = true
      for (index, mode) in Self.modes.enumerated() {
        report.add(
          "node_cpu_seconds_total", (ProcText.number(fields[index + 1]) ?? 0) / Self.ticks,
          [Label("cpu", String(cpu)), Label("mode", mode)])
      }
      guard fields.count > 10 else { continue }
      for (index, mode) in ["user", "nice"].enumerated() {
        report.add(
          "node_cpu_guest_seconds_total", (ProcText.number(fields[index + 9]) ?? 0) / Self.ticks,
          [Label("cpu", String(cpu)), Label("mode", mode)])
      }
    }
    if !found { throw HostFailure("/proc/stat has no line of a CPU") }
  }
}

/// Load averages, from /proc/loadavg.
struct LoadCollector: HostCollector {
  static let name = "loadavg"
  static let summary = "Load averages over 1, 5 and 15 minutes."

  func collect(_ host: HostReading, into report: inout CheckReport) async throws(HostFailure) {
    let fields = ProcText.fields(Substring(try await host.text("/proc/loadavg")))
    guard fields.count >= 3 else { throw HostFailure("/proc/loadavg has no three numbers") }
    for (index, minutes) in [1, 5, 15].enumerated() {
      guard let value = ProcText.number(fields[index]) else {
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
  private static let names = [
    "intr": "node_intr_total", "ctxt": "node_context_switches_total",
    "processes": "node_forks_total", "btime": "node_boot_time_seconds",
    "procs_running": "node_procs_running", "procs_blocked": "node_procs_blocked",
  ]

  func collect(_ host: HostReading, into report: inout CheckReport) async throws(HostFailure) {
    for line in ProcText.lines(try await host.text("/proc/stat")) {
      // The line of interrupts has a number for each of them; only the sum is wanted.
      let fields = line.split(separator: " ", maxSplits: 2)
      guard fields.count > 1, let name = Self.names[String(fields[0])],
        let value = ProcText.number(fields[1])
      else { continue }
      report.add(name, value)
    }
  }
}

/// Pressure stall information, from /proc/pressure.
struct PressureCollector: HostCollector {
  static let name = "pressure"
  static let summary = "Time that tasks waited for CPU, memory and I/O (PSI)."

  func collect(_ host: HostReading, into report: inout CheckReport) async throws(HostFailure) {
    for resource in ["cpu", "io", "memory"] {
      for line in ProcText.lines(try await host.text("/proc/pressure/\(resource)")) {
        let fields = ProcText.fields(line)
        guard let total = fields.first(where: { $0.hasPrefix("total=") }),
          let microseconds = ProcText.number(total.dropFirst(6))
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
