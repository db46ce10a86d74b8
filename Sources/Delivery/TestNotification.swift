import Model

extension Notification {
  /// A notification for `tocsin notify RECEIVER`: nothing is wrong, and it says so.
  package static func test(on channel: ChannelID, at now: Timestamp) -> Notification {
    example(on: channel, alerts: 1, at: now)
  }

  /// A made-up notification of reason `test`, with as many alerts as asked for.
  package static func example(
    on channel: ChannelID, alerts count: Int, at now: Timestamp
  ) -> Notification {
    let alerts = (0..<count).map { index in
      NotifiedAlert(alert: exampleAlert(index, now), standing: .new)
    }
    let group = Labels(["alertname": "TestAlert"])
    let incident = alerts.first?.alert.incident ?? IncidentID("test")
    // Each test is a conversation of its own.
    let id = "\(incident)-\(now.milliseconds)"
    return Notification(
      id: id, channel: channel, reason: .test, groupKey: "{}:{alertname=\"TestAlert\"}",
      groupLabels: group, groupedBy: ["alertname"], alerts: alerts, time: now,
      thread: MessageThread(first: id, count: 0))
  }

  private static func exampleAlert(_ index: Int, _ now: Timestamp) -> Alert {
    let mounts = ["/", "/home", "/srv", "/var"]
    let mount = mounts[index % mounts.count]
    let severity = SeverityScale.standard["warning"]
    let labels = Labels([
      "alertname": "TestAlert", "severity": "warning", "mountpoint": mount,
      "instance": "example:9100",
    ])
    let start = now - .seconds(120 + 60 * index)
    let fingerprint = labels.removing("severity").fingerprint
    var alert = Alert(
      fingerprint: fingerprint, incident: IncidentID(startedAt: start, fingerprint: fingerprint),
      labels: labels, severity: severity, state: .firing, activeAt: start, group: "test")
    alert.firedAt = start
    alert.value = 0.83
    alert.valueAtStart = 0.81
    alert.unit = .ratio
    alert.threshold = LevelThreshold(
      comparison: .greater, limit: Quantity(0.8, .ratio), hold: .seconds(60),
      clearComparison: .less, clearLimit: Quantity(0.75, .ratio))
    alert.annotations = [
      .init(
        name: "summary",
        text: RenderedText(segments: [
          .inserted(mount), .literal(" would be "), .inserted("83 %"),
          .literal(" full, were this not a test"),
        ])),
      .init(name: "description", text: RenderedText(literal: "A message sent to try a receiver.")),
    ]
    return alert
  }
}
