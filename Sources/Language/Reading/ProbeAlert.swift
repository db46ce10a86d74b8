import Diagnostics
import Model
import Templates

/// The alert a `probe` statement asks for: it bears the probe's name.
package struct ProbeAlert: Sendable {
  package var name: String
  /// The `job` label of the probe's series.
  package var job: String
  package var levels: [LevelLine]
  /// Names of the probes and alerts that explain this one while they fail.
  package var parents: [Located<Parent>]
  package var labels: [Label]
  package var summary: Located<Template>?
  package var description: Located<Template>?
  package var runbook: Located<Template>?
  /// How often the probe runs.
  package var interval: Duration
  /// The statement's head.
  package var range: SourceRange
  package var nameRange: SourceRange

  package init(
    name: String, job: String, levels: [LevelLine], parents: [Located<Parent>] = [],
    labels: [Label] = [], interval: Duration, range: SourceRange, nameRange: SourceRange
  ) {
    self.name = name
    self.job = job
    self.levels = levels
    self.parents = parents
    self.labels = labels
    self.interval = interval
    self.range = range
    self.nameRange = nameRange
  }
}

extension ProbeAlert {
  /// Reads the texts of the alert from the probe's block.
  package mutating func readTexts(from block: BlockReader) {
    summary = block.readTemplate("summary", scope: .alert, "What happened, in one line.")
    description = block.readTemplate("description", scope: .alert, "What happened, at length.")
    runbook = block.readTemplate("runbook", scope: .alert, "Where to read what to do.")
  }
}

/// What `depends on` names.
package struct Parent: Sendable, Hashable {
  /// The statement the parent is defined by.
  package enum Kind: String, Sendable, Hashable { case probe, alert }
  package var kind: Kind
  package var name: String
  package init(kind: Kind, name: String) {
    self.kind = kind
    self.name = name
  }
}
