import CHostWorld
import Outside

/// The commands and replies of an SMTP session as libcurl reports them, for what it does not tell
/// otherwise: each recipient's reply, and what the last refusal was about (RFC 5321 §4.2).
struct MailDialogue {
  enum Stage: Equatable, CustomStringConvertible {
    case greeting, hello, startTLS, login, sender
    case recipient(String)
    case data, message, quit
    var description: String {
      switch self {
      case .greeting: "before the server's greeting"
      case .hello: "at EHLO"
      case .startTLS: "at STARTTLS"
      case .login: "at the login"
      case .sender: "at MAIL FROM"
      case .recipient(let address): "at RCPT TO \(address)"
      case .data: "at DATA"
      case .message: "while the message was handed over"
      case .quit: "at QUIT"
      }
    }
  }

  struct Answer: Equatable {
    var recipient: String
    var code: Int
    var text: String
  }

  struct Refusal: Equatable {
    var stage: Stage
    var code: Int
    var text: String

    func failure(of mail: MailTransfer) -> TransferFailure {
      let server = "\(mail.host):\(mail.port)"
      switch stage {
      case .login: return .init(.authentication, "\(server) refused the login: \(code) \(text)")
      case .recipient:
        return .init(.protocolError, "\(server) refused every recipient: \(code) \(text)")
      case .startTLS: return .init(.tls, "\(server) refused STARTTLS: \(code) \(text)")
      case .sender:
        return .init(
          .protocolError, "\(server) refused the sender \(mail.sender): \(code) \(text)")
      case .data, .message, .quit:
        return .init(.protocolError, "\(server) refused the message: \(code) \(text)")
      case .greeting, .hello:
        return .init(.protocolError, "\(server) refused the session: \(code) \(text)")
      }
    }
  }

  private(set) var stage = Stage.greeting
  private(set) var answers: [Answer] = []
  /// The last reply, when it was a refusal.
  private(set) var refusal: Refusal?
  private var lines: [String] = []

  mutating func take(_ kind: curl_infotype, _ bytes: UnsafeRawBufferPointer) {
    switch kind {
    case CURLINFO_HEADER_OUT: takeCommand(String(decoding: bytes.prefix(1024), as: UTF8.self))
    case CURLINFO_DATA_OUT: if stage == .data { stage = .message }
    case CURLINFO_HEADER_IN:
      for line in bytes.prefix(4096).split(separator: UInt8(ascii: "\n")) {
        takeReplyLine(String(decoding: line.filter { $0 != 13 }, as: UTF8.self))
      }
    default: break
    }
  }

  mutating func takeCommand(_ command: String) {
    let upper = command.uppercased()
    // What comes after answers this command; the goodbye alone changes nothing.
    if !upper.hasPrefix("QUIT") { refusal = nil }
    if upper.hasPrefix("EHLO") || upper.hasPrefix("HELO") {
      stage = .hello
    } else if upper.hasPrefix("STARTTLS") {
      stage = .startTLS
    } else if upper.hasPrefix("AUTH ") {
      stage = .login
    } else if upper.hasPrefix("MAIL FROM:") {
      stage = .sender
    } else if upper.hasPrefix("RCPT TO:"), let open = command.firstIndex(of: "<"),
      let close = command[open...].firstIndex(of: ">")
    {
      stage = .recipient(String(command[command.index(after: open)..<close]))
    } else if upper.hasPrefix("DATA") {
      stage = .data
    } else if upper.hasPrefix("QUIT") {
      stage = .quit
    }
  }

  /// A line of a reply: `250-text` continues, `250 text` ends.
  mutating func takeReplyLine(_ line: String) {
    guard line.utf8.count >= 3, let code = Int(line.prefix(3)), (200..<600).contains(code) else {
      return
    }
    let rest = line.dropFirst(3)
    if lines.count < 32 { lines.append(String(rest.dropFirst()).trimmingBlanks()) }
    if rest.first == "-" { return }
    let text = lines.filter { !$0.isEmpty }.joined(separator: " ")
    lines = []
    if case .recipient(let address) = stage {
      answers.append(Answer(recipient: address, code: code, text: text))
    }
    // The goodbye's reply must not hide what went wrong before.
    if stage == .quit { return }
    refusal = code >= 400 ? Refusal(stage: stage, code: code, text: text) : nil
  }
}

extension String {
  /// Without blanks at both ends.
  func trimmingBlanks() -> String {
    var rest = self[...]
    while rest.first == " " || rest.first == "\t" { rest.removeFirst() }
    while rest.last == " " || rest.last == "\t" { rest.removeLast() }
    return String(rest)
  }
}
