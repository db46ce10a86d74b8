import FoundationEssentials
import PromQLScripts

/// `conformance promqltest [--core] [--at-least N] [--verbose] PATH…`: runs promqltest scripts, and
/// `.jsonl` files of scripts that a runner must accept or reject. What needs native histograms,
/// which the engine has not, is skipped and counted.
enum PromQLTest {
  private struct Counts {
    var passed = 0
    var total = 0
    var skipped = 0
  }

  private struct Options {
    var isCore = false
    var isVerbose = false
    var atLeast = 0
    var paths: [String] = []
  }

  /// A line of `cases.jsonl`, which knows what a case needs better than the script tells.
  private struct KnownCase: Decodable {
    var id: String
    var native_histogram: String?
    var flags: [String]
  }

  /// A line of `runner-selftests.jsonl`.
  private struct SelfTest: Decodable {
    var id: String
    var name: String
    var script: String
    var expected_error: String?
  }

  /// Runs the sub-command; true when enough passed.
  static func run(_ arguments: [String]) -> Bool {
    var options = Options()
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      switch argument {
      case "--core": options.isCore = true
      case "--verbose": options.isVerbose = true
      case "--at-least": options.atLeast = rest.popFirst().flatMap { Int($0) } ?? 0
      default: options.paths.append(argument)
      }
    }
    var all = Counts()
    for file in options.paths.flatMap(files) {
      guard let text = text(of: file) else {
        print("\(file): cannot be read")
        return false
      }
      let counts =
        file.hasSuffix(".jsonl")
        ? selfTests(text, file, options) : script(text, file, options)
      print("\(name(of: file)) passed \(counts.passed) of \(counts.total)")
      all.passed += counts.passed
      all.total += counts.total
      all.skipped += counts.skipped
    }
    if all.skipped > 0 { print("skipped \(all.skipped) (native histograms)") }
    print("total passed \(all.passed) of \(all.total)")
    if all.passed < options.atLeast { print("expected at least \(options.atLeast)") }
    return all.passed >= options.atLeast
  }

  private static func name(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  private static func text(of path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }

  private static func files(_ path: String) -> [String] {
    var isDirectory = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory
    else { return [path] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.filter { $0.hasSuffix(".test") }.sorted().map { "\(path)/\($0)" }
  }

  private static func script(_ text: String, _ file: String, _ options: Options) -> Counts {
    let report = ScriptRunner.run(text)
    if let failure = report.failure {
      print("\(name(of: file)):\(failure.line): \(failure.message)")
      return Counts(passed: 0, total: 1)
    }
    let tags = knownCases(beside: file)
    func known(_ outcome: ScriptReport.Case) -> KnownCase? {
      tags["\(name(of: file)):\(outcome.line)"]
    }
    var cases = report.cases.filter { outcome in
      known(outcome).map { $0.native_histogram == nil } ?? !outcome.needsHistograms
    }
    let skipped = report.cases.count - cases.count
    if options.isCore {
      cases = cases.filter { outcome in known(outcome)?.flags.isEmpty ?? outcome.isCore }
    }
    for outcome in cases {
      guard let failure = outcome.failure else { continue }
      print("\(name(of: file)):\(outcome.line)")
      if options.isVerbose { print("  \(outcome.query)\n  \(failure)") }
    }
    return Counts(
      passed: cases.count { $0.failure == nil }, total: cases.count, skipped: skipped)
  }

  private static func knownCases(beside file: String) -> [String: KnownCase] {
    let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
    guard let text = text(of: (folder + ["cases.jsonl"]).joined(separator: "/")) else { return [:] }
    var known: [String: KnownCase] = [:]
    for line in text.split(separator: "\n") {
      if let entry = try? JSONDecoder().decode(KnownCase.self, from: Data(line.utf8)) {
        known[entry.id] = entry
      }
    }
    return known
  }

  private static func selfTests(_ text: String, _ file: String, _ options: Options) -> Counts {
    var counts = Counts()
    for line in text.split(separator: "\n") {
      guard let entry = try? JSONDecoder().decode(SelfTest.self, from: Data(line.utf8)) else {
        print("\(name(of: file)): a line cannot be read")
        counts.total += 1
        continue
      }
      let report = ScriptRunner.run(entry.script)
      if report.isAccepted == (entry.expected_error == nil) {
        counts.total += 1
        counts.passed += 1
        continue
      }
      if report.cases.contains(where: \.needsHistograms) {
        counts.skipped += 1
        continue
      }
      counts.total += 1
      print(entry.id)
      if options.isVerbose {
        let reason =
          report.failure.map { "line \($0.line): \($0.message)" }
          ?? report.cases.compactMap(\.failure).first ?? "accepted"
        print("  \(entry.name): \(reason); upstream: \(entry.expected_error ?? "accepted")")
      }
    }
    return counts
  }
}
