import Model

/// An entry as journal fields, and back without loss.
extension HistoryEntry {
  /// The journal's mark of our entries.
  package static let identifierField = Label("SYSLOG_IDENTIFIER", "tocsin")
  /// systemd.journal-fields(7): a field's name has at most 64 bytes.
  private static let longestName = 64
  private static let labelPrefix = "TOCSIN_LABEL_"
  /// A label set larger than this has no fields of its own; `TOCSIN_LABELS` holds it whole.
  private static let mostLabelFields = 64
  private static let longestText = 64 << 10

  /// The fields in the order they are written: the readable ones first.
  package var journalFields: [Label] {
    var fields = [
      Self.identifierField, Label("MESSAGE", String(message.prefix(Self.longestText))),
      Label("MESSAGE_ID", event.messageID), Label("PRIORITY", String(min(7, max(0, priority)))),
      Label("TOCSIN_EVENT", event.rawValue), Label("TOCSIN_TIME", String(time.milliseconds)),
    ]
    func add(_ name: String, _ value: String?) {
      if let value { fields.append(Label(name, value)) }
    }
    add("TOCSIN_ALERT", alert)
    add("TOCSIN_FINGERPRINT", fingerprint?.description)
    add("TOCSIN_INCIDENT", incident?.text)
    add("TOCSIN_SEVERITY", severity)
    add("TOCSIN_VALUE", value.map { "\($0)" })
    add("TOCSIN_THRESHOLD", threshold)
    add("TOCSIN_RECEIVER", receiver)
    add("TOCSIN_CHANNEL", channel)
    add("TOCSIN_GROUP", group)
    add("TOCSIN_ATTEMPT", attempt.map(String.init))
    add("TOCSIN_REASON", reason)
    if !labels.isEmpty {
      fields.append(Label("TOCSIN_LABELS", LabelsText.written(labels)))
      fields += Self.labelFields(labels)
    }
    return fields
  }

  /// The entry with these fields, nil when they are none of ours. `received` stands in for the time
  /// of an entry that carries none.
  package init?(journalFields fields: [Label], received: Timestamp) {
    func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }
    let named = field("TOCSIN_EVENT").flatMap(HistoryEvent.init(rawValue:))
    guard let event = named ?? field("MESSAGE_ID").flatMap(HistoryEvent.init(messageID:)) else {
      return nil
    }
    let milliseconds = field("TOCSIN_TIME").flatMap { Int64($0) }
    self.init(
      time: milliseconds.map { Timestamp(milliseconds: $0) } ?? received, event: event,
      message: field("MESSAGE") ?? "", priority: field("PRIORITY").flatMap { Int($0) } ?? 6,
      alert: field("TOCSIN_ALERT"),
      fingerprint: field("TOCSIN_FINGERPRINT").flatMap { Fingerprint($0) },
      incident: field("TOCSIN_INCIDENT").map { IncidentID($0) },
      severity: field("TOCSIN_SEVERITY"), value: field("TOCSIN_VALUE").flatMap { Double($0) },
      threshold: field("TOCSIN_THRESHOLD"),
      labels: field("TOCSIN_LABELS").flatMap(LabelsText.read) ?? Labels(),
      receiver: field("TOCSIN_RECEIVER"), channel: field("TOCSIN_CHANNEL"),
      group: field("TOCSIN_GROUP"), attempt: field("TOCSIN_ATTEMPT").flatMap { Int($0) },
      reason: field("TOCSIN_REASON"))
  }

  /// A field a label, for `journalctl TOCSIN_LABEL_JOB=api`: names in the journal's alphabet, two
  /// labels that would share a name apart by a number.
  private static func labelFields(_ labels: Labels) -> [Label] {
    guard labels.count <= mostLabelFields else { return [] }
    var used: Set<String> = []
    return labels.map { label in
      let name = fieldName(label.name, taken: used)
      used.insert(name)
      return Label(name, label.value)
    }
  }

  private static func fieldName(_ label: String, taken: Set<String>) -> String {
    let mapped = String(
      label.utf8.prefix(longestName).map { byte -> Character in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Character(Unicode.Scalar(byte - 32))
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
          Character(Unicode.Scalar(byte))
        default: "_"
        }
      })
    let name = String((labelPrefix + mapped).prefix(longestName))
    guard taken.contains(name) else { return name }
    for number in 2... {
      let end = "_\(number)"
      let other = String(name.prefix(longestName - end.count)) + end
      if !taken.contains(other) { return other }
    }
    return name
  }
}
