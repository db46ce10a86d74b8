import Model

/// One rung of an alert: when it is raised, for how long that must hold, and when it clears.
package struct AlertLevel: Sendable, Hashable {
  /// What raises a level.
  package enum Condition: Sendable, Hashable {
    /// `when`: the alert holds while the expression yields the element.
    case present
    /// `watch` with a level line: the value of the element is compared.
    case threshold(LevelThreshold)
  }
  /// nil for a `when` without `severity`.
  package var severity: Severity?
  package var condition: Condition
  /// `for`: how long the condition must hold before the level fires.
  package var hold: Duration
  /// How long it must be quiet before the level clears: `until … for`, or `keep firing`.
  package var clearHold: Duration

  package init(
    severity: Severity?, condition: Condition, hold: Duration = .zero, clearHold: Duration = .zero
  ) {
    self.severity = severity
    self.condition = condition
    self.hold = hold
    self.clearHold = clearHold
  }

  /// Whether a value calls for the level.
  func raises(_ value: Double) -> Bool {
    switch condition {
    case .present: true
    case .threshold(let line): line.comparison.holds(value, line.limit.value)
    }
  }

  /// Whether a value keeps a level that fires: raised, or not yet on the quiet side of `until`.
  /// A value that is not a number keeps nothing, as in the comparison the level stands for.
  func keeps(_ value: Double) -> Bool {
    guard !raises(value) else { return true }
    guard case .threshold(let line) = condition, let clear = line.clearComparison,
      let limit = line.clearLimit
    else { return false }
    return !value.isNaN && !clear.holds(value, limit.value)
  }
}

/// What an alert makes of an element that is gone.
package enum NoDataPolicy: Sendable, Hashable {
  /// While the source answers, absence resolves; when it does not answer, the state is held.
  case standard
  /// `no data ok`: absence always resolves.
  case resolves
  /// `no data hold 10m`: the state is held, at most this long.
  case holds(Duration)
  /// `no data critical for 5m`: the state is held, and absence is itself a problem.
  case raises(Severity, after: Duration)

  /// Whether absence is itself a problem.
  var raises: Bool { if case .raises = self { true } else { false } }
}

/// The part of an alerting rule that its state machine needs.
package struct AlertBehavior: Sendable, Hashable {
  /// From the least to the most severe; a `when` has exactly one.
  package var levels: [AlertLevel]
  package var noData: NoDataPolicy
  /// Whether `severity` is a level that moves rather than a part of the identity.
  package var isLeveled: Bool

  package init(levels: [AlertLevel], noData: NoDataPolicy = .standard, isLeveled: Bool) {
    self.levels = levels
    self.noData = noData
    self.isLeveled = isLeveled
  }

  /// Which way the value gets worse: the sign is 1 upward, -1 downward.
  var worstDirection: Double {
    for level in levels {
      guard case .threshold(let line) = level.condition else { continue }
      switch line.comparison {
      case .less, .lessOrEqual: return -1
      default: return 1
      }
    }
    return 1
  }
}
