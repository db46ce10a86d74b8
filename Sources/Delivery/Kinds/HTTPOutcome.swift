import Model
import Outside

/// What an HTTP answer means for a delivery: another try may help after 408, 429, 5xx and after a
/// connection that broke, and nothing else (RFC 9110, 15.5 and 15.6).
enum HTTPOutcome {
  static func failed(_ failure: TransferFailure) -> DeliveryOutcome.Result {
    let reason = Inline.line(failure.reason, limit: 300)
    switch failure.kind {
    case .invalidRequest: return .permanentFailure(reason: reason)
    // Answered, at greater length than is read: the message arrived.
    case .bodyTooLarge: return .delivered(detail: "answered at length", rejected: [])
    case .resolve, .connect, .timeout, .tls, .authentication, .protocolError, .reset, .cancelled:
      return .transientFailure(reason: reason, retryAfter: nil)
    }
  }

  /// An answer that is no success.
  static func refused(
    _ answer: HTTPTransferResult, by who: String, _ detail: String
  ) -> DeliveryOutcome.Result {
    let reason = "\(who) answered \(answer.status)" + (detail.isEmpty ? "" : ": \(detail)")
    switch answer.status {
    case 408, 425, 429, 500...599:
      return .transientFailure(reason: reason, retryAfter: retryAfter(answer))
    default: return .permanentFailure(reason: reason)
    }
  }

  /// `Retry-After` in seconds, at most an hour; a date is left to the usual back-off.
  private static func retryAfter(_ answer: HTTPTransferResult) -> Duration? {
    guard let text = answer.header("retry-after"), let seconds = Int64(text), seconds >= 0 else {
      return nil
    }
    return .seconds(min(seconds, 3600))
  }
}
