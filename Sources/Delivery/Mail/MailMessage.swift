import Model

/// A mail of two alternatives, plain text and HTML (RFC 5322, RFC 2045, RFC 2046).
struct MailMessage: Sendable {
  var from: MailAddress
  var to: [MailAddress]
  var carbonCopy: [MailAddress] = []
  var replyTo: [MailAddress] = []
  var subject: String
  /// RFC 5322's date-time.
  var date: String
  /// Without the angle brackets.
  var identifier: String
  /// The conversation's first message, without the angle brackets; nil for the first itself.
  var answers: String?
  /// Fields of our own, all of one line.
  var extra: [Label] = []
  var text: String
  /// nil for a message of plain text alone.
  var html: String?

  /// The message as it goes over the wire: ASCII, lines ended by CRLF.
  var encoded: String {
    var out = MailHeader.addresses("From", [from])
    out += MailHeader.addresses("To", to)
    if !carbonCopy.isEmpty { out += MailHeader.addresses("Cc", carbonCopy) }
    if !replyTo.isEmpty { out += MailHeader.addresses("Reply-To", replyTo) }
    out += MailHeader.text("Subject", subject)
    out += MailHeader.token("Date", date)
    out += "Message-ID: <\(identifier)>\r\n"
    if let answers {
      out += "In-Reply-To: <\(answers)>\r\nReferences: <\(answers)>\r\n"
    }
    for field in extra { out += MailHeader.text(field.name, field.value) }
    out += "Auto-Submitted: auto-generated\r\nPrecedence: bulk\r\n"
    out += "X-Auto-Response-Suppress: All\r\nMIME-Version: 1.0\r\n"
    guard let html else { return out + Self.part(text, type: "plain") }
    // `=_` never occurs in quoted-printable or base64, so the boundary can't be met inside.
    let boundary = "=_tocsin_\(Labels([Label("id", identifier)]).fingerprint)"
    out += "Content-Type: multipart/alternative;\r\n boundary=\"\(boundary)\"\r\n\r\n"
    for (body, type) in [(text, "plain"), (html, "html")] {
      // The line break before a boundary belongs to the boundary (RFC 2046, 5.1.1).
      out += "--\(boundary)\r\n" + Self.part(body, type: type) + "\r\n"
    }
    return out + "--\(boundary)--\r\n"
  }

  private static func part(_ body: String, type: String) -> String {
    let bytes = Array(body.utf8)
    let special = bytes.count { $0 >= 0x7F }
    // Beyond a third, base64 is shorter.
    let usesBase64 = special * 3 > bytes.count
    return "Content-Type: text/\(type); charset=utf-8\r\n"
      + "Content-Transfer-Encoding: \(usesBase64 ? "base64" : "quoted-printable")\r\n\r\n"
      + (usesBase64 ? Base64.lines(bytes) : QuotedPrintable.encoded(body))
  }

  /// `incident-<n>@<host>.tocsin`, of characters that stand unquoted in a message identifier.
  static func identifier(_ id: String, host: String) -> String {
    let name = id.hasPrefix("incident-") ? id : "incident-" + id
    return "\(clean(name))@\(domain(host)).tocsin"
  }

  /// A host's name as the right side of an address.
  static func domain(_ host: String) -> String {
    let domain = clean(host).split(separator: ".").joined(separator: ".")
    return domain.isEmpty ? "localhost" : domain
  }

  private static func clean(_ text: String) -> String {
    String(
      text.prefix(120).map { character in
        let isPlain = character.isASCII && (character.isLetter || character.isNumber)
        return isPlain || character == "." ? character : "-"
      })
  }
}
