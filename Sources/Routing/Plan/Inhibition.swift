import Diagnostics
import Model

/// `inhibit { while … mute … same … }`: a source alert that fires keeps targets quiet.
package struct Inhibition: Sendable {
  /// One label that source and target must share.
  package struct Shared: Sendable, Hashable {
    package var name: String
    /// `or missing`: an absent label counts as equal to an absent one, Alertmanager's rule.
    package var orMissing: Bool
    /// Where it is written; no part of what it means.
    package var range: SourceRange?
    package init(_ name: String, orMissing: Bool = false, range: SourceRange? = nil) {
      self.name = name
      self.orMissing = orMissing
      self.range = range
    }
    package static func == (left: Shared, right: Shared) -> Bool {
      Bytes.equal(left.name, right.name) && left.orMissing == right.orMissing
    }
    package func hash(into hasher: inout Hasher) {
      Bytes.hash(name, into: &hasher)
      hasher.combine(orMissing)
    }
  }
  /// "" when it has none.
  package var name: String
  package var sources: [LabelMatcher]
  package var targets: [LabelMatcher]
  package var same: [Shared]
  package var range: SourceRange?
  /// Where `while` and `mute` stand.
  package var sourceRange: SourceRange?
  package var targetRange: SourceRange?

  package init(
    name: String = "", sources: [LabelMatcher], targets: [LabelMatcher], same: [Shared] = [],
    range: SourceRange? = nil
  ) {
    self.name = name
    self.sources = sources
    self.targets = targets
    self.same = same
    self.range = range
  }

  /// The values of the shared labels, nil when the alert lacks one that it must have: such an alert
  /// takes no part.
  package func sharedValues(of labels: Labels) -> [String]? {
    var values: [String] = []
    for shared in same {
      guard let value = labels[shared.name] else {
        guard shared.orMissing else { return nil }
        values.append("")
        continue
      }
      values.append(value)
    }
    return values
  }
}
