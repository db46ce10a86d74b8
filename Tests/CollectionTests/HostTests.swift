import Exposition
import Language
import Model
import Outside
import SimulatedWorld
import Testing

@testable import Collection

private func machine() -> SimulatedWorld {
  let simulation = SimulatedWorld()
  for (path, text) in hostFixtures { simulation.files.put(text, at: path) }
  simulation.files.setSpace(
    FileSystemSpace(
      size: 270_553_174_016, free: 249_745_702_912, available: 80_635_715_584, files: 16_777_216,
      filesFree: 16_229_821, isReadOnly: false), of: "/")
  for mount in ["/run", "/mnt/my disk", "/mnt/nas"] {
    simulation.files.setSpace(
      FileSystemSpace(
        size: 1000, free: 600, available: 500, files: 10, filesFree: 5, isReadOnly: false),
      of: mount)
  }
  return simulation
}

private func collect(_ simulation: SimulatedWorld, _ statement: String = "host { every 15s }") async
  -> SampleBatch
{
  let (plan, _) = readPlan(statement)
  return await CollectionLoop.runOnce(plan.targets[0], world: simulation.world)
}

private func series(_ batch: SampleBatch) -> [Labels: Double] {
  var series: [Labels: Double] = [:]
  for (birth, value) in zip(batch.births, batch.values) {
    series[birth.labels.removing("job", "instance")] = value.value
  }
  return series
}

@Test func theHostIsDescribedAsNodeExporterDescribesIt() async throws {
  let batch = await collect(machine())
  let ours = series(batch)
  let entries = try ExpositionBody.read(Array((hostGolden + "\n").utf8), format: .text).get()
  var compared = 0
  for case .sample(let sample) in entries {
    let value = try #require(ours[sample.labels], "\(sample.labels) is missing")
    #expect(abs(value - sample.value) <= abs(sample.value) * 1e-12, "\(sample.labels)")
    compared += 1
  }
  #expect(compared > 200)
  #expect(batch.value("up") == 1)
  #expect(batch.births.allSatisfy { $0.labels["job"] == "node" })
}

@Test func noNameIsOurInvention() async throws {
  let entries = try ExpositionBody.read(Array((hostGolden + "\n").utf8), format: .text).get()
  var known: Set<String> = [
    "up", "scrape_duration_seconds", "node_scrape_collector_duration_seconds",
    "node_scrape_collector_success", "node_time_seconds", "node_uname_info",
  ]
  for case .sample(let sample) in entries { known.insert(sample.labels.name) }
  #expect(await collect(machine()).names.subtracting(known) == [])
}

@Test func everyCollectorSaysHowItWent() async {
  let batch = await collect(machine())
  for type in HostRegistry.collectors {
    #expect(
      batch.value("node_scrape_collector_success", ["collector": type.name]) == 1, "\(type.name)")
    #expect(
      batch.value("node_scrape_collector_duration_seconds", ["collector": type.name]) != nil)
  }
}

@Test func aMissingFileFailsOnlyItsCollector() async {
  let simulation = machine()
  simulation.files.remove("/proc/meminfo")
  simulation.files.remove("/proc/sys/net/netfilter/nf_conntrack_count")
  simulation.files.deny("/proc/pressure")
  let batch = await collect(simulation)
  for name in ["meminfo", "conntrack", "pressure"] {
    #expect(batch.value("node_scrape_collector_success", ["collector": name]) == 0)
  }
  #expect(batch.value("node_scrape_collector_success", ["collector": "cpu"]) == 1)
  #expect(batch.value("node_load1") == 0.21)
  #expect(batch.status.isUp)
  #expect(batch.status.facts.contains(Label("meminfo", "/proc/meminfo does not exist")))
}

@Test func aMachineThatCannotBeReadIsDown() async {
  let simulation = SimulatedWorld()
  let batch = await collect(simulation, "host { collect cpu, meminfo }")
  #expect(batch.status.failure == "/proc/stat does not exist")
  #expect(batch.value("up") == 0)
}

@Test func garbageInProcIsSurvived() async {
  let simulation = machine()
  for (path, _) in hostFixtures {
    simulation.files.put([0xFF, 0x00, 0x0A, 0x20, 0x3A, 0x0A] + Array("x : y (z\n".utf8), at: path)
  }
  let batch = await collect(simulation)
  #expect(batch.value("node_scrape_collector_success", ["collector": "cpu"]) == 0)
  #expect(batch.value("node_scrape_collector_success", ["collector": "time"]) == 1)
}

@Test func aMountThatNeverAnswersCostsOnlyItsOwnNumbers() async throws {
  let simulation = machine()
  simulation.files.hang("/mnt/nas")
  let batch = await simulation.run {
    async let batch = collect(simulation)
    await simulation.time.advance(by: .seconds(6))
    return await batch
  }
  let nas: KeyValuePairs = ["mountpoint": "/mnt/nas"]
  #expect(batch.value("node_filesystem_device_error", nas) == 1)
  #expect(batch.value("node_filesystem_device_error", ["device_error": "mountpoint timeout"]) == 1)
  #expect(batch.value("node_filesystem_size_bytes", nas) == nil)
  #expect(batch.value("node_filesystem_size_bytes", ["mountpoint": "/"]) == 270_553_174_016)
  #expect(batch.value("node_scrape_collector_success", ["collector": "filesystem"]) == 1)
}

@Test func thoseBehindAMountThatNeverAnswersAreAskedApart() async throws {
  let simulation = machine()
  simulation.files.hang("/run")
  let batch = await simulation.run {
    async let batch = collect(simulation)
    await simulation.time.advance(by: .seconds(6))
    return await batch
  }
  #expect(batch.value("node_filesystem_device_error", ["mountpoint": "/run"]) == 1)
  #expect(batch.value("node_filesystem_device_error", ["mountpoint": "/mnt/my disk"]) == 0)
  #expect(batch.value("node_filesystem_size_bytes", ["mountpoint": "/mnt/my disk"]) == 1000)
  #expect(batch.value("node_filesystem_size_bytes", ["mountpoint": "/mnt/nas"]) == 1000)
}

/// Runs the host checks again and again, as the loop does.
private struct HostRuns {
  let simulation = machine()
  var memory = HostMemory()

  mutating func next() async -> CheckReport {
    let run = CheckRun(
      world: simulation.world, timeout: .seconds(10), secrets: SecretValues())
    let done = await HostRun(settings: HostSettings()).perform(run, memory)
    memory = done.memory
    return done.report
  }

  mutating func mtu() async -> Double? {
    await next().measurements.first {
      $0.name == "node_network_mtu_bytes" && $0.labels.first?.value == "eth0"
    }?.value
  }
}

@Test func settingsOfInterfacesAreReadWhenTheirStateChanges() async {
  var runs = HostRuns()
  #expect(await runs.mtu() == 1500)
  runs.simulation.files.put("9000\n", at: "/sys/class/net/eth0/mtu")
  #expect(await runs.mtu() == 1500)
  runs.simulation.files.put("4\n", at: "/sys/class/net/eth0/carrier_changes")
  #expect(await runs.mtu() == 9000)
  // Whatever did not change what says so is seen some time later.
  runs.simulation.files.put("1280\n", at: "/sys/class/net/eth0/mtu")
  await runs.simulation.time.advance(by: SettingFiles.lifetime - .seconds(1))
  #expect(await runs.mtu() == 9000)
  await runs.simulation.time.advance(by: .seconds(1))
  #expect(await runs.mtu() == 1280)
}

@Test func settingsThatDidNotAnswerAreAskedForAgain() async {
  var runs = HostRuns()
  let simulation = runs.simulation
  simulation.files.hang("/sys/class/net/eth0/mtu")
  let first = await simulation.run { [runs] in
    async let done = HostRun(settings: HostSettings()).perform(
      CheckRun(world: simulation.world, timeout: .seconds(10), secrets: SecretValues()),
      runs.memory)
    await simulation.time.advance(by: .seconds(30))
    return await done
  }
  runs.memory = first.memory
  simulation.files.unhang("/sys/class/net/eth0/mtu")
  #expect(await runs.mtu() == 1500)
}

@Test func anInterfaceThatComesIsThereAtOnce() async {
  var runs = HostRuns()
  _ = await runs.next()
  let files = runs.simulation.files
  files.put((files.text(at: "/proc/net/dev") ?? "") + " new0: 1 2 0 0\n", at: "/proc/net/dev")
  files.put("up\n", at: "/sys/class/net/new0/operstate")
  files.put("1400\n", at: "/sys/class/net/new0/mtu")
  let report = await runs.next()
  #expect(
    report.measurements.contains {
      $0.name == "node_network_mtu_bytes" && $0.labels.first?.value == "new0" && $0.value == 1400
    })
}

@Test func aMountThatDidNotAnswerIsLeftAloneForAWhile() {
  var stuck = StuckMounts()
  stuck.mark("/mnt/nas", at: .seconds(100))
  #expect(stuck.isResting("/mnt/nas", at: .seconds(100) + StuckMounts.rest - .seconds(1)))
  #expect(!stuck.isResting("/mnt/nas", at: .seconds(100) + StuckMounts.rest))
  #expect(!stuck.isResting("/", at: .seconds(100)))
}

@Test func whatIsExcludedIsLeftOut() async {
  let batch = await collect(
    machine(),
    """
    host {
      collect     filesystem, netdev
      exclude mountpoint "^/mnt"
      exclude interface "^lo$"
    }
    """)
  let mounts = Set(batch.births.compactMap { $0.labels["mountpoint"] })
  #expect(mounts == ["/", "/run", "/var/lib/docker/overlay"])
  #expect(Set(batch.births.compactMap { $0.labels["device"] }).contains("lo") == false)
  #expect(Set(batch.births.compactMap { $0.labels["collector"] }) == ["filesystem", "netdev"])
}

@Test func mountsAreReadWithTheirEscapes() {
  let table = "/dev/sdb1 /mnt/my\\040disk xfs ro,noatime 0 0\nbad\n"
  let mounts = FilesystemCollector.mounts(ProcText(Array(table.utf8)))
  #expect(
    mounts == [
      .init(device: "/dev/sdb1", mountpoint: "/mnt/my disk", type: "xfs", isReadOnly: true)
    ])
}

@Test func piecesOfProcFilesAreComparedAndReadInPlace() {
  let text = ProcText(Array("cpu0  12 -3\t0.25 x\n\nTCP: inuse 5\n".utf8))
  let lines = text.lines
  #expect(lines.map(\.string) == ["cpu0  12 -3\t0.25 x", "TCP: inuse 5"])
  #expect(lines[0].fields.map(\.string) == ["cpu0", "12", "-3", "0.25", "x"])
  #expect(lines[0].fields.map(\.number) == [nil, 12, -3, 0.25, nil])
  #expect(lines[0].hasPrefix("cpu") && !lines[0].hasPrefix("cpu1") && lines[0].hasSuffix(" x"))
  #expect(lines[1].contains("inuse") && !lines[1].contains("inuse5"))
  #expect(lines[1].parted(atLast: ":")?.behind.trimmed.string == "inuse 5")
  #expect(lines[1].fields[0].dropLast() == "TCP" && !(lines[1].fields[0] == "TCP"))
  #expect(ProcText(Array(" \n\t".utf8)).trimmed.isEmpty)
  #expect(ProcText(Array("18446744073709551615".utf8)).number == 18_446_744_073_709_551_615)
  #expect(ProcText([]).number == nil && ProcText([]).lines.isEmpty)
}

@Test func aRunAsksForItsFilesInFewCalls() async {
  let simulation = machine()
  let before = simulation.files.calls
  _ = await collect(simulation)
  // Ahead for everybody, the states and settings of interfaces, those of the machine, and mounts:
  // those of this machine together, one of another by itself.
  #expect(simulation.files.calls - before == 6)
}

@Test func laterRunsAskInFewerCalls() async {
  var runs = HostRuns()
  _ = await runs.next()
  let before = runs.simulation.files.calls
  _ = await runs.next()
  // Ahead for everybody, and the mounts.
  #expect(runs.simulation.files.calls - before == 3)
}
