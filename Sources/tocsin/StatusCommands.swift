import API
import ArgumentParser
import Model
import Outside

/// What is true now.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Says in a few lines how the daemon and its targets are.")
  @OptionGroup var daemon: DaemonOptions
  @Flag(help: "Print the API's JSON.") var json = false

  func run() async throws {
    let client = try daemon.client()
    let body = try await client.get("/api/v1/targets")
    if json { return Terminal.print(String(decoding: body, as: UTF8.self)) }
    let targets = try await client.get(TargetsAnswer.self, "/api/v1/targets").data.activeTargets
    let alerts = try await client.get([AlertAnswer].self, "/api/v2/alerts")
    let runtime = try await client.get(RuntimeAnswer.self, "/api/v1/status/runtimeinfo").data
    let down = targets.filter { $0.health != "up" }
    Terminal.print(
      "\(Terminal.coloured(runtime.hostname, .bold)): \(alerts.count) firing, "
        + "\(targets.count - down.count) of \(targets.count) targets well")
    for target in down {
      Terminal.print(
        "  \(Terminal.coloured("down", .red))  \(target.scrapePool) \(target.scrapeUrl): "
          + target.lastError)
    }
    for alert in alerts { Terminal.print("  " + alert.line) }
  }
}

/// The alerts that fire.
struct AlertsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "alerts", abstract: "Lists the alerts that fire.")
  @OptionGroup var daemon: DaemonOptions
  @Flag(help: "Print the API's JSON.") var json = false
  @Option(help: "Exit with 1 when this holds: firing.") var failIf: String?
  @Argument(help: "Only alerts with these labels: alertname=Down, severity=~\"w.*\".")
  var matchers: [String] = []

  func validate() throws {
    if let failIf, failIf != "firing" {
      throw ValidationError("--fail-if takes `firing`")
    }
  }

  func run() async throws {
    let client = try daemon.client()
    let query = matchers.map { Label("filter", $0) }
    let body = try await client.get("/api/v2/alerts", query: query)
    let alerts = try await client.get([AlertAnswer].self, "/api/v2/alerts", query: query)
    if json {
      Terminal.print(String(decoding: body, as: UTF8.self))
    } else if alerts.isEmpty {
      Terminal.print("nothing fires")
    } else {
      for alert in alerts { Terminal.print(alert.line) }
    }
    if failIf == "firing", !alerts.isEmpty { throw ProgramExit.no }
  }
}

struct TargetsAnswer: Decodable {
  struct Data: Decodable { var activeTargets: [Target] }
  struct Target: Decodable {
    var scrapePool: String
    var scrapeUrl: String
    var lastError: String
    var health: String
  }
  var data: Data
}

struct RuntimeAnswer: Decodable {
  struct Data: Decodable {
    var hostname: String
    var startTime: String
  }
  var data: Data
}

struct AlertAnswer: Decodable {
  struct Status: Decodable {
    var state: String
    var silencedBy: [String]
    var inhibitedBy: [String]
  }
  var labels: [String: String]
  var annotations: [String: String]
  var startsAt: String
  var status: Status
  var fingerprint: String

  /// One line for a person.
  var line: String {
    let severity = labels["severity"] ?? "none"
    let colour: Terminal.Colour =
      severity == "critical" ? .red : severity == "warning" ? .yellow : .blue
    let rest = labels.filter { $0.key != "alertname" && $0.key != "severity" }
      .sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    let muted = status.state == "suppressed" ? "  (muted)" : ""
    return "\(Terminal.coloured(severity, colour))  \(labels["alertname"] ?? "")  "
      + "\(annotations["summary"] ?? "")  since \(startsAt)\(muted)  "
      + Terminal.coloured(rest, .dim)
  }
}

/// What happened.
struct HistoryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Tells what happened, from the journal, newest last.")
  @OptionGroup var daemon: DaemonOptions
  @Flag(help: "Print the API's JSON.") var json = false
  @Option(help: "How far back: 2h, 7d, or a time (RFC 3339).") var since: String = "24h"
  @Option(help: "Only this kind of event, as in TOCSIN_EVENT: firing, delivered …")
  var event: String?
  @Option(help: "At most this many of the newest entries.") var limit: Int = 200
  @Argument(help: "Only entries of alerts with these labels.") var matchers: [String] = []

  struct Answer: Decodable {
    struct Entry: Decodable {
      var time: String
      var event: String
      var message: String
    }
    var entries: [Entry]
  }

  func run() async throws {
    let client = try daemon.client()
    var query = matchers.map { Label("filter", $0) }
    let start: Timestamp
    if let ago = DurationText.parse(since) {
      start = client.world.time.now() - ago
    } else if let time = SampleText.time(since) {
      start = time
    } else {
      throw ValidationError("--since takes a duration such as 2h, or a time in RFC 3339")
    }
    query.append(Label("since", SampleText.rfc3339(start)))
    query.append(Label("limit", String(limit)))
    let body = try await client.get("/api/tocsin/v1/history", query: query)
    if json { return Terminal.print(String(decoding: body, as: UTF8.self)) }
    let answer = try await client.get(Answer.self, "/api/tocsin/v1/history", query: query)
    for entry in answer.entries where event == nil || event == entry.event {
      Terminal.print(
        "\(Terminal.coloured(entry.time, .dim))  "
          + "\(entry.event.padding(to: 15))  \(entry.message)")
    }
  }
}

extension String {
  func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}

/// Reads the configuration anew.
struct ReloadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload", abstract: "Makes the daemon read its configuration anew.")
  @OptionGroup var daemon: DaemonOptions

  func run() async throws {
    _ = try await daemon.client().send("POST", "/-/reload", body: [])
    Terminal.print("the new configuration runs")
  }
}

struct VersionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Prints the version.")
  func run() async throws { Terminal.print("tocsin \(ProgramVersion.current)") }
}
