import Collection
import Delivery
import Language
import Model
import Outside

/// The receivers of the running configuration, and what is on its way to them.
actor DispatchTable {
  private let world: World
  private let terminal: TerminalOutput
  private var receivers: [Receiver]
  private var secrets: ResolvedSecrets
  private var message: MessageContext
  /// Deliveries on their way.
  private(set) var running = 0
  /// When the effect queue last moved, since boot.
  private(set) var lastMovement: Duration

  init(
    _ configuration: Configuration, secrets: ResolvedSecrets, world: World,
    terminal: TerminalOutput
  ) {
    self.world = world
    self.terminal = terminal
    self.secrets = secrets
    receivers = configuration.receivers
    message = configuration.messageContext(world)
    lastMovement = world.time.sinceBoot()
  }

  func replace(_ configuration: Configuration, secrets: ResolvedSecrets) {
    receivers = configuration.receivers
    self.secrets = secrets
    message = configuration.messageContext(world)
  }

  func noteMovement() { lastMovement = world.time.sinceBoot() }

  /// One attempt to deliver one message; `firing` are other alerts: those it may mention as also
  /// firing, and how many there are in all.
  func deliver(
    _ notification: Notification, firing: (first: [Alert], count: Int)
  ) async -> DeliveryOutcome {
    guard let channel = receivers.channel(notification.channel) else {
      return DeliveryOutcome(
        notification: notification.id, channel: notification.channel,
        attempt: notification.attempt,
        result: .permanentFailure(
          reason: "there is no channel \(notification.channel) any more"), duration: .zero)
    }
    running += 1
    defer { running -= 1 }
    var message = message
    message.otherFiring = firing.first
    message.moreFiring = firing.count - firing.first.count
    let context = DeliveryContext(
      world: world, message: message, secrets: secrets, terminal: terminal)
    return await channel.deliver(notification, context)
  }
}

extension Configuration {
  /// Where links point to, without a trailing slash.
  package var baseURL: String {
    if let url = settings.url { return url }
    let first = settings.listeners.first ?? DaemonSettings.defaultListener
    return "http://\(first)"
  }

  /// What messages say beside the notification.
  package func messageContext(_ world: World) -> MessageContext {
    // A loopback address is no link for somebody who reads on a phone: only `url` is.
    MessageContext(hostName: world.environment.hostName, baseURL: settings.url, zone: zone)
  }
}
