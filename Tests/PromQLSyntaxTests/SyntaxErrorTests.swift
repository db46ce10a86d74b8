import Diagnostics
import PromQLSyntax
import Testing

/// Prometheus' wording and byte positions.
@Suite struct SyntaxErrorTests {
  struct Case: Sendable {
    var text: String
    var lower: Int
    var upper: Int
    var message: String
    init(_ text: String, _ lower: Int, _ upper: Int, _ message: String) {
      self.text = text
      self.lower = lower
      self.upper = upper
      self.message = message
    }
  }

  @Test(arguments: [
    Case("", 0, 0, "no expression found in input"),
    Case("# only this", 0, 0, "no expression found in input"),
    Case("a b", 2, 3, "unexpected identifier \"b\""),
    Case("a 5", 2, 3, "unexpected number \"5\""),
    Case("a 5m", 2, 4, "unexpected duration \"5m\""),
    Case("a 'text'", 2, 8, "unexpected string \"'text'\""),
    Case("a \"a longer text\"", 2, 17, "unexpected string \"\\\"a longer \"..."),
    Case("a x:y", 2, 5, "unexpected metric identifier \"x:y\""),
    Case("a BY", 2, 4, "unexpected <BY>"),
    Case("a sum", 2, 5, "unexpected <aggr:sum>"),
    Case("a + / b", 4, 5, "unexpected <op:/>"),
    Case("a,", 1, 2, "unexpected \",\""),
    Case("(a", 2, 2, "unclosed left parenthesis"),
    Case("a[5m", 4, 4, "unclosed left bracket"),
    Case("a[", 2, 2, "unexpected end of input in duration expression"),
    Case("a{", 2, 2, "unexpected end of input inside braces"),
    Case(
      "a{b='c' d}", 8, 9, "unexpected identifier \"d\" in label matching, expected \",\" or \"}\""),
    Case("a{b}", 3, 4, "unexpected \"}\" in label matching, expected label matching operator"),
    Case("a{b=1}", 4, 6, "unexpected character inside braces: '1'"),
    Case("a{{}", 2, 4, "unexpected left brace '{'"),
    Case("a ! b", 2, 5, "unexpected character after '!': ' '"),
    Case("a ä", 2, 4, "unexpected character: 'ä'"),
    Case("a]", 1, 2, "unexpected right bracket ']'"),
    Case("a[5m[", 4, 5, "unexpected left bracket '['"),
    Case("a[:1m]", 3, 6, "unexpected colon before duration in duration expression"),
    Case("a[5m:1m:1m]", 7, 11, "unexpected colon ':'"),
    Case(
      "a[5m 5m]", 5, 7, "unexpected duration \"5m\" in subquery or range, expected \":\" or \"]\""),
    Case("a[5m:1m 1m]", 8, 10, "unexpected duration \"1m\" in subquery selector, expected \"]\""),
    Case(
      "0x8000000000000000", 0, 18,
      "error parsing number: strconv.ParseFloat: parsing \"0x8000000000000000\": invalid syntax"),
    Case(
      "0x1e+5", 0, 6, "error parsing number: strconv.ParseFloat: parsing \"0x1e+5\": invalid syntax"
    ),
    Case(
      ".5.5", 0, 4, "error parsing number: strconv.ParseFloat: parsing \".5.5\": invalid syntax"),
    Case(
      "0.5.5", 0, 5, "error parsing number: strconv.ParseFloat: parsing \"0.5.5\": invalid syntax"),
    Case("0x1e", 0, 4, "bad number or duration syntax: \"0x1e\""),
    Case("0x1_", 0, 4, "bad number or duration syntax: \"0x1_\""),
    Case("b{l=~'1)|(2'}", 2, 12, "error parsing regexp: unexpected ): `1)|(2`"),
    Case(
      "b{l=~'a\\\\'}", 2, 10, "error parsing regexp: trailing backslash at end of expression: ``"),
    Case("b{l=~'\\\\C'}", 2, 10, "error parsing regexp: invalid escape sequence: `\\C`"),
    Case(
      "b{l=~'(?<=a)b'}", 2, 14,
      "error parsing regexp: invalid or unsupported Perl syntax: `(?<`"),
    Case("a[0s]", 2, 4, "duration must be greater than 0"),
    Case("a[1h5m1h]", 2, 8, "not a valid duration string: \"1h5m1h\""),
    Case("a[1w5ds]", 2, 7, "unknown unit \"ds\" in duration \"1w5ds\""),
    Case("a[300y]", 2, 6, "duration out of range"),
    Case(
      "a offset 99999999999999999999s", 9, 30,
      "not a valid duration string: "
        + "\"99999999999999999999s\""),
    Case(
      "sum by (a b) (c)", 10, 11,
      "unexpected identifier \"b\" in grouping opts, expected \",\" or \")\""),
    Case("sum by (1) (c)", 8, 9, "unexpected number \"1\" in grouping opts, expected label"),
    Case("a @ b", 4, 5, "unexpected identifier \"b\" in @, expected timestamp"),
    Case("a @ 1 @ 2", 0, 5, "@ <timestamp> may not be set multiple times"),
    Case("'\\q'", 0, 4, "unknown escape sequence U+0071 'q'"),
    Case("'\\ud800'", 0, 8, "escape sequence is an invalid Unicode code point"),
    Case("'open", 0, 5, "unterminated quoted string"),
    Case("5mx", 0, 3, "bad number or duration syntax: \"5mx\""),
    Case("rate(a[5m]) anchored", 0, 11, "anchored modifier not implemented"),
  ])
  func theFirstErrorIsUpstreams(_ example: Case) throws {
    let source = SourceText(name: "query", text: example.text)
    let result = PromQLParser.parse(source, features: .all)
    let error = try #require(result.errors.first)
    #expect(error.message == example.message)
    #expect(error.range.lower == example.lower)
    #expect(error.range.upper == example.upper)
    #expect(!result.diagnostics.isEmpty)
  }

  @Test func whatCannotBeReadComesBeforeTheCommaBeforeIt() {
    let source = SourceText(name: "query", text: "round(a, 'open)")
    let errors = PromQLParser.parse(source).errors
    #expect(
      errors.map(\.message)
        == ["unterminated quoted string", "trailing commas not allowed in function call args"])
    #expect(errors.map(\.range.lower) == [9, 7])
  }

  @Test func bytesThatAreNoTextAreRefused() {
    let source = SourceText(name: "query", bytes: Array("a{b=\"".utf8) + [0xFF] + Array("\"}".utf8))
    let errors = PromQLParser.parse(source).errors
    #expect(errors.map(\.message) == ["invalid UTF-8 rune"])
    #expect(errors.map(\.range.lower) == [4])
  }

  @Test func thePositionCountsLinesAndBytes() {
    let source = SourceText(name: "query", text: "ä +\n  b c")
    #expect(
      PromQLParser.parse(source).errors.first?.description()
        == "1:1: parse error: unexpected character: 'ä'")
    let second = SourceText(name: "query", text: "'ä' +\n  b c")
    #expect(
      PromQLParser.parse(second).errors.first?.description()
        == "2:5: parse error: unexpected identifier \"c\"")
  }

  @Test(arguments: [
    ("limitk(1, a)", "promql-experimental-functions"), ("a[1m+1m]", "promql-duration-expr"),
    ("a[step()]", "promql-duration-expr"), ("a offset -(5m)", "promql-duration-expr"),
    ("a[5m] anchored", "promql-extended-range-selectors"),
    ("a smoothed", "promql-extended-range-selectors"),
    ("a + fill(0) b", "promql-binop-fill-modifiers"),
  ])
  func experimentsAreOffUnlessAskedFor(_ text: String, _ flag: String) {
    let source = SourceText(name: "query", text: text)
    let result = PromQLParser.parse(source)
    #expect(result.errors.count == 1)
    #expect(result.diagnostics.map(\.code) == ["E031"])
    #expect(result.diagnostics.first?.notes.first?.contains(flag) == true)
    #expect(PromQLParser.parse(source, features: .all).errors.isEmpty)
  }
}
