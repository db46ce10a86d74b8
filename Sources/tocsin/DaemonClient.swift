import ArgumentParser
import FoundationEssentials
import HostWorld
import Model
import Outside
import Supervisor

/// How to reach a running daemon.
struct DaemonOptions: ParsableArguments {
  @Option(help: "The daemon's base address, instead of its unix socket.")
  var url: String?

  @Option(help: "The path of the daemon's unix socket.")
  var socket: String?

  @Option(help: "A file with the token for changes over --url.")
  var tokenFile: String?

  func client() throws -> DaemonClient {
    let world = try HostDoor.transient()
    let token = tokenFile.flatMap { path in
      (try? Data(contentsOf: URL(filePath: path))).map {
        String(decoding: $0, as: UTF8.self).trimmingPrefix(while: \.isWhitespace)
      }
    }
    return DaemonClient(
      world: world, url: url, socket: url == nil ? socket ?? DefaultPaths.socket(world) : nil,
      token: token.map { String($0.prefix { !$0.isNewline }) })
  }
}

/// Asks the daemon's API; every failure ends the program with the exit code of interface.
struct DaemonClient {
  let world: World
  let url: String?
  let socket: String?
  let token: String?

  /// The body of a successful answer.
  func get(_ path: String, query: [Label] = []) async throws -> [UInt8] {
    try await send("GET", path, query: query, body: [])
  }

  func send(
    _ method: String, _ path: String, query: [Label] = [], body: [UInt8],
    contentType: String = "application/json"
  ) async throws -> [UInt8] {
    var headers = [Label("content-type", contentType)]
    if let token { headers.append(Label("authorization", "Bearer \(token)")) }
    let parameters = query.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }
    let suffix = parameters.isEmpty ? "" : "?" + parameters.joined(separator: "&")
    let base = url ?? "http://localhost"
    let trimmed = base.hasSuffix("/") ? String(base.dropLast()) : base
    let request = HTTPTransferRequest(
      method: method, url: trimmed + path + suffix, headers: headers, body: body,
      timeout: .seconds(60), bodyLimit: 256 << 20, unixSocket: socket)
    let result = await world.transfers.transfer(request)
    if let failure = result.failure {
      Terminal.complain(
        "the daemon can't be reached at \(socket ?? base): \(failure.reason)",
        help: "is it running? `tocsin run`, or name it with --url or --socket")
      throw ProgramExit.unreachable
    }
    guard (200..<300).contains(result.status) else {
      Terminal.complain(Self.sentence(result))
      throw ProgramExit.no
    }
    return result.body
  }

  /// The answer decoded; an answer of another shape is our own mistake.
  func get<Answer: Decodable>(
    _ type: Answer.Type, _ path: String, query: [Label] = []
  ) async throws -> Answer {
    let body = try await get(path, query: query)
    do {
      return try JSONDecoder().decode(type, from: Data(body))
    } catch {
      Terminal.complain("the daemon's answer to \(path) has another shape than expected: \(error)")
      throw ProgramExit.internalFailure
    }
  }

  private static func sentence(_ result: HTTPTransferResult) -> String {
    struct Refusal: Decodable {
      var message: String?
      var error: String?
    }
    let refusal = try? JSONDecoder().decode(Refusal.self, from: Data(result.body))
    let text = String(decoding: result.body.prefix(2000), as: UTF8.self)
    return refusal?.message ?? refusal?.error ?? "the daemon answered \(result.status): \(text)"
  }

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
        out += "%" + (digits.count < 2 ? "0" : "") + digits
      }
    }
    return out
  }
}
