import Model
import Outside
import PromQLSyntax

/// Prometheus' `metadata` and `targets/metadata`. A metric has one description here, that of the
/// target that gave it last.
enum MetadataEndpoints {
  static let metadata = Endpoint(["GET"], "/api/v1/metadata") { request in
    await request.reading { request throws(ParameterFlaw) in
      let limit = try number(request, "limit")
      // A metric has one description here, and 0 is no limit: there is nothing to leave out.
      _ = try number(request, "limit_per_metric")
      let wanted = request.parameter("metric") ?? ""
      var all = await request.access.metadata().filter { wanted.isEmpty || $0.metric == wanted }
      if let limit { all = Array(all.prefix(limit)) }
      return .data(
        .object(
          all.map { entry in
            (name: entry.metric, value: [json(entry)])
          }))
    }
  }

  static let ofTargets = Endpoint(["GET"], "/api/v1/targets/metadata") { request in
    await request.reading { request throws(ParameterFlaw) in
      let limit = try number(request, "limit")
      let metric = request.parameter("metric") ?? ""
      let selectors = try targetSelectors(request)
      let targets = await request.access.targets().filter { target in
        selectors.allSatisfy { $0.allMatch(target.labels) }
      }
      // Whose metric it is shows in the series: each target lists what it has.
      let entries = await request.access.metadata().filter { metric.isEmpty || $0.metric == metric }
      var found: [JSON] = []
      for target in targets {
        let identity = target.labels.compactMap { label in
          label.name == "job" || label.name == "instance"
            ? LabelMatcher(label.name, equals: label.value) : nil
        }
        let names = Set(
          await request.access.series(
            matchingAny: [identity], from: .distantPast, through: .distantFuture
          ).map(\.name))
        for entry in entries where has(entry, names) {
          if let limit, found.count >= limit { break }
          var members: [(name: String, value: JSON)] = [("target", JSON(target.labels))]
          if metric.isEmpty { members.append(("metric", .string(entry.metric))) }
          members += fields(entry)
          found.append(.object(members))
        }
      }
      return .data(.array(found))
    }
  }

  /// What a target must match; a selector that any target matches is fine.
  private static func targetSelectors(
    _ request: EndpointRequest
  ) throws(ParameterFlaw) -> [[LabelMatcher]] {
    let name = "match_target"
    guard request.parameter(name)?.isEmpty == false else { return [] }
    do throws(ParameterFlaw) {
      return try request.bareSelectors(name)
    } catch {
      throw ParameterFlaw(name, error.message)
    }
  }

  /// Whether one of these series belongs to the metric family described.
  private static func has(_ entry: MetricMetadata, _ names: Set<String>) -> Bool {
    names.contains(entry.metric)
      || ["_total", "_bucket", "_count", "_sum", "_info"].contains {
        names.contains(entry.metric + $0)
      }
  }

  private static func json(_ entry: MetricMetadata) -> JSON { .object(fields(entry)) }

  private static func fields(_ entry: MetricMetadata) -> [(name: String, value: JSON)] {
    [
      ("type", .string(entry.type.rawValue)), ("help", .string(entry.help)),
      ("unit", .string(entry.unit)),
    ]
  }

  /// A limit of these endpoints; nil for none.
  private static func number(
    _ request: EndpointRequest, _ name: String
  ) throws(ParameterFlaw) -> Int? {
    guard let text = request.parameter(name), !text.isEmpty else { return nil }
    guard let limit = Int(text) else { throw ParameterFlaw("\(name) must be a number") }
    return limit < 0 ? nil : limit
  }
}
