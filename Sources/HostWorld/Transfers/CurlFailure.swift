import CHostWorld
import Glibc
import Outside

/// Turns libcurl's code into a kind and one sentence that names the address and the phase.
struct CurlFailure {
  var code: CURLcode
  var easy: CurlHandle
  var url: String
  var timeout: Duration
  /// libcurl's own words, for what has none here.
  var message: String
  /// Why OpenSSL did not trust the chain, "" when it did.
  var untrusted: String
  var proxy: String?
  var unixSocket: String?
  /// The leaf certificate's subject.
  var subject: String?

  // Sentences name the host and never the whole URL: a webhook's path is its secret.
  private var host: String { urlHostAndPort(url)?.host ?? "the server" }
  private var usesTLS: Bool {
    let scheme = url.lowercased()
    return scheme.hasPrefix("https:") || scheme.hasPrefix("smtps:")
  }

  /// The peer: a unix socket, the name with the address behind it, or the name and port.
  private var peer: String {
    if let unixSocket { return unixSocket }
    guard let parts = urlHostAndPort(url) else { return "the server" }
    let named = "\(parts.host):\(parts.port)"
    let address = easy.remoteAddress
    return address.isEmpty || address == named ? named : "\(named) (\(address))"
  }

  private var systemError: String? {
    let number = easy.long(CURLINFO_OS_ERRNO)
    return number == 0 ? nil : describeErrno(Int32(number))
  }

  private var words: String {
    message.isEmpty ? String(cString: curl_easy_strerror(code)) : message
  }

  var failure: TransferFailure {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST: return .init(.resolve, "the name \(host) does not resolve")
    case CURLE_COULDNT_RESOLVE_PROXY:
      return .init(.resolve, "the proxy's name in \(proxy ?? "") does not resolve")
    case CURLE_COULDNT_CONNECT: return connectFailure
    case CURLE_PROXY:
      return .init(.connect, "the proxy \(proxy ?? "") refused to connect to \(host): \(words)")
    case CURLE_OPERATION_TIMEDOUT:
      let phase = easy.phaseName(usesTLS: usesTLS)
      return .init(.timeout, "\(peer): no answer within \(describe(timeout)), \(phase)")
    case CURLE_LOGIN_DENIED: return .init(.authentication, "\(peer) refused the login")
    case CURLE_TOO_MANY_REDIRECTS:
      return .init(.protocolError, "\(host) redirected more than 10 times")
    case CURLE_GOT_NOTHING:
      return .init(.reset, "\(peer) closed the connection without an answer")
    case CURLE_PARTIAL_FILE:
      return .init(.reset, "\(peer) closed the connection before the response was complete")
    case CURLE_RECV_ERROR, CURLE_SEND_ERROR:
      let phase = easy.phaseName(usesTLS: usesTLS)
      return .init(.reset, "\(peer): the connection broke \(phase): \(systemError ?? words)")
    case CURLE_OUT_OF_MEMORY, CURLE_FAILED_INIT, CURLE_BAD_FUNCTION_ARGUMENT:
      return .init(.invalidRequest, "\(host): \(words)")
    case CURLE_URL_MALFORMAT: return .init(.invalidRequest, "the URL is not valid: \(words)")
    case CURLE_UNSUPPORTED_PROTOCOL: return protocolFailure
    default: return tlsFailure ?? .init(.protocolError, "\(peer): \(words)")
    }
  }

  private var connectFailure: TransferFailure {
    switch Int32(easy.long(CURLINFO_OS_ERRNO)) {
    case ECONNREFUSED: .init(.connect, "\(peer) refused the connection")
    case ENOENT where unixSocket != nil:
      .init(.connect, "the unix socket \(peer) is not there")
    case 0: .init(.connect, "can't connect to \(peer): \(words)")
    case let number: .init(.connect, "can't connect to \(peer): \(describeErrno(number))")
    }
  }

  private var protocolFailure: TransferFailure {
    if words.contains("HTTP/0.9") { return .init(.protocolError, "\(peer) does not speak HTTP") }
    if easy.long(CURLINFO_REDIRECT_COUNT) > 0 {
      let scheme = url.prefix { $0 != ":" }
      return .init(.protocolError, "redirected to \(host) by \(scheme), which is not followed")
    }
    return .init(.invalidRequest, "\(host): \(words)")
  }

  private var tlsFailure: TransferFailure? {
    switch code {
    case CURLE_PEER_FAILED_VERIFICATION:
      let whose = subject.map { " (\($0))" } ?? ""
      let why = untrusted.isEmpty ? words : untrusted
      return .init(.tls, "\(peer): the certificate\(whose) is not accepted: \(why)")
    case CURLE_SSL_CONNECT_ERROR:
      return .init(.tls, "\(peer): the TLS handshake failed: \(words)")
    case CURLE_USE_SSL_FAILED: return .init(.tls, "\(peer) offers no STARTTLS")
    case CURLE_SSL_CACERT_BADFILE:
      return .init(.invalidRequest, "the file of authorities can't be used: \(words)")
    case CURLE_SSL_CERTPROBLEM:
      return .init(.invalidRequest, "the client certificate or key can't be used: \(words)")
    case CURLE_SSL_CIPHER, CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CRL_BADFILE,
      CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT:
      return .init(.tls, "\(peer): \(words)")
    default: return nil
    }
  }
}
