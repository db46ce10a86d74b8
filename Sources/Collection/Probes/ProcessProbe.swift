import Language
import Model
import Outside

/// `probe process NAME { run PROGRAM }`: counts the processes of a program and what they use.
package struct ProcessProbe: ProbeKind {
  package static let keyword = "process"
  package static let summary = "Counts the running processes of a program and what they use."
  package static let targetForm: String? = nil
  package static let subjects: [ExpectationSubject] = [
    .init("count", .number(.none), "How many run; at least one when not written."),
    .init("memory", .number(.bytes), "Their resident memory together."),
    .init(
      "cpu", .number(.ratio), "The share of one core they use together, over a quarter second."),
  ]

  /// The words that a process' command line must begin with.
  var command: [String]
  var expectations: [Expectation]

  package init(reading block: BlockReader, expectations: [Expectation]) {
    command =
      block.require(
        "run", .command, "The program as the command line shows it, with its first arguments.")?
      .value ?? []
    self.expectations = expectations
  }

  /// Linux' clock ticks: USER_HZ is 100 on every architecture we run on.
  private static let ticks = 100.0
  private static let pageSize = 4096.0

  package func check(_ target: String, _ run: CheckRun) async -> CheckReport {
    var report = CheckReport()
    switch await processes(run) {
    case .failure(let failure):
      report.fail(failure.reason)
      return report
    case .success(let found):
      var memory = 0.0
      for process in found { memory += await residentBytes(of: process, run) }
      let cpu = await cpuSeconds(of: found, run)
      report.add("probe_process_count", Double(found.count))
      report.add("probe_process_resident_memory_bytes", memory)
      report.add("probe_process_cpu_seconds_total", cpu)
      report.note("processes", "\(found.count)")
      report.note("memory", Wording.bytes(memory))
      await judge(found, memory, cpu, run, &report)
      return report
    }
  }

  private func judge(
    _ found: [String], _ memory: Double, _ cpu: Double, _ run: CheckRun,
    _ report: inout CheckReport
  ) async {
    let counts = expectations.about("count")
    if counts.isEmpty, found.isEmpty {
      report.fail("no process runs \(command.joined(separator: " "))")
    }
    for expected in counts {
      if let reason = expected.failure(of: Double(found.count)) { report.fail(reason) }
    }
    for expected in expectations.about("memory") {
      if let reason = expected.failure(of: memory, .bytes) { report.fail(reason) }
    }
    let shares = expectations.about("cpu")
    guard !shares.isEmpty, !found.isEmpty else { return }
    let began = run.elapsed
    await run.world.time.sleep(for: .milliseconds(250))
    let spent = max(0, await cpuSeconds(of: found, run) - cpu)
    let share = spent / max(0.001, (run.elapsed - began).inSeconds)
    for expected in shares {
      if let reason = expected.failure(of: share, .ratio) { report.fail(reason) }
    }
  }

  private func processes(_ run: CheckRun) async -> Result<[String], CheckFailure> {
    switch await run.world.files.list("/proc", timeout: run.remaining) {
    case .failure(let failure): return .failure(CheckFailure(failure.reason))
    case .success(let names):
      var found: [String] = []
      for name in names where name.utf8.allSatisfy({ $0 &- 0x30 < 10 }) {
        // A process that ends while we look is no process.
        let line = await run.world.files.read(
          "/proc/\(name)/cmdline", limit: 64 << 10, timeout: run.remaining)
        guard case .success(let bytes) = line else { continue }
        let words = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        if matches(words) { found.append(name) }
      }
      return .success(found)
    }
  }

  private func matches(_ words: [String]) -> Bool {
    guard let program = command.first, let first = words.first else { return false }
    let isNamed =
      first == program
      || (!program.contains("/") && first.split(separator: "/").last.map(String.init) == program)
    return isNamed && words.dropFirst().starts(with: command.dropFirst())
  }

  private func residentBytes(of process: String, _ run: CheckRun) async -> Double {
    let file = await run.world.files.read(
      "/proc/\(process)/statm", limit: 4096, timeout: run.remaining)
    guard case .success(let bytes) = file else { return 0 }
    let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
    return fields.count > 1 ? (Double(fields[1]) ?? 0) * Self.pageSize : 0
  }

  private func cpuSeconds(of found: [String], _ run: CheckRun) async -> Double {
    var total = 0.0
    for process in found {
      let file = await run.world.files.read(
        "/proc/\(process)/stat", limit: 4096, timeout: run.remaining)
      guard case .success(let bytes) = file else { continue }
      // The command stands in parentheses and may hold anything, parentheses too.
      let text = String(decoding: bytes, as: UTF8.self)
      guard let close = text.lastIndex(of: ")") else { continue }
      let fields = text[text.index(after: close)...].split(separator: " ")
      guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
        continue
      }
      total += (user + system) / Self.ticks
    }
    return total
  }
}
