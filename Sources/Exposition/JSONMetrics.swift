import Model

/// A JSON body as metrics: numbers and truth values become gauges, members of objects are joined by
/// `_`, texts and arrays are passed over.
package enum JSONMetrics {
  /// A number of the body under its metric name.
  package struct Metric: Sendable, Hashable {
    package var name: String
    package var value: Double
  }

  /// The metrics of a body in its own order; of two members with one name the last counts.
  package static func read(
    _ body: [UInt8], prefix: String, limits: ExpositionLimits = .init()
  ) -> Result<[Metric], ExpositionFailure> {
    switch JSONValue.parse(body) {
    case .failure(let failure): return .failure(failure)
    case .success(let value):
      guard case .object = value else {
        return .failure(ExpositionFailure(line: 1, reason: "the JSON is not an object"))
      }
      var metrics: [Metric] = []
      var places: [String: Int] = [:]
      collect(value, name: prefix, prefix: prefix) { metric in
        if let place = places[metric.name] {
          metrics[place] = metric
        } else {
          places[metric.name] = metrics.count
          metrics.append(metric)
        }
      }
      guard metrics.count <= limits.samples else {
        return .failure(
          ExpositionFailure(line: 0, reason: "the body has more than \(limits.samples) samples"))
      }
      return .success(metrics)
    }
  }

  private static func collect(
    _ value: JSONValue, name: String, prefix: String, _ report: (Metric) -> Void
  ) {
    switch value {
    case .number(let number): report(Metric(name: name, value: number))
    case .bool(let truth): report(Metric(name: name, value: truth ? 1 : 0))
    case .object(let members):
      for member in members {
        let part = sanitized(member.name)
        let joined = name == prefix ? prefix + part : name + "_" + part
        collect(member.value, name: legal(joined), prefix: prefix, report)
      }
    case .null, .string, .array: break
    }
  }

  /// The text with every character that a classic metric name cannot hold replaced by `_`.
  package static func sanitized(_ text: String) -> String {
    String(
      decoding: text.unicodeScalars.map { scalar in
        scalar.isASCII && Ascii.continuesName(UInt8(scalar.value), colons: true)
          ? UInt8(scalar.value) : UInt8(ascii: "_")
      }, as: UTF8.self)
  }

  private static func legal(_ name: String) -> String {
    guard let first = name.utf8.first else { return "_" }
    return Ascii.startsName(first, colons: true) ? name : "_" + name
  }
}

extension JSONMetrics {
  /// The metrics as lines of the text format.
  package static func text(_ metrics: [Metric]) -> [UInt8] {
    var out = ""
    for metric in metrics {
      out += metric.name + " " + NumberText.prometheus(metric.value) + "\n"
    }
    return Array(out.utf8)
  }
}
