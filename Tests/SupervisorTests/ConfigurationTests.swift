import Alerting
import Collection
import Delivery
import Diagnostics
import Model
import Outside
import SimulatedWorld
import Testing

@testable import Supervisor

@Suite struct ConfigurationTests {
  private func load(_ files: [String: String], _ paths: [String]) async -> Configuration {
    let simulation = SimulatedWorld(seed: 1)
    for (path, text) in files { simulation.files.put(text, at: path) }
    return await simulation.run { await Configuration.load(paths, world: simulation.world) }
  }

  @Test func withoutPathsTheShippedRulesWatchTheHost() async {
    let configuration = await load([:], [])
    #expect(configuration.diagnostics == [])
    #expect(configuration.rules.alerts.contains { $0.name == "FilesystemFull" })
    #expect(configuration.collection.targets.map(\.source.kind) == ["host"])
    #expect(configuration.receivers.map(\.name) == ["terminal"])
  }

  @Test func includesAreFollowedOnce() async {
    let configuration = await load(
      [
        "/etc/t/a.tocsin": "include b.tocsin\ninclude host\n",
        "/etc/t/b.tocsin": "include a.tocsin\nrecord x:y = up\n",
      ], ["/etc/t/a.tocsin"])
    #expect(configuration.diagnostics.filter { $0.severity == .error } == [])
    #expect(configuration.files.documents.count == 3)
    #expect(configuration.rules.records.map(\.name) == ["x:y"])
  }

  @Test func theAlertOnCutTargetsComesWithAScrape() async {
    let scrape = "scrape kit http://127.0.0.1:9100/metrics\n"
    let own = "alert TargetOverCap {\n  when scrape_series_cut > 9\n  severity critical\n}\n"
    func load(_ text: String) async -> [(name: String, severity: String?)] {
      let configuration = await self.load(["/t.tocsin": text], ["/t.tocsin"])
      #expect(configuration.diagnostics.filter { $0.severity == .error } == [])
      #expect(configuration.files.documents.count == 1)
      return configuration.rules.alerts.map { ($0.name, $0.behavior.levels.first?.severity?.name) }
    }
    #expect(await load("host off\n").isEmpty)
    let implied = await load(scrape)
    #expect(implied.map(\.name) == ["TargetOverCap"])
    #expect(implied.first?.severity == "warning")
    #expect(await load(scrape + "severities low < high\n").map(\.name) == ["TargetOverCap"])
    for text in [own, "group g {\n\(own)}\n"] {
      let written = await load(scrape + text)
      #expect(written.map(\.name) == ["TargetOverCap"])
      #expect(written.first?.severity == "critical")
    }
  }

  @Test func aMissingIncludeIsNamed() async {
    let configuration = await load(
      ["/t.tocsin": "include hots\ninclude more/*.tocsin\n"], ["/t.tocsin"])
    #expect(configuration.diagnostics.map(\.code) == ["E027", "N003"])
    #expect(configuration.diagnostics.first?.help == "did you mean `host`?")
    #expect(!configuration.isAcceptable)
  }

  @Test func aPathThatCannotBeReadIsAFailure() async {
    let configuration = await load([:], ["/nowhere.tocsin"])
    #expect(configuration.files.failures.count == 1)
    #expect(!configuration.isAcceptable)
  }

  @Test func theSeriesOfAllTargetsHaveALimit() async {
    let text = "daemon {\n  limit series 300000\n}\n"
    let configuration = await load(["/t.tocsin": text], ["/t.tocsin"])
    #expect(configuration.diagnostics.filter { $0.severity == .error }.isEmpty)
    #expect(configuration.settings.maxSeries == 300_000)
  }

  @Test func unknownStatementsAndListenersAreRefused() async {
    let configuration = await load(
      ["/t.tocsin": "prob http a http://h\ndaemon {\n  listen 0.0.0.0:80\n}\n"], ["/t.tocsin"])
    #expect(
      configuration.diagnostics.filter { $0.severity == .error }.map(\.code).sorted() == [
        "E011", "E012",
      ])
    #expect(configuration.errorLines.contains { $0.contains("did you mean `probe`?") })
  }

  @Test func theListingHidesWrittenSecrets() async {
    let configuration = await load(
      [
        "/t.tocsin": """
        receiver r {
          slack "#a" {
            url         "https://hooks.example/T0/secret"
          }
          email a@example.com {
            server      localhost:25
            password    credential "mail"
          }
        }
        """
      ], ["/t.tocsin"])
    #expect(!configuration.listing.contains("secret"))
    #expect(configuration.listing.contains("url (not shown)"))
    #expect(configuration.listing.contains("password    credential \"mail\""))
  }
}
