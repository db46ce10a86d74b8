import Model
import PromQLOracle

/// The random series of one seed: three hours of a small fleet.
struct Dataset: Sendable {
  var shapes: [MetricShape] = []
  var series: [SyntheticSeries] = []
  /// The jobs, and the instances of each.
  let targets: [(job: String, instance: String)]

  /// The first sample is after it. A multiple of two hours, as blocks are cut.
  static let start: Int64 = 1_699_992_000
  static let length: Int64 = 3 * 3600

  init(seed: UInt64) {
    var numbers = SeededNumbers(seed: seed)
    var targets: [(job: String, instance: String)] = []
    for job in ["api", "web", "db"].prefix(numbers.number(2...3)) {
      for index in 1...numbers.number(2...3) { targets.append((job, "\(job)-\(index):80")) }
    }
    self.targets = targets
    let codes = numbers.some(of: ["201", "404", "429", "500"]) + ["200", "503"]
    add(
      "http_requests_total", .resettingCounter, typical: 1e6, &numbers,
      [
        ("code", codes), ("method", ["get", "post"]),
      ])
    add("io_bytes_total", .steadyCounter, typical: 1e9, &numbers, [("device", ["sda", "sdb"])])
    add("memory_bytes", .gauge, typical: 1e8, &numbers)
    add("temperature_celsius", .gauge, typical: 20, &numbers, [("zone", ["in", "out"])])
    add("queue_length", .count, typical: 3, &numbers)
    add("up", .count, typical: 0.5, &numbers)
    add("strange_value", .strange, typical: 1, &numbers, [("kind", ["nan", "inf", "mixed"])])
    add("build_info", .info, typical: 1, &numbers, [("version", ["1.2", "1.10"])])
    add("start_time_seconds", .time, typical: 1.6e9, &numbers)
    add("session_total", .passing, typical: 100, &numbers, [("user", ["ann", "bob", "cem"])])
    addHistogram("latency_seconds", &numbers)
    addSummary("rpc_seconds", &numbers)
  }

  /// Adds a metric of every target with each combination of further labels.
  private mutating func add(
    _ name: String, _ behaviour: MetricShape.Behaviour, typical: Double,
    _ numbers: inout SeededNumbers, _ further: [(String, [String])] = []
  ) {
    let own = [
      ("job", Array(Set(targets.map(\.job))).sorted()), ("instance", targets.map(\.instance)),
    ]
    shapes.append(
      MetricShape(
        name: name, behaviour: behaviour, labels: (own + further).map { ($0.0, $0.1) },
        typical: typical))
    for target in targets {
      let base = [
        Label(Labels.metricName, name), Label("job", target.job),
        Label("instance", target.instance),
      ]
      // An information metric says one thing of each target.
      let isInfo = behaviour == .info
      var sets = [base]
      for (label, values) in further {
        let used = isInfo ? [numbers.pick(values)] : values
        sets = sets.flatMap { set in used.map { set + [Label(label, $0)] } }
      }
      for set in sets {
        let labels = Labels(set)
        let samples = SeriesPattern(behaviour, typical: typical, labels: labels)
          .samples(&numbers)
        series.append(SyntheticSeries(labels: labels, samples: samples))
      }
    }
  }

  private mutating func addHistogram(_ name: String, _ numbers: inout SeededNumbers) {
    let bounds = ["0.05", "0.1", "0.25", "1", "2.5", "+Inf"]
    let own = [
      ("job", Array(Set(targets.map(\.job))).sorted()), ("instance", targets.map(\.instance)),
    ]
    shapes.append(
      MetricShape(
        name: name + "_bucket", behaviour: .buckets,
        labels: (own + [("le", bounds)]).map { ($0.0, $0.1) }, typical: 1e6))
    for suffix in ["_sum", "_count"] {
      shapes.append(
        MetricShape(
          name: name + suffix, behaviour: .steadyCounter, labels: own.map { ($0.0, $0.1) },
          typical: 1e6))
    }
    for target in targets {
      let labels = Labels(["job": target.job, "instance": target.instance])
      series += SeriesPattern.histogram(name, bounds, labels, &numbers)
    }
  }

  private mutating func addSummary(_ name: String, _ numbers: inout SeededNumbers) {
    add(name, .quantiles, typical: 0.2, &numbers, [("quantile", ["0.5", "0.9", "0.99"])])
    add(name + "_sum", .steadyCounter, typical: 1e6, &numbers)
    add(name + "_count", .steadyCounter, typical: 1e6, &numbers)
  }
}
