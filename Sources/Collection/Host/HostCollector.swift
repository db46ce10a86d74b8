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
  func collect(_ host: HostReading, into report: inout CheckReport) async throws(HostFailure)
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
  /// Mount points whose file system did not answer lately.
  var stuck: StuckMounts
  /// What was read ahead, by path.
  private var ahead: [String: Result<[UInt8], FileFailure>] = [:]
  private static let limit = 4 << 20

  init(run: CheckRun, settings: HostSettings, stuck: StuckMounts) {
    self.run = run
    self.settings = settings
    self.stuck = stuck
  }

  /// Reads files that will be asked for: a hundred calls to the doors wake a hundred threads.
  mutating func readAhead(_ paths: [String]) async {
    let results = await run.world.files.read(paths, limit: Self.limit, timeout: run.remaining)
    for (path, result) in zip(paths, results) { ahead[path] = result }
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

/// Mounts that did not answer are left alone for a while: each question to a dead mount costs a
/// thread that never comes back.
package struct StuckMounts: Sendable, Hashable {
  static let rest: Duration = .seconds(300)
  private(set) var since: [String: Duration] = [:]

  func isResting(_ mount: String, at now: Duration) -> Bool {
    since[mount].map { now - $0 < Self.rest } ?? false
  }
  mutating func mark(_ mount: String, at now: Duration) { since[mount] = now }
  mutating func clear(_ mount: String) { since[mount] = nil }
}

/// All host checks in one run.
struct HostRun: Sendable {
  var settings: HostSettings

  /// Runs every collector one after another: each fails alone, and says so.
  func perform(
    _ run: CheckRun, _ stuck: StuckMounts
  ) async -> (report: CheckReport, stuck: StuckMounts) {
    var reading = HostReading(run: run, settings: settings, stuck: stuck)
    var report = CheckReport()
    var failures: [(name: String, reason: String)] = []
    var succeeded = 0
    let types = HostRegistry.collectors.filter { settings.collects($0.name) }
    await reading.readAhead(Set(types.flatMap { $0.files }).sorted())
    for type in types {
      let began = run.elapsed
      var success = 1.0
      do throws(HostFailure) {
        try await type.init().collect(reading, into: &report)
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
    return (report, reading.stuck)
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
        stuck.clear(mount)
      } else if !stuck.isResting(mount, at: now) {
        stuck.mark(mount, at: now)
      }
    }
  }
}
