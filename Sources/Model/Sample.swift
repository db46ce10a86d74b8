/// A value at a time.
///
/// Public, for the compiler inlines nothing of `package` in other rooms.
public struct Sample: Sendable, Hashable {
  public var timestamp: Timestamp
  public var value: Double
  @inlinable
  public init(_ timestamp: Timestamp, _ value: Double) {
    self.timestamp = timestamp
    self.value = value
  }
}

/// The staleness marker: the NaN that says a series has ended (`model/value/value.go`).
public enum StaleMarker {
  @inlinable
  public static var bits: UInt64 { 0x7ff0_0000_0000_0002 }
  @inlinable
  public static var value: Double { Double(bitPattern: bits) }
  @inlinable
  public static func isStale(_ value: Double) -> Bool { value.bitPattern == bits }
}

/// What a metric says of itself with `# TYPE`.
package enum MetricType: String, Sendable, Hashable, Codable {
  case counter, gauge, histogram, summary, info, stateset, unknown
  case gaugeHistogram = "gaugehistogram"
}

/// A metric family's own description, from `# TYPE`, `# HELP` and `# UNIT`.
package struct MetricMetadata: Sendable, Hashable {
  package var metric: String
  package var type: MetricType
  package var help: String
  package var unit: String
  package init(metric: String, type: MetricType, help: String = "", unit: String = "") {
    self.metric = metric
    self.type = type
    self.help = help
    self.unit = unit
  }
}

/// Where samples come from: one target of one probe, scrape or host collector. Stable across
/// reloads that leave the target alone. One object, for every rule keeps a set of them.
package struct SourceID: Sendable {
  private final class Parts: Sendable {
    let kind: String
    let job: String
    let instance: String
    let hash: Int
    init(_ kind: String, _ job: String, _ instance: String) {
      self.kind = kind
      self.job = job
      self.instance = instance
      var hasher = Hasher()
      for text in [kind, job, instance] { Bytes.hash(text, into: &hasher) }
      hash = hasher.finalize()
    }
  }
  private let parts: Parts

  /// The statement's kind: `probe`, `scrape`, `host`.
  package var kind: String { parts.kind }
  /// The statement's name, which is the `job` label.
  package var job: String { parts.job }
  /// The target, which is the `instance` label.
  package var instance: String { parts.instance }

  package init(kind: String, job: String, instance: String) {
    parts = Parts(kind, job, instance)
  }
}

extension SourceID: Hashable, Comparable, CustomStringConvertible {
  package static func == (left: SourceID, right: SourceID) -> Bool {
    let (left, right) = (left.parts, right.parts)
    return left === right
      || (left.hash == right.hash && Bytes.equal(left.kind, right.kind)
        && Bytes.equal(left.job, right.job) && Bytes.equal(left.instance, right.instance))
  }
  package func hash(into hasher: inout Hasher) { hasher.combine(parts.hash) }
  package static func < (left: SourceID, right: SourceID) -> Bool {
    (left.kind, left.job, left.instance) < (right.kind, right.job, right.instance)
  }
  package var description: String { "\(kind) \(job) \(instance)" }
}

extension SourceID: Codable {
  private enum CodingKeys: String, CodingKey { case kind, job, instance }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      kind: try values.decode(String.self, forKey: .kind),
      job: try values.decode(String.self, forKey: .job),
      instance: try values.decode(String.self, forKey: .instance))
  }
  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(kind, forKey: .kind)
    try values.encode(job, forKey: .job)
    try values.encode(instance, forKey: .instance)
  }
}

/// How the last collection of a target went.
package struct TargetStatus: Sendable, Hashable {
  package var source: SourceID
  /// What was asked: a URL, an address, a command.
  package var target: String
  /// The labels every series of the target carries.
  package var labels: Labels
  /// Whether the target answered as expected: `up`, or `probe_success`.
  package var isUp: Bool
  /// Why not, in one sentence; nil when up.
  package var failure: String?
  package var lastCollection: Timestamp
  package var duration: Duration
  package var interval: Duration
  package var timeout: Duration
  /// Further facts worth showing, in order: phases, status codes, certificate dates.
  package var facts: [Label]

  package init(
    source: SourceID, target: String, labels: Labels, isUp: Bool, failure: String?,
    lastCollection: Timestamp, duration: Duration, interval: Duration, timeout: Duration,
    facts: [Label] = []
  ) {
    self.source = source
    self.target = target
    self.labels = labels
    self.isUp = isUp
    self.failure = failure
    self.lastCollection = lastCollection
    self.duration = duration
    self.interval = interval
    self.timeout = timeout
    self.facts = facts
  }
}

/// What one collection of one target brought. A series of the target has a stable slot within a
/// layout; a batch carries (slot, value), and labels only for slots that are new in the layout.
/// A slot that was in the target's last batch and is not in this one has ended (staleness marker).
public struct SampleBatch: Sendable {
  /// Public for the same reason as `Sample`.
  public struct Value: Sendable, Hashable {
    public var slot: UInt32
    public var value: Double
    @inlinable
    public init(slot: UInt32, value: Double) {
      self.slot = slot
      self.value = value
    }
  }
  package struct Birth: Sendable, Hashable {
    package var slot: UInt32
    package var labels: Labels
    /// Says of the source itself whether it answers: it has room when others have none.
    package var isVital: Bool
    package init(slot: UInt32, labels: Labels, isVital: Bool = false) {
      self.slot = slot
      self.labels = labels
      self.isVital = isVital
    }
  }
  /// A sample that brought its own time; it is exempt from staleness, as in Prometheus.
  package struct Stamped: Sendable, Hashable {
    package var slot: UInt32
    package var sample: Sample
    package init(slot: UInt32, sample: Sample) {
      self.slot = slot
      self.sample = sample
    }
  }
  package var source: SourceID
  /// Slots mean nothing across layouts; a new number starts from nothing.
  package var layout: UInt64
  package var time: Timestamp
  package var births: [Birth]
  package var values: [Value]
  package var stamped: [Stamped]
  /// New or changed metadata.
  package var metadata: [MetricMetadata]
  package var status: TargetStatus

  package init(
    source: SourceID, layout: UInt64, time: Timestamp, births: [Birth] = [], values: [Value] = [],
    stamped: [Stamped] = [], metadata: [MetricMetadata] = [], status: TargetStatus
  ) {
    self.source = source
    self.layout = layout
    self.time = time
    self.births = births
    self.values = values
    self.stamped = stamped
    self.metadata = metadata
    self.status = status
  }
}
