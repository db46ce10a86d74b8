import Diagnostics
import Language
import Model
import Outside

/// `exec { run PROGRAM … }`: a program of the operator's own, started without a shell, with the
/// alert in its environment and Alertmanager's webhook body on standard input.
package struct ExecNotifier: Notifier {
  package static let keyword = "exec"
  package static let documentation =
    "Runs a program with the alert in its environment and, as JSON, on standard input."

  var arguments: [String]
  var timeout: Duration
  /// sysexits.h: try again later.
  private static let temporaryFailure: Int32 = 75
  private static let longestValue = 4096

  package static func read(
    _ statement: Statement, _ context: ReadingContext
  ) -> ChannelSettings? {
    let block = BlockReader(statement, kind: keyword, context: context)
    defer { block.finish() }
    block.endHead(at: 0)
    let run = block.require(
      "run", .command,
      "The program and its arguments; no shell. Exit status 75 asks for another try.")
    let timeout = block.read("timeout", .duration, default: .seconds(30), "How long it may take.")
    let resolved = block.readResolved()
    guard let run, let program = run.value.first else { return nil }
    return ChannelSettings(
      name: "\(keyword) \(program)", announcesClose: resolved,
      notifier: ExecNotifier(arguments: run.value, timeout: timeout))
  }

  package var secrets: [SecretReference] { [] }

  package func deliver(
    _ notification: Notification, _ context: DeliveryContext
  ) async -> DeliveryAttempt {
    let outcome = await context.world.processes.run(command(notification, context.message))
    let program = arguments[0]
    switch outcome.end {
    case .exited(0): return .delivered("exit 0")
    case .exited(Self.temporaryFailure):
      return .transient("\(program) asks for another try: \(lastWords(outcome))")
    case .exited(let status):
      return .permanent("\(program) ended with exit \(status): \(lastWords(outcome))")
    case .signalled(let signal):
      return .transient("\(program) was ended by signal \(signal): \(lastWords(outcome))")
    case .timedOut:
      return .transient("\(program) took longer than \(NumberNotation.text(timeout))")
    case .couldNotStart(let reason):
      return .permanent("\(program) can't be started: \(Inline.line(reason))")
    }
  }

  package func preview(_ notification: Notification, _ context: MessageContext) -> String {
    let command = command(notification, context)
    let environment = command.environment.map {
      "\($0.name)=\(PastedCommand.shellWord(Inline.line($0.value, limit: 500)))"
    }
    let input = WebhookPayload.payload(notification, context, limit: nil).pretty
    let line = command.arguments.map(PastedCommand.shellWord).joined(separator: " ")
    return (environment + [line]).joined(separator: "\n") + "\n\n" + input + "\n"
  }

  private func command(_ notification: Notification, _ context: MessageContext) -> ProcessCommand {
    let payload = WebhookPayload.payload(notification, context, limit: nil)
    return ProcessCommand(
      arguments: arguments, environment: environment(notification, context),
      input: Array((payload.compact + "\n").utf8), timeout: timeout)
  }

  /// `ALERT_NAME`, `ALERT_STATUS` … of the alert the message is about, and `ALERT_LABEL_…` of the
  /// labels all its alerts share.
  private func environment(_ notification: Notification, _ context: MessageContext) -> [Label] {
    let facts = NotificationFacts(notification)
    var out: [Label] = []
    func add(_ name: String, _ value: String?) {
      guard let value else { return }
      // A process environment can't carry NUL.
      let clean = value.replacing("\0", with: "")
      out.append(Label("ALERT_" + name, Inline.cut(clean, to: Self.longestValue)))
    }
    add("STATUS", notification.isClose ? "resolved" : "firing")
    add("SUBJECT", Subject.text(facts, context))
    add("COUNT", String(notification.alerts.count))
    add("REASON", notification.reason.rawValue)
    add("RECEIVER", notification.channel.receiver)
    add("ID", notification.id)
    add("ATTEMPT", String(notification.attempt))
    add("HOST", context.hostName)
    if let told = facts.single ?? facts.all.first {
      add("NAME", told.alert.name)
      add(
        "SEVERITY",
        facts.firing.compactMap(\.alert.severity).max()?.name
          ?? told.alert.severity?.name)
      add("SUMMARY", told.alert.summaryLine)
      add("DESCRIPTION", told.alert[annotation: "description"]?.plain)
      add("RUNBOOK", told.alert[annotation: "runbook"]?.plain)
      add("VALUE", told.alert.valueText)
      add("SINCE", told.alert.activeAt.internetDate)
      add("INCIDENT", told.alert.incident.text)
      add("URL", context.link(told.alert.incident))
    }
    var names: Set<String> = []
    for label in facts.sharedLabels.prefix(64) {
      let name = "LABEL_" + Self.variable(label.name)
      if names.insert(name).inserted { add(name, label.value) }
    }
    return out
  }

  private static func variable(_ name: String) -> String {
    String(name.prefix(100).map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
      .uppercased()
  }

  private func lastWords(_ result: ProcessResult) -> String {
    let said = result.errors.isEmpty ? result.output : result.errors
    let text = Inline.line(String(decoding: said.suffix(300), as: UTF8.self), limit: 300)
    return text.isEmpty ? "it said nothing" : text
  }
}
