import FoundationEssentials
import Model
import Outside

/// Alertmanager's `status` (`api/v2/openapi.yaml`).
enum AlertmanagerStatusEndpoint {
  static let endpoint = Endpoint(["GET"], "/api/v2/status") { request in
    let identity = await request.access.identity()
    return .json([
      "cluster": ["status": "disabled", "peers": []],
      "config": ["original": .string(identity.configuration)],
      "uptime": .string(SampleText.rfc3339(identity.startedAt)),
      "versionInfo": [
        "branch": "", "buildDate": "", "buildUser": "", "goVersion": "", "revision": "",
        "version": .string(identity.version),
      ],
    ])
  }
}

/// Alertmanager's `receivers`.
enum AlertmanagerReceiversEndpoint {
  static let endpoint = Endpoint(["GET"], "/api/v2/receivers") { request in
    .json(.array(await request.access.receivers().map { ["name": .string($0)] }))
  }
}

/// Alertmanager's `alerts` and `alerts/groups`.
enum AlertmanagerAlertsEndpoint {
  static let list = Endpoint(["GET"], "/api/v2/alerts") { request in
    await filtered(request) { keep in
      let alerts = await request.access.alerts().filter { $0.alert.state == .firing }
      return .json(.array(alerts.filter(keep).map { json($0) }))
    }
  }

  static let groups = Endpoint(["GET"], "/api/v2/alerts/groups") { request in
    await filtered(request) { keep in
      let groups = await request.access.alertGroups().compactMap { group -> JSON? in
        let alerts = group.alerts.filter { $0.alert.state == .firing && keep($0) }
        guard !alerts.isEmpty else { return nil }
        return [
          "labels": JSON(group.labels), "receiver": ["name": .string(group.receiver)],
          "alerts": .array(alerts.map { json($0) }),
        ]
      }
      return .json(.array(groups))
    }
  }

  /// Alerts from a Prometheus or another Tocsin.
  static let post = Endpoint(["POST"], "/api/v2/alerts", changesState: true) { request in
    guard
      let posted = try? JSONDecoder().decode([PostableAlert].self, from: Data(request.http.body))
    else {
      return .refusal(400, code: "invalid", "the body is not a list of alerts (postableAlerts)")
    }
    var alerts: [PostedAlertRequest] = []
    for (index, alert) in posted.enumerated() {
      switch alert.request {
      case .success(let request): alerts.append(request)
      case .failure(let refusal):
        return .refusal(400, code: "invalid", "alert \(index): \(refusal.reason)")
      }
    }
    switch await request.access.post(alerts) {
    case .success: return HTTPServerResponse(status: 200, body: .bytes([]))
    case .failure(let refusal): return .refusal(refusal)
    }
  }

  private struct PostableAlert: Decodable {
    var labels: [String: String]
    var annotations: [String: String]?
    var startsAt: String?
    var endsAt: String?
    var generatorURL: String?

    var request: Result<PostedAlertRequest, CommandRefusal> {
      let sorted = Labels(labels.sorted { $0.key < $1.key }.map { Label($0.key, $0.value) })
      guard !sorted.isEmpty else {
        return .failure(CommandRefusal(.invalid, "at least one label pair required"))
      }
      // Go's zero time means "not given".
      let times = [startsAt, endsAt].map { text -> String? in
        text?.hasPrefix("0001-01-01") == true ? nil : text
      }
      for text in times.compactMap({ $0 }) where SampleText.time(text) == nil {
        return .failure(CommandRefusal(.invalid, "\(PromQuote.quoted(text)) is not a time"))
      }
      let start = times[0].flatMap(SampleText.time)
      let end = times[1].flatMap(SampleText.time)
      if let start, let end, start > end {
        return .failure(CommandRefusal(.invalid, "start time must be before end time"))
      }
      let texts = (annotations ?? [:]).sorted { $0.key < $1.key }.map { Label($0.key, $0.value) }
      return .success(
        PostedAlertRequest(
          labels: sorted, annotations: texts, startsAt: start, endsAt: end,
          generatorURL: generatorURL ?? ""))
    }
  }

  /// Reads the filter parameters and answers with them as a predicate.
  private static func filtered(
    _ request: EndpointRequest,
    _ answer: (_ keep: @escaping (AlertView) -> Bool) async -> HTTPServerResponse
  ) async -> HTTPServerResponse {
    var matchers: [LabelMatcher] = []
    for text in request.parameters("filter") {
      switch MatcherText.parse(text) {
      case .success(let parsed): matchers += parsed
      case .failure(let refusal): return .refusal(refusal)
      }
    }
    var receiver: Pattern?
    if let text = request.parameter("receiver") {
      do {
        receiver = try Pattern(text, anchored: true)
      } catch {
        return .refusal(400, code: "invalid", "receiver: \(error.reason)")
      }
    }
    let (active, silenced, inhibited) = (
      request.flag("active", default: true), request.flag("silenced", default: true),
      request.flag("inhibited", default: true)
    )
    return await answer { view in
      guard matchers.allMatch(view.alert.labels) else { return false }
      if let receiver, !view.receivers.contains(where: receiver.matches) { return false }
      let status = status(of: view)
      return (active || !view.muted.isEmpty) && (silenced || status.silencedBy.isEmpty)
        && (inhibited || status.inhibitedBy.isEmpty)
    }
  }

  private static func status(
    of view: AlertView
  ) -> (silencedBy: [String], inhibitedBy: [String], mutedBy: [String]) {
    var (silencedBy, inhibitedBy, mutedBy): ([String], [String], [String]) = ([], [], [])
    for cause in view.muted {
      switch cause {
      case .silence(let id): silencedBy.append(id)
      case .inhibition(let source): inhibitedBy.append(source.description)
      case .window(let name): mutedBy.append(name)
      case .outsideWindows(let names): mutedBy += names
      case .dependency(let parent): inhibitedBy.append("depends on \(parent)")
      }
    }
    return (silencedBy, inhibitedBy, mutedBy)
  }

  static func json(_ view: AlertView) -> JSON {
    let alert = view.alert
    let status = status(of: view)
    // Alertmanager's firing alerts carry the time at which they would be taken as resolved.
    let endsAt = alert.resolvedAt ?? view.updatedAt + .seconds(240)
    return [
      "annotations": JSON(alert.annotations.map { Label($0.name, $0.text.plain) }),
      "endsAt": .string(SampleText.rfc3339(endsAt)),
      "fingerprint": .string(alert.labels.fingerprint.description),
      "receivers": .array(view.receivers.map { ["name": .string($0)] }),
      "startsAt": .string(SampleText.rfc3339(alert.firedAt ?? alert.activeAt)),
      "status": [
        "inhibitedBy": .array(status.inhibitedBy.map(JSON.string)),
        "mutedBy": .array(status.mutedBy.map(JSON.string)),
        "silencedBy": .array(status.silencedBy.map(JSON.string)),
        "state": .string(view.muted.isEmpty ? "active" : "suppressed"),
      ],
      "updatedAt": .string(SampleText.rfc3339(view.updatedAt)),
      "generatorURL": .string(alert.generatorURL), "labels": JSON(alert.labels),
    ]
  }
}
