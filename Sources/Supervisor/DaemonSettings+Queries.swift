import Model
import Outside
import PromQL
import PromQLSyntax

extension DaemonSettings {
  /// How far a query of the API may go.
  var evaluationLimits: EvaluationLimits { EvaluationLimits(maxSamples: querySamples) }

  /// The settings that Prometheus has as flags, under its flags' names.
  var flags: [Label] {
    func text(_ duration: Duration) -> String {
      NumberText.duration(milliseconds: duration.wholeMilliseconds)
    }
    return [
      Label("query.lookback-delta", text(evaluationLimits.lookback)),
      Label("query.max-concurrency", "\(queryConcurrency)"),
      Label("query.max-samples", "\(querySamples)"),
      Label("query.timeout", text(queryTimeout)),
      Label("storage.tsdb.retention.time", text(retention)),
      Label("web.listen-address", listeners.map(\.description).joined(separator: ",")),
    ]
  }
}
