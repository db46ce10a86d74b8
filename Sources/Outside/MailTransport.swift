/// Outgoing mail over SMTP or SMTPS.
package protocol MailTransport: Sendable {
  func send(_ mail: MailTransfer) async -> MailResult
}

package struct MailTransfer: Sendable {
  package enum Security: String, Sendable, Hashable { case starttls, implicit, none }
  package var host: String
  package var port: Int
  package var security: Security
  /// A PEM file of authorities instead of the system's.
  package var authorityFile: String?
  package var user: String?
  package var password: String?
  /// The name said in EHLO.
  package var localName: String
  /// The envelope's sender, a bare address.
  package var sender: String
  /// The envelope's recipients, bare addresses.
  package var recipients: [String]
  /// The whole message, headers and body, lines ended by CRLF.
  package var message: [UInt8]
  package var timeout: Duration

  package init(
    host: String, port: Int, security: Security, authorityFile: String? = nil,
    user: String? = nil, password: String? = nil, localName: String, sender: String,
    recipients: [String], message: [UInt8], timeout: Duration
  ) {
    self.host = host
    self.port = port
    self.security = security
    self.authorityFile = authorityFile
    self.user = user
    self.password = password
    self.localName = localName
    self.sender = sender
    self.recipients = recipients
    self.message = message
    self.timeout = timeout
  }
}

/// How a mail went, recipient by recipient.
package struct MailResult: Sendable, Hashable {
  package struct Refusal: Sendable, Hashable {
    package var recipient: String
    /// The server's reply code, 5xx or 4xx; 0 when the session broke before an answer.
    package var code: Int
    package var reason: String
    package init(recipient: String, code: Int, reason: String) {
      self.recipient = recipient
      self.code = code
      self.reason = reason
    }
  }
  /// Recipients for whom the server took the message.
  package var accepted: [String]
  package var refused: [Refusal]
  /// Why the session as a whole failed; nil when the message was handed over for `accepted`.
  package var failure: TransferFailure?
  /// The reply code the failure came with, 0 when none.
  package var failureCode: Int
  package init(
    accepted: [String] = [], refused: [Refusal] = [], failure: TransferFailure? = nil,
    failureCode: Int = 0
  ) {
    self.accepted = accepted
    self.refused = refused
    self.failure = failure
    self.failureCode = failureCode
  }
}
