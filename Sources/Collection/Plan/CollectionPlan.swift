import Diagnostics
import Language
import Model

/// Everything a configuration collects: the targets of its `probe`, `scrape` and `host` statements,
/// and the alerts its probes ask for.
package struct CollectionPlan: Sendable {
  package var targets: [CollectionTarget]
  package var probeAlerts: [ProbeAlert]

  package init(targets: [CollectionTarget] = [], probeAlerts: [ProbeAlert] = []) {
    self.targets = targets
    self.probeAlerts = probeAlerts
  }

  /// Reads the `probe`, `scrape` and `host` statements among these. The host checks are part of
  /// every plan that does not say `host off`. `globalLabels` go on every series; `hostName` is the
  /// host's `instance`.
  package static func read(
    _ statements: [Statement], context: ReadingContext, globalLabels: [Label] = [],
    hostName: String = "localhost"
  ) -> CollectionPlan {
    var reader = PlanReader(context: context, globalLabels: globalLabels, hostName: hostName)
    for statement in statements {
      switch statement.keyword.value {
      case "probe": reader.readProbe(statement)
      case "scrape": reader.readScrape(statement)
      case "host": reader.readHost(statement)
      default: break
      }
    }
    return reader.finished()
  }

  /// Every secret the targets need, each once.
  package var secrets: [SecretReference] {
    var seen: Set<SecretReference> = []
    return targets.flatMap(\.secrets).filter { seen.insert($0).inserted }
  }
}

/// Settings that every statement of this room has.
struct TargetTiming {
  var interval: Duration
  var timeout: Duration

  init(reading block: BlockReader, every: Duration, timeout standard: Duration) {
    let written = block.read("every", .duration, "How often; \(NumberNotation.text(every)).")
    let limit = block.read(
      "timeout", .duration, "How long one run may take; \(NumberNotation.text(standard)).")
    interval = written?.value ?? every
    if interval < .milliseconds(100) {
      if let written {
        block.report(
          Diagnostic(
            "E012", .error, "`every` must be at least 100ms", at: written.range, "too often"))
      }
      interval = every
    }
    timeout = limit?.value ?? standard
    if let limit, limit.value <= .zero {
      block.report(
        Diagnostic("E012", .error, "`timeout` must be longer than this", at: limit.range, "no time")
      )
      timeout = standard
    }
    if timeout > interval {
      // A run that outlasts the interval would push the next one aside.
      if let limit {
        let text = NumberNotation.text(interval)
        let context = written.map { [Diagnostic.Label($0.range, "runs this often")] } ?? []
        block.report(
          Diagnostic(
            "E012", .error, "the timeout is longer than the interval of \(text)", at: limit.range,
            "one run would reach into the next", context: context, help: "timeout \(text)"))
      }
      timeout = interval
    }
  }
}
