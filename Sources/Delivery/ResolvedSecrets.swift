import Language
import Model
import Outside

/// The secrets of a configuration, read once when it is loaded. Never printed.
package struct ResolvedSecrets: Sendable {
  private var values: [SecretReference: Result<String, FileFailure>] = [:]

  package init() {}

  /// Reads every secret the receivers refer to.
  package init(
    of receivers: [Receiver],
    with resolve: @Sendable (SecretReference) async -> Result<String, FileFailure>
  ) async {
    for reference in receivers.flatMap({ $0.channels.flatMap(\.notifier.secrets) }) {
      guard values[reference] == nil else { continue }
      if case .literal(let text) = reference {
        values[reference] = .success(text)
      } else {
        values[reference] = await resolve(reference).map(Self.trimmed)
      }
    }
  }

  /// What could not be read: a sentence each.
  package var failures: [FileFailure] {
    values.values.compactMap { if case .failure(let failure) = $0 { failure } else { nil } }
      .sorted { $0.reason < $1.reason }
  }

  subscript(reference: SecretReference) -> Result<String, FileFailure> {
    if let value = values[reference] { return value }
    if case .literal(let text) = reference { return .success(text) }
    return .failure(FileFailure(.other, "\(reference) was not read at load"))
  }

  /// Text from outside with every secret in it made unreadable.
  func redacted(_ text: String) -> String {
    var out = text
    for case .success(let secret) in values.values where secret.utf8.count >= 4 {
      out = out.replacing(secret, with: "(secret)")
    }
    return out
  }

  func redacted(_ result: DeliveryOutcome.Result) -> DeliveryOutcome.Result {
    func clean(_ list: [DeliveryOutcome.RejectedRecipient])
      -> [DeliveryOutcome.RejectedRecipient]
    {
      list.map { .init(recipient: $0.recipient, reason: redacted($0.reason)) }
    }
    return switch result {
    case .delivered(let detail, let rejected):
      .delivered(detail: redacted(detail), rejected: clean(rejected))
    case .partial(let remaining, let rejected, let reason):
      .partial(remaining: remaining, rejected: clean(rejected), reason: redacted(reason))
    case .transientFailure(let reason, let retryAfter):
      .transientFailure(reason: redacted(reason), retryAfter: retryAfter)
    case .permanentFailure(let reason): .permanentFailure(reason: redacted(reason))
    }
  }

  /// Files end in a line break that is no part of the secret.
  private static func trimmed(_ text: String) -> String {
    var part = Substring(text)
    while part.last?.isNewline == true { part.removeLast() }
    return String(part)
  }
}
