import ArgumentParser
import HostWorld

@main
enum Program {
  static func main() async {
    HostWorld.prepareProcess()
    await Tocsin.main()
  }
}

/// The program: one sub-command a file.
struct Tocsin: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tocsin",
    abstract: "Watches this host and its services, and tells people when something is wrong.",
    discussion: """
      With no configuration, `tocsin run` watches this host, serves a status page on \
      http://127.0.0.1:9768 and prints pages to the terminal.

      Exit codes: 0 done, 1 the answer is no, 2 usage, 3 the daemon can't be reached, 4 internal.
      """,
    version: ProgramVersion.current,
    subcommands: [
      RunCommand.self, CheckCommand.self, FormatCommand.self, EvalCommand.self, ProbeCommand.self,
      StatusCommand.self, AlertsCommand.self, SilenceCommands.self, HistoryCommand.self,
      NotifyCommand.self, ReloadCommand.self, VersionCommand.self,
    ])
}

/// What the program answers with when it ends.
enum ProgramExit {
  static let no = ExitCode(1)
  static let usage = ExitCode(2)
  static let unreachable = ExitCode(3)
  static let internalFailure = ExitCode(4)
}

enum ProgramVersion {
  static let current = "0.1.0"
}
