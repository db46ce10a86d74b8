import Language
import Model

/// `terminal`: a line an event on standard output, in the words of the e-mail's subject.
package struct TerminalNotifier: Notifier {
  package static let keyword = "terminal"
  package static let documentation = "Prints a line an event; the receiver when none is written."

  package init() {}

  package static func read(
    _ statement: Statement, _ context: ReadingContext
  ) -> ChannelSettings? {
    let block = BlockReader(statement, kind: keyword, context: context)
    defer { block.finish() }
    block.endHead(at: 0)
    let resolved = block.readResolved()
    return ChannelSettings(name: keyword, announcesClose: resolved, notifier: TerminalNotifier())
  }

  package var secrets: [SecretReference] { [] }

  package func deliver(
    _ notification: Notification, _ context: DeliveryContext
  ) async -> DeliveryAttempt {
    switch context.terminal.style {
    case .json:
      let payload = WebhookPayload.payload(notification, context.message, limit: nil)
      context.terminal.print(payload.compact)
    case .plain, .colour:
      let colour = context.terminal.style == .colour
      for line in TerminalText.lines(notification, context.message, colour: colour) {
        context.terminal.print(line)
      }
    }
    return .delivered("printed")
  }

  package func preview(_ notification: Notification, _ context: MessageContext) -> String {
    TerminalText.lines(notification, context, colour: false).joined(separator: "\n") + "\n"
  }
}
