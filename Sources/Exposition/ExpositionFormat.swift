/// The text formats a target may speak, and that we speak ourselves.
package enum ExpositionFormat: Sendable, Hashable {
  /// Prometheus text 0.0.4, and 1.0.0 with quoted UTF-8 names.
  case text
  /// OpenMetrics 1.0.
  case openMetrics

  /// What a scrape says it accepts, best first.
  package static let accept =
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.1"

  /// The format a response's `Content-Type` names; text when it names none we know.
  package init(contentType: String?) {
    let media = (contentType ?? "").split(separator: ";").first.map(String.init) ?? ""
    let name = media.filter { $0 != " " }.lowercased()
    self = name == "application/openmetrics-text" ? .openMetrics : .text
  }

  /// The format a request's `Accept` prefers; text when it names neither.
  package init(accepting accept: String?) {
    var best: (format: ExpositionFormat, weight: Double) = (.text, 0)
    for range in (accept ?? "").split(separator: ",") {
      let parts = range.split(separator: ";").map { part in
        String(part.filter { $0 != " " }).lowercased()
      }
      let weight =
        parts.first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
      let format: ExpositionFormat
      switch parts.first {
      case "application/openmetrics-text": format = .openMetrics
      case "text/plain", "text/*": format = .text
      default: continue
      }
      if weight > best.weight { best = (format, weight) }
    }
    self = best.format
  }

  package var contentType: String {
    switch self {
    case .text: "text/plain; version=0.0.4; charset=utf-8"
    case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
    }
  }
}

/// How much a body may bring. A body over a limit is refused whole, as Prometheus does.
package struct ExpositionLimits: Sendable, Hashable {
  /// Series left after the target's own keep and drop rules.
  package var samples = 100_000
  package var labels = 64
  /// Bytes of a metric or label name.
  package var nameBytes = 1024
  /// Bytes of a label value.
  package var valueBytes = 16 << 10
  package var lineBytes = 128 << 10
  package init() {}
}

/// Why a body is refused: the line, counted from 1, and a sentence.
package struct ExpositionFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// 0 when the failure is about the body as a whole.
  package var line: Int
  package var reason: String
  package init(line: Int, reason: String) {
    self.line = line
    self.reason = reason
  }
  package var description: String { line == 0 ? reason : "line \(line): \(reason)" }
}
