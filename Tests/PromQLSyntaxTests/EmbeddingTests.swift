import Diagnostics
import Model
import PromQLSyntax
import Testing

/// Expressions in a larger text.
@Suite struct EmbeddingTests {
  /// The expression after `when `, what follows it, and the diagnostics.
  private func embed(_ text: String) -> (printed: String?, rest: Substring, found: [Diagnostic]) {
    let source = SourceText(name: "test.tocsin", text: "  when        " + text)
    let (result, end) = PromQLParser.parsePrefix(in: source, from: 14)
    let rest = source.text.utf8.dropFirst(end)
    return (result.expression?.description, Substring(rest), result.diagnostics)
  }

  @Test(arguments: [
    "\n  for         5m\n", "\n}", " }", "}", "  # of course\n", "",
    "\n  summary     \"it's {{ value }}\"", "\n  url         https://h/p?a=b#c$\n",
    "\n\n  'quoted'", "\n  `", "\n  \"\"\"\n", "\n  5m",
  ])
  func expressionsEndWhereTheyCannotGoOn(_ after: String) {
    for text in [
      "up == 0", "sum by (job) (rate(x[5m])) > 0.5", "x offset 5m", "a and on (b)\n  c",
      "a\n  + # more\n\n  b{c=\"}\"}", "x{a=\"b\"}[5m:1m] @ end()", "\n    up\n  == 0",
    ] {
      let (printed, rest, found) = embed(text + after)
      #expect(printed == parsed(text)?.description)
      #expect(rest == after)
      #expect(found == [])
    }
  }

  @Test func aMistypedOperatorIsSuggested() throws {
    let (printed, rest, found) = embed("up == 0 adn on (instance) x > 0\n  for 5m")
    #expect(printed == nil)
    #expect(rest == "\n  for 5m")
    let diagnostic = try #require(found.first)
    #expect(diagnostic.code == "E008")
    #expect(diagnostic.message == "the expression ends here, but the line goes on")
    #expect(diagnostic.subject.text == "unexpected `adn`")
    #expect(diagnostic.subject.range.text == "adn")
    #expect(diagnostic.help == "did you mean `and`?")
  }

  @Test func anOpenParenthesisIsShownWithWhereItShouldClose() throws {
    let (_, rest, found) = embed("sum(rate(x[5m]) > 0.1\n  for 2m\n}")
    #expect(rest == "\n  for 2m\n}")
    let diagnostic = try #require(found.first)
    #expect(found.count == 1)
    #expect(diagnostic.code == "E010")
    #expect(diagnostic.message == "this `(` is never closed")
    #expect(diagnostic.subject.range.lower == 17)
    #expect(diagnostic.context.map(\.range.lower) == [35])
    #expect(diagnostic.context.map(\.text) == ["expected `)` before here"])
  }

  @Test(arguments: [
    ("x{a=\"b\"\n  for 5m", "E010", "this `{` is never closed"),
    ("x{a=\"b\n  for 5m", "E010", "this string is never closed"),
    ("x[5m\n  for 5m", "E010", "this `[` is never closed"),
    ("x)\n  for 5m", "E010", "this `)` closes nothing"),
    ("x +\n}", "E008", "the expression is not finished"),
    ("x offset\n  for 5m", "E008", "the expression is not finished"),
    ("x > 80%\n  for 5m", "E008", "PromQL has no percentages"),
    ("x > 512MiB\n  for 5m", "E008", "PromQL has no byte sizes"),
    ("x $ y\n", "E008", "the expression ends here, but the line goes on"),
    ("\n  for         5m\n", "E009", "an expression is missing"),
    ("}", "E009", "an expression is missing"),
    ("", "E009", "an expression is missing"),
    ("rate(sum(x)[5m])\n", "E021", "a range `[…]` can only follow a metric"),
    ("topk(x)\n", "E023", "`topk` takes 2 arguments"),
  ])
  func mistakesAreSaidInTheReadersWords(_ text: String, _ code: String, _ message: String) {
    let found = embed(text).found
    #expect(found.map(\.code) == [code])
    #expect(found.map(\.message) == [message])
  }

  @Test func aMistakeDoesNotSwallowTheBlocksEnd() {
    #expect(embed("up adn x{a=\"b\"} > 1 }\n").rest == "}\n")
    #expect(embed("sum(up }").rest == "}")
  }

  @Test func aSelectorEndsBeforeWhatFollows() {
    let text = "record job:up:sum{tier=\"1\"} = sum by (job) (up)"
    let source = SourceText(name: "test.tocsin", text: text)
    let (selector, found, end) = PromQLParser.parseSelectorPrefix(in: source, from: 7)
    #expect(selector?.metric == "job:up:sum")
    #expect(selector?.matchers.first == LabelMatcher("tier", equals: "1"))
    #expect(found == [])
    #expect(source.text.dropFirst(end) == " = sum by (job) (up)")
  }

  @Test func aSelectorsSamplesAreLeftAlone() {
    let source = SourceText(name: "test.tocsin", text: "series up{a=\"b\"}   0+10x5 _ stale")
    let (selector, found, end) = PromQLParser.parseSelectorPrefix(in: source, from: 7)
    #expect(selector?.description == "up{a=\"b\"}")
    #expect(found == [])
    #expect(source.text.dropFirst(end) == "   0+10x5 _ stale")
  }

  @Test func rangesCountFromTheFilesStart() throws {
    let source = SourceText(name: "test.tocsin", text: "when rate(x[5m]) > 1\n")
    let expression = try #require(PromQLParser.parsePrefix(in: source, from: 5).parsed.expression)
    #expect(expression.range.text == "rate(x[5m]) > 1")
    #expect(expression.children.map(\.range.text) == ["rate(x[5m])", "1"])
  }
}
