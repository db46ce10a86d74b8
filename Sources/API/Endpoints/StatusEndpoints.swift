import Model
import Outside
import PromQLSyntax

/// Prometheus' `status/…` and the lists a daemon without Alertmanagers of its own leaves empty.
/// Fields that speak of Go's runtime are there, because clients demand them, and say nothing.
enum StatusEndpoints {
  static let buildInfo = Endpoint(["GET"], "/api/v1/status/buildinfo") { request in
    let identity = await request.access.identity()
    return .data([
      "version": .string(identity.version), "revision": "", "branch": "", "buildUser": "",
      "buildDate": "", "goVersion": "",
    ])
  }

  static let runtimeInfo = Endpoint(["GET"], "/api/v1/status/runtimeinfo") { request in
    let identity = await request.access.identity()
    let retention = identity.flags.first { $0.name == "storage.tsdb.retention.time" }
    return .data([
      "startTime": .string(SampleText.rfc3339(identity.startedAt)),
      "CWD": .string(identity.folder), "hostname": .string(identity.hostName),
      "serverTime": .string(SampleText.rfc3339(request.access.now())),
      "reloadConfigSuccess": .bool(identity.lastReloadSucceeded),
      "lastConfigTime": .string(SampleText.rfc3339(identity.lastReload)),
      "corruptionCount": 0, "goroutineCount": 0, "GOMAXPROCS": 0, "GOMEMLIMIT": 0, "GOGC": "",
      "GODEBUG": "", "storageRetention": .string(retention?.value ?? ""),
    ])
  }

  /// The configuration is no YAML; the member's name is what clients ask for.
  static let configuration = Endpoint(["GET"], "/api/v1/status/config") { request in
    .data(["yaml": .string(await request.access.identity().configuration)])
  }

  static let flags = Endpoint(["GET"], "/api/v1/status/flags") { request in
    .data(JSON(await request.access.identity().flags))
  }

  static let alertmanagers = Endpoint(["GET"], "/api/v1/alertmanagers") { _ in
    .data(["activeAlertmanagers": [], "droppedAlertmanagers": []])
  }

  static let storage = Endpoint(["GET"], "/api/v1/status/tsdb") { request in
    await request.reading { request throws(ParameterFlaw) in
      var limit = 10
      if let text = request.parameter("limit"), !text.isEmpty {
        guard let number = Int(text), number >= 1 else {
          throw ParameterFlaw("limit must be a positive number")
        }
        limit = number
      }
      let facts = await request.access.storage()
      let census = LabelCensus(
        await request.access.series(
          matchingAny: [], from: .distantPast, through: .distantFuture))
      return .data([
        "headStats": [
          "numSeries": .integer(Int64(facts.seriesCount)),
          "numLabelPairs": .integer(Int64(census.pairs.count)),
          "chunkCount": .integer(Int64(facts.chunkCount)),
          "minTime": .integer(facts.oldest?.milliseconds ?? 0),
          "maxTime": .integer(facts.newest?.milliseconds ?? 0),
        ],
        "seriesCountByMetricName": ranking(census.metrics, limit),
        "labelValueCountByLabelName": ranking(census.values, limit),
        "memoryInBytesByLabelName": ranking(census.bytes, limit),
        "seriesCountByLabelValuePair": ranking(
          census.pairs.map { ("\($0.key.name)=\($0.key.value)", $0.value) }, limit),
      ])
    }
  }

  private static func ranking(_ counts: [String: Int], _ limit: Int) -> JSON {
    ranking(counts.map { ($0.key, $0.value) }, limit)
  }

  /// The largest first; equal ones in the order of their names.
  private static func ranking(_ counts: [(name: String, count: Int)], _ limit: Int) -> JSON {
    let sorted = counts.sorted { left, right in
      left.count == right.count ? Bytes.less(left.name, right.name) : left.count > right.count
    }
    return .array(
      sorted.prefix(limit).map {
        ["name": .string($0.name), "value": .integer(Int64($0.count))]
      })
  }
}

/// How often labels occur, counted over all series.
private struct LabelCensus {
  var metrics: [String: Int] = [:]
  /// Series of each pair of name and value.
  var pairs: [Label: Int] = [:]
  /// Different values of each name.
  var values: [String: Int] = [:]
  /// Bytes that the values of each name take over all series.
  var bytes: [String: Int] = [:]

  init(_ series: [Labels]) {
    for labels in series {
      metrics[labels.name, default: 0] += 1
      for label in labels {
        pairs[label, default: 0] += 1
        bytes[label.name, default: 0] += label.value.utf8.count
      }
    }
    for pair in pairs.keys { values[pair.name, default: 0] += 1 }
  }
}
