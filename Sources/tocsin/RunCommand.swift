import ArgumentParser
import Delivery
import FoundationEssentials
import HostWorld
import Logging
import Outside
import Supervisor

/// The daemon in the foreground.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Runs the daemon in the foreground.",
    discussion: """
      PATH are files or folders of .tocsin; without one, /etc/tocsin, and where that does not \
      exist the built-in defaults. SIGHUP reloads, SIGTERM drains and ends, SIGUSR1 logs a line \
      of status.
      """)
  @Argument(help: "Files or folders of configuration.") var paths: [String] = []
  @Option(help: "How the daemon logs: text, json or journal.") var logFormat: String?
  @Flag(help: "Also log what is of interest only when something is wrong with Tocsin itself.")
  var verbose = false
  @Flag(help: "Print pages to the terminal as JSON.") var json = false

  static let defaultFolder = "/etc/tocsin"

  func validate() throws {
    if let logFormat, LogFormat(rawValue: logFormat) == nil {
      let known = LogFormat.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--log-format takes one of \(known)")
    }
  }

  func run() async throws {
    let signals = takeSignals()
    DaemonLogHandler.install(
      format: logFormat.flatMap(LogFormat.init(rawValue:)), level: verbose ? .debug : .info)
    let reader = try HostDoor.transient()
    let paths = try await Self.existing(paths, world: reader)
    let configuration = await Configuration.load(paths, world: reader)
    let report = DiagnosticReport(configuration)
    if !report.isEmpty { Terminal.remark(report.text(colour: Terminal.errorsHaveColour)) }
    guard configuration.isAcceptable else { throw ProgramExit.no }
    let folder = configuration.settings.data ?? DefaultPaths.state(reader.environment)
    let world = try HostDoor.durable(folder, isNamed: configuration.settings.data != nil)
    let style: TerminalOutput.Style =
      json ? .json : Terminal.outputHasColour ? .colour : .plain
    let daemon = Daemon(
      world: world, paths: paths, version: ProgramVersion.current, log: Logger(label: "tocsin"),
      terminal: TerminalOutput(style: style) { Terminal.print($0) })
    if paths.isEmpty {
      Terminal.remark(
        "no configuration: watching this host, status page on \(configuration.baseURL)")
    }
    let (commands, input) = AsyncStream.makeStream(of: Daemon.Signal.self)
    let result = await withTaskGroup(of: Void.self) { group in
      group.addTask {
        for await signal in signals {
          switch signal {
          case .reload: input.yield(.reload)
          case .report: input.yield(.report)
          case .terminate, .interrupt: input.yield(.stop)
          }
        }
      }
      let result = await daemon.run(configuration, signals: commands)
      group.cancelAll()
      return result
    }
    await DaemonLogHandler.flush()
    if case .failure(let failure) = result {
      Terminal.complain(failure.reason)
      throw ProgramExit.internalFailure
    }
  }

  /// The paths to read: those given, else the default folder when it exists, else none.
  static func existing(_ paths: [String], world: World) async throws -> [String] {
    guard paths.isEmpty else { return paths }
    let found = await world.files.attributes(defaultFolder, timeout: .seconds(5))
    if case .success(let attributes) = found, attributes.isDirectory { return [defaultFolder] }
    return []
  }
}
