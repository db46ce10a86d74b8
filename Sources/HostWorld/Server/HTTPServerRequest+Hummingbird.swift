import HTTPTypes
import HummingbirdCore
import Model
import Outside

extension HTTPServerRequest {
  init(_ request: Request, body: [UInt8], peer: Peer) {
    let target = request.head.path ?? "/"
    let parts = Self.split(target)
    var headers = request.headers.map { Label($0.name.canonicalName, $0.value) }
    // HTTPTypes takes `Host` out of the fields.
    if let host = request.head.authority { headers.insert(Label("host", host), at: 0) }
    self.init(
      method: request.method.rawValue, path: parts.path, query: parts.query, headers: headers,
      body: body, peer: peer)
  }

  /// A request's target: its decoded path, and the decoded pairs of its query in order.
  static func split(_ target: String) -> (path: String, query: [Label]) {
    let whole = target.utf8.prefix { $0 != UInt8(ascii: "#") }
    let raw = whole.prefix { $0 != UInt8(ascii: "?") }
    let rest = whole.dropFirst(raw.count + 1)
    let query = rest.split(separator: UInt8(ascii: "&")).map { pair in
      let name = pair.prefix { $0 != UInt8(ascii: "=") }
      let value = pair.dropFirst(name.count + 1)
      return Label(decode(name, plusIsBlank: true), decode(value, plusIsBlank: true))
    }
    let path = decode(raw, plusIsBlank: false)
    return (path.isEmpty ? "/" : path, query)
  }

  /// Undoes percent-encoding; what is no proper escape stands as it is.
  static func decode(_ text: some Collection<UInt8>, plusIsBlank: Bool) -> String {
    func digit(_ byte: UInt8) -> UInt8? {
      switch byte {
      case 48...57: byte - 48
      case 65...70: byte - 55
      case 97...102: byte - 87
      default: nil
      }
    }
    let bytes = Array(text)
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
        let high = digit(bytes[index + 1]), let low = digit(bytes[index + 2])
      {
        out.append(high << 4 | low)
        index += 3
        continue
      }
      out.append(plusIsBlank && bytes[index] == UInt8(ascii: "+") ? 32 : bytes[index])
      index += 1
    }
    return String(decoding: out, as: UTF8.self)
  }
}

extension HTTPResponse {
  /// The head of an answer; its length is set by who writes the body.
  init(_ response: HTTPServerResponse) {
    var fields = HTTPFields()
    for header in response.headers {
      guard let name = HTTPField.Name(header.name), name != .contentLength else { continue }
      fields.append(HTTPField(name: name, value: header.value))
    }
    self.init(status: HTTPResponse.Status(code: response.status), headerFields: fields)
  }
}
