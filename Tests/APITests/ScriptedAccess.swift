import API
import Exposition
import Model
import Outside
import PromQL

/// A daemon of fixed answers that remembers the commands it got.
final class ScriptedAccess: PipelineAccess {
  let time = Timestamp(milliseconds: 1_763_823_850_123)
  var alertList: [AlertView] = []
  var groupList: [RuleGroupView] = []
  var targetList: [TargetStatus] = []
  var silenceList: [Silence] = []
  var report = HealthReport(checks: [], isReady: true)
  var outcome: Result<QueryOutcome, QueryRefusal> = .success(QueryOutcome(value: .scalar(1)))
  var cost = QueryCost()
  var metadataList: [MetricMetadata] = []
  let commands: CommandLog

  /// What was asked for, in order.
  actor CommandLog {
    private(set) var drafts: [SilenceDraft] = []
    private(set) var expired: [String] = []
    private(set) var posted: [PostedAlertRequest] = []
    private(set) var requests: [QueryRequest] = []
    var queries: [String] { requests.map(\.text) }
    func add(_ draft: SilenceDraft) { drafts.append(draft) }
    func add(expired id: String) { expired.append(id) }
    func add(_ alerts: [PostedAlertRequest]) { posted += alerts }
    func add(_ request: QueryRequest) { requests.append(request) }
  }

  init(_ configure: (ScriptedAccess) -> Void = { _ in }) {
    commands = CommandLog()
    configure(self)
  }

  func now() -> Timestamp { time }
  func identity() async -> DaemonIdentity {
    DaemonIdentity(
      version: "1.2.3", hostName: "web-1", startedAt: time - .seconds(90),
      url: "http://127.0.0.1:9768", configuration: "probe …", lastReload: time - .seconds(60),
      lastReloadSucceeded: true, folder: "/var/lib/tocsin",
      flags: [Label("query.timeout", "30s"), Label("storage.tsdb.retention.time", "2h")])
  }
  func query(_ request: QueryRequest) async -> Result<QueryAnswer, QueryRefusal> {
    await commands.add(request)
    return outcome.map { QueryAnswer($0, cost: cost) }
  }
  func series(
    matchingAny selectors: [[LabelMatcher]], from: Timestamp, through: Timestamp
  ) async -> [Labels] {
    // They were last seen now.
    guard from <= time, through >= time else { return [] }
    return [
      Labels(["__name__": "up", "job": "a", "weird name": "x"]),
      Labels(["__name__": "up", "job": "b"]),
    ].filter { labels in selectors.isEmpty || selectors.contains { $0.allMatch(labels) } }
  }
  func metadata() async -> [MetricMetadata] { metadataList }
  func storage() async -> StorageFacts {
    StorageFacts(seriesCount: 2, oldest: time - .seconds(60), newest: time, chunkCount: 2)
  }
  func alerts() async -> [AlertView] { alertList }
  func alertGroups() async -> [AlertGroupView] { [] }
  func ruleGroups() async -> [RuleGroupView] { groupList }
  func targets() async -> [TargetStatus] { targetList }
  func receivers() async -> [String] { ["ops", "team"] }
  func silences() async -> [Silence] { silenceList }
  func setSilence(_ draft: SilenceDraft) async -> Result<String, CommandRefusal> {
    await commands.add(draft)
    return .success("new-id")
  }
  func expireSilence(_ id: String) async -> Result<Void, CommandRefusal> {
    await commands.add(expired: id)
    return id == "known" ? .success(()) : .failure(CommandRefusal(.notFound, "there is none"))
  }
  func post(_ alerts: [PostedAlertRequest]) async -> Result<Void, CommandRefusal> {
    await commands.add(alerts)
    return .success(())
  }
  func reload() async -> Result<Void, CommandRefusal> { .success(()) }
  func history(_ request: HistoryRequest) async -> Result<[HistoryEntry], CommandRefusal> {
    .success([
      HistoryEntry(time: time, event: .firing, message: "<b>fired</b>", priority: 2, alert: "Down")
    ])
  }
  func health() async -> HealthReport { report }
  func metrics() async -> [ExpositionFamily] {
    [ExpositionFamily("tocsin_batches_total", .counter, "Taken in.", [(labels: [], value: 3)])]
  }
  func newest(matchingAny selectors: [[LabelMatcher]]) async -> [ExpositionFamily.Sample] {
    await series(matchingAny: selectors, from: time, through: time).map { .init($0, 1.5, at: time) }
  }
}

// Configured before the first request, constant after.
extension ScriptedAccess: @unchecked Sendable {}

/// Asks a router and reads the answer as text.
struct Asking {
  let router: APIRouter
  let access: ScriptedAccess

  init(token: String? = "secret", _ configure: (ScriptedAccess) -> Void = { _ in }) {
    access = ScriptedAccess(configure)
    router = APIRouter(access: access, token: token, hostNames: ["web-1"])
  }

  func ask(
    _ method: String, _ path: String, query: [Label] = [], headers: [Label] = [],
    body: String = "", peer: HTTPServerRequest.Peer = .tcp(address: "127.0.0.1")
  ) async -> (status: Int, body: String, response: HTTPServerResponse) {
    let response = await router.answer(
      HTTPServerRequest(
        method: method, path: path, query: query, headers: headers, body: Array(body.utf8),
        peer: peer))
    guard case .bytes(let bytes) = response.body else { return (response.status, "", response) }
    return (response.status, String(decoding: bytes, as: UTF8.self), response)
  }
}
