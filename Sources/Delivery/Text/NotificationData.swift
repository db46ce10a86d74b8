import Model
import Templates

/// What a channel's own texts can insert: the notification scope of templates.
enum NotificationData {
  /// A channel's text with the notification inserted, in at most `size` bytes.
  static func rendered(
    _ template: Template, _ notification: Notification, _ context: MessageContext, limit: Int,
    size: Int
  ) -> RenderedText {
    template.render(
      data(notification, context, limit: limit),
      clock: LocalTime(zone: context.zone, now: notification.time), limit: size)
  }

  /// `limit`: alerts that `alerts` holds; `count` counts all.
  static func data(
    _ notification: Notification, _ context: MessageContext, limit: Int
  ) -> TemplateData {
    let facts = NotificationFacts(notification)
    let page =
      notification.alerts.count == 1
      ? facts.all.first.flatMap { context.link($0.alert.incident) } : context.baseURL
    return .fields([
      .init("status", .text(notification.isClose ? "resolved" : "firing")),
      .init("count", .number(Double(notification.alerts.count), .none)),
      .init("group", .labels(notification.groupLabels)),
      .init("common", .labels(facts.sharedLabels)),
      .init("receiver", .text(notification.channel.receiver)),
      .init("url", page.map { .text($0) } ?? .absent),
      .init("host", .text(context.hostName)),
      .init("alerts", .list(facts.all.prefix(limit).map { alert($0, notification, context) })),
    ])
  }

  private static func alert(
    _ told: NotifiedAlert, _ notification: Notification, _ context: MessageContext
  ) -> TemplateData {
    let alert = told.alert
    func text(_ name: String) -> TemplateData {
      alert[annotation: name].map { .rendered($0) } ?? .absent
    }
    let isClosed = told.closeReason != nil
    return .fields([
      .init("value", alert.value.map { .number($0, alert.unit) } ?? .absent),
      .init("labels", .labels(alert.labels)),
      .init("level", alert.severity.map { .text($0.name) } ?? .absent),
      .init("threshold", alert.threshold.map { .number($0.limit.value, $0.limit.unit) } ?? .absent),
      .init("alert", .text(alert.name)),
      .init("host", .text(context.hostName)),
      .init("status", .text(isClosed ? "resolved" : "firing")),
      .init("summary", text("summary")),
      .init("description", text("description")),
      .init("runbook", text("runbook")),
      .init("annotations", .labels(others(alert))),
      .init("since", .time(alert.activeAt)),
      .init("ended", isClosed ? .time(alert.resolvedAt ?? notification.time) : .absent),
      .init("url", context.link(alert.incident).map { .text($0) } ?? .absent),
    ])
  }

  /// The texts that have no name of their own in templates.
  private static func others(_ alert: Alert) -> Labels {
    let own: Set<String> = ["summary", "description", "runbook"]
    return Labels(
      alert.annotations.filter { !own.contains($0.name) }.map { Label($0.name, $0.text.plain) })
  }
}
