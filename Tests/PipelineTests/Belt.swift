import Alerting
import Diagnostics
import Language
import Model
import Pipeline
import Routing
import Storage
import Testing

/// The belt under virtual time: one target `api`, and whatever rules and routes a test writes.
struct Belt {
  var pipeline: Pipeline
  var now = Timestamp(milliseconds: 1_763_820_000_000)
  var effects: [PipelineEffect] = []
  private var births = true

  static let source = SourceID(kind: "scrape", job: "api", instance: "127.0.0.1:80")
  static let labels = Labels(["instance": "127.0.0.1:80", "job": "api"])
  static let channel = ReceiverOutline.Channel(
    id: ChannelID(receiver: "ops", channel: "terminal"), announcesClose: true)

  static func configuration(_ text: String) -> PipelineConfiguration {
    let document = DocumentParser.parse(SourceText(name: "test", text: text))
    let context = ReadingContext()
    let rules = RuleBook.read(document.statements, context: context)
    let routing = RoutingPlan.read(
      document.statements, receivers: [ReceiverOutline(name: "ops", channels: [channel])],
      zones: { _ in nil }, context: context)
    #expect(document.diagnostics.map(\.message) + context.diagnostics.map(\.message) == [])
    return PipelineConfiguration(
      rules: rules, routing: routing, sources: [SourceOutline(source: source, labels: labels)],
      limits: StoreLimits())
  }

  init(_ text: String) { pipeline = Pipeline(Self.configuration(text), at: now) }

  mutating func handle(_ event: PipelineEvent) { effects += pipeline.handle(event, at: now) }

  /// A collection of the target: `up` and one number.
  mutating func collect(_ value: Double) {
    let names = ["up", "load"]
    let status = TargetStatus(
      source: Self.source, target: "http://127.0.0.1:80/metrics", labels: Self.labels, isUp: true,
      failure: nil, lastCollection: now, duration: .milliseconds(1), interval: .seconds(1),
      timeout: .seconds(1))
    handle(
      .collected(
        SampleBatch(
          source: Self.source, layout: 1, time: now,
          births: births
            ? names.enumerated().map {
              .init(
                slot: UInt32($0.offset),
                labels: Self.labels.setting(Labels.metricName, to: $0.element))
            } : [],
          values: [.init(slot: 0, value: 1), .init(slot: 1, value: value)], status: status)))
    births = false
  }

  /// Lets time pass, second by second, with a collection each; deadlines ring when they are due.
  mutating func pass(_ seconds: Int, value: Double) {
    for _ in 0..<seconds {
      let next = now + .seconds(1)
      while let due = pipeline.nextDeadline, due <= next {
        now = max(now, due)
        handle(.deadlineReached)
        deliver()
      }
      now = next
      collect(value)
      deliver()
    }
  }

  /// Delivers what was sent, successfully, and keeps it in `told`.
  var told: [Notification] = []
  mutating func deliver() {
    let sends = effects.compactMap { if case .send(let sent) = $0 { sent } else { nil } }
    history += effects.compactMap { if case .record(let entry) = $0 { entry } else { nil } }
    for case .persist(let changes) in effects { keep(changes) }
    effects = []
    for sent in sends {
      told.append(sent)
      handle(
        .delivered(
          DeliveryOutcome(
            notification: sent.id, channel: sent.channel, attempt: sent.attempt,
            result: .delivered(detail: "ok", rejected: []), duration: .zero)))
    }
  }
  var history: [HistoryEntry] = []

  /// The records that have been handed out to be kept.
  private(set) var kept: [String: StateRecord] = [:]
  private mutating func keep(_ changes: [StateChange]) {
    for change in changes {
      switch change {
      case .put(let record): kept["\(record.table) \(record.key)"] = record
      case .remove(let table, let key): kept["\(table) \(key)"] = nil
      }
    }
  }

  /// What a crash keeps: the records that were handed out, and nothing else.
  mutating func crash(_ text: String, after pause: Duration) {
    let records = kept.sorted { $0.key < $1.key }.map(\.value)
    now = now + pause
    pipeline = Pipeline(Self.configuration(text), restoring: records, at: now)
    births = true
    effects += pipeline.reconcile(at: now)
  }

  /// What a restart keeps: the records, and nothing else.
  mutating func restart(_ text: String, after pause: Duration) {
    let records = pipeline.checkpoint()
    now = now + pause
    pipeline = Pipeline(Self.configuration(text), restoring: records, at: now)
    births = true
    effects += pipeline.reconcile(at: now)
  }
}
