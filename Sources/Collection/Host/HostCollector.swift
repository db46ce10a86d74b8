import Model
import Outside

/// One subject of the host checks, under node_exporter's metric names. Its file is complete.
package protocol HostCollector: Sendable {
  /// The word behind `collect`, and the `collector` label.
  static var name: String { get }
  /// One sentence for the reference.
  static var summary: String { get }
  /// The files it reads in every run; they are read ahead, together with those of the others.
  static var files: [String] { get }
  init()
  /// Adds its metrics; throws, having added what it could, when a source can't be read.
  func collect(
    _ host: inout HostReading, into report: inout CheckReport
  ) async throws(HostFailure)
}

extension HostCollector {
  package static var files: [String] { [] }
}

/// Why a collector has nothing to say.
package struct HostFailure: Error, Sendable, Hashable {
  var reason: String
  init(_ reason: String) { self.reason = reason }
}

/// Every host collector that is built in, in the order of their metrics.
package enum HostRegistry {
  package static let collectors: [any HostCollector.Type] = [
    CPUCollector.self, LoadCollector.self, MemoryCollector.self, StatCollector.self,
    VMStatCollector.self, PressureCollector.self, FilesystemCollector.self, DiskCollector.self,
    NetworkCollector.self, NetworkClassCollector.self, FileDescriptorCollector.self,
    ConntrackCollector.self, SocketCollector.self, NetstatCollector.self, RAIDCollector.self,
    TimeCollector.self, UnameCollector.self,
  ]
}

/// What collectors read from: /proc and /sys through the doors, under one deadline.
package struct HostReading: Sendable {
  var run: CheckRun
  var settings: HostSettings
  var memory: HostMemory
  /// What was read ahead, by path.
  private var ahead: [String: Result<[UInt8], FileFailure>] = [:]
  private static let limit = 4 << 20

  init(run: CheckRun, settings: HostSettings, memory: HostMemory) {
    self.run = run
    self.settings = settings
    self.memory = memory
  }

  /// Reads files that will be asked for: a hundred calls to the doors wake a hundred threads.
  mutating func readAhead(_ paths: [String]) async {
    let missing = paths.filter { ahead[$0] == nil }
    if missing.isEmpty { return }
    let results = await run.world.files.read(missing, limit: Self.limit, timeout: run.remaining)
    for (path, result) in zip(missing, results) { ahead[path] = result }
  }

  /// Reads files that `collector` will most likely ask for in the next run, too, which then reads
  /// them together with those of the others.
  mutating func readAhead(_ paths: [String], alsoNextTimeFor collector: String) async {
    memory.likely[collector] = paths
    await readAhead(paths)
  }

  /// Has files of settings at hand, as they were read when `state` was the same and not too long
  /// ago.
  mutating func readSettings(
    _ paths: [String], of collector: String, whenIn state: [String] = []
  ) async {
    let now = run.startedSinceBoot
    if let known = memory.settings[collector], known.holds(state, at: now) {
      ahead.merge(known.contents) { read, _ in read }
      return
    }
    await readAhead(paths)
    var contents: [String: Result<[UInt8], FileFailure>] = [:]
    for path in paths {
      // What did not answer says nothing about the settings.
      if case .failure(let failure) = ahead[path], failure.kind == .timeout { return }
      contents[path] = ahead[path]
    }
    memory.settings[collector] = SettingFiles(state: state, read: now, contents: contents)
  }

  /// A small text file.
  func text(_ path: String) async throws(HostFailure) -> ProcText {
    let result: Result<[UInt8], FileFailure> =
      if let known = ahead[path] {
        known
      } else {
        await run.world.files.read(path, limit: Self.limit, timeout: run.remaining)
      }
    switch result {
    case .success(let bytes): return ProcText(bytes)
    case .failure(let failure): throw HostFailure(failure.reason)
    }
  }

  /// The file's content without surrounding white space; nil when it can't be read.
  func word(_ path: String) async -> String? { (try? await text(path))?.trimmed.string }
}

/// All host checks in one run.
struct HostRun: Sendable {
  var settings: HostSettings

  /// Runs every collector one after another: each fails alone, and says so.
  func perform(
    _ run: CheckRun, _ memory: HostMemory
  ) async -> (report: CheckReport, memory: HostMemory) {
    var reading = HostReading(run: run, settings: settings, memory: memory)
    var report = CheckReport()
    var failures: [(name: String, reason: String)] = []
    var succeeded = 0
    let types = HostRegistry.collectors.filter { settings.collects($0.name) }
    await reading.readAhead(
      Set(types.flatMap { $0.files + (memory.likely[$0.name] ?? []) }).sorted())
    for type in types {
      let began = run.elapsed
      var success = 1.0
      do throws(HostFailure) {
        try await type.init().collect(&reading, into: &report)
        succeeded += 1
      } catch {
        success = 0
        failures.append((type.name, error.reason))
      }
      let labels = [Label("collector", type.name)]
      let took = (run.elapsed - began).inSeconds
      report.add("node_scrape_collector_duration_seconds", took, labels)
      report.add("node_scrape_collector_success", success, labels)
    }
    for failure in failures { report.note(failure.name, failure.reason) }
    if succeeded == 0, let first = failures.first { report.fail(first.reason) }
    reading.learn(from: report)
    return (report, reading.memory)
  }
}

extension HostReading {
  /// Remembers which mounts did not answer in this run.
  fileprivate mutating func learn(from report: CheckReport) {
    let now = run.startedSinceBoot
    for measurement in report.measurements
    where measurement.name == "node_filesystem_device_error" {
      let mount = measurement.labels.first { $0.name == "mountpoint" }?.value ?? ""
      let cause = measurement.labels.first { $0.name == "device_error" }?.value
      if cause != FilesystemCollector.timeoutCause {
        memory.stuck.clear(mount)
      } else if !memory.stuck.isResting(mount, at: now) {
        memory.stuck.mark(mount, at: now)
      }
    }
  }
}
