import Diagnostics
import Language
import Model
import Outside

/// One kind of probe. Its file is complete: keyword, settings, defaults, documentation, behaviour;
/// its reads are its schema.
package protocol ProbeKind: Sendable, Hashable {
  /// The word behind `probe`.
  static var keyword: String { get }
  /// One sentence for the reference.
  static var summary: String { get }
  /// What `expect` can be about.
  static var subjects: [ExpectationSubject] { get }
  /// What stands behind the name, as in "a URL"; nil when the kind takes no targets.
  static var targetForm: String? { get }

  /// Reads the settings of this kind; common ones are read elsewhere.
  init(reading block: BlockReader, expectations: [Expectation])

  /// Why a target cannot be one of this kind, nil when it can; and the target's `instance`.
  static func instance(of target: String) -> Result<String, TargetMistake>

  /// Secrets that the check needs.
  var secrets: [SecretReference] { get }

  /// Runs the check once. It may take as long as it likes: the loop stops waiting at the deadline.
  func check(_ target: String, _ run: CheckRun) async -> CheckReport
}

extension ProbeKind {
  package var secrets: [SecretReference] { [] }
  package static func instance(of target: String) -> Result<String, TargetMistake> {
    .success(target)
  }

  /// Whether another kind's settings are the same.
  func isSame(as other: any ProbeKind) -> Bool { AnyHashable(self) == AnyHashable(other) }
}

/// Why a text is no target of a kind.
package struct TargetMistake: Error, Sendable, Hashable {
  package var reason: String
  package var help: String?
  init(_ reason: String, help: String? = nil) {
    self.reason = reason
    self.help = help
  }
}

/// Every kind of probe that is built in.
package enum ProbeRegistry {
  package static let kinds: [any ProbeKind.Type] = [
    HTTPProbe.self, TCPProbe.self, UnixProbe.self, TLSProbe.self, ExecProbe.self,
    PostgresProbe.self, SQLiteProbe.self, FileProbe.self, ProcessProbe.self,
  ]

  /// The kind behind `probe KEYWORD`, nil when there is none.
  package static func kind(_ keyword: String) -> (any ProbeKind.Type)? {
    kinds.first { $0.keyword == keyword }
  }

  /// Kinds the language names that this version does not have.
  static let planned = [
    "dns", "icmp", "grpc", "websocket", "unit", "container", "mysql", "redis",
  ]
}

/// `HOST:PORT` taken apart.
struct HostPort: Sendable, Hashable {
  var host: String
  var port: Int

  init?(_ text: String, defaultPort: Int? = nil) {
    if text.hasPrefix("[") {
      guard let close = text.firstIndex(of: "]") else { return nil }
      host = String(text[text.index(after: text.startIndex)..<close])
      let rest = text[text.index(after: close)...]
      guard let port = rest.isEmpty ? defaultPort : Self.port(rest.dropFirst()),
        rest.isEmpty || rest.first == ":"
      else { return nil }
      self.port = port
    } else {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count <= 2, let first = parts.first, !first.isEmpty else { return nil }
      host = String(first)
      guard let port = parts.count == 2 ? Self.port(parts[1]) : defaultPort else { return nil }
      self.port = port
    }
    if host.isEmpty || host.contains("/") { return nil }
  }

  private static func port(_ text: Substring) -> Int? {
    guard let port = Int(text), (1...65_535).contains(port) else { return nil }
    return port
  }

  var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// What a URL's `instance` is: host and port, the scheme's port when none is written.
enum URLText {
  static func instance(of url: String) -> Result<String, TargetMistake> {
    guard let range = url.firstRange(of: "://") else {
      return .failure(
        TargetMistake("a URL begins with http:// or https://", help: "http://\(url)"))
    }
    let scheme = url[..<range.lowerBound]
    guard scheme == "http" || scheme == "https" else {
      return .failure(TargetMistake("only http:// and https:// are spoken here"))
    }
    let authority = url[range.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
    guard
      let address = HostPort(String(host), defaultPort: scheme == "https" ? 443 : 80)
    else { return .failure(TargetMistake("this URL has no usable host and port")) }
    return .success(address.text)
  }

  /// The URL without user and password, fit to be shown.
  static func shown(_ url: String) -> String {
    guard let range = url.firstRange(of: "://") else { return url }
    let rest = url[range.upperBound...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard let at = authority.lastIndex(of: "@") else { return url }
    return url[..<range.upperBound] + String(rest[rest.index(after: at)...])
  }

  /// A text as it stands in a query (RFC 3986, section 2.3: unreserved bytes as they are).
  static func encoded(_ text: String) -> String {
    var out = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        out.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        out += "%" + (digits.utf8.count < 2 ? "0" : "") + digits
      }
    }
    return out
  }
}
