import ArgumentParser
import Delivery
import Model
import Outside
import Supervisor

/// A test message to a receiver.
struct NotifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notify", abstract: "Sends a test message to a receiver, or shows it.",
    discussion: "Reads the configuration itself; the daemon need not run.")
  @Argument(help: "The receiver's name.") var receiver: String
  @Option(name: .customLong("config"), help: "Files or folders; by default /etc/tocsin.")
  var paths: [String] = []
  @Flag(help: "Print the exact MIME or JSON instead of sending it.") var dryRun = false

  func run() async throws {
    let world = try HostDoor.transient()
    let paths = try await RunCommand.existing(paths, world: world)
    let configuration = await Configuration.load(paths, world: world)
    guard configuration.isAcceptable else {
      Terminal.remark(DiagnosticReport(configuration).text(colour: Terminal.errorsHaveColour))
      throw ProgramExit.no
    }
    let names = configuration.receivers.map(\.name)
    guard let receiver = configuration.receivers.first(where: { $0.name == self.receiver }) else {
      Terminal.complain(
        "there is no receiver called \(self.receiver)",
        help: "receivers: \(names.joined(separator: ", "))")
      throw ProgramExit.usage
    }
    let secrets = await ConfigurationSecrets.read(configuration, world: world)
    var failed = false
    for channel in receiver.channels {
      let notification = Notification.test(on: channel.id, at: world.time.now())
      let message = configuration.messageContext(world)
      if dryRun {
        Terminal.print("# \(channel.id)\n" + channel.preview(notification, message))
        continue
      }
      let context = DeliveryContext(
        world: world, message: message, secrets: secrets.delivery,
        terminal: TerminalOutput(style: .plain) { Terminal.print($0) })
      let outcome = await channel.deliver(notification, context)
      Terminal.print("\(channel.id): \(describe(outcome))")
      if let fallback = outcome.fallback { Terminal.print("  sent instead: \(fallback)") }
      if case .delivered = outcome.result { continue }
      failed = true
    }
    for complaint in secrets.complaints { Terminal.complain(complaint) }
    if failed { throw ProgramExit.no }
  }

  private func describe(_ outcome: DeliveryOutcome) -> String {
    switch outcome.result {
    case .delivered(let detail, let rejected):
      let lost = rejected.map { "; \($0.recipient): \($0.reason)" }.joined()
      return "delivered (\(detail))\(lost)"
    case .partial(let remaining, _, let reason):
      return "not yet for \(remaining.joined(separator: ", ")): \(reason)"
    case .transientFailure(let reason, _): return "failed, and would be tried again: \(reason)"
    case .permanentFailure(let reason): return "failed for good: \(reason)"
    }
  }
}
