/// The text formats a target may speak, and that we speak ourselves.
package enum ExpositionFormat: Sendable, Hashable {
  /// Prometheus text 0.0.4, and 1.0.0 with quoted UTF-8 names.
  case text
  /// OpenMetrics 1.0.
  case openMetrics

  /// What a scrape says it accepts, best first, just as Prometheus 3 does (`scrape/scrape.go`,
  /// acceptHeader).
  package static let accept =
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    + "application/openmetrics-text;version=0.0.1;q=0.5,"
    + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"

  /// The format that a response's `Content-Type` names. One that names none we read is an error of
  /// the target, unless the scrape says what it takes such a body for
  /// (`model/textparse/interface.go`, extractMediaType).
  package static func named(
    by contentType: String?, fallback: ExpositionFormat?
  ) -> Result<ExpositionFormat, ContentTypeFailure> {
    let given = contentType ?? ""
    switch mediaType(given) {
    case "application/openmetrics-text": return .success(.openMetrics)
    case "text/plain": return .success(.text)
    case let media:
      if let fallback { return .success(fallback) }
      if given.isEmpty { return .failure(.missing) }
      return .failure(media == nil ? .malformed(given) : .unsupported(media ?? ""))
    }
  }

  /// `type/subtype` in lower case; nil when it is not that (RFC 2045, section 5.1).
  private static func mediaType(_ contentType: String) -> String? {
    let media = contentType.split(separator: ";", omittingEmptySubsequences: false)[0]
    let halves = media.split(separator: "/", omittingEmptySubsequences: false).map { half in
      half.utf8.drop { $0 == 0x20 || $0 == 0x09 }.reversed().drop { $0 == 0x20 || $0 == 0x09 }
        .reversed().map { $0 }
    }
    let isToken = halves.allSatisfy { half in
      !half.isEmpty
        && half.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"()<>@,;:\\\"/[]?=".utf8.contains($0) }
    }
    guard halves.count == 2, isToken else { return nil }
    return halves.map { String(decoding: $0, as: UTF8.self).lowercased() }.joined(separator: "/")
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

/// Why a response's `Content-Type` does not say how its body is to be read.
package enum ContentTypeFailure: Error, Sendable, Hashable {
  case missing
  case malformed(String)
  case unsupported(String)
}

/// How much a body may bring. A body over a limit is refused whole, as Prometheus does, but for
/// series: of those the first ones are taken.
package struct ExpositionLimits: Sendable, Hashable {
  /// Samples left after the target's own keep and drop rules.
  package var samples = 1_000_000
  /// Series taken; what a body brings beyond them is left out and counted.
  package var series = 100_000
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
