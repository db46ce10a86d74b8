import API
import ArgumentParser
import FoundationEssentials
import Model
import Outside

/// Silences: the way to say "we know" beforehand.
struct SilenceCommands: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "silence", abstract: "Adds, lists, previews and expires silences.",
    subcommands: [Add.self, List.self, Expire.self, Preview.self])

  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Mutes alerts that match every label until the time is over.")
    @OptionGroup var daemon: DaemonOptions
    @Argument(help: "Labels: alertname=DiskFilling mountpoint=/ severity=~\"warn.*\".")
    var matchers: [String]
    @Option(name: .customLong("for"), help: "How long: 2h, 30m, 1d.") var duration: String
    @Option(help: "Why; the next reader will want to know.") var reason: String
    @Option(help: "Who; by default the user of the unix socket.") var author: String?

    func run() async throws {
      guard let length = DurationText.parse(duration), length > .zero else {
        throw ValidationError("--for takes a duration such as 2h or 30m")
      }
      let parsed = try SilenceCommands.parse(matchers)
      let client = try daemon.client()
      let now = client.world.time.now()
      let author = author ?? client.world.environment["USER"] ?? "unknown"
      let body = SilenceCommands.json(
        parsed, startsAt: now, endsAt: now + length, author: author, reason: reason)
      let answer = try await client.send("POST", "/api/v2/silences", body: Array(body.text.utf8))
      struct Created: Decodable { var silenceID: String }
      guard let created = try? JSONDecoder().decode(Created.self, from: Data(answer)) else {
        Terminal.complain("the daemon's answer names no silence")
        throw ProgramExit.internalFailure
      }
      Terminal.print(created.silenceID)
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists silences that are not over.")
    @OptionGroup var daemon: DaemonOptions
    @Flag(help: "Print the API's JSON.") var json = false
    @Flag(help: "Also those that are over.") var all = false

    struct Silence: Decodable {
      struct Matcher: Decodable {
        var name: String
        var value: String
        var isRegex: Bool
        var isEqual: Bool
        var text: String {
          let symbol = isRegex ? (isEqual ? "=~" : "!~") : (isEqual ? "=" : "!=")
          return "\(name)\(symbol)\(PromQuote.quoted(value))"
        }
      }
      struct Status: Decodable { var state: String }
      var id: String
      var matchers: [Matcher]
      var endsAt: String
      var createdBy: String
      var comment: String
      var status: Status
    }

    func run() async throws {
      let client = try daemon.client()
      if json {
        let body = try await client.get("/api/v2/silences")
        return Terminal.print(String(decoding: body, as: UTF8.self))
      }
      let silences = try await client.get([Silence].self, "/api/v2/silences")
        .filter { all || $0.status.state != "expired" }
      if silences.isEmpty { return Terminal.print("no silences") }
      Terminal.table(
        silences.map {
          [
            $0.id, $0.status.state, $0.matchers.map(\.text).joined(separator: " "),
            "until \($0.endsAt)", "\($0.createdBy): \($0.comment)",
          ]
        })
    }
  }

  struct Expire: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Ends silences now.")
    @OptionGroup var daemon: DaemonOptions
    @Argument(help: "Identifiers, as `silence list` prints them.") var ids: [String]

    func run() async throws {
      let client = try daemon.client()
      for id in ids {
        _ = try await client.send(
          "DELETE", "/api/v2/silence/\(DaemonClient.encoded(id))", body: [])
      }
    }
  }

  struct Preview: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lists the firing alerts that a silence would mute.")
    @OptionGroup var daemon: DaemonOptions
    @Argument(help: "Labels, as for `silence add`.") var matchers: [String]

    func run() async throws {
      _ = try SilenceCommands.parse(matchers)
      let alerts = try await daemon.client().get(
        [AlertAnswer].self, "/api/v2/alerts", query: matchers.map { Label("filter", $0) })
      Terminal.print(alerts.count == 1 ? "1 firing alert" : "\(alerts.count) firing alerts")
      for alert in alerts { Terminal.print("  " + alert.line) }
    }
  }

  static func parse(_ texts: [String]) throws -> [LabelMatcher] {
    try texts.flatMap { text in
      switch MatcherText.parse(text) {
      case .success(let matchers): return matchers
      case .failure(let refusal): throw ValidationError(refusal.reason)
      }
    }
  }

  static func json(
    _ matchers: [LabelMatcher], startsAt: Timestamp, endsAt: Timestamp, author: String,
    reason: String
  ) -> JSON {
    [
      "matchers": .array(
        matchers.map { matcher in
          [
            "name": .string(matcher.name), "value": .string(matcher.value),
            "isRegex": .bool(matcher.comparison == .matches || matcher.comparison == .notMatches),
            "isEqual": .bool(matcher.comparison == .equal || matcher.comparison == .matches),
          ]
        }),
      "startsAt": .string(SampleText.rfc3339(startsAt)),
      "endsAt": .string(SampleText.rfc3339(endsAt)), "createdBy": .string(author),
      "comment": .string(reason),
    ]
  }
}
