import Alerting
import Model
import Outside
import Pipeline
import Routing
import Storage

extension Supervisor {
  /// The daemon's own metrics; `outside` is what the parts around the belt count.
  func metrics(_ outside: OutsideCounters) -> OwnMetrics {
    let usage = world.environment.usage()
    let now = world.time.now()
    let targets = pipeline.targets.values.sorted { $0.source < $1.source }
    var families: [OwnMetrics.Family] = [
      .init(
        "tocsin_build_info", .gauge, "The program's version.",
        [(Labels(["version": version]), 1)]),
      .init(
        "process_start_time_seconds", .gauge, "When the daemon started, in Unix seconds.",
        startedAt.seconds),
      .init(
        "process_cpu_seconds_total", .counter, "Processor time used so far.", usage.cpuSeconds),
      .init(
        "process_resident_memory_bytes", .gauge, "Resident memory.", Double(usage.residentBytes)),
      .init("process_open_fds", .gauge, "Open file descriptors.", Double(usage.openFiles)),
      .init("tocsin_series", .gauge, "Series in memory.", Double(pipeline.store.seriesCount)),
      .init(
        "tocsin_series_limit", .gauge, "The most series kept.",
        Double(configuration.settings.maxSeries)),
      .init("tocsin_samples_total", .counter, "Samples collected.", Double(counters.samples)),
      .init(
        "tocsin_samples_refused_total", .counter,
        "Samples refused: over a limit, out of order or twice.",
        Double(pipeline.store.refusals.total)),
      .init("tocsin_batches_total", .counter, "Collections taken in.", Double(counters.batches)),
      .init("tocsin_events_total", .counter, "Events handled.", Double(counters.events)),
      .init("tocsin_queries_total", .counter, "Queries answered.", Double(counters.queries)),
      .init(
        "tocsin_query_failures_total", .counter, "Queries refused or failed.",
        Double(counters.queryFailures)),
      .init(
        "tocsin_collections_missed_total", .counter,
        "Collections skipped because the one before still ran.",
        Double(outside.collectionsMissed)),
      .init(
        "tocsin_targets", .gauge, "Targets by how they are.",
        [
          (Labels(["state": "up"]), Double(targets.count { $0.isUp })),
          (Labels(["state": "down"]), Double(targets.count { !$0.isUp })),
        ]),
      .init(
        "tocsin_config_last_reload_successful", .gauge,
        "1 when the last configuration was accepted.", lastReloadSucceeded ? 1 : 0),
      .init(
        "tocsin_config_last_reload_seconds", .gauge,
        "When a configuration was last read, in Unix seconds.", lastReload.seconds),
      .init(
        "tocsin_state_failures_total", .counter, "State that could not be saved.",
        Double(outside.stateFailures)),
      .init(
        "tocsin_history_lost_total", .counter,
        "History entries written neither to the journal nor to the state store.",
        Double(outside.historyLost)),
      .init("tocsin_uptime_seconds", .gauge, "Time since start.", (now - startedAt).inSeconds),
    ]
    families += alertFamilies() + deliveryFamilies()
    return OwnMetrics(families: families)
  }

  private func alertFamilies() -> [OwnMetrics.Family] {
    let alerts = pipeline.rules.alerts() + pipeline.posted.alerts()
    let states = [AlertState.pending, .firing].map { state in
      (
        labels: Labels(["state": state.rawValue]),
        value: Double(alerts.count { $0.state == state })
      )
    }
    return [.init("tocsin_alerts", .gauge, "Alert instances by state.", states)]
  }

  private func deliveryFamilies() -> [OwnMetrics.Family] {
    let channels = pipeline.router.counters
    func samples(_ value: (Int) -> Int) -> [(labels: Labels, value: Double)] {
      channels.indices.map { index in
        let id = channels[index].channel
        return (
          labels: Labels(["channel": id.channel, "receiver": id.receiver]),
          value: Double(value(index))
        )
      }
    }
    return [
      .init(
        "tocsin_notifications_total", .counter, "Messages decided on.",
        samples { channels[$0].notifications }),
      .init(
        "tocsin_deliveries_total", .counter, "Messages delivered.",
        samples { channels[$0].delivered }),
      .init(
        "tocsin_delivery_failures_total", .counter, "Attempts that failed.",
        samples { channels[$0].failures }),
      .init(
        "tocsin_dead_letters_total", .counter, "Messages given up on.",
        samples { channels[$0].deadLetters }),
    ]
  }
}

/// What the parts around the belt count.
struct OutsideCounters: Sendable {
  var stateFailures = 0
  var stateFailure: String?
  var historyLost = 0
  var collectionsMissed = 0
}
