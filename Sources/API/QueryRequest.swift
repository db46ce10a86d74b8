import Model
import PromQL

/// A query as a client asks it.
package struct QueryRequest: Sendable {
  /// When it is evaluated.
  package enum Span: Sendable, Hashable {
    case instant(Timestamp)
    case range(from: Timestamp, through: Timestamp, step: Duration)
  }
  package var text: String
  package var span: Span
  /// What the client is ready to wait; nil for as long as the daemon allows.
  package var timeout: Duration?
  /// How old a sample may be and still be the current one; nil for the daemon's setting.
  package var lookback: Duration?
  package init(
    _ text: String, _ span: Span, timeout: Duration? = nil, lookback: Duration? = nil
  ) {
    self.text = text
    self.span = span
    self.timeout = timeout
    self.lookback = lookback
  }
}

/// A query's result with what it cost.
package struct QueryAnswer: Sendable {
  package var outcome: QueryOutcome
  package var cost: QueryCost
  package init(_ outcome: QueryOutcome, cost: QueryCost = QueryCost()) {
    self.outcome = outcome
    self.cost = cost
  }
}

/// What a query cost, as the parameter `stats` shows it.
package struct QueryCost: Sendable, Hashable {
  /// Waiting for other queries to end.
  package var queue: Duration = .zero
  /// Parsing, checking, and copying what is selected.
  package var preparation: Duration = .zero
  package var evaluation: Duration = .zero
  /// Samples handed from the store to the evaluation.
  package var samplesRead = 0
  package init() {}

  package var total: Duration { queue + preparation + evaluation }
}

/// Why a query was not answered; the codes are Prometheus' `errorType`s.
package enum QueryRefusal: Error, Sendable {
  /// 400 bad_data: the expression or a parameter is wrong.
  case badData(String)
  /// 422 execution.
  case execution(String)
  /// 503 timeout.
  case timeout(String)
  /// 499 canceled: the client went away.
  case canceled(String)
}

/// How much is stored, as `status/tsdb` shows it.
package struct StorageFacts: Sendable {
  package var seriesCount: Int
  /// The oldest and the newest sample's time; nil when nothing is stored.
  package var oldest: Timestamp?
  package var newest: Timestamp?
  /// Blocks of packed samples.
  package var chunkCount: Int
  package init(seriesCount: Int, oldest: Timestamp?, newest: Timestamp?, chunkCount: Int) {
    self.seriesCount = seriesCount
    self.oldest = oldest
    self.newest = newest
    self.chunkCount = chunkCount
  }
}
