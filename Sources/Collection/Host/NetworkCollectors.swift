import Model
import Outside

/// Traffic by interface, from /proc/net/dev.
struct NetworkCollector: HostCollector {
  static let name = "netdev"
  static let summary = "Bytes, packets, errors and drops by network interface."
  private static let receive = [
    "bytes", "packets", "errs", "drop", "fifo", "frame", "compressed", "multicast",
  ]
  private static let transmit = [
    "bytes", "packets", "errs", "drop", "fifo", "colls", "carrier", "compressed",
  ]

  func collect(_ host: HostReading, into report: inout CheckReport) async throws(HostFailure) {
    for line in ProcText.lines(try await host.text("/proc/net/dev")) {
      guard let colon = line.lastIndex(of: ":") else { continue }
      let device = String(line[..<colon].drop { $0 == " " })
      let fields = ProcText.fields(line[line.index(after: colon)...])
      guard fields.count >= 16 else { continue }
      if host.settings.excludedInterfaces?.pattern.matches(device) ?? false { continue }
      let labels = [Label("device", device)]
      for (index, name) in Self.receive.enumerated() {
        report.add(
          "node_network_receive_\(name)_total", ProcText.number(fields[index]) ?? 0, labels)
      }
      for (index, name) in Self.transmit.enumerated() {
        report.add(
          "node_network_transmit_\(name)_total", ProcText.number(fields[index + 8]) ?? 0, labels)
      }
    }
  }
}

/// Link state by interface, from /sys/class/net.
struct NetworkClassCollector: HostCollector {
  static let name = "netclass"
  static let summary = "Link state, speed and MTU by network interface."

  func collect(_ host: HostReading, into report: inout CheckReport) async throws(HostFailure) {
    let listing = await host.run.world.files.list("/sys/class/net", timeout: host.run.remaining)
    guard case .success(let devices) = listing else {
      throw HostFailure("/sys/class/net cannot be read")
    }
    for device in devices.sorted() {
      if host.settings.excludedInterfaces?.pattern.matches(device) ?? false { continue }
      let folder = "/sys/class/net/\(device)/"
      let labels = [Label("device", device)]
      guard let state = await host.word(folder + "operstate") else { continue }
      report.add("node_network_up", state == "up" ? 1 : 0, labels)
      var info = labels + [Label("operstate", state)]
      for name in ["address", "broadcast", "duplex", "ifalias"] {
        if let text = await host.word(folder + name), !text.isEmpty {
          info.append(Label(name, text))
        }
      }
      report.add("node_network_info", 1, info)
      // Some of these can't be read while the interface is down.
      for (file, name) in Self.numbers {
        if let value = await number(folder + file, host) { report.add(name, value, labels) }
      }
      if let speed = await number(folder + "speed", host), speed >= 0 {
        report.add("node_network_speed_bytes", speed * 1_000_000 / 8, labels)
      }
    }
  }

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
  private static let pageSize = 4096.0

  func collect(_ host: HostReading, into report: inout CheckReport) async throws(HostFailure) {
    var text = try await host.text("/proc/net/sockstat")
    // A kernel without IPv6 has no second file.
    if let six = try? await host.text("/proc/net/sockstat6") { text += "\n" + six }
    for line in ProcText.lines(text) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let family = line[..<colon]
      let fields = ProcText.fields(line[line.index(after: colon)...])
      for index in stride(from: 0, to: fields.count - 1, by: 2) {
        guard let value = ProcText.number(fields[index + 1]) else { continue }
        report.add("node_sockstat_\(family)_\(fields[index])", value)
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

  // node_exporter's default selection (`collector/netstat_linux.go`).
  private static let wanted = try? Pattern(
    "(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)"
      + "|TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)"
      + "|Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)"
      + "|Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))", anchored: true)

  func collect(_ host: HostReading, into report: inout CheckReport) async throws(HostFailure) {
    addPairs(try await host.text("/proc/net/netstat"), &report)
    addPairs(try await host.text("/proc/net/snmp"), &report)
    guard let six = try? await host.text("/proc/net/snmp6") else { return }
    for line in ProcText.lines(six) {
      // `Ip6InOctets 12`: the protocol ends with the first 6.
      let fields = ProcText.fields(line)
      guard fields.count == 2, let digit = fields[0].firstIndex(of: "6") else { continue }
      let split = fields[0].index(after: digit)
      add("\(fields[0][..<split])_\(fields[0][split...])", fields[1], &report)
    }
  }

  /// A line of names, then a line of numbers, both beginning with the protocol.
  private func addPairs(_ text: String, _ report: inout CheckReport) {
    let lines = ProcText.lines(text)
    for index in stride(from: 0, to: lines.count - 1, by: 2) {
      let names = ProcText.fields(lines[index])
      let values = ProcText.fields(lines[index + 1])
      guard let family = names.first?.dropLast(), names.count == values.count else { continue }
      for (name, value) in zip(names, values).dropFirst() {
        add("\(family)_\(name)", value, &report)
      }
    }
  }

  private func add(_ name: String, _ text: Substring, _ report: inout CheckReport) {
    guard Self.wanted?.matches(name) ?? false, let value = ProcText.number(text) else { return }
    report.add("node_netstat_\(name)", value)
  }
}
