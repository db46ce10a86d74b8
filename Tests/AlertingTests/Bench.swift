import Diagnostics
import Language
import Model
import Storage

@testable import Alerting

/// Rules from text, a store, and an engine, all under virtual time in seconds.
struct Bench {
  var store = SeriesStore()
  var engine: RuleEngine
  var context: ReadingContext
  /// What every event gave since the last `take`.
  var output = RuleOutput()
  private var layouts: [SourceID: [String]] = [:]

  static let start = 1_700_000_000.0

  static func time(_ seconds: Double) -> Timestamp { Timestamp(seconds: start + seconds) }

  static func read(
    _ text: String, probes: [ProbeAlert] = []
  ) -> (book: RuleBook, context: ReadingContext) {
    let document = DocumentParser.parse(SourceText(name: "rules.tocsin", text: text))
    let context = ReadingContext(
      defaults: document.statements.filter { $0.keyword.value == "defaults" })
    for diagnostic in document.diagnostics { context.report(diagnostic) }
    let book = RuleBook.read(
      document.statements, probeAlerts: probes, context: context, host: "web-1")
    return (book, context)
  }

  init(
    _ text: String, probes: [ProbeAlert] = [], expecting sources: [SourceOutline] = [],
    restoring records: [StateRecord] = [], at seconds: Double = 0
  ) {
    let read = Self.read(text, probes: probes)
    context = read.context
    engine = RuleEngine(
      read.book, restoring: records, expecting: sources, store: &store, at: Self.time(seconds))
  }

  static func source(_ instance: String, job: String = "app") -> SourceID {
    SourceID(kind: "scrape", job: job, instance: instance)
  }

  static func outline(_ instance: String, job: String = "app") -> SourceOutline {
    SourceOutline(
      source: source(instance, job: job), labels: Labels(["job": job, "instance": instance]))
  }

  /// A collection of one target: `name{label="x"}` without the target's own labels, and values. A
  /// target that is down still brings `up`.
  @discardableResult
  mutating func push(
    _ instance: String, job: String = "app", up: Bool = true, failure: String = "refused",
    every interval: Double = 15, _ values: KeyValuePairs<String, Double>, at seconds: Double
  ) -> RuleOutput {
    let source = Self.source(instance, job: job)
    var births: [SampleBatch.Birth] = []
    var samples: [SampleBatch.Value] = []
    let all = values.map { ($0.key, $0.value) } + [("up", up ? 1 : 0)]
    for (name, value) in all {
      var slots = layouts[source, default: []]
      let slot: Int
      if let known = slots.firstIndex(of: name) {
        slot = known
      } else {
        slot = slots.count
        slots.append(name)
        layouts[source] = slots
        births.append(.init(slot: UInt32(slot), labels: Self.labels(name, job, instance)))
      }
      samples.append(.init(slot: UInt32(slot), value: value))
    }
    let time = Self.time(seconds)
    let status = TargetStatus(
      source: source, target: "http://\(instance)/metrics",
      labels: Labels(["job": job, "instance": instance]), isUp: up, failure: up ? nil : failure,
      lastCollection: time, duration: .milliseconds(5), interval: .seconds(interval),
      timeout: .seconds(10))
    let arrival = store.append(
      SampleBatch(
        source: source, layout: 1, time: time, births: births, values: samples, status: status))
    let part = engine.handle(arrival, status: status, store: &store, at: time)
    output.append(part)
    return part
  }

  private static func labels(_ text: String, _ job: String, _ instance: String) -> Labels {
    var labels = [Label("job", job), Label("instance", instance)]
    let parts = text.split(separator: "{")
    labels.append(Label(Labels.metricName, String(parts[0])))
    if parts.count > 1 {
      for pair in parts[1].dropLast().split(separator: ",") {
        let halves = pair.split(separator: "=")
        labels.append(Label(String(halves[0]), String(halves[1].dropFirst().dropLast())))
      }
    }
    return Labels(labels)
  }

  /// Collects from one target every 15 seconds, deadlines kept in between.
  mutating func keep(
    _ instance: String, job: String = "app", up: Bool = true,
    _ values: KeyValuePairs<String, Double>, from start: Double, through end: Double
  ) {
    for second in stride(from: start, through: end, by: 15) {
      advance(to: second)
      push(instance, job: job, up: up, values, at: second)
    }
    advance(to: end)
  }

  /// Lets time pass; every deadline on the way is kept to the millisecond.
  @discardableResult
  mutating func advance(to seconds: Double) -> RuleOutput {
    let end = Self.time(seconds)
    var collected = RuleOutput()
    var guardCount = 0
    while let next = engine.nextDeadline, next <= end {
      guardCount += 1
      precondition(guardCount < 100_000, "the engine asks for the same moment again and again")
      collected.append(engine.handleDeadline(store: &store, at: max(next, engine.now)))
    }
    output.append(collected)
    return collected
  }

  /// Transitions since the last call, without mere refreshes, as `name transition`.
  mutating func take() -> [String] {
    defer { output = RuleOutput() }
    return output.updates.compactMap { update in
      switch update.transition {
      case .refreshed: nil
      case .becamePending: "\(update.alert.name) pending"
      case .fired: "\(update.alert.name) fired"
      case .levelChanged(let old):
        "\(update.alert.name) \(old.name)→\(update.alert.severity?.name ?? "")"
      case .lostData: "\(update.alert.name) lost"
      case .regainedData: "\(update.alert.name) regained"
      case .failedToEvaluate: "\(update.alert.name) error"
      case .resolved(let reason): "\(update.alert.name) \(reason.text)"
      case .subsided: "\(update.alert.name) subsided"
      }
    }
  }

  /// The codes of what was reported while reading.
  var problems: [String] { context.diagnostics.map(\.code) }

  /// `name state` of every active alert.
  var active: [String] {
    engine.alerts().map { "\($0.name) \($0.state.rawValue)" }
  }

  /// The last value of each series of a metric in the last 5 minutes, ended ones left out.
  func latest(_ metric: String, at seconds: Double) -> [(labels: Labels, value: Double)] {
    let time = Self.time(seconds)
    return store.latest(
      [LabelMatcher("__name__", equals: metric)], standing: nil, after: time - .seconds(300),
      through: time
    ).filter { !StaleMarker.isStale($0.sample.value) }.map { ($0.labels, $0.sample.value) }
  }
}
