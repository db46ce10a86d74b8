import Model
import Outside

/// Traffic by interface, from /proc/net/dev.
struct NetworkCollector: HostCollector {
  static let name = "netdev"
  static let summary = "Bytes, packets, errors and drops by network interface."
  static let files = ["/proc/net/dev"]
  private static let receive = [
    "bytes", "packets", "errs", "drop", "fifo", "frame", "compressed", "multicast",
  ]
  private static let transmit = [
    "bytes", "packets", "errs", "drop", "fifo", "colls", "carrier", "compressed",
  ]

  func collect(
    _ host: inout HostReading, into report: inout CheckReport
  ) async throws(HostFailure) {
    for line in try await host.text("/proc/net/dev").lines {
      guard let parts = line.parted(atLast: ":") else { continue }
      let (device, fields) = (parts.before.trimmed.string, parts.behind.fields)
      guard fields.count >= 16 else { continue }
      if host.settings.excludedInterfaces?.pattern.matches(device) ?? false { continue }
      let labels = [Label("device", device)]
      for (index, name) in Self.receive.enumerated() {
        report.add(
          "node_network_receive_\(name)_total", fields[index].number ?? 0, labels)
      }
      for (index, name) in Self.transmit.enumerated() {
        report.add(
          "node_network_transmit_\(name)_total", fields[index + 8].number ?? 0, labels)
      }
    }
  }
}

/// Link state by interface, from /sys/class/net.
struct NetworkClassCollector: HostCollector {
  static let name = "netclass"
  static let summary = "Link state, speed and MTU by network interface."
  static let files = ["/proc/net/dev"]

  func collect(
    _ host: inout HostReading, into report: inout CheckReport
  ) async throws(HostFailure) {
    let excluded = host.settings.excludedInterfaces?.pattern
    let wanted = try await Self.interfaces(host).filter { !(excluded?.matches($0) ?? false) }
    let states = Self.paths(Self.states, of: wanted)
    await host.readAhead(states, alsoNextTimeFor: Self.name)
    var state = wanted
    for path in states { state.append(await host.word(path) ?? "") }
    await host.readSettings(
      Self.paths(Self.settings, of: wanted), of: Self.name, whenIn: state)
    for device in wanted { await add(device, host, &report) }
  }

  /// Their names: those that have traffic counters, which are read anyhow.
  private static func interfaces(_ host: HostReading) async throws(HostFailure) -> [String] {
    if let table = try? await host.text("/proc/net/dev") {
      return table.lines.compactMap { $0.parted(atLast: ":")?.before.trimmed.string }.sorted()
    }
    let listing = await host.run.world.files.list("/sys/class/net", timeout: host.run.remaining)
    guard case .success(let devices) = listing else {
      throw HostFailure("/sys/class/net cannot be read")
    }
    return devices.sorted()
  }

  private static func paths(_ names: [String], of devices: [String]) -> [String] {
    devices.flatMap { device in names.map { path(device, $0) } }
  }

  private func add(_ device: String, _ host: HostReading, _ report: inout CheckReport) async {
    let labels = [Label("device", device)]
    guard let state = await host.word(Self.path(device, "operstate")) else { return }
    report.add("node_network_up", state == "up" ? 1 : 0, labels)
    var info = labels + [Label("operstate", state)]
    for name in Self.texts {
      if let text = await host.word(Self.path(device, name)), !text.isEmpty {
        info.append(Label(name, text))
      }
    }
    report.add("node_network_info", 1, info)
    // Some of these can't be read while the interface is down.
    for (file, name) in Self.numbers {
      if let value = await number(Self.path(device, file), host) {
        report.add(name, value, labels)
      }
    }
    if let speed = await number(Self.path(device, "speed"), host), speed >= 0 {
      report.add("node_network_speed_bytes", speed * 1_000_000 / 8, labels)
    }
  }

  private static func path(_ device: String, _ name: String) -> String {
    "/sys/class/net/\(device)/\(name)"
  }

  /// What says, in every run, whether anything about an interface may have changed.
  private static let states = ["operstate", "carrier_changes"]
  private static let settings =
    ["speed"] + texts + numbers.map { $0.0 }.filter { !states.contains($0) }
  private static let texts = ["address", "broadcast", "duplex", "ifalias"]
  private static let numbers = [
    ("mtu", "node_network_mtu_bytes"), ("carrier", "node_network_carrier"),
    ("carrier_changes", "node_network_carrier_changes_total"),
    ("carrier_up_count", "node_network_carrier_up_changes_total"),
    ("carrier_down_count", "node_network_carrier_down_changes_total"),
    ("dormant", "node_network_dormant"), ("flags", "node_network_flags"),
    ("type", "node_network_protocol_type"), ("tx_queue_len", "node_network_transmit_queue_length"),
  ]

  private func number(_ path: String, _ host: HostReading) async -> Double? {
    guard let word = await host.word(path) else { return nil }
    return word.hasPrefix("0x") ? Int(word.dropFirst(2), radix: 16).map(Double.init) : Double(word)
  }
}

/// Sockets in use, from /proc/net/sockstat and sockstat6.
struct SocketCollector: HostCollector {
  static let name = "sockstat"
  static let summary = "Sockets in use by protocol."
  static let files = ["/proc/net/sockstat", "/proc/net/sockstat6"]
  private static let pageSize = 4096.0

  func collect(
    _ host: inout HostReading, into report: inout CheckReport
  ) async throws(HostFailure) {
    var lines = try await host.text("/proc/net/sockstat").lines
    // A kernel without IPv6 has no second file.
    if let six = try? await host.text("/proc/net/sockstat6") { lines += six.lines }
    for line in lines {
      guard let parts = line.parted(atLast: ":") else { continue }
      let (family, fields) = (parts.before.string, parts.behind.fields)
      for index in stride(from: 0, to: fields.count - 1, by: 2) {
        guard let value = fields[index + 1].number else { continue }
        report.add("node_sockstat_\(family)_\(fields[index].string)", value)
        if fields[index] == "mem" {
          report.add("node_sockstat_\(family)_mem_bytes", value * Self.pageSize)
        }
      }
    }
  }
}

/// Protocol counters, from /proc/net/netstat, snmp and snmp6.
struct NetstatCollector: HostCollector {
  static let name = "netstat"
  static let summary = "Counters of IP, ICMP, TCP and UDP."
  static let files = ["/proc/net/netstat", "/proc/net/snmp", "/proc/net/snmp6"]

  /// What node_exporter keeps by default (`collector/netstat_linux.go`), by protocol.
  private static let wanted: [(family: StaticString, names: [StaticString])] = [
    ("Ip", ["Forwarding"]), ("Ip6", ["InOctets", "OutOctets"]),
    ("IpExt", ["InOctets", "OutOctets"]), ("Icmp", ["InMsgs", "OutMsgs"]),
    ("Icmp6", ["InMsgs", "OutMsgs"]),
    ("TcpExt", ["TCPSynRetrans", "TCPTimeouts", "TCPOFOQueue", "TCPRcvQDrop"]),
    (
      "Tcp",
      [
        "ActiveOpens", "InSegs", "OutSegs", "OutRsts", "PassiveOpens", "RetransSegs", "CurrEstab",
      ]
    ),
    ("Udp", ["InDatagrams", "OutDatagrams", "NoPorts", "RcvbufErrors", "SndbufErrors"]),
    ("Udp6", ["InDatagrams", "OutDatagrams", "NoPorts", "RcvbufErrors", "SndbufErrors"]),
  ]

  private static func isWanted(_ name: ProcText, of family: ProcText) -> Bool {
    if name == "InErrors" || name == "InErrs" { return true }
    guard let known = wanted.first(where: { family == $0.family }) else { return false }
    if known.names.contains(where: { name == $0 }) { return true }
    return family == "TcpExt" && (name.hasPrefix("Listen") || name.hasPrefix("Syncookies"))
  }

  func collect(
    _ host: inout HostReading, into report: inout CheckReport
  ) async throws(HostFailure) {
    addPairs(try await host.text("/proc/net/netstat"), &report)
    addPairs(try await host.text("/proc/net/snmp"), &report)
    guard let six = try? await host.text("/proc/net/snmp6") else { return }
    for line in six.lines {
      // `Ip6InOctets 12`: the protocol ends with the first 6.
      let fields = line.fields
      guard fields.count == 2, let parts = fields[0].behind(first: "6") else { continue }
      add(parts.behind, of: parts.through, fields[1], &report)
    }
  }

  /// A line of names, then a line of numbers, both beginning with the protocol.
  private func addPairs(_ text: ProcText, _ report: inout CheckReport) {
    let lines = text.lines
    for index in stride(from: 0, to: lines.count - 1, by: 2) {
      let (names, values) = (lines[index].fields, lines[index + 1].fields)
      guard let family = names.first?.dropLast(), names.count == values.count else { continue }
      for (name, value) in zip(names, values).dropFirst() {
        add(name, of: family, value, &report)
      }
    }
  }

  private func add(
    _ name: ProcText, of family: ProcText, _ value: ProcText, _ report: inout CheckReport
  ) {
    guard Self.isWanted(name, of: family), let value = value.number else { return }
    report.add("node_netstat_\(family.string)_\(name.string)", value)
  }
}
