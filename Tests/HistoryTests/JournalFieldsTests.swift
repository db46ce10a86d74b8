import Foundation
import Model
import Testing

@testable import History

@Suite struct JournalFieldsTests {
  static let full = HistoryEntry(
    time: Timestamp(milliseconds: 1_795_356_250_123), event: .level,
    message: "DiskFilling is critical: / is 91 % full", priority: 2, alert: "DiskFilling",
    fingerprint: Fingerprint(value: 0x00ab_cdef_0123_4567), incident: IncidentID("01M81QTG7G"),
    severity: "critical", value: 0.1 + 0.2, threshold: "> 90% for 1m",
    labels: Labels(["alertname": "DiskFilling", "mountpoint": "/", "severity": "critical"]),
    receiver: "ops", channel: "slack #alerts", group: "{}:{alertname=\"DiskFilling\"}", attempt: 3,
    reason: "level")

  private func value(_ fields: [Label], _ name: String) -> String? {
    fields.first { $0.name == name }?.value
  }

  @Test func fieldsAreAsDocumented() {
    let fields = Self.full.journalFields
    #expect(value(fields, "SYSLOG_IDENTIFIER") == "tocsin")
    #expect(value(fields, "MESSAGE") == "DiskFilling is critical: / is 91 % full")
    #expect(value(fields, "MESSAGE_ID") == HistoryEvent.level.messageID)
    #expect(value(fields, "PRIORITY") == "2")
    #expect(value(fields, "TOCSIN_EVENT") == "level")
    #expect(value(fields, "TOCSIN_ALERT") == "DiskFilling")
    #expect(value(fields, "TOCSIN_FINGERPRINT") == "00abcdef01234567")
    #expect(value(fields, "TOCSIN_LABEL_MOUNTPOINT") == "/")
    #expect(value(fields, "TOCSIN_CHANNEL") == "slack #alerts")
    #expect(value(fields, "TOCSIN_ATTEMPT") == "3")
  }

  @Test(arguments: HistoryEvent.allCases)
  func everyEventReadsBackExactly(event: HistoryEvent) {
    var entry = Self.full
    entry.event = event
    #expect(HistoryEntry(journalFields: entry.journalFields, received: .epoch) == entry)
    let bare = HistoryEntry(time: .epoch, event: event, message: "", priority: 6)
    #expect(HistoryEntry(journalFields: bare.journalFields, received: .distantFuture) == bare)
  }

  @Test func oddLabelsReadBackExactly() {
    var entry = Self.full
    entry.labels = Labels([
      "alertname": "x", "quote\"": "a \"b\" \\c", "newline": "one\ntwo\r\n\u{0}\u{1}\u{7F}",
      "emoji": "🔥👩‍👩‍👧", "composed": "é", "decomposed": "e\u{301}", "rtl": "שלום\u{202E}",
      "unit/sep": "\u{2028}", "__name__": "up",
    ])
    entry.value = .infinity
    let read = HistoryEntry(journalFields: entry.journalFields, received: .epoch)
    #expect(read == entry)
    entry.value = .leastNonzeroMagnitude
    #expect(HistoryEntry(journalFields: entry.journalFields, received: .epoch) == entry)
  }

  @Test func fieldNamesAreTheJournals() {
    var entry = Self.full
    let long = String(repeating: "l", count: 100)
    entry.labels = Labels([
      Label("path.a", "1"), Label("path-a", "2"), Label("path_a", "3"), Label("PATH_A", "4"),
      Label(long, "5"), Label(long + "x", "6"), Label("größe", "7"),
    ])
    let names = entry.journalFields.map(\.name)
    #expect(Set(names).count == names.count)
    for name in names {
      #expect(name.utf8.count <= 64)
      #expect(name.wholeMatch(of: /[A-Z][A-Z0-9_]*/) != nil, "\(name)")
    }
    #expect(names.filter { $0.hasPrefix("TOCSIN_LABEL_PATH_A") }.count == 4)
    #expect(HistoryEntry(journalFields: entry.journalFields, received: .epoch) == entry)
  }

  @Test func foreignEntriesAreNotOurs() {
    let foreign = [Label("MESSAGE", "hello"), Label("SYSLOG_IDENTIFIER", "tocsin")]
    #expect(HistoryEntry(journalFields: foreign, received: .epoch) == nil)
    var broken = Self.full.journalFields
    for index in broken.indices where broken[index].name == "TOCSIN_LABELS" {
      broken[index].value = "{\"a\": 1"
    }
    #expect(HistoryEntry(journalFields: broken, received: .epoch)?.labels.isEmpty == true)
  }

  @Test func priorityStaysInRange() {
    let entry = HistoryEntry(time: .epoch, event: .start, message: "m", priority: 99)
    #expect(value(entry.journalFields, "PRIORITY") == "7")
  }

  @Test func messageIdentifiersAreUnique() {
    let identifiers = HistoryEvent.allCases.map(\.messageID)
    #expect(Set(identifiers).count == identifiers.count)
    for event in HistoryEvent.allCases {
      #expect(event.messageID.wholeMatch(of: /[0-9a-f]{32}/) != nil)
      #expect(HistoryEvent(messageID: event.messageID) == event)
    }
    #expect(HistoryEvent(messageID: "0") == nil)
  }

  @Test func theCatalogExplainsEveryIdentifier() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("contrib/journal/tocsin.catalog")
    let text = try String(contentsOf: file, encoding: .utf8)
    let explained = text.matches(of: /(?m)^-- ([0-9a-f]{32})$/).map { String($0.output.1) }
    #expect(explained.sorted() == HistoryEvent.allCases.map(\.messageID).sorted())
    // systemd.journal-fields: a catalog inserts fields as @FIELD@.
    let fields = Set(Self.full.journalFields.map(\.name))
    for match in text.matches(of: /@([A-Z_]+)@/) {
      #expect(fields.contains(String(match.output.1)))
    }
  }
}
