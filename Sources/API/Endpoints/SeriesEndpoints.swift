import Model
import Outside
import PromQLSyntax

/// Prometheus' `series`, `labels`, `label/N/values`, `query_exemplars`.
enum SeriesEndpoints {
  static let series = Endpoint(["GET", "POST"], "/api/v1/series") { request in
    await request.reading { request throws(ParameterFlaw) in
      if request.parameters("match[]").isEmpty {
        throw ParameterFlaw("no match[] parameter provided")
      }
      let limit = try request.limit()
      let found = try await selected(request).limited(to: limit)
      return .data(.array(found.elements.map { JSON($0) }), warnings: found.warnings)
    }
  }

  static let labels = Endpoint(["GET", "POST"], "/api/v1/labels") { request in
    await request.reading { request throws(ParameterFlaw) in
      let limit = try request.limit()
      let names = Set(try await selected(request).flatMap { $0.map(\.name) })
      return strings(names, limit: limit)
    }
  }

  static let labelValues = Endpoint(["GET"], "/api/v1/label/{name}/values") { request in
    await request.reading { request throws(ParameterFlaw) in
      let segment = request.segment("name")
      let name = EscapedName.unescaped(segment)
      if name.isEmpty { throw ParameterFlaw("invalid label name: \(PromQuote.printable(segment))") }
      let limit = try request.limit()
      let values = Set(try await selected(request).compactMap { $0[name] })
      return strings(values, limit: limit)
    }
  }

  /// Exemplars are read past in scrapes and not kept: the answer is that of a Prometheus without
  /// exemplar storage.
  static let exemplars = Endpoint(["GET", "POST"], "/api/v1/query_exemplars") { request in
    await request.reading { request throws(ParameterFlaw) in
      let start = try request.time("start", default: .distantPast)
      let end = try request.time("end", default: .distantFuture)
      if end < start {
        throw ParameterFlaw("end timestamp must not be before start timestamp")
      }
      _ = try request.bareExpression()
      return .data([])
    }
  }

  private static func strings(_ texts: Set<String>, limit: Int) -> HTTPServerResponse {
    let found = texts.sorted(by: Bytes.less).limited(to: limit)
    return .data(.array(found.elements.map(JSON.string)), warnings: found.warnings)
  }

  /// The series of the request's selectors and times; all of them when none is given.
  private static func selected(_ request: EndpointRequest) async throws(ParameterFlaw) -> [Labels] {
    let start = try request.time("start", default: .distantPast)
    let end = try request.time("end", default: .distantFuture)
    return await request.access.series(
      matchingAny: try request.selectors(), from: start, through: end)
  }
}

/// Names in a URL's path: any name that is not plain is written `U__…`, each other character as
/// its code point in hexadecimal between underscores, an underscore doubled
/// (`model/metric.go` of prometheus/common, UnescapeName).
enum EscapedName {
  static func unescaped(_ text: String) -> String {
    guard text.hasPrefix("U__") else { return text }
    var out = String.UnicodeScalarView()
    var rest = Substring(text).unicodeScalars.dropFirst(3)
    while let next = rest.popFirst() {
      guard next == "_" else {
        out.append(next)
        continue
      }
      if rest.first == "_" {
        rest.removeFirst()
        out.append("_")
        continue
      }
      let digits = rest.prefix { $0 != "_" }
      rest = rest.dropFirst(digits.count)
      // What is not well formed is no escaped name but a name.
      guard (1...6).contains(digits.count), let code = UInt32(String(digits), radix: 16),
        let scalar = Unicode.Scalar(code), rest.popFirst() == "_"
      else { return text }
      out.append(scalar)
    }
    return String(out)
  }
}
