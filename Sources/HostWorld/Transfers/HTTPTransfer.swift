import CHostWorld
import Glibc
import Model
import Outside
import Synchronization

/// Outgoing HTTP through libcurl.
struct HostHTTPTransfers: HTTPTransfers {
  let loop: TransferLoop

  func transfer(_ request: HTTPTransferRequest) async -> HTTPTransferResult {
    let work = HTTPTransfer(request)
    return await withTaskCancellationHandler {
      if Task.isCancelled { return HTTPTransfer.cancelledResult(request) }
      loop.start(work)
      return await work.reply.value()
    } onCancel: {
      loop.cancel(work)
    }
  }
}

/// One HTTP transfer. All but the request, the reply and the mark belongs to the transfers' turns.
final class HTTPTransfer: CurlWork, @unchecked Sendable {
  let request: HTTPTransferRequest
  let reply = Reply<HTTPTransferResult>()
  let isCancelled = Atomic(false)

  private var headers: [Label] = []
  private var headerBytes = 0
  private var body: [UInt8] = []
  private var received = 0
  private var isTooLarge = false
  private var hasTooManyHeaders = false
  private var easy: CurlHandle?
  private var list: UnsafeMutablePointer<curl_slist>?
  private var connectTo: UnsafeMutablePointer<curl_slist>?
  private let detour: ServerNameDetour?
  private var handshake: OpaquePointer?
  private let errors = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
  private static let headerLimit = 256 << 10
  /// How much is taken from the kernel at a time.
  private static let receiveBytes = 64 << 10

  init(_ request: HTTPTransferRequest) {
    self.request = request
    detour = ServerNameDetour(request)
    errors.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    curl_slist_free_all(list)
    curl_slist_free_all(connectTo)
    host_tls_release(handshake)
    errors.deallocate()
  }

  static func cancelledResult(_ request: HTTPTransferRequest) -> HTTPTransferResult {
    HTTPTransferResult(
      failure: TransferFailure(.cancelled, "the transfer was cancelled"), effectiveURL: request.url)
  }

  // MARK: Beginning

  func begin() -> UnsafeMutableRawPointer? {
    if let flaw = HTTPRequestFlaw.find(in: request) { return refuse(flaw) }
    guard let pointer = curl_easy_init() else { return refuse("libcurl gives no handle") }
    let easy = CurlHandle(pointer: pointer)
    self.easy = easy
    easy.setDefaults(timeout: request.timeout, errors: errors)
    easy.set(CURLOPT_URL, detour?.url ?? request.url)
    easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
    easy.set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
    easy.set(CURLOPT_FOLLOWLOCATION, request.followsRedirects)
    easy.set(CURLOPT_MAXREDIRS, 10)
    easy.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, true)
    easy.set(CURLOPT_BUFFERSIZE, Self.receiveBytes)
    setMethod(easy)
    setHeaders(easy)
    setTLS(easy)
    setRoute(easy)
    setCallbacks(easy)
    return pointer
  }

  private func refuse(_ flaw: String) -> UnsafeMutableRawPointer? {
    reply.give(
      HTTPTransferResult(
        failure: TransferFailure(.invalidRequest, flaw), effectiveURL: request.url))
    return nil
  }

  private func setMethod(_ easy: CurlHandle) {
    switch request.method {
    case "HEAD": easy.set(CURLOPT_NOBODY, true)
    case "GET" where request.body.isEmpty: easy.set(CURLOPT_HTTPGET, true)
    // A redirect after a POST becomes a GET, as browsers do; other methods are kept.
    case "POST": easy.set(CURLOPT_POST, true)
    default: easy.set(CURLOPT_CUSTOMREQUEST, request.method)
    }
    guard request.method == "POST" || !request.body.isEmpty else { return }
    easy.setSize(CURLOPT_POSTFIELDSIZE_LARGE, Int64(request.body.count))
    request.body.withUnsafeBytes { bytes in
      easy.set(
        CURLOPT_COPYPOSTFIELDS,
        to: bytes.baseAddress.map { UnsafeMutableRawPointer(mutating: $0) }
          ?? UnsafeMutableRawPointer(errors))
    }
  }

  private func setHeaders(_ easy: CurlHandle) {
    var names: Set<String> = []
    for header in request.headers {
      names.insert(header.name.lowercased())
      // libcurl takes a header without a value only in this form.
      let line = header.value.isEmpty ? header.name + ";" : "\(header.name): \(header.value)"
      list = curl_slist_append(list, line)
      if header.name.lowercased() == "accept-encoding" {
        easy.set(CURLOPT_ACCEPT_ENCODING, header.value)
      }
    }
    // What libcurl would add by itself.
    if !names.contains("expect") { list = curl_slist_append(list, "Expect:") }
    if !names.contains("content-type") { list = curl_slist_append(list, "Content-Type:") }
    if let detour, !names.contains("host") {
      list = curl_slist_append(list, "Host: \(detour.host)")
    }
    easy.set(CURLOPT_HTTPHEADER, list)
    guard request.user != nil || request.password != nil else { return }
    host_curl_basic_login(easy.pointer)
    easy.set(CURLOPT_USERNAME, request.user ?? "")
    easy.set(CURLOPT_PASSWORD, request.password ?? "")
  }

  private func setTLS(_ easy: CurlHandle) {
    easy.set(CURLOPT_SSL_VERIFYPEER, request.verifiesTLS)
    easy.set(CURLOPT_SSL_VERIFYHOST, request.verifiesTLS ? 2 : 0)
    easy.setAuthorities(request.authorityFile)
    if let file = request.clientCertificateFile { easy.set(CURLOPT_SSLCERT, file) }
    if let file = request.clientKeyFile { easy.set(CURLOPT_SSLKEY, file) }
    handshake = host_tls_create()
    host_tls_attach(handshake, easy.pointer)
  }

  private func setRoute(_ easy: CurlHandle) {
    if let detour {
      connectTo = curl_slist_append(connectTo, detour.connectTo)
      easy.set(CURLOPT_CONNECT_TO, connectTo)
    }
    if let path = request.unixSocket { easy.set(CURLOPT_UNIX_SOCKET_PATH, path) }
    if let proxy = request.proxy { easy.set(CURLOPT_PROXY, proxy) }
    guard request.freshConnection else { return }
    easy.set(CURLOPT_FRESH_CONNECT, true)
    easy.set(CURLOPT_FORBID_REUSE, true)
    easy.set(CURLOPT_TCP_KEEPALIVE, false)
    easy.set(CURLOPT_SSL_SESSIONID_CACHE, false)
    easy.set(CURLOPT_DNS_CACHE_TIMEOUT, 0)
  }

  private func setCallbacks(_ easy: CurlHandle) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    host_curl_on_data(easy.pointer, CURLOPT_WRITEFUNCTION) { bytes, _, count, context in
      let transfer = Unmanaged<HTTPTransfer>.fromOpaque(context!).takeUnretainedValue()
      return transfer.takeBody(UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
    }
    easy.set(CURLOPT_WRITEDATA, to: context)
    host_curl_on_data(easy.pointer, CURLOPT_HEADERFUNCTION) { bytes, _, count, context in
      let transfer = Unmanaged<HTTPTransfer>.fromOpaque(context!).takeUnretainedValue()
      return transfer.takeHeader(UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
    }
    easy.set(CURLOPT_HEADERDATA, to: context)
  }

  // MARK: Receiving

  private func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let isFirst = received == 0
    let room = request.bodyLimit - received
    received += bytes.count
    isTooLarge = bytes.count > room
    let bytes = UnsafeRawBufferPointer(rebasing: bytes[..<min(bytes.count, max(0, room))])
    if let sink = request.sink {
      if isFirst, let easy {
        sink.begin(status: easy.long(CURLINFO_RESPONSE_CODE), headers: headers)
      }
      sink.take(bytes)
    } else {
      body.append(contentsOf: bytes)
    }
    return !isTooLarge
  }

  private func takeHeader(_ bytes: UnsafeRawBufferPointer) -> Bool {
    headerBytes += bytes.count
    guard headerBytes <= Self.headerLimit else {
      hasTooManyHeaders = true
      return false
    }
    // A status line begins another response: after a redirect, or after 100 Continue.
    if bytes.starts(with: "HTTP/".utf8) {
      headers = []
      if let easy { host_tls_note(handshake, easy.pointer) }
      return true
    }
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return true }
    let name = String(decoding: bytes[..<colon], as: UTF8.self).lowercased()
    var value = bytes[(colon + 1)...]
    func isBlank(_ byte: UInt8?) -> Bool { byte.map { $0 <= 32 } ?? false }
    while isBlank(value.first) { value = value.dropFirst() }
    while isBlank(value.last) { value = value.dropLast() }
    headers.append(Label(name, String(decoding: value, as: UTF8.self)))
    return true
  }

  // MARK: Ending

  func end(_ pointer: UnsafeMutableRawPointer, _ code: CURLcode) {
    var result = result(of: CurlHandle(pointer: pointer))
    // Never the whole URL: a webhook's path is its secret.
    let host = urlHostAndPort(result.effectiveURL)?.host ?? "the server"
    if isTooLarge {
      result.failure = TransferFailure(
        .bodyTooLarge, "the response of \(host) is larger than \(request.bodyLimit) bytes")
    } else if hasTooManyHeaders {
      result.failure = TransferFailure(
        .protocolError, "the headers of \(host) are larger than \(Self.headerLimit) bytes")
    } else if code != CURLE_OK {
      result.failure =
        CurlFailure(
          code: code, easy: CurlHandle(pointer: pointer), url: result.effectiveURL,
          timeout: request.timeout, message: String(cString: errors),
          untrusted: String(cString: host_tls_error(handshake)), proxy: request.proxy,
          unixSocket: request.unixSocket, subject: result.certificates.first?.subject
        ).failure
    }
    reply.give(result)
  }

  func endCancelled(_ pointer: UnsafeMutableRawPointer?) {
    var result =
      pointer.map { self.result(of: CurlHandle(pointer: $0)) }
      ?? HTTPTransferResult(effectiveURL: request.url)
    result.failure = TransferFailure(.cancelled, "the transfer was cancelled")
    reply.give(result)
  }

  private func result(of easy: CurlHandle) -> HTTPTransferResult {
    let url = easy.text(CURLINFO_EFFECTIVE_URL)
    let version =
      switch easy.long(CURLINFO_HTTP_VERSION) {
      case 1: "1.0"
      case 2: "1.1"
      case 3: "2"
      case 30: "3"
      default: ""
      }
    return HTTPTransferResult(
      status: easy.long(CURLINFO_RESPONSE_CODE), httpVersion: version, headers: headers, body: body,
      phases: easy.phases(usesTLS: url.lowercased().hasPrefix("https:")),
      redirects: easy.long(CURLINFO_REDIRECT_COUNT), effectiveURL: url,
      remoteAddress: request.unixSocket ?? easy.remoteAddress,
      tlsVersion: String(cString: host_tls_version(handshake)),
      certificates: certificates(of: handshake))
  }
}

/// What makes a request one that must not be sent.
enum HTTPRequestFlaw {
  static func find(in request: HTTPTransferRequest) -> String? {
    func isToken(_ text: String) -> Bool {
      !text.isEmpty
        && text.utf8.allSatisfy { $0 > 32 && $0 < 127 && !"()<>@,;:\\\"/[]?={}".utf8.contains($0) }
    }
    if !isToken(request.method) { return "\(request.method) is not an HTTP method" }
    for header in request.headers {
      if !isToken(header.name) { return "\(header.name) is not a header name" }
      if header.value.utf8.contains(where: { $0 == 13 || $0 == 10 || $0 == 0 }) {
        return "the value of header \(header.name) holds a line break or a zero byte"
      }
    }
    if request.url.utf8.contains(0) { return "the URL holds a zero byte" }
    guard let parts = urlHostAndPort(request.url) else { return "the URL is not valid" }
    guard ["http", "https"].contains(parts.scheme.lowercased()) else {
      return "the URL's scheme \(parts.scheme) is not http or https"
    }
    return nil
  }
}
