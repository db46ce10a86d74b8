import Exposition
import Model
import Outside
import PromQL

/// What the endpoints ask of the daemon. Supervisor implements it; tests bring their own.
package protocol PipelineAccess: Sendable {
  func now() -> Timestamp
  func identity() async -> DaemonIdentity

  /// Evaluates a PromQL expression under the daemon's limits.
  func query(_ request: QueryRequest) async -> Result<QueryAnswer, QueryRefusal>
  /// The label sets of the series that any of the selectors matches, all when there is none, and
  /// that have a sample between the two times; sorted.
  func series(
    matchingAny selectors: [[LabelMatcher]], from: Timestamp, through: Timestamp
  ) async -> [Labels]
  /// The newest samples of the series that any of the selectors matches and that have not ended,
  /// not older than a query would take for current; each series once.
  func newest(matchingAny selectors: [[LabelMatcher]]) async -> [ExpositionFamily.Sample]
  /// What every metric says of itself, by name.
  func metadata() async -> [MetricMetadata]
  /// How much is stored.
  func storage() async -> StorageFacts

  func alerts() async -> [AlertView]
  func alertGroups() async -> [AlertGroupView]
  func ruleGroups() async -> [RuleGroupView]
  func targets() async -> [TargetStatus]
  func receivers() async -> [String]

  func silences() async -> [Silence]
  /// Creates or changes a silence; answers with its identifier.
  func setSilence(_ draft: SilenceDraft) async -> Result<String, CommandRefusal>
  func expireSilence(_ id: String) async -> Result<Void, CommandRefusal>
  /// Takes alerts posted by another system.
  func post(_ alerts: [PostedAlertRequest]) async -> Result<Void, CommandRefusal>
  /// Reads the configuration anew; a refusal carries the rendered diagnostics.
  func reload() async -> Result<Void, CommandRefusal>

  func history(_ request: HistoryRequest) async -> Result<[HistoryEntry], CommandRefusal>
  func health() async -> HealthReport
  /// The daemon's own metrics.
  func metrics() async -> [ExpositionFamily]
}

/// Who answers.
package struct DaemonIdentity: Sendable {
  package var version: String
  package var hostName: String
  package var startedAt: Timestamp
  /// The base address links point to.
  package var url: String
  /// The configuration's text, secrets left out.
  package var configuration: String
  /// When a configuration was last read, and whether it was accepted.
  package var lastReload: Timestamp
  package var lastReloadSucceeded: Bool
  /// The folder of the durable state.
  package var folder: String
  /// The settings in force, under the names of Prometheus' flags.
  package var flags: [Label]
  package init(
    version: String, hostName: String, startedAt: Timestamp, url: String, configuration: String,
    lastReload: Timestamp, lastReloadSucceeded: Bool, folder: String, flags: [Label]
  ) {
    self.version = version
    self.hostName = hostName
    self.startedAt = startedAt
    self.url = url
    self.configuration = configuration
    self.lastReload = lastReload
    self.lastReloadSucceeded = lastReloadSucceeded
    self.folder = folder
    self.flags = flags
  }
}

/// Why a command was refused.
package struct CommandRefusal: Error, Sendable {
  package enum Kind: Sendable { case invalid, notFound, unavailable }
  package var kind: Kind
  package var reason: String
  package init(_ kind: Kind, _ reason: String) {
    self.kind = kind
    self.reason = reason
  }
}

/// An alert and where it stands with its receivers.
package struct AlertView: Sendable {
  package var alert: Alert
  package var receivers: [String]
  package var muted: [MuteCause]
  package var updatedAt: Timestamp
  /// When somebody is told next, and who; nil when nobody will be.
  package var nextNotification: Timestamp?
  package init(
    alert: Alert, receivers: [String], muted: [MuteCause], updatedAt: Timestamp,
    nextNotification: Timestamp? = nil
  ) {
    self.alert = alert
    self.receivers = receivers
    self.muted = muted
    self.updatedAt = updatedAt
    self.nextNotification = nextNotification
  }
}

package struct AlertGroupView: Sendable {
  package var labels: Labels
  package var receiver: String
  package var alerts: [AlertView]
  package init(labels: Labels, receiver: String, alerts: [AlertView]) {
    self.labels = labels
    self.receiver = receiver
    self.alerts = alerts
  }
}

/// A rule group as `/api/v1/rules` shows it.
package struct RuleGroupView: Sendable {
  package var name: String
  package var file: String
  package var interval: Duration
  package var lastEvaluation: Timestamp?
  package var evaluationTime: Duration
  package var rules: [RuleView]
  package init(
    name: String, file: String, interval: Duration, lastEvaluation: Timestamp?,
    evaluationTime: Duration, rules: [RuleView]
  ) {
    self.name = name
    self.file = file
    self.interval = interval
    self.lastEvaluation = lastEvaluation
    self.evaluationTime = evaluationTime
    self.rules = rules
  }
}

package struct RuleView: Sendable {
  package enum Kind: Sendable { case alerting(state: AlertState, alerts: [Alert]), recording }
  package enum Health: String, Sendable { case unknown, ok, err }
  package var kind: Kind
  package var name: String
  package var query: String
  package var hold: Duration
  package var keepFiringFor: Duration
  package var labels: Labels
  package var annotations: [Label]
  package var health: Health
  package var lastError: String?
  package var lastEvaluation: Timestamp?
  package var evaluationTime: Duration
  package init(
    kind: Kind, name: String, query: String, hold: Duration = .zero,
    keepFiringFor: Duration = .zero, labels: Labels = Labels(), annotations: [Label] = [],
    health: Health, lastError: String?, lastEvaluation: Timestamp?, evaluationTime: Duration
  ) {
    self.kind = kind
    self.name = name
    self.query = query
    self.hold = hold
    self.keepFiringFor = keepFiringFor
    self.labels = labels
    self.annotations = annotations
    self.health = health
    self.lastError = lastError
    self.lastEvaluation = lastEvaluation
    self.evaluationTime = evaluationTime
  }
}

/// An alert as Prometheus posts it (`api/v2/openapi.yaml`, postableAlert).
package struct PostedAlertRequest: Sendable {
  package var labels: Labels
  package var annotations: [Label]
  package var startsAt: Timestamp?
  package var endsAt: Timestamp?
  package var generatorURL: String
  package init(
    labels: Labels, annotations: [Label], startsAt: Timestamp?, endsAt: Timestamp?,
    generatorURL: String
  ) {
    self.labels = labels
    self.annotations = annotations
    self.startsAt = startsAt
    self.endsAt = endsAt
    self.generatorURL = generatorURL
  }
}

package struct HistoryRequest: Sendable {
  package var since: Timestamp?
  package var until: Timestamp?
  package var matchers: [LabelMatcher]
  package var limit: Int
  package init(
    since: Timestamp? = nil, until: Timestamp? = nil, matchers: [LabelMatcher] = [],
    limit: Int = 1000
  ) {
    self.since = since
    self.until = until
    self.matchers = matchers
    self.limit = limit
  }
}

/// Whether the parts of the daemon do their work.
package struct HealthReport: Sendable {
  package struct Check: Sendable {
    package var name: String
    /// nil when well.
    package var error: String?
    package init(name: String, error: String?) {
      self.name = name
      self.error = error
    }
  }
  package var checks: [Check]
  /// Every source has been asked once and the listeners are up.
  package var isReady: Bool
  package init(checks: [Check], isReady: Bool) {
    self.checks = checks
    self.isReady = isReady
  }
  package var isHealthy: Bool { checks.allSatisfy { $0.error == nil } }
}
