import Model

/// Outgoing HTTP(S).
package protocol HTTPTransfers: Sendable {
  func transfer(_ request: HTTPTransferRequest) async -> HTTPTransferResult
}

/// Takes a response's body while it arrives, in place of the result's `body`.
package protocol HTTPBodySink: AnyObject, Sendable {
  /// The headers of a response with a body are there. Called on a thread of the transfers, like
  /// `take`, and never after the result was given.
  func begin(status: Int, headers: [Label])
  /// The next bytes of the body, decompressed.
  func take(_ bytes: UnsafeRawBufferPointer)
}

package struct HTTPTransferRequest: Sendable {
  package var method: String
  package var url: String
  package var headers: [Label]
  package var body: [UInt8]
  /// The whole transfer's deadline.
  package var timeout: Duration
  /// The response body's cap in bytes; more ends the transfer with `.bodyTooLarge`.
  package var bodyLimit: Int
  package var followsRedirects: Bool
  /// Verify the server's certificate and name.
  package var verifiesTLS: Bool
  /// A PEM file of authorities instead of the system's; nil for the system's.
  package var authorityFile: String?
  package var clientCertificateFile: String?
  package var clientKeyFile: String?
  /// The name asked for and verified in the TLS handshake; nil for the URL's host.
  package var serverName: String?
  /// Basic authentication.
  package var user: String?
  package var password: String?
  /// Talk to this unix socket instead of the URL's host.
  package var unixSocket: String?
  package var proxy: String?
  /// Start on a fresh connection and close it after: probes measure the whole way each time.
  package var freshConnection: Bool
  /// Takes the body; nil: it comes with the result.
  package var sink: (any HTTPBodySink)?

  package init(
    method: String = "GET", url: String, headers: [Label] = [], body: [UInt8] = [],
    timeout: Duration, bodyLimit: Int = 16 << 20, followsRedirects: Bool = true,
    verifiesTLS: Bool = true, authorityFile: String? = nil, clientCertificateFile: String? = nil,
    clientKeyFile: String? = nil, serverName: String? = nil, user: String? = nil,
    password: String? = nil,
    unixSocket: String? = nil, proxy: String? = nil, freshConnection: Bool = false
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.bodyLimit = bodyLimit
    self.followsRedirects = followsRedirects
    self.verifiesTLS = verifiesTLS
    self.authorityFile = authorityFile
    self.clientCertificateFile = clientCertificateFile
    self.clientKeyFile = clientKeyFile
    self.serverName = serverName
    self.user = user
    self.password = password
    self.unixSocket = unixSocket
    self.proxy = proxy
    self.freshConnection = freshConnection
  }
}

/// What a transfer brought, success or not: phases and certificates are known even when it failed.
package struct HTTPTransferResult: Sendable {
  /// nil when a complete response arrived.
  package var failure: TransferFailure?
  /// 0 when no status line arrived.
  package var status: Int
  /// `1.1`, `2`, `3`; "" when unknown.
  package var httpVersion: String
  /// In the order received, names in lower case.
  package var headers: [Label]
  /// Empty when a sink took it.
  package var body: [UInt8]
  package var phases: TransferPhases
  package var redirects: Int
  package var effectiveURL: String
  /// The address connected to, "" when none.
  package var remoteAddress: String
  package var tlsVersion: String
  /// The chain as presented, leaf first; filled even when verification fails.
  package var certificates: [CertificateFacts]

  package init(
    failure: TransferFailure? = nil, status: Int = 0, httpVersion: String = "",
    headers: [Label] = [], body: [UInt8] = [], phases: TransferPhases = TransferPhases(),
    redirects: Int = 0, effectiveURL: String = "", remoteAddress: String = "",
    tlsVersion: String = "", certificates: [CertificateFacts] = []
  ) {
    self.failure = failure
    self.status = status
    self.httpVersion = httpVersion
    self.headers = headers
    self.body = body
    self.phases = phases
    self.redirects = redirects
    self.effectiveURL = effectiveURL
    self.remoteAddress = remoteAddress
    self.tlsVersion = tlsVersion
    self.certificates = certificates
  }

  /// The first header of a name, which is given in lower case.
  package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// How long each phase took, in order; zero for one that was not reached or not needed.
package struct TransferPhases: Sendable, Hashable {
  package var resolve: Duration = .zero
  package var connect: Duration = .zero
  package var tls: Duration = .zero
  /// From the request sent to the first byte of the response.
  package var processing: Duration = .zero
  package var transfer: Duration = .zero
  package var total: Duration = .zero
  package init() {}
}

/// Why a transfer failed.
package struct TransferFailure: Sendable, Hashable, Error {
  package enum Kind: String, Sendable, Hashable {
    case resolve, connect, timeout, tls, authentication, bodyTooLarge, protocolError, reset
    case cancelled, invalidRequest
  }
  package var kind: Kind
  /// One sentence for a person, with the address or phase it is about.
  package var reason: String
  package init(_ kind: Kind, _ reason: String) {
    self.kind = kind
    self.reason = reason
  }
}

/// What a certificate says.
package struct CertificateFacts: Sendable, Hashable {
  package var subject: String
  package var issuer: String
  package var notBefore: Timestamp
  package var notAfter: Timestamp
  package var serialNumber: String
  package var alternativeNames: [String]
  package init(
    subject: String, issuer: String, notBefore: Timestamp, notAfter: Timestamp,
    serialNumber: String, alternativeNames: [String]
  ) {
    self.subject = subject
    self.issuer = issuer
    self.notBefore = notBefore
    self.notAfter = notAfter
    self.serialNumber = serialNumber
    self.alternativeNames = alternativeNames
  }
}
