import Model
import PromQL
import Storage

/// An element of a rule's result.
struct Element: Sendable, Hashable {
  var labels: Labels
  var value: Double
  init(_ labels: Labels, _ value: Double) {
    self.labels = labels
    self.value = value
  }
}

/// Why a rule has no result.
package enum RuleFailure: Error, Sendable, Hashable, CustomStringConvertible {
  case evaluation(String)
  case notAVector
  case duplicateLabels(Labels)
  case duplicateSeries(Labels)
  case limitExceeded(limit: Int, count: Int)
  case tooManySeries(limit: Int, count: Int)

  package var description: String {
    switch self {
    case .evaluation(let reason): reason
    case .notAVector: "the expression yields neither a vector nor a number"
    case .duplicateLabels(let labels):
      "vector contains metrics with the same labelset after applying alert labels: \(labels)"
    case .duplicateSeries(let labels):
      "vector contains metrics with the same labelset after applying rule labels: \(labels)"
    case .limitExceeded(let limit, let count): "exceeded limit of \(limit) with \(count) alerts"
    case .tooManySeries(let limit, let count): "exceeded limit of \(limit) with \(count) series"
    }
  }
}

/// What made a rule evaluate.
package enum EvaluationCause: String, Sendable, Hashable {
  case arrival, record, timer, every
}

/// One evaluation of a rule, kept for `explain`.
package struct RuleOutcome: Sendable, Hashable {
  package var time: Timestamp
  package var cause: EvaluationCause
  /// Elements in the result.
  package var elements: Int
  package var pending: Int
  package var firing: Int
  /// Instances whose state is held because nothing is known of them.
  package var held: Int
  package var failure: RuleFailure?
}

/// The series of an alert that are in the store.
struct WrittenSeries: Sendable, Hashable {
  /// What the alert was like that they were made for.
  var labels: Labels
  var state: AlertState
  var alerts: Labels
  var forState: Labels
  var time: Timestamp
}

/// When a rule is to be evaluated. Apart from the rest, so that asking costs next to nothing.
struct RuleTiming: Sendable {
  /// When an arrival wants the rule evaluated; nil when none does.
  var arrivalDue: Timestamp?
  /// When `every` wants it.
  var everyDue: Timestamp
  /// When a `for` or another timer of an alert wants it; kept by `refreshTimer`.
  var timerDue: Timestamp?

  /// When the rule is to be evaluated next if nothing else happens.
  var due: Timestamp {
    min(everyDue, arrivalDue ?? .distantFuture, timerDue ?? .distantFuture)
  }
}

/// Everything that moves about one rule.
struct RuleState: Sendable {
  static let keptOutcomes = 12
  static let keptResolved = Duration.seconds(15 * 60)
  /// How long a series that vanished still counts as missing while its source answers.
  static let presenceMemory = Duration.seconds(3600)

  /// Name, labels and a number: how the rule is found again after a reload or a restart.
  let key: String
  let rule: Rule
  let group: RuleGroup
  var query: Query
  var presence: AlertingRule.Presence
  /// The standing selectors of the query.
  var selectors: [SelectorID]
  let shape: RuleShape

  var lastEvaluation: Timestamp?
  var lastArrivalRun: Timestamp?
  var timing: RuleTiming
  var arrivalCause = EvaluationCause.arrival
  /// Something arrived that no evaluation has seen; it may wait for further sources.
  var hasUnseenArrival = false
  /// Waits for sources that have not reported since the start.
  var isPostponed = false
  var coverage: CellCoverage
  /// How long a sample of the sources stays current beyond the usual, and the generation of
  /// intervals it was worked out for.
  var lookback = Duration.zero
  var lookbackGeneration: UInt64?
  /// The sources that feed the rule, and those of them that reported since the last evaluation.
  var sources: Set<SourceID> = []
  var reported: Set<SourceID> = []
  /// The rules whose recorded series this one reads.
  var producers: [Int] = []

  var instances = AlertInstances()
  /// The elements whose absence would be a problem, and when each was last there.
  var seen: [Labels: Timestamp] = [:]
  /// The rule's own alert while it does not evaluate.
  var failing: AlertInstance?

  /// The instances and sources that the state store has.
  var persisted: Set<Fingerprint> = []
  var storedSources: Set<SourceID> = []

  var lastSlot: Int64?
  var written: [Fingerprint: WrittenSeries] = [:]
  /// The recorded series that have not ended, with the time of their newest sample.
  var recorded: [Labels: Timestamp] = [:]

  var lastFailure: RuleFailure?
  var outcomes: [RuleOutcome] = []

  init(
    key: String, rule: Rule, group: RuleGroup, query: Query, presence: AlertingRule.Presence,
    selectors: [SelectorID], everyDue: Timestamp
  ) {
    self.key = key
    self.rule = rule
    self.group = group
    self.query = query
    self.presence = presence
    self.selectors = selectors
    timing = RuleTiming(everyDue: everyDue)
    shape = RuleShape(rule.query.expression)
    coverage = CellCoverage(reach: rule.reach)
    canBeQuiet =
      if case .alerting(let alerting) = rule { !alerting.behavior.noData.raises } else { false }
  }

  /// Whether an empty result changes nothing and writes nothing.
  var isQuiet: Bool {
    instances.isEmpty && written.isEmpty && failing == nil && canBeQuiet
  }
  private let canBeQuiet: Bool

  var alerting: AlertingRule? {
    if case .alerting(let rule) = rule { rule } else { nil }
  }

  /// The number of the `every` slot that a time falls into.
  func slot(of time: Timestamp) -> Int64 {
    let width = max(1, group.every.wholeMilliseconds)
    let position = time.milliseconds
    return position >= 0 ? position / width : (position - width + 1) / width
  }

  /// Recomputes the earliest time at which an instance moves by itself.
  mutating func refreshTimer() {
    guard let behavior = alerting?.behavior else { return }
    let last = lastEvaluation ?? .distantPast
    // A deadline that an evaluation has passed without effect waits for the next arrival.
    if instances.isEmpty {
      timing.timerDue = nil
      return
    }
    var due: Timestamp?
    for instance in instances.values {
      guard let deadline = instance.deadline(behavior), deadline > last else { continue }
      due = min(due ?? deadline, deadline)
    }
    timing.timerDue = due
  }

  mutating func remember(_ outcome: RuleOutcome) {
    outcomes.append(outcome)
    if outcomes.count > Self.keptOutcomes { outcomes.removeFirst() }
    lastFailure = outcome.failure
    lastEvaluation = outcome.time
  }
}
