import ArgumentParser
import Collection
import Diagnostics
import Model
import Outside
import Supervisor

/// One probe now.
struct ProbeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe", abstract: "Runs one probe now and shows what it found.",
    discussion: """
      `tocsin probe NAME` runs a probe of the configuration, `tocsin probe http URL` one that is \
      written nowhere. Exit code 1 when the probe fails.
      """)
  @Argument(help: "A probe's name, or a kind and a target.") var words: [String]
  @Option(name: .customLong("config"), help: "Files or folders; by default /etc/tocsin.")
  var paths: [String] = []

  func validate() throws {
    guard (1...2).contains(words.count) else {
      throw ValidationError("give a probe's name, or a kind and a target")
    }
  }

  func run() async throws {
    let world = try HostDoor.transient()
    let configuration: Configuration
    if words.count == 2 {
      let quoted = PromQuote.quoted(words[1])
      let source = SourceText(
        name: "command line", text: "probe \(words[0]) probe \(quoted) {\n}\n")
      configuration = await Configuration.read(ConfigurationFiles.parse([source]), world: world)
    } else {
      let paths = try await RunCommand.existing(paths, world: world)
      configuration = await Configuration.load(paths, world: world)
    }
    guard configuration.isAcceptable else {
      Terminal.remark(DiagnosticReport(configuration).text(colour: Terminal.errorsHaveColour))
      throw ProgramExit.no
    }
    let name = words.count == 2 ? "probe" : words[0]
    let targets = configuration.collection.targets.filter {
      $0.source.kind == "probe" && $0.source.job == name
    }
    guard !targets.isEmpty else {
      let names = Set(
        configuration.collection.targets.filter { $0.source.kind == "probe" }.map(\.source.job))
      let nearest = Suggestion.nearest(to: name, in: names.sorted())
      Terminal.complain(
        "there is no probe called \(name)", help: nearest.map { "did you mean \($0)?" })
      throw ProgramExit.usage
    }
    let secrets = await ConfigurationSecrets.read(configuration, world: world)
    var failed = false
    for target in targets {
      let batch = await CollectionLoop.runOnce(target, world: world, secrets: secrets.collection)
      show(batch)
      if !batch.status.isUp { failed = true }
    }
    if failed { throw ProgramExit.no }
  }

  private func show(_ batch: SampleBatch) {
    let status = batch.status
    let verdict =
      status.isUp ? Terminal.coloured("ok", .green) : Terminal.coloured("failed", .red)
    Terminal.print("\(status.source.job) \(status.target): \(verdict)")
    if let failure = status.failure { Terminal.print("  \(failure)") }
    for fact in status.facts { Terminal.print("  \(fact.name.padding(to: 20)) \(fact.value)") }
    let values = Dictionary(
      batch.values.map { ($0.slot, $0.value) }, uniquingKeysWith: { first, _ in first })
    for birth in batch.births {
      let shown = birth.labels.removing("job", "instance").description
      Terminal.print("  \(shown) \(values[birth.slot].map { "\($0)" } ?? "")")
    }
  }
}
