import Model

@testable import Delivery

/// Notifications that the texts of this room are tried with.
enum Fixture {
  /// Sun 22 Nov 2026 15:04:10 CET.
  static let now = Timestamp(milliseconds: 1_795_356_250_000)
  static let berlin = TimeZoneTable(
    name: "Europe/Berlin", initialOffset: 3600, initialAbbreviation: "CET")
  static let channel = ChannelID(receiver: "ops", channel: "email ops@example.com")

  static func severity(_ name: String) -> Severity { SeverityScale.standard[name]! }

  static var context: MessageContext {
    MessageContext(
      hostName: "web-1.example.com", baseURL: "http://web-1.example.com:9768", zone: berlin)
  }

  static func alert(
    _ name: String = "DiskFilling", _ level: String? = "critical",
    labels: KeyValuePairs<String, String> = [
      "mountpoint": "/", "fstype": "ext4", "device": "/dev/sda1",
    ],
    minutes: Int = 23, summary: RenderedText? = nil
  ) -> Alert {
    var set = Labels(labels).setting(Labels.alertName, to: name)
    let fingerprint = set.fingerprint
    set = set.setting("severity", to: level)
    let start = now - .seconds(60 * minutes)
    var alert = Alert(
      fingerprint: fingerprint, incident: IncidentID(startedAt: start, fingerprint: fingerprint),
      labels: set, severity: level.map(severity), state: .firing, activeAt: start, group: "host")
    alert.firedAt = start + .seconds(60)
    if let summary { alert.annotations = [.init(name: "summary", text: summary)] }
    return alert
  }

  /// The disk of the design's sample page.
  static func disk(_ level: String = "critical") -> Alert {
    var alert = alert("DiskFilling", level)
    alert.value = 0.91
    alert.unit = .ratio
    alert.valueAtStart = 0.82
    alert.worstValue = 0.91
    alert.threshold = LevelThreshold(
      comparison: .greater, limit: Quantity(0.9, .ratio), hold: .seconds(60),
      clearComparison: .less, clearLimit: Quantity(0.85, .ratio))
    alert.annotations = [
      .init(
        name: "summary",
        text: RenderedText(segments: [
          .inserted("/"), .literal(" is "), .inserted("91 %"), .literal(" full"),
        ])),
      .init(name: "runbook", text: RenderedText(literal: "https://wiki.example.com/disk")),
    ]
    return alert
  }

  static func notification(
    _ alerts: [NotifiedAlert], _ reason: NotificationReason = .first, sent count: Int = 0,
    groupedBy: [String] = ["alertname"], on channel: ChannelID = channel
  ) -> Notification {
    let incident = alerts[0].alert.incident
    return Notification(
      id: "\(incident)-\(count + 1)", channel: channel, reason: reason,
      groupKey: "{}:{alertname=\"\(alerts[0].alert.name)\"}",
      groupLabels: Labels(["alertname": alerts[0].alert.name]), groupedBy: groupedBy,
      alerts: alerts, time: now,
      nextReminder: alerts.allSatisfy { $0.closeReason != nil } ? nil : now + .seconds(4 * 3600),
      thread: MessageThread(first: "\(incident)-1", count: count))
  }

  /// A group of one rule's alerts, each on a file system of its own.
  static func group(_ count: Int, _ standing: (Int) -> NotifiedAlert.Standing) -> Notification {
    notification(
      (0..<count).map { index in
        var alert = alert(
          "DiskFilling", "warning",
          labels: [
            "mountpoint": "/data/\(index)", "fstype": "ext4", "instance": "web-1:9100",
          ], minutes: 5 + index % 50)
        alert.value = 0.8 + Double(index % 10) / 100
        alert.unit = .ratio
        alert.threshold = LevelThreshold(comparison: .greater, limit: Quantity(0.8, .ratio))
        alert.annotations = [
          .init(
            name: "summary",
            text: RenderedText(segments: [
              .inserted("/data/\(index)"), .literal(" is "),
              .inserted("\(80 + index % 10) %"), .literal(" full"),
            ]))
        ]
        let standing = standing(index)
        if case .closed = standing { alert.resolvedAt = now - .seconds(30) }
        return NotifiedAlert(alert: alert, standing: standing)
      }, .newAlerts)
  }

  /// Every value in it is out to break something.
  static var hostile: Notification {
    let blob = String(repeating: "x&<y>", count: 2048)
    var alert = alert(
      "Hostile<b>", "critical",
      labels: [
        "newline": "one\r\nBcc: eve@example.com\n\n.\ntwo", "quote": "a \"b\" 'c' `d` \\e",
        "mention": "<!channel> <@U1|x> *b* & co", "template": "{{ value }}", "emoji": "🔥👩‍👩‍👧",
        "hebrew": "שלום \u{202E}evil", "escape": "\u{1B}[31m\u{7}red\u{0}", "blob": blob,
        "start": "~tilde", "shell": "$(reboot); `x`",
      ])
    alert.value = .infinity
    alert.threshold = LevelThreshold(comparison: .greater, limit: Quantity(1))
    alert.annotations = [
      .init(
        name: "summary",
        text: RenderedText(segments: [
          .inserted("<!channel> שלום\n"), .literal("& "), .inserted("\u{202E}🔥 "),
          .inserted(blob),
        ])),
      .init(
        name: "description", text: RenderedText(segments: [.inserted(blob + "\n\n\n\n" + blob)])),
      .init(name: "runbook", text: RenderedText(segments: [.inserted("javascript:alert(1)")])),
    ]
    return notification([NotifiedAlert(alert: alert, standing: .new)])
  }
}
