import Model
import PromQLSyntax

/// Durations as PromQL and the interval fields write them.
package enum DurationText {
  /// A duration such as `1h30m`; nil when the text is none.
  package static func parse(_ text: String) -> Duration? {
    NumberText.parseDuration(text).map { .milliseconds($0) }
  }

  /// As Prometheus prints durations (`model.Duration.String`).
  static func text(_ duration: Duration) -> String {
    NumberText.duration(milliseconds: duration.wholeMilliseconds)
  }
}
