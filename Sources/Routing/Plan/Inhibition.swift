import Diagnostics
import Model

/// `inhibit { while … mute … same … }`: a source alert that fires keeps targets quiet.
package struct Inhibition: Sendable {
  /// One label that source and target must share.
  package struct Shared: Sendable, Hashable {
    package var name: String
    /// `or missing`: an absent label counts as equal to an absent one, Alertmanager's rule.
    package var orMissing: Bool
    package init(_ name: String, orMissing: Bool = false) {
      self.name = name
      self.orMissing = orMissing
    }
  }
  /// "" when it has none.
  package var name: String
  package var sources: [LabelMatcher]
  package var targets: [LabelMatcher]
  package var same: [Shared]
  package var range: SourceRange?

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
