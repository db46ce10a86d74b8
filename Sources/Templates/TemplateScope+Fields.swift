/// What kind of thing a name in a text stands for.
package indirect enum TemplateType: Sendable, Hashable {
  case text, number, time, flag
  /// Any name below it is a text.
  case labels
  case list([TemplateField])

  /// With its article, for diagnostics.
  package var described: String {
    switch self {
    case .text: "a text"
    case .number: "a number"
    case .time: "a time"
    case .flag: "yes or no"
    case .labels: "a set of labels"
    case .list: "a list"
    }
  }
}

/// A name a text may insert.
package struct TemplateField: Sendable, Hashable {
  package var name: String
  package var type: TemplateType
  /// One sentence for the reference.
  package var documentation: String

  init(_ name: String, _ type: TemplateType, _ documentation: String) {
    self.name = name
    self.type = type
    self.documentation = documentation
  }
}

extension TemplateScope {
  /// Every name the scope knows, in the order of the reference.
  package var fields: [TemplateField] {
    switch self {
    case .label: Self.identityFields
    case .alert: Self.alertFields
    case .notification: Self.notificationFields
    }
  }

  private static let identityFields: [TemplateField] = [
    .init("labels", .labels, "The labels of the series, as in labels.instance."),
    .init("alert", .text, "The alert's name."),
    .init("host", .text, "The name of the machine the daemon runs on."),
  ]

  private static let alertFields: [TemplateField] =
    [
      .init("value", .number, "The value, printed with its unit: 83 %, 5.2 GiB, 312 ms."),
      .init("level", .text, "The severity in force."),
      .init("threshold", .number, "The limit of the level in force."),
      .init("since", .time, "When the condition began to hold."),
    ] + identityFields

  private static let notifiedFields: [TemplateField] =
    alertFields + [
      .init("summary", .text, "The alert's own summary."),
      .init("description", .text, "The alert's own description."),
      .init("runbook", .text, "The alert's runbook."),
      .init("annotations", .labels, "The alert's other texts, as in annotations.dashboard."),
      .init("ended", .time, "When it was resolved."),
      .init("status", .text, "firing or resolved."),
      .init("firing", .flag, "Whether it fires."),
      .init("resolved", .flag, "Whether it is resolved."),
      .init("url", .text, "The alert's page."),
    ]

  private static let notificationFields: [TemplateField] = [
    .init("status", .text, "firing, or resolved when every alert is."),
    .init("count", .number, "How many alerts the message is about."),
    .init("group", .labels, "The labels the message is grouped by, as in group.alertname."),
    .init("common", .labels, "The labels all alerts of the message share."),
    .init("receiver", .text, "The receiver's name."),
    .init("host", .text, "The name of the machine the daemon runs on."),
    .init("url", .text, "The page that shows more."),
    .init("alerts", .list(notifiedFields), "The alerts of the message."),
    .init("firing", .list(notifiedFields), "Those of them that fire."),
    .init("resolved", .list(notifiedFields), "Those of them that are resolved."),
  ]

  /// What `{{#each labels}}` goes over.
  static let labelFields: [TemplateField] = [
    .init("name", .text, "The label's name."),
    .init("value", .text, "The label's value."),
  ]
}
