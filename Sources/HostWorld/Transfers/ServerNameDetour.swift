import CHostWorld
import Outside

/// The way to a server under another name than the URL's host: libcurl asks for and verifies the
/// name in the URL, so that is replaced, and the connection is led to the host that was meant.
struct ServerNameDetour {
  /// The URL with the server's name in place of its host.
  let url: String
  /// What the request's Host header says: the host that was meant, and its port when it is written.
  let host: String
  /// `NAME:PORT:HOST:PORT` (CURLOPT_CONNECT_TO).
  let connectTo: String

  /// nil when the request names no server, or its URL is no URL of HTTPS.
  init?(_ request: HTTPTransferRequest) {
    guard let name = request.serverName, let parts = curl_url() else { return nil }
    defer { curl_url_cleanup(parts) }
    func part(_ which: CURLUPart, _ flags: Int32 = 0) -> String? {
      var text: UnsafeMutablePointer<CChar>?
      guard curl_url_get(parts, which, &text, UInt32(flags)) == CURLUE_OK, let text else {
        return nil
      }
      defer { curl_free(text) }
      return String(cString: text)
    }
    guard curl_url_set(parts, CURLUPART_URL, request.url, 0) == CURLUE_OK,
      part(CURLUPART_SCHEME)?.lowercased() == "https", let meant = part(CURLUPART_HOST),
      let port = part(CURLUPART_PORT, CURLU_DEFAULT_PORT),
      curl_url_set(parts, CURLUPART_HOST, name, 0) == CURLUE_OK, let replaced = part(CURLUPART_URL)
    else { return nil }
    url = replaced
    host = part(CURLUPART_PORT).map { "\(meant):\($0)" } ?? meant
    connectTo = "\(name):\(port):\(meant):\(port)"
  }
}
