import CHostWorld
import Glibc
import Outside
import Synchronization

/// Outgoing mail through libcurl's SMTP.
struct HostMailTransport: MailTransport {
  let loop: TransferLoop

  func send(_ mail: MailTransfer) async -> MailResult {
    let work = MailSession(mail)
    return await withTaskCancellationHandler {
      if Task.isCancelled {
        return work.result(failure: TransferFailure(.cancelled, "the mail was cancelled"))
      }
      loop.start(work)
      return await work.reply.value()
    } onCancel: {
      loop.cancel(work)
    }
  }
}

/// One mail handed to a server. All but the mail, the reply and the mark belongs to the transfers'
/// turns.
final class MailSession: CurlWork, @unchecked Sendable {
  let mail: MailTransfer
  let reply = Reply<MailResult>()
  let isCancelled = Atomic(false)

  private var dialogue = MailDialogue()
  private var sent = 0
  private var recipients: UnsafeMutablePointer<curl_slist>?
  private var handshake: OpaquePointer?
  private let errors = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

  init(_ mail: MailTransfer) {
    self.mail = mail
    errors.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    curl_slist_free_all(recipients)
    host_tls_release(handshake)
    errors.deallocate()
  }

  /// The URL libcurl takes: the name said in EHLO is its path.
  var url: String {
    let scheme = mail.security == .implicit ? "smtps" : "smtp"
    let host = mail.host.contains(":") ? "[\(mail.host)]" : mail.host
    let name = mail.localName.utf8.filter { $0 > 32 && $0 < 127 && !"%?#/".utf8.contains($0) }
    return "\(scheme)://\(host):\(mail.port)/\(String(decoding: name, as: UTF8.self))"
  }

  /// Why a mail must not be sent at all.
  private var flaw: String? {
    if mail.recipients.isEmpty { return "the mail has no recipient" }
    for address in mail.recipients + [mail.sender] {
      if address.utf8.contains(where: { $0 <= 32 || $0 == 127 || "<>".utf8.contains($0) }) {
        return "\(address) is not a bare mail address"
      }
    }
    return urlHostAndPort(url) == nil ? "\(mail.host) is not a host name" : nil
  }

  func begin() -> UnsafeMutableRawPointer? {
    if let flaw {
      reply.give(result(failure: TransferFailure(.invalidRequest, flaw)))
      return nil
    }
    guard let pointer = curl_easy_init() else {
      let failure = TransferFailure(.invalidRequest, "libcurl gives no handle")
      reply.give(result(failure: failure))
      return nil
    }
    let easy = CurlHandle(pointer: pointer)
    easy.setDefaults(timeout: mail.timeout, errors: errors)
    easy.set(CURLOPT_URL, url)
    easy.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
    let usesTLS = mail.security == .starttls || mail.security == .implicit
    easy.set(CURLOPT_USE_SSL, Int((usesTLS ? CURLUSESSL_ALL : CURLUSESSL_NONE).rawValue))
    easy.setAuthorities(mail.authorityFile)
    handshake = host_tls_create()
    host_tls_attach(handshake, pointer)
    if let user = mail.user {
      easy.set(CURLOPT_USERNAME, user)
      easy.set(CURLOPT_PASSWORD, mail.password ?? "")
    }
    setEnvelope(easy)
    setCallbacks(easy)
    return pointer
  }

  private func setEnvelope(_ easy: CurlHandle) {
    easy.set(CURLOPT_MAIL_FROM, mail.sender)
    for address in mail.recipients { recipients = curl_slist_append(recipients, address) }
    easy.set(CURLOPT_MAIL_RCPT, recipients)
    // One refused recipient must not keep the others from the message.
    easy.set(CURLOPT_MAIL_RCPT_ALLLOWFAILS, true)
    easy.set(CURLOPT_UPLOAD, true)
    easy.setSize(CURLOPT_INFILESIZE_LARGE, Int64(mail.message.count))
    easy.set(CURLOPT_FORBID_REUSE, true)
  }

  private func setCallbacks(_ easy: CurlHandle) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    host_curl_on_data(easy.pointer, CURLOPT_READFUNCTION) { bytes, size, count, context in
      let session = Unmanaged<MailSession>.fromOpaque(context!).takeUnretainedValue()
      return session.give(UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
    }
    easy.set(CURLOPT_READDATA, to: context)
    // The only place where libcurl shows each recipient's reply.
    easy.set(CURLOPT_VERBOSE, true)
    host_curl_on_debug(easy.pointer) { _, kind, bytes, count, context in
      let session = Unmanaged<MailSession>.fromOpaque(context!).takeUnretainedValue()
      session.dialogue.take(kind, UnsafeRawBufferPointer(start: bytes, count: count))
      return 0
    }
    easy.set(CURLOPT_DEBUGDATA, to: context)
    host_curl_on_data(easy.pointer, CURLOPT_WRITEFUNCTION) { _, size, count, _ in size * count }
  }

  private func give(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(buffer.count, mail.message.count - sent)
    buffer.copyBytes(from: mail.message[sent..<sent + count])
    sent += count
    return count
  }

  func end(_ pointer: UnsafeMutableRawPointer, _ code: CURLcode) {
    if code == CURLE_OK {
      reply.give(result(failure: nil))
      return
    }
    if let refusal = dialogue.refusal {
      reply.give(result(failure: refusal.failure(of: mail), code: refusal.code))
      return
    }
    let facts = certificates(of: handshake)
    let failure = CurlFailure(
      code: code, easy: CurlHandle(pointer: pointer), url: url, timeout: mail.timeout,
      message: String(cString: errors), untrusted: String(cString: host_tls_error(handshake)),
      proxy: nil, unixSocket: nil, subject: facts.first?.subject)
    var cause = failure.failure
    if cause.kind == .reset || cause.kind == .protocolError || cause.kind == .timeout {
      cause.reason += " (\(dialogue.stage.description))"
    }
    reply.give(result(failure: cause))
  }

  func endCancelled(_ easy: UnsafeMutableRawPointer?) {
    reply.give(result(failure: TransferFailure(.cancelled, "the mail was cancelled")))
  }

  /// Every recipient in one of the two lists: who got the message, and who did not and why.
  func result(failure: TransferFailure?, code: Int = 0) -> MailResult {
    var result = MailResult(failure: failure, failureCode: code)
    for recipient in mail.recipients {
      let answer = dialogue.answers.first { $0.recipient == recipient }
      if let answer, answer.code >= 300 {
        result.refused.append(
          .init(recipient: recipient, code: answer.code, reason: answer.text))
      } else if let failure {
        result.refused.append(.init(recipient: recipient, code: code, reason: failure.reason))
      } else {
        result.accepted.append(recipient)
      }
    }
    return result
  }
}
