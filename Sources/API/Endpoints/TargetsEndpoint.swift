import Model
import Outside

/// Prometheus' `targets` and `scrape_pools`: every scrape, probe and host collector is a target.
enum TargetsEndpoint {
  static let endpoint = Endpoint(["GET"], "/api/v1/targets") { request in
    let state = request.parameter("state")?.lowercased() ?? ""
    let pool = request.parameter("scrapePool") ?? ""
    let isShown = ["", "any", "active"].contains(state)
    let targets = isShown ? await request.access.targets() : []
    return .data([
      "activeTargets": .array(
        targets.filter { pool.isEmpty || $0.source.job == pool }.map(json)),
      "droppedTargets": [], "droppedTargetCounts": .object([]),
    ])
  }

  static let pools = Endpoint(["GET"], "/api/v1/scrape_pools") { request in
    let pools = Set(await request.access.targets().map(\.source.job)).sorted(by: Bytes.less)
    return .data(["scrapePools": .array(pools.map(JSON.string))])
  }

  private static func json(_ target: TargetStatus) -> JSON {
    [
      "discoveredLabels": JSON([
        Label("__address__", target.source.instance), Label("job", target.source.job),
      ]),
      "labels": JSON(target.labels), "scrapePool": .string(target.source.job),
      "scrapeUrl": .string(target.target), "globalUrl": .string(target.target),
      "lastError": .string(target.failure ?? ""),
      "lastScrape": .string(SampleText.rfc3339(target.lastCollection)),
      "lastScrapeDuration": .number(target.duration.inSeconds),
      "health": .string(target.isUp ? "up" : "down"),
      "scrapeInterval": .string(DurationText.text(target.interval)),
      "scrapeTimeout": .string(DurationText.text(target.timeout)),
    ]
  }
}

/// What the probes last found, with phases, reasons and certificate dates.
enum ProbesEndpoint {
  static let endpoint = Endpoint(["GET"], "/api/tocsin/v1/probes") { request in
    let probes = await request.access.targets().filter { $0.source.kind == "probe" }
    let list = probes.map { probe -> JSON in
      [
        "name": .string(probe.source.job), "target": .string(probe.target),
        "instance": .string(probe.source.instance), "success": .bool(probe.isUp),
        "reason": JSON(probe.failure),
        "lastRun": .string(SampleText.rfc3339(probe.lastCollection)),
        "durationSeconds": .number(probe.duration.inSeconds), "facts": JSON(probe.facts),
      ]
    }
    return .json(["probes": .array(list)])
  }
}
