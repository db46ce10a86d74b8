import Model

/// Alertmanager's webhook body, version 4 (`notify/webhook/webhook.go`, `template/template.go`).
enum WebhookPayload {
  /// `limit`: alerts in the body, nil for all; `truncatedAlerts` counts the rest.
  static func payload(
    _ notification: Notification, _ context: MessageContext, limit: Int?
  ) -> JSONText {
    let facts = NotificationFacts(notification)
    let alerts = facts.all.prefix(limit ?? .max)
    return .members([
      "receiver": .text(notification.channel.receiver),
      "status": .text(notification.isClose ? "resolved" : "firing"),
      "alerts": .list(alerts.map { alert($0, notification, context) }),
      "groupLabels": labels(notification.groupLabels),
      "commonLabels": labels(facts.sharedLabels),
      "commonAnnotations": annotations(commonAnnotations(facts.all)),
      "externalURL": .text(context.baseURL ?? ""),
      "version": "4",
      "groupKey": .text(notification.groupKey),
      "truncatedAlerts": .integer(facts.all.count - alerts.count),
      "notification_reason": .text(notification.reason.rawValue),
    ])
  }

  private static func alert(
    _ told: NotifiedAlert, _ notification: Notification, _ context: MessageContext
  ) -> JSONText {
    let alert = told.alert
    let isClosed = told.closeReason != nil
    let generator =
      alert.generatorURL.isEmpty
      ? context.link(alert.incident) ?? "" : alert.generatorURL
    return .members([
      "status": .text(isClosed ? "resolved" : "firing"),
      "labels": labels(alert.labels),
      "annotations": annotations(alert.annotations.map { ($0.name, $0.text.plain) }),
      "startsAt": .text((alert.firedAt ?? alert.activeAt).internetDate),
      "endsAt": .text(
        isClosed
          ? (alert.resolvedAt ?? notification.time).internetDate : "0001-01-01T00:00:00Z"),
      "generatorURL": .text(generator),
      "fingerprint": .text(alert.fingerprint.description),
    ])
  }

  private static func labels(_ labels: Labels) -> JSONText {
    .object(labels.map { .init($0.name, .text($0.value)) })
  }

  private static func annotations(_ pairs: [(name: String, text: String)]) -> JSONText {
    .object(
      pairs.sorted { Bytes.less($0.name, $1.name) }.map { .init($0.name, .text($0.text)) })
  }

  private static func commonAnnotations(
    _ alerts: [NotifiedAlert]
  ) -> [(name: String, text: String)] {
    guard let first = alerts.first?.alert else { return [] }
    return first.annotations.map { ($0.name, $0.text.plain) }.filter { pair in
      alerts.allSatisfy { told in
        told.alert[annotation: pair.0].map { Bytes.equal($0.plain, pair.1) } ?? false
      }
    }
  }
}
