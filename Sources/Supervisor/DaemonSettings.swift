import Diagnostics
import Language
import Model
import Outside

/// The `daemon` block.
package struct DaemonSettings: Sendable {
  package var listeners: [HTTPListener]
  /// The socket's path; nil for the default place.
  package var socket: String?
  /// Where links in messages point to; nil for the first listener.
  package var url: String?
  /// The IANA zone of times in messages; nil for the host's.
  package var zone: String?
  /// The state folder; nil for the default place.
  package var data: String?
  /// How long samples are kept in memory.
  package var retention: Duration
  /// How long history is kept in the state store.
  package var history: Duration
  /// What clients without the unix socket must show to change state.
  package var token: SecretReference?
  package var maxSeries: Int
  /// How long a query of the API may take.
  package var queryTimeout: Duration
  /// The most samples one query may read and compute.
  package var querySamples: Int
  /// How many queries run at once.
  package var queryConcurrency: Int

  package static let defaultListener = HTTPListener.tcp(host: "127.0.0.1", port: 9768)

  package init() {
    listeners = [Self.defaultListener]
    retention = .seconds(2 * 3600)
    history = .seconds(30 * 86400)
    maxSeries = 200_000
    queryTimeout = .seconds(30)
    querySamples = 50_000_000
    queryConcurrency = 4
  }

  /// Reads the `daemon` statements; of two with one setting the second is an error of the reader.
  package static func read(_ statements: [Statement], context: ReadingContext) -> DaemonSettings {
    var settings = DaemonSettings()
    let blocks = statements.filter { $0.keyword.value == "daemon" }
    for extra in blocks.dropFirst() {
      context.report(
        Diagnostic(
          "E026", .error, "there is a second `daemon` block", at: extra.headRange, "given again",
          context: [.init(blocks[0].headRange, "first given here")],
          help: "put all its settings into one block"))
    }
    guard let statement = blocks.first else { return settings }
    let reader = BlockReader(statement, kind: "daemon", context: context)
    let listen = reader.readEach(
      "listen", .text, "Address and port of the HTTP API, `127.0.0.1:9768` by default.")
    if !listen.isEmpty {
      settings.listeners = listen.compactMap { listener($0, context: context) }
    }
    settings.socket = reader.read("socket", .text, "Path of the unix socket.")?.value
    settings.url = reader.read("url", .text, "Base address for links in messages.")?.value
    settings.zone = reader.read("zone", .text, "IANA time zone of times in messages.")?.value
    settings.data = reader.read("data", .text, "Folder of the durable state.")?.value
    settings.retention = reader.read(
      "retention", .duration, default: settings.retention, "How long samples stay in memory.")
    settings.history = reader.read(
      "history", .duration, default: settings.history, "How long history is kept.")
    settings.token =
      reader.read(
        "token", .secret, "What a client must show to change state over TCP.")?.value
    settings.maxSeries = reader.read(
      "limit series", .integer(in: 1...100_000_000), default: settings.maxSeries,
      "The most series kept at a time, of all targets together.")
    settings.readQueries(reader)
    reader.finish()
    return settings
  }

  /// An answer must have left within the server's minute.
  private static let longestQuery: Duration = .seconds(55)

  private mutating func readQueries(_ reader: BlockReader) {
    let timeout = reader.read(
      "query timeout", .duration, "The longest that a query may take, 30s by default.")
    if let timeout {
      if timeout.value > .zero, timeout.value <= Self.longestQuery {
        queryTimeout = timeout.value
      } else {
        reader.report(
          Diagnostic(
            "E012", .error, "a query may take more than nothing and at most 55s",
            at: timeout.range, "out of bounds", help: "query timeout 30s"))
      }
    }
    querySamples = reader.read(
      "query samples", .integer(in: 1...1_000_000_000), default: querySamples,
      "The most samples that one query may read and compute.")
    queryConcurrency = reader.read(
      "query concurrency", .integer(in: 1...100), default: queryConcurrency,
      "How many queries run at once; the others wait. A change takes a restart.")
  }

  private static func listener(
    _ text: Located<String>, context: ReadingContext
  ) -> HTTPListener? {
    func refuse(_ reason: String, _ help: String) -> HTTPListener? {
      context.report(
        Diagnostic("E012", .error, reason, at: text.range, "not a listen address", help: help))
      return nil
    }
    guard let colon = text.value.lastIndex(of: ":"),
      let port = Int(text.value[text.value.index(after: colon)...]), (0...65535).contains(port)
    else {
      return refuse("a listen address is `address:port`", "listen 127.0.0.1:9768")
    }
    var host = String(text.value[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    if host == "localhost" { host = "127.0.0.1" }
    // Without TLS of its own the API stays on this host.
    guard host.hasPrefix("127.") || host == "::1" else {
      return refuse(
        "the API listens on loopback addresses only",
        "listen 127.0.0.1:\(port), and put a TLS proxy in front for other hosts")
    }
    return .tcp(host: host, port: port)
  }
}
