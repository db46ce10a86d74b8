import Diagnostics
import Language
import PromQLSyntax
import Testing

@Test(arguments: [
  "for 1m", "}", "# comment", "unknown { x 1\n}\n}", "critical > 1\n}", "",
])
func anExpressionEndsBeforeTheNextLine(_ next: String) {
  let text = "alert X {\n  when up == 0\n\n    and on (job) # why\n      y\n  \(next)"
  let document = parsed(text + (next.hasSuffix("}") ? "" : "\n}"))
  #expect(document.diagnostics.isEmpty)
  #expect(
    document.statements[0].block?[0].expression?.description == "up == 0 and on (job) y")
}

@Test func operatorsMayLeadOrTrailAndSelectorsSpanLines() {
  let document = parsed(
    "alert X {\n when a +\n b{x=\"}\",\n y=\"1\"}\n / c\n for 1m\n}\neval x\nwatch\n  y\n")
  #expect(document.diagnostics.isEmpty)
  #expect(outline(document.statements) == "alert{when for} eval watch")
  let expression = document.statements[0].block?[0].expression
  #expect(expression?.description == #"a + b{x="}",y="1"} / c"#)
  #expect(document.statements[2].expression?.description == "y")
}

@Test func aBlockOnOneLineEndsItsExpression() {
  let document = parsed("at 8m { eval count(x{a=\"b\"}) == 1 } # c\nat 9m {}\n")
  #expect(document.diagnostics.isEmpty)
  #expect(outline(document.statements) == "at{eval} at{}")
  #expect(document.statements[0].block?[0].expression?.description == #"count(x{a="b"}) == 1"#)
}

@Test func recordAndSeriesCarryTheirSeries() {
  let document = parsed(
    "record job:up:sum{tier=\"1\"} = sum by (job) (up)\nrecord {\"odd-name\"} = x\n"
      + "series a{b=\"c\"}  1 2x3 {{schema:1}} # note\n")
  #expect(document.diagnostics.isEmpty)
  #expect(document.statements[0].selector?.metric == "job:up:sum")
  #expect(document.statements[0].expression?.description == "sum by (job) (up)")
  #expect(document.statements[1].expression?.description == "x")
  #expect(document.statements[2].samples?.value == "1 2x3 {{schema:1}}")
}

@Test func aTrailingCommaContinuesTheList() {
  let document = parsed("to a,\n   # both\n\n   b\nevery 5m\n")
  #expect(document.diagnostics.isEmpty)
  #expect(document.statements[0].items.map { $0.map(\.text) } == [["a"], ["b"]])
  #expect(outline(document.statements) == "to every")
}

@Test func aMistakeStaysInItsStatement() {
  let document = parsed(
    "alert A {\n  when sum(rate(x[5m]) > 1\n  for 2m\n  summary \"x\"\n}\nalert B {\n  for 1m\n}\n")
  #expect(document.diagnostics.map(\.code) == ["E010"])
  #expect(outline(document.statements) == "alert{when for summary} alert{for}")
}

@Test func anUnclosedBlockIsBlamedOnTheOneThatWasLeftOpen() {
  let document = parsed(
    "group g {\n  alert A {\n    for 1m\n\n  alert B {\n    for 2m\n  }\n}\nroute {\n  to x\n}\n")
  #expect(document.diagnostics.map(\.code) == ["E004"])
  #expect(document.source.line(at: document.diagnostics[0].subject.range.lower) == 2)
  #expect(document.diagnostics[0].context.map(\.range.text) == ["alert"])
}

@Test func whatAnUnclosedBlockSwallowedIsHandedBack() {
  let document = parsed("receiver a {\n  email x\n\nroute {\n  to a\n}\n")
  #expect(outline(document.statements) == "receiver{email} route{to}")
}

@Test func limitsRefuseInsteadOfFailing() {
  let deep = parsed(String(repeating: "a {\n", count: 100_000))
  #expect(deep.diagnostics.contains { $0.code == "E027" })
  let source = SourceText(name: "big", text: String(repeating: "a 1\n", count: 100))
  let large = DocumentParser.parse(source, limits: DocumentLimits(size: 100))
  #expect(large.diagnostics.map(\.code) == ["E027"])
  #expect(large.printed == source.text)
  #expect(Formatter.format(large) == source.text)
}

@Test func aStatementKnowsItsPlaces() {
  let document = parsed("x\nreceiver team { # c\n  email a\n} # d\n")
  let statement = document.statements[1]
  #expect(statement.headRange.text == "receiver team")
  #expect(statement.range.text == "receiver team { # c\n  email a\n}")
  #expect(statement.trailingComment?.text == "# d")
}
