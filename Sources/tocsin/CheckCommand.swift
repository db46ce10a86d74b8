import Alerting
import ArgumentParser
import Collection
import Diagnostics
import Language
import Model
import Outside
import Supervisor

/// Everything that can be known without running.
struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Finds the mistakes in a configuration.")
  @Argument(help: "Files or folders; by default /etc/tocsin.") var paths: [String] = []
  @Flag(help: "Print the diagnostics as JSON.") var json = false
  @Option(help: "Explain a diagnostic's code, such as E014.") var explain: String?

  func run() async throws {
    if let explain { return try Self.explain(explain) }
    let world = try HostDoor.transient()
    let paths = try await RunCommand.existing(paths, world: world)
    let configuration = await Configuration.load(paths, world: world)
    let report = DiagnosticReport(configuration)
    if json {
      Terminal.print(report.json)
    } else if !report.isEmpty {
      Terminal.print(report.text(colour: Terminal.outputHasColour), end: "")
    }
    guard configuration.isAcceptable else { throw ProgramExit.no }
    if !json, report.isEmpty {
      let rules =
        configuration.rules.alerts.count + configuration.rules.records.count
        - configuration.files.implied.flatMap(\.statements).count
      let files = configuration.files.documents.count
      let targets = configuration.collection.targets.count
      let counts = [(files, "file"), (rules, "rule"), (targets, "target")].map { count, noun in
        "\(count) \(noun)\(count == 1 ? "" : "s")"
      }
      Terminal.print("ok: " + counts.joined(separator: ", "))
    }
  }

  private static func explain(_ code: String) throws {
    guard let entry = DiagnosticCode.named(code.uppercased()) else {
      let nearest = Suggestion.nearest(to: code.uppercased(), in: DiagnosticCode.all.map(\.code))
      Terminal.complain(
        "there is no diagnostic called \(code)", help: nearest.map { "did you mean \($0)?" })
      throw ProgramExit.usage
    }
    Terminal.print(entry.printed)
  }
}

/// Canonical layout.
struct FormatCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fmt", abstract: "Gives files their canonical layout; comments stay.")
  @Argument(help: "Files or folders; - for standard input.") var paths: [String]
  @Flag(help: "Change nothing; exit with 1 and name the files that would change.")
  var check = false

  func run() async throws {
    let world = try HostDoor.transient()
    var (changed, broken) = (false, false)
    for path in try await files(world) {
      switch await world.files.read(path, limit: 8 << 20, timeout: .seconds(10)) {
      case .failure(let failure):
        Terminal.complain(failure.reason)
        broken = true
      case .success(let bytes):
        let source = SourceText(name: path, text: String(decoding: bytes, as: UTF8.self))
        let errors = DocumentParser.parse(source).diagnostics.filter { $0.severity == .error }
        guard errors.isEmpty else {
          Terminal.remark(
            DiagnosticRenderer(isColoured: Terminal.errorsHaveColour).render(errors))
          broken = true
          continue
        }
        let formatted = Formatter.format(source)
        guard formatted != source.text else { continue }
        changed = true
        if check {
          Terminal.print(path)
        } else if case .failure(let failure) = await world.files.write(
          Array(formatted.utf8), to: path)
        {
          Terminal.complain(failure.reason)
          broken = true
        }
      }
    }
    if broken || (check && changed) { throw ProgramExit.no }
  }

  /// The files of the paths; a folder means every `.tocsin` in it.
  private func files(_ world: World) async throws -> [String] {
    var found: [String] = []
    for path in paths {
      if case .success(let attributes) = await world.files.attributes(path, timeout: .seconds(5)),
        attributes.isDirectory
      {
        let names = try await world.files.list(path, timeout: .seconds(5)).get()
        found += names.filter { $0.hasSuffix(".tocsin") }.sorted().map { "\(path)/\($0)" }
      } else {
        found.append(path)
      }
    }
    return found
  }
}
