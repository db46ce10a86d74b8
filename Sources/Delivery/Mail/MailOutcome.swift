import Model
import Outside

/// What a mail server's answers mean, recipient by recipient: 5xx is final, 4xx and silence are not
/// (RFC 5321, 4.2.1).
struct MailOutcome: Sendable {
  var result: DeliveryOutcome.Result
  /// Whether the server refused the message itself, which another text might not meet.
  var rejectsContent = false

  init(_ mail: MailResult, owed: [String], server: MailServer) {
    let place = "\(server.host):\(server.port)"
    if let failure = mail.failure {
      self = Self.session(failure, code: mail.failureCode, mail.refused, place)
      return
    }
    let final = mail.refused.filter { $0.code >= 500 }
    let rejected = final.map {
      DeliveryOutcome.RejectedRecipient(recipient: $0.recipient, reason: Self.answer($0))
    }
    // Whoever is named in neither list is still owed the message.
    let done = Set(mail.accepted + final.map(\.recipient))
    let remaining = owed.filter { !done.contains($0) }
    if !remaining.isEmpty {
      let later = mail.refused.first { $0.code < 500 }
      let reason = later.map { "\($0.recipient): \(Self.answer($0))" } ?? "\(place) did not answer"
      result =
        mail.accepted.isEmpty && rejected.isEmpty
        ? .transientFailure(reason: reason, retryAfter: nil)
        : .partial(remaining: remaining, rejected: rejected, reason: reason)
    } else if mail.accepted.isEmpty {
      let reasons = final.prefix(3).map { "\($0.recipient): \(Self.answer($0))" }
      result = .permanentFailure(
        reason: "\(place) refused every recipient: \(reasons.joined(separator: "; "))")
    } else {
      result = .delivered(
        detail: "\(place) took it for \(Wording.count(mail.accepted.count, "recipient"))",
        rejected: rejected)
    }
  }

  private init(_ result: DeliveryOutcome.Result, rejectsContent: Bool = false) {
    self.result = result
    self.rejectsContent = rejectsContent
  }

  private static func session(
    _ failure: TransferFailure, code: Int, _ refused: [MailResult.Refusal], _ place: String
  ) -> MailOutcome {
    let reason = Inline.line(failure.reason, limit: 300)
    if failure.kind == .authentication, !(400..<500).contains(code) {
      return MailOutcome(
        .permanentFailure(
          reason: "\(place) does not accept the user and password: \(reason)"))
    }
    if failure.kind == .invalidRequest { return MailOutcome(.permanentFailure(reason: reason)) }
    // Where every recipient was refused the session fails with them; one that may be tried again
    // makes the whole worth trying again.
    let hope = refused.contains { $0.code < 500 }
    if code >= 500, !hope {
      return MailOutcome(
        .permanentFailure(reason: "\(place) refused the message: \(code) \(reason)"),
        rejectsContent: refused.isEmpty)
    }
    return MailOutcome(.transientFailure(reason: "\(place): \(reason)", retryAfter: nil))
  }

  private static func answer(_ refusal: MailResult.Refusal) -> String {
    let reason = Inline.line(refusal.reason, limit: 200)
    return refusal.code == 0 || reason.hasPrefix("\(refusal.code)")
      ? reason : "\(refusal.code) \(reason)"
  }
}
