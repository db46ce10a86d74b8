import Model

/// What a generator of expressions has to know of a metric.
struct MetricShape: Sendable {
  /// How the values of a metric behave.
  enum Behaviour: Sendable {
    /// Rises, falls to zero now and then; never with a scrape missing while it is small.
    case resettingCounter
    /// Rises from a great number and never falls.
    case steadyCounter
    case gauge
    /// A gauge of few values, so that comparisons for equality hold.
    case count
    /// NaN and infinities among its values.
    case strange
    /// 1 throughout: it is there for its labels.
    case info
    /// Seconds since 1970.
    case time
    /// Buckets with `le`, cumulative.
    case buckets
    /// Quantiles of a summary.
    case quantiles
    /// Series that begin late, end early and come back.
    case passing
  }
  var name: String
  var behaviour: Behaviour
  /// The values each label has, the target's labels first.
  var labels: [(name: String, values: [String])]
  /// What most values are near, for thresholds.
  var typical: Double

  var labelNames: [String] { labels.map(\.name) }
  var isCounter: Bool { behaviour == .resettingCounter || behaviour == .steadyCounter }
}
