import Model

/// A metric family to be written: its metadata and the samples that carry its name.
package struct ExpositionFamily: Sendable {
  /// A value of one series of the family.
  package struct Sample: Sendable {
    /// All labels, the metric name among them.
    package var labels: Labels
    package var value: Double
    package var timestamp: Timestamp?
    package init(_ labels: Labels, _ value: Double, at timestamp: Timestamp? = nil) {
      self.labels = labels
      self.value = value
      self.timestamp = timestamp
    }
  }
  package var metadata: MetricMetadata
  package var samples: [Sample]
  package init(_ metadata: MetricMetadata, _ samples: [Sample]) {
    self.metadata = metadata
    self.samples = samples
  }

  /// A family of one plain gauge or counter.
  package init(
    _ name: String, _ type: MetricType, _ help: String, _ values: [(labels: [Label], value: Double)]
  ) {
    metadata = MetricMetadata(metric: name, type: type, help: help)
    samples = values.map { entry in
      Sample(Labels([Label(Labels.metricName, name)] + entry.labels), entry.value)
    }
  }
}

/// Writes `/metrics` and `/federate` bodies.
package enum ExpositionWriter {
  /// The body of these families, in their order.
  package static func write(
    _ families: [ExpositionFamily], as format: ExpositionFormat
  ) -> [UInt8] {
    var out = ""
    for family in families { write(family, as: format, to: &out) }
    if format == .openMetrics { out += "# EOF\n" }
    return Array(out.utf8)
  }

  private static func write(
    _ family: ExpositionFamily, as format: ExpositionFormat, to out: inout String
  ) {
    let (name, type) = head(of: family, as: format)
    if !family.metadata.help.isEmpty {
      out += "# HELP \(written(name)) "
      out += escaped(family.metadata.help, quotes: format == .openMetrics) + "\n"
    }
    let word = type == .unknown && format == .text ? "untyped" : type.rawValue
    out += "# TYPE \(written(name)) \(word)\n"
    let unit = family.metadata.unit
    if format == .openMetrics, !unit.isEmpty, name.hasSuffix("_" + unit) {
      out += "# UNIT \(written(name)) \(unit)\n"
    }
    for sample in family.samples {
      series(sample.labels, to: &out)
      out += " " + NumberText.prometheus(sample.value)
      if let time = sample.timestamp {
        out += " " + stamp(time, format)
      }
      out += "\n"
    }
  }

  /// OpenMetrics names a counter's family without the `_total` of its samples, and knows no counter
  /// without it; the text format does not know OpenMetrics' own types.
  private static func head(
    of family: ExpositionFamily, as format: ExpositionFormat
  ) -> (String, MetricType) {
    let (name, type) = (family.metadata.metric, family.metadata.type)
    switch (format, type) {
    case (.openMetrics, .counter):
      if name.hasSuffix("_total") { return (String(name.dropLast(6)), .counter) }
      let totals = family.samples.allSatisfy { $0.labels.name == name + "_total" }
      return (name, totals && !family.samples.isEmpty ? .counter : .unknown)
    case (.text, .info), (.text, .stateset): return (name, .gauge)
    case (.text, .gaugeHistogram): return (name, .unknown)
    default: return (name, type)
    }
  }

  private static func stamp(_ time: Timestamp, _ format: ExpositionFormat) -> String {
    if format == .text { return String(time.milliseconds) }
    let (whole, rest) = time.milliseconds.quotientAndRemainder(dividingBy: 1000)
    if rest == 0 { return String(whole) }
    let digits = String(1000 + abs(rest)).dropFirst()
    return (time.milliseconds < 0 && whole == 0 ? "-" : "") + "\(whole).\(digits)"
  }

  private static func series(_ labels: Labels, to out: inout String) {
    let name = labels.name
    let classic = isClassic(name, colons: true)
    if classic { out += name }
    let rest = labels.filter { $0.name != Labels.metricName }
    if classic, rest.isEmpty { return }
    out += "{"
    var first = true
    if !classic {
      out += "\"\(escaped(name, quotes: true))\""
      first = false
    }
    for label in rest {
      if !first { out += "," }
      first = false
      let plain = isClassic(label.name, colons: false)
      out += plain ? label.name : "\"\(escaped(label.name, quotes: true))\""
      out += "=\"\(escaped(label.value, quotes: true))\""
    }
    out += "}"
  }

  private static func written(_ name: String) -> String {
    isClassic(name, colons: true) ? name : "\"\(escaped(name, quotes: true))\""
  }

  private static func isClassic(_ name: String, colons: Bool) -> Bool {
    guard let first = name.utf8.first, Ascii.startsName(first, colons: colons) else { return false }
    return name.utf8.allSatisfy { Ascii.continuesName($0, colons: colons) }
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    let special: (UInt8) -> Bool = {
      $0 == Ascii.backslash || $0 == Ascii.newline || (quotes && $0 == Ascii.quote)
    }
    guard text.utf8.contains(where: special) else { return text }
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\"" where quotes: out += "\\\""
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }
}
