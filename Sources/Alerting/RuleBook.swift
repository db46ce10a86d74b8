import Diagnostics
import Model
import PromQL
import PromQLSyntax
import Templates

/// Every rule of a configuration, checked and ready to be evaluated.
package struct RuleBook: Sendable {
  /// In the order in which one event runs them.
  package var groups: [RuleGroup]
  package var severities: SeverityScale
  /// What `{{ host }}` prints.
  package var host: String
  /// The zone of times in texts.
  package var zone = TimeZoneTable.utc

  package init(
    groups: [RuleGroup] = [], severities: SeverityScale = .standard, host: String = ""
  ) {
    self.groups = groups
    self.severities = severities
    self.host = host
  }

  /// Every alerting rule, in order.
  package var alerts: [AlertingRule] {
    groups.flatMap { group in
      group.rules.compactMap { if case .alerting(let rule) = $0 { rule } else { nil } }
    }
  }

  /// Every recording rule, in order.
  package var records: [RecordingRule] {
    groups.flatMap { group in
      group.rules.compactMap { if case .recording(let rule) = $0 { rule } else { nil } }
    }
  }
}

/// Rules that run together, in order, at one time.
package struct RuleGroup: Sendable {
  package static let standardEvery = Duration.seconds(15)

  package var name: String
  /// The file it was written in, "" for the rules that probes bring.
  package var file: String
  /// The longest an evaluation ever waits, and the spacing of recorded samples.
  package var every: Duration
  /// How many alerts or recorded series one rule may have; 0 is without limit.
  package var limit: Int
  /// How far behind now the rules look, for sources that deliver late.
  package var delay: Duration
  /// `evaluate at URL`: an engine elsewhere that evaluates the expressions.
  package var evaluator: String?
  package var rules: [Rule]

  package init(
    name: String, file: String, every: Duration = RuleGroup.standardEvery, limit: Int = 0,
    delay: Duration = .zero, evaluator: String? = nil, rules: [Rule] = []
  ) {
    self.name = name
    self.file = file
    self.every = every
    self.limit = limit
    self.delay = delay
    self.evaluator = evaluator
    self.rules = rules
  }
}

/// What a group holds.
package enum Rule: Sendable {
  case alerting(AlertingRule)
  case recording(RecordingRule)

  package var name: String {
    switch self {
    case .alerting(let rule): rule.name
    case .recording(let rule): rule.name
    }
  }
  package var query: Query {
    switch self {
    case .alerting(let rule): rule.query
    case .recording(let rule): rule.query
    }
  }
}

/// `record job:up:sum{tier="1"} = sum by (job) (up)`.
package struct RecordingRule: Sendable {
  package var name: String
  package var labels: [Label]
  package var query: Query
  /// The canonical text of the expression.
  package var expressionText: String
  package var range: SourceRange?

  package init(
    name: String, labels: [Label], query: Query, expressionText: String, range: SourceRange? = nil
  ) {
    self.name = name
    self.labels = labels
    self.query = query
    self.expressionText = expressionText
    self.range = range
  }
}

/// `alert NAME { … }`, in either form, or the alert of a probe.
package struct AlertingRule: Sendable {
  /// `disabled "why" until DATE`.
  package struct Disabling: Sendable, Hashable {
    package var reason: String
    /// The first moment at which the rule runs again; nil for never.
    package var until: Timestamp?
    package var range: SourceRange
  }
  /// `allow LINT until DATE`.
  package struct Allowance: Sendable, Hashable {
    package var lint: String
    package var until: Timestamp?
    package var range: SourceRange
  }
  /// A label the rule sets: plain text, or text with `{{ labels.x }}`.
  package struct AddedLabel: Sendable {
    package var name: String
    package var template: Template
    /// As written: part of the rule's identity over reloads.
    package var text: String
    package var range: SourceRange?
  }
  /// A text of the alert by name: `summary`, `description`, `runbook` or a free annotation.
  package struct NamedText: Sendable {
    package var name: String
    package var template: Template
    /// As written.
    package var text: String
    package var range: SourceRange?
  }

  /// What has an element for every series the condition looks at, whether or not it holds.
  package enum Presence: Sendable {
    /// The result itself: nothing in the expression filters.
    case result
    /// The expression without its filters.
    case query(Query)
    /// Absence can't be told from a condition that is false, as with `absent(…)`.
    case unknown
  }

  package var name: String
  package var behavior: AlertBehavior
  package var query: Query
  package var presence: Presence
  package var expressionText: String
  package var labels: [AddedLabel] = []
  package var texts: [NamedText] = []
  /// Texts that one level overrides, by severity name.
  package var levelTexts: [String: [NamedText]] = [:]
  package var parents: [String] = []
  package var flapping: FlapPolicy?
  package var unit: Unit = .none
  /// The limit that a `when` compares with, for display.
  package var condition: LevelThreshold?
  package var disabling: Disabling?
  package var allowances: [Allowance] = []
  /// The probe whose alert this is; its default texts say why the probe fails.
  package var probe: String?
  /// The labels that total absence is reported with: those the selector fixes.
  package var absentLabels = Labels()
  package var range: SourceRange?

  package init(
    name: String, behavior: AlertBehavior, query: Query, presence: Presence = .result,
    expressionText: String, range: SourceRange? = nil
  ) {
    self.name = name
    self.behavior = behavior
    self.query = query
    self.presence = presence
    self.expressionText = expressionText
    self.range = range
  }
}
