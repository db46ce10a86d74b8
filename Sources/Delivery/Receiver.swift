import Model
import Outside

/// A `receiver` statement: people, and the channels that reach them.
package struct Receiver: Sendable {
  /// A way to reach them, with its place in the ledger.
  package struct Channel: Sendable {
    package var id: ChannelID
    package var announcesClose: Bool
    package var notifier: any Notifier
  }
  package var name: String
  package var channels: [Channel]

  /// What Routing must know of it.
  package var outline: ReceiverOutline {
    ReceiverOutline(
      name: name,
      channels: channels.map { .init(id: $0.id, announcesClose: $0.announcesClose) })
  }

  /// The receiver there is when none is written: it prints to the terminal.
  package static var terminal: Receiver {
    let id = ChannelID(receiver: "terminal", channel: "terminal")
    return Receiver(
      name: "terminal",
      channels: [Channel(id: id, announcesClose: true, notifier: TerminalNotifier())])
  }
}

extension Receiver.Channel {
  /// Tells once, and says how it went and how long it took.
  package func deliver(
    _ notification: Notification, _ context: DeliveryContext
  ) async -> DeliveryOutcome {
    let start = context.world.time.sinceBoot()
    let attempt = await notifier.deliver(notification, context)
    return DeliveryOutcome(
      notification: notification.id, channel: notification.channel, attempt: notification.attempt,
      result: context.secrets.redacted(attempt.result),
      fallback: attempt.fallback.map(context.secrets.redacted),
      duration: context.world.time.sinceBoot() - start)
  }

  /// The exact message that would be handed over, without secrets.
  package func preview(_ notification: Notification, _ context: MessageContext) -> String {
    notifier.preview(notification, context)
  }
}

extension [Receiver] {
  package var outlines: [ReceiverOutline] { map(\.outline) }

  /// The channel with an identity, nil when there is none any more.
  package func channel(_ id: ChannelID) -> Receiver.Channel? {
    first { $0.name == id.receiver }?.channels.first { $0.id == id }
  }
}
