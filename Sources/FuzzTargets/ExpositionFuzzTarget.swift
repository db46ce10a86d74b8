import Exposition
import Model

extension FuzzTarget {
  /// Scrape bodies, several in one input with `%%` lines between them: a remembered layout reads
  /// each as a fresh reader does, refusals name a line there is, and what is written reads back.
  package static let exposition = FuzzTarget(
    name: "exposition",
    fragments: [
      "# TYPE a counter\n", "# HELP a text\n", "# UNIT a_seconds seconds\n", "# EOF\n", "\n%%\n",
      "a 1\n", "a{b=\"c\"} 2 1000\n", "_total", "_bucket", "_created", "{le=\"+Inf\"}",
      "{quantile=\"0.5\"}", " # {trace_id=\"x\"} 1 2.5", "NaN", "+Inf", "-1e308", "1e999", "0x1p-2",
      "9223372036854775807", "{\"quoted.name\"}", "\\n", "\\\"", "\\", "\"", "{", "}", "=", ",",
      "\t",
      "\r\n", "\u{0}", "ä", "# ", "histogram", "gaugehistogram", "info", "stateset", "unknown",
    ]
  ) { bytes in
    let bodies = split(bytes)
    for format in [ExpositionFormat.text, .openMetrics] {
      var layouts = LayoutReader(format)
      var piecemeal = LayoutReader(format, isPiecemeal: true)
      for body in bodies {
        let fresh = ExpositionBody.read(body, format: format)
        if let complaint = layouts.read(body, fresh) { return complaint }
        if let complaint = piecemeal.read(body, fresh) { return "in pieces: \(complaint)" }
        if case .success(let entries) = fresh, let complaint = rewritten(entries, format) {
          return complaint
        }
      }
    }
    return nil
  }

  private static func split(_ bytes: [UInt8]) -> [[UInt8]] {
    var bodies: [[UInt8]] = [[]]
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      if line.elementsEqual("%%".utf8) {
        bodies.append([])
      } else {
        if !(bodies.count > 1 && bodies[bodies.count - 1].isEmpty && line.isEmpty) {
          bodies[bodies.count - 1] += line + [UInt8(ascii: "\n")]
        }
      }
    }
    return bodies
  }

  /// Writes the samples of a body and reads them again.
  private static func rewritten(
    _ entries: [ExpositionEntry], _ format: ExpositionFormat
  ) -> String? {
    // Only plain gauges: other types have rules of their own about the names of their samples.
    var families: [ExpositionFamily] = []
    var seen: Set<String> = []
    for case .sample(let sample) in entries where seen.insert(sample.labels.name).inserted {
      let plain = sample.labels.filtered { $0 != "le" && $0 != "quantile" }
      let written = ExpositionFamily.Sample(plain, sample.value, at: sample.timestamp)
      families.append(
        ExpositionFamily(
          MetricMetadata(metric: sample.labels.name, type: .gauge, help: "h"), [written]))
    }
    let body = ExpositionWriter.write(families, as: format)
    switch ExpositionBody.read(body, format: format) {
    case .failure(let failure):
      return "written it does not read (\(failure)): \(String(decoding: body, as: UTF8.self))"
    case .success(let again):
      let wanted = families.flatMap(\.samples)
      let found = again.compactMap { entry -> ExpositionSample? in
        if case .sample(let sample) = entry { sample } else { nil }
      }
      let areEqual =
        wanted.count == found.count
        && zip(wanted, found).allSatisfy {
          $0.labels == $1.labels && same($0.value, $1.value) && $0.timestamp == $1.timestamp
        }
      return areEqual ? nil : "written it reads as something else: \(found)"
    }
  }

  static func same(_ left: Double, _ right: Double) -> Bool {
    left == right || (left.isNaN && right.isNaN)
  }
}

/// A remembered layout with what it has told of the series so far.
private struct LayoutReader {
  private let format: ExpositionFormat
  private let isPiecemeal: Bool
  private var layout = ScrapeLayout()
  private var series: [UInt32: Labels] = [:]
  private var number: UInt64 = 0

  init(_ format: ExpositionFormat, isPiecemeal: Bool = false) {
    self.format = format
    self.isPiecemeal = isPiecemeal
  }

  /// Reads a body; says how that differs from a fresh reading.
  mutating func read(
    _ body: [UInt8], _ fresh: Result<[ExpositionEntry], ExpositionFailure>
  ) -> String? {
    switch (result(body), fresh) {
    case (.failure(let cached), .failure(let plain)):
      let lines = body.count { $0 == UInt8(ascii: "\n") } + 1
      if !(0...lines).contains(plain.line) { return "a refusal of a line there is not: \(plain)" }
      return cached == plain ? nil : "remembered: \(cached); fresh: \(plain)"
    case (.success(let reading), .success(let entries)):
      if reading.layout != number { series = [:] }
      number = reading.layout
      for birth in reading.births { series[birth.slot] = birth.labels }
      return difference(reading, entries)
    case (.success, .failure(let plain)): return "remembered: read; fresh: \(plain)"
    case (.failure(let cached), .success): return "remembered: \(cached); fresh: read"
    }
  }

  /// Reads a body at once, or in pieces of lengths that its own bytes say.
  private mutating func result(_ body: [UInt8]) -> Result<ScrapeReading, ExpositionFailure> {
    guard isPiecemeal else { return layout.read(body, format: format) }
    var feed = BodyFeed(layout, format: format)
    var start = 0
    while start < body.count {
      let end = min(body.count, start + 1 + Int(body[start]) % 61)
      body[start..<end].withUnsafeBytes { feed.take($0) }
      start = end
    }
    let (read, result) = feed.finish()
    layout = read
    return result
  }

  private func difference(_ reading: ScrapeReading, _ entries: [ExpositionEntry]) -> String? {
    var wanted: [Labels: Double] = [:]
    var stamped: [Labels: Set<Int64>] = [:]
    for case .sample(let sample) in entries {
      if let time = sample.timestamp {
        stamped[sample.labels, default: []].insert(time.milliseconds)
      } else if wanted[sample.labels] == nil {
        wanted[sample.labels] = sample.value
      }
    }
    var found: [Labels: Double] = [:]
    for value in reading.values {
      guard let labels = series[value.slot] else { return "a value of an unborn series" }
      if found.updateValue(value.value, forKey: labels) != nil { return "\(labels) has two values" }
    }
    for sample in reading.stamped {
      guard let labels = series[sample.slot] else { return "a sample of an unborn series" }
      guard stamped[labels]?.contains(sample.sample.timestamp.milliseconds) == true else {
        return "\(labels) has a sample that the body has not"
      }
    }
    if found.count != wanted.count {
      return "remembered: \(found.count) values; fresh: \(wanted.count)"
    }
    for (labels, value) in wanted where !(found[labels].map { FuzzTarget.same($0, value) } ?? false)
    {
      return "\(labels) is remembered as \(found[labels] ?? .nan), fresh it is \(value)"
    }
    return nil
  }
}
