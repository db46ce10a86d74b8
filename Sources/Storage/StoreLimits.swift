import Model

/// What a store refuses to exceed.
package struct StoreLimits: Sendable, Hashable {
  /// Series held at once; samples of further series are refused and counted.
  package var maxSeries: Int
  /// Metric descriptions held at once; further ones are left out.
  package var maxMetadata: Int
  /// How far back samples are kept behind the newest sample of their series.
  package var retention: Duration {
    didSet { retentionMilliseconds = retention.wholeMilliseconds }
  }
  /// The same in the unit of samples, worked out once.
  private(set) var retentionMilliseconds: Int64

  package init(
    maxSeries: Int = 1_000_000, maxMetadata: Int = 100_000, retention: Duration = .seconds(3600)
  ) {
    self.maxSeries = maxSeries
    self.maxMetadata = maxMetadata
    self.retention = retention
    retentionMilliseconds = retention.wholeMilliseconds
  }
}

/// What a store has refused since it was made.
package struct StoreRefusals: Sendable, Hashable {
  /// Samples of series that found no room.
  package var overCap = 0
  /// Samples older than the newest one of their series.
  package var outOfOrder = 0
  /// Samples at the time of the newest one of their series.
  package var duplicates = 0
  package init() {}

  /// All of them.
  package var total: Int { overCap + outOfOrder + duplicates }
}
