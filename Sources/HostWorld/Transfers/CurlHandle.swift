import CHostWorld
import Glibc
import Model
import Outside

/// An easy handle with typed options.
struct CurlHandle {
  let pointer: UnsafeMutableRawPointer

  func set(_ option: CURLoption, _ value: Bool) { host_curl_long(pointer, option, value ? 1 : 0) }
  func set(_ option: CURLoption, _ value: Int) { host_curl_long(pointer, option, value) }
  func set(_ option: CURLoption, _ value: String?) { host_curl_text(pointer, option, value) }
  func set(_ option: CURLoption, to context: UnsafeMutableRawPointer?) {
    host_curl_pointer(pointer, option, context)
  }
  func setSize(_ option: CURLoption, _ value: Int64) {
    host_curl_size(pointer, option, curl_off_t(value))
  }
  func set(_ option: CURLoption, _ list: UnsafeMutablePointer<curl_slist>?) {
    host_curl_list(pointer, option, list)
  }

  func long(_ info: CURLINFO) -> Int {
    var value = 0
    host_curl_get_long(pointer, info, &value)
    return value
  }
  func text(_ info: CURLINFO) -> String {
    var value: UnsafePointer<CChar>?
    host_curl_get_text(pointer, info, &value)
    return value.map { String(cString: $0) } ?? ""
  }
  func microseconds(_ info: CURLINFO) -> Int64 {
    var value: curl_off_t = 0
    host_curl_get_size(pointer, info, &value)
    return Int64(value)
  }

  /// What every handle gets: no signals, a deadline, no environment's proxy, and no wait for a
  /// resolver's thread when the deadline passes.
  func setDefaults(timeout: Duration, errors: UnsafeMutablePointer<CChar>) {
    set(CURLOPT_NOSIGNAL, true)
    set(CURLOPT_TIMEOUT_MS, Int(max(1, min(timeout.wholeMilliseconds, Int64(Int32.max)))))
    set(CURLOPT_QUICK_EXIT, true)
    set(CURLOPT_PROXY, "")
    set(CURLOPT_TCP_KEEPALIVE, true)
    set(CURLOPT_ERRORBUFFER, to: UnsafeMutableRawPointer(errors))
  }

  func setAuthorities(_ file: String?) {
    guard let file else { return }
    set(CURLOPT_CAINFO, file)
    // Else the system's folder would still be trusted beside the file.
    set(CURLOPT_CAPATH, nil as String?)
  }

  /// The address and port connected to or last tried, "" when there was none.
  var remoteAddress: String {
    let address = text(CURLINFO_PRIMARY_IP)
    let port = long(CURLINFO_PRIMARY_PORT)
    if address.isEmpty || port <= 0 { return address }
    return address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
  }

  /// How long each phase took. libcurl gives moments since the start, summed over redirects; for a
  /// transfer that failed the phase it failed in gets the rest of the time.
  func phases(usesTLS: Bool) -> TransferPhases {
    let resolved = microseconds(CURLINFO_NAMELOOKUP_TIME_T)
    let connected = microseconds(CURLINFO_CONNECT_TIME_T)
    let secured = microseconds(CURLINFO_APPCONNECT_TIME_T)
    let asked = microseconds(CURLINFO_PRETRANSFER_TIME_T)
    let answered = microseconds(CURLINFO_STARTTRANSFER_TIME_T)
    let total = microseconds(CURLINFO_TOTAL_TIME_T)
    var phases = TransferPhases()
    func between(_ from: Int64, _ to: Int64) -> Duration { .microseconds(max(0, to - from)) }
    phases.total = .microseconds(total)
    phases.resolve = between(0, resolved > 0 ? resolved : total)
    guard resolved > 0 else { return phases }
    phases.connect = between(resolved, connected > 0 ? connected : total)
    guard connected > 0 else { return phases }
    if usesTLS { phases.tls = between(connected, secured > 0 ? secured : total) }
    guard secured > 0 || !usesTLS else { return phases }
    let begun = max(asked, secured, connected)
    phases.processing = between(begun, answered > 0 ? answered : total)
    guard answered > 0 else { return phases }
    phases.transfer = between(answered, total)
    return phases
  }

  /// The phase a transfer was in when it ended, as a sentence's part: `while connecting`. It is
  /// looked for from the end, because a connection that was kept has no earlier ones.
  func phaseName(usesTLS: Bool) -> String {
    if microseconds(CURLINFO_STARTTRANSFER_TIME_T) > 0 { return "while receiving the response" }
    if microseconds(CURLINFO_PRETRANSFER_TIME_T) > 0 { return "while waiting for the response" }
    if microseconds(CURLINFO_NAMELOOKUP_TIME_T) == 0 { return "while resolving the name" }
    if microseconds(CURLINFO_CONNECT_TIME_T) == 0 { return "while connecting" }
    return usesTLS ? "in the TLS handshake" : "while waiting for the response"
  }
}

/// The host and port of a URL as sentences name them; nil for what is no URL.
func urlHostAndPort(_ url: String) -> (scheme: String, host: String, port: String)? {
  guard let parts = curl_url() else { return nil }
  defer { curl_url_cleanup(parts) }
  guard curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK else { return nil }
  func part(_ which: CURLUPart) -> String {
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_get(parts, which, &text, UInt32(CURLU_DEFAULT_PORT)) == CURLUE_OK, let text
    else { return "" }
    defer { curl_free(text) }
    return String(cString: text)
  }
  return (part(CURLUPART_SCHEME), part(CURLUPART_HOST), part(CURLUPART_PORT))
}

/// What a handshake showed.
func certificates(of record: OpaquePointer?) -> [CertificateFacts] {
  (0..<host_tls_count(record)).map { index in
    let facts = host_tls_certificate(record, index).pointee
    func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String {
      pointer.map { String(cString: $0) } ?? ""
    }
    return CertificateFacts(
      subject: text(facts.subject), issuer: text(facts.issuer),
      notBefore: Timestamp(milliseconds: facts.not_before * 1000),
      notAfter: Timestamp(milliseconds: facts.not_after * 1000),
      serialNumber: text(facts.serial),
      alternativeNames: (0..<facts.name_count).map { text(facts.names[$0]) })
  }
}
