import Diagnostics
import Language
import Model
import Outside

/// A way to tell people: does, never decides. Its file holds all there is to it: settings,
/// defaults, documentation, behaviour.
package protocol Notifier: Sendable {
  /// The word that begins its statement in a `receiver`, and names its `defaults`.
  static var keyword: String { get }
  /// One sentence for the reference.
  static var documentation: String { get }

  /// Reads the statement; nil after what is wrong was reported.
  static func read(_ statement: Statement, _ context: ReadingContext) -> ChannelSettings?

  /// What it must be told before it can deliver.
  var secrets: [SecretReference] { get }

  /// Tells, once: retrying is decided elsewhere.
  func deliver(_ notification: Notification, _ context: DeliveryContext) async -> DeliveryAttempt

  /// The exact message that `deliver` would hand over, without secrets.
  func preview(_ notification: Notification, _ context: MessageContext) -> String
}

/// Every kind of notifier.
package enum Notifiers {
  package static let kinds: [any Notifier.Type] = [
    EmailNotifier.self, SlackNotifier.self, WebhookNotifier.self, ExecNotifier.self,
    TerminalNotifier.self,
  ]
}

/// A channel as its statement says it.
package struct ChannelSettings: Sendable {
  /// The kind and the target, as in `slack #alerts`: what tells it from others of its receiver.
  package var name: String
  /// `resolved yes`; nil when the receiver's own setting decides.
  package var announcesClose: Bool?
  package var notifier: any Notifier
  package init(name: String, announcesClose: Bool?, notifier: any Notifier) {
    self.name = name
    self.announcesClose = announcesClose
    self.notifier = notifier
  }
}

/// How an attempt went, without what the caller knows.
package struct DeliveryAttempt: Sendable, Hashable {
  package var result: DeliveryOutcome.Result
  /// What was sent instead of the written text, and why; nil in the normal case.
  package var fallback: String?
  package init(_ result: DeliveryOutcome.Result, fallback: String? = nil) {
    self.result = result
    self.fallback = fallback
  }

  static func delivered(_ detail: String, fallback: String? = nil) -> DeliveryAttempt {
    DeliveryAttempt(.delivered(detail: detail, rejected: []), fallback: fallback)
  }
  static func transient(_ reason: String, retryAfter: Duration? = nil) -> DeliveryAttempt {
    DeliveryAttempt(.transientFailure(reason: reason, retryAfter: retryAfter))
  }
  static func permanent(_ reason: String) -> DeliveryAttempt {
    DeliveryAttempt(.permanentFailure(reason: reason))
  }
}

/// What a delivery needs beside the notification.
package struct DeliveryContext: Sendable {
  package var world: World
  package var message: MessageContext
  package var secrets: ResolvedSecrets
  package var terminal: TerminalOutput

  package init(
    world: World, message: MessageContext, secrets: ResolvedSecrets, terminal: TerminalOutput
  ) {
    self.world = world
    self.message = message
    self.secrets = secrets
    self.terminal = terminal
  }
}

/// Where the `terminal` channel writes.
package struct TerminalOutput: Sendable {
  /// How a line is written; `json` is the webhook's body on one line.
  package enum Style: Sendable, Hashable { case plain, colour, json }
  package var style: Style
  /// Prints a line; the line's end is not part of it.
  package var print: @Sendable (String) -> Void
  package init(style: Style, print: @escaping @Sendable (String) -> Void) {
    self.style = style
    self.print = print
  }
}
