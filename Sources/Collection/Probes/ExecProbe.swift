import Language
import Model
import Outside

/// `probe exec NAME { run PROGRAM ARGUMENT … }`: runs a check program that speaks the Nagios plugin
/// protocol: the exit code is the verdict, the first line the reason, what follows `|` numbers.
package struct ExecProbe: ProbeKind {
  package static let keyword = "exec"
  package static let summary = "Runs a program that speaks the Nagios plugin protocol."
  package static let targetForm: String? = nil
  package static let subjects: [ExpectationSubject] = [
    .init("exit", .number(.none), "The exit code; 0 when not written."),
    .init("output", .text, "What it prints; patterns match anywhere in it."),
    .init("time", .number(.seconds), "How long it ran."),
  ]

  var command: [String]
  var environment: [Label]
  var input: String
  var expectations: [Expectation]

  package init(reading block: BlockReader, expectations: [Expectation]) {
    command =
      block.require("run", .command, "The program and its arguments; no shell.")?.value ?? []
    environment = block.readEach("env", .header, "A variable of its environment: NAME VALUE.")
      .map(\.value)
    input = block.read("input", .text, default: "", "What it reads from standard input.")
    self.expectations = expectations
  }

  package func check(_ target: String, _ run: CheckRun) async -> CheckReport {
    let result = await run.world.processes.run(
      ProcessCommand(
        arguments: command, environment: environment, input: Array(input.utf8),
        timeout: run.remaining))
    var report = CheckReport()
    let output = String(decoding: result.output, as: UTF8.self)
    switch result.end {
    case .couldNotStart(let reason):
      report.fail(reason)
      return report
    case .timedOut:
      report.fail("\(name) did not finish within \(Wording.duration(run.timeout))")
    case .signalled(let signal):
      report.fail("\(name) was killed by signal \(signal)")
    case .exited(let code):
      report.add("probe_exec_exit_code", Double(code))
      report.note("exit", "\(code)")
      judge(code, output, result, &report)
    }
    let text = output.prefix { $0 != "|" && $0 != "\n" }
    report.note("output", Wording.excerpt(text.utf8))
    for datum in PerformanceDatum.all(in: output) { datum.add(to: &report) }
    for expected in expectations.about("time") {
      if let reason = expected.failure(of: result.duration.inSeconds, .seconds) {
        report.fail(reason)
      }
    }
    return report
  }

  private var name: String {
    command.first.map { $0.split(separator: "/").last.map(String.init) ?? $0 } ?? "the program"
  }

  private func judge(
    _ code: Int32, _ output: String, _ result: ProcessResult, _ report: inout CheckReport
  ) {
    let exits = expectations.about("exit")
    if exits.isEmpty, code != 0 {
      let words = ["OK", "warning", "critical", "unknown"]
      let verdict = (0..<4).contains(Int(code)) ? words[Int(code)] : "exit \(code)"
      let said = output.prefix { $0 != "|" && $0 != "\n" }
      let text = said.isEmpty ? Wording.excerpt(result.errors) : Wording.excerpt(said.utf8)
      report.fail("\(name): \(verdict)" + (text.isEmpty ? "" : ": \(text)"))
    }
    for expected in exits {
      if let reason = expected.failure(of: Double(code)) { report.fail(reason) }
    }
    for expected in expectations.about("output") {
      if let reason = expected.failure(of: output) { report.fail(reason) }
    }
  }
}

/// One value behind `|` of a plugin's output: `'label'=value[unit];warn;crit;min;max`
/// (Monitoring Plugins Development Guidelines).
struct PerformanceDatum: Sendable, Hashable {
  var label: String
  var value: Double
  var unit: String

  /// The most values of one run that become series.
  static let limit = 200

  static func all(in output: String) -> [PerformanceDatum] {
    var data: [PerformanceDatum] = []
    // Performance data stands on the first line, and again behind a second `|` in the long text.
    for line in output.split(separator: "\n") {
      guard let bar = line.firstIndex(of: "|") else { continue }
      var rest = line[line.index(after: bar)...]
      while data.count < limit, let datum = next(&rest) { data.append(datum) }
    }
    return data
  }

  private static func next(_ rest: inout Substring) -> PerformanceDatum? {
    rest = rest.drop { $0 == " " || $0 == "\t" }
    var label = ""
    if rest.first == "'" {
      rest = rest.dropFirst()
      // Two quotes inside a quoted label stand for one.
      while let quote = rest.firstIndex(of: "'") {
        label += rest[..<quote]
        rest = rest[rest.index(after: quote)...]
        guard rest.first == "'" else { break }
        label += "'"
        rest = rest.dropFirst()
      }
      guard rest.first == "=" else { return nil }
    } else {
      label = String(rest.prefix { $0 != "=" && $0 != " " })
      rest = rest.dropFirst(label.count)
    }
    guard rest.first == "=", !label.isEmpty else { return nil }
    rest = rest.dropFirst()
    let field = rest.prefix { $0 != " " && $0 != "\t" }
    rest = rest.dropFirst(field.count)
    let first = field.prefix { $0 != ";" }
    let number = first.prefix { "+-.0123456789eE".contains($0) }
    guard let value = NumberNotation.number(String(number)) else {
      // `U` says that the value could not be determined.
      return next(&rest)
    }
    return PerformanceDatum(
      label: label, value: value, unit: String(first.dropFirst(number.count)))
  }

  /// As a series in base units: seconds and bytes.
  func add(to report: inout CheckReport) {
    let (factor, base): (Double, String) =
      switch unit {
      case "s": (1, "seconds")
      case "ms": (1e-3, "seconds")
      case "us": (1e-6, "seconds")
      case "%": (0.01, "ratio")
      case "B": (1, "bytes")
      case "KB": (1024, "bytes")
      case "MB": (1_048_576, "bytes")
      case "GB": (1_073_741_824, "bytes")
      case "TB": (1_099_511_627_776, "bytes")
      case "c": (1, "count")
      default: (1, unit)
      }
    let labels = [Label("label", label)] + (base.isEmpty ? [] : [Label("unit", base)])
    report.add("probe_exec_perfdata", value * factor, labels)
  }
}
