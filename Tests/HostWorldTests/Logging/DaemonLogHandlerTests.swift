import Logging
import Model
import Testing

@testable import HostWorld

private let pairs = [Label("probe", "web"), Label("reason", "a\nb")]

@Test func textIsOneLine() {
  #expect(
    DaemonLogHandler.text("tocsin", .warning, "no\nanswer", pairs)
      == "warning tocsin: no answer probe=web reason=a b")
}

@Test func jsonIsOneObject() {
  let line = DaemonLogHandler.json(
    "tocsin", .error, "said \"no\"\\\u{1}", pairs, Timestamp(milliseconds: 1500))
  #expect(
    line
      == #"{"time":1.5,"level":"error","logger":"tocsin","message":"said \"no\"\\\u0001","#
      + #""probe":"web","reason":"a\nb"}"#)
}

@Test func journalFieldsKeepTheirNamesWithinTheRules() {
  let long = Label(String(repeating: "x", count: 100), "v")
  let fields = DaemonLogHandler.journalFields(
    "tocsin", .critical, "m", pairs + [Label("http.status-code", "5"), long])
  #expect(fields.first { $0.name == "PRIORITY" }?.value == "2")
  #expect(fields.contains(Label("TOCSIN_LOG_REASON", "a\nb")))
  #expect(fields.contains(Label("TOCSIN_LOG_HTTP_STATUS_CODE", "5")))
  #expect(fields.allSatisfy { JournalWriter.isFieldName($0.name) })
}

@Test func levelsArePriorities() {
  #expect(Logger.Level.allCases.map(DaemonLogHandler.priority) == [7, 7, 6, 5, 4, 3, 2])
}
