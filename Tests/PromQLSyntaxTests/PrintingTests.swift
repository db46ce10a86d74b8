import PromQLSyntax
import Testing

@Suite struct PrintingTests {
  @Test(arguments: [
    ("1e9", "1000000000"), ("0.00001", "0.00001"), ("-Inf", "-Inf"), ("inf", "+Inf"),
    ("90m", "1h30m"), ("7d", "1w"), ("8d", "8d"), ("370d", "370d"), ("365d", "1y"),
    ("'a\"b'", "\"a\\\"b\""), ("'\\a\\b\\f\\v\\x01'", "\"\\a\\b\\f\\v\\x01\""),
    ("'\u{A0}\\u200b\\U0010ffff\\ue000☺'", "\"\\u00a0\\u200b\\U0010ffff\\ue000☺\""),
    ("`a\r\n`", "\"a\\r\\n\""),
    ("up{b='2',a='1'}", "up{a=\"1\",b=\"2\"}"), ("up{}", "up"),
    ("{__name__=~'a.*'}", "{__name__=~\"a.*\"}"), ("{'a b'='c'}", "{\"a b\"=\"c\"}"),
    ("a[90s] offset 0s", "a[1m30s]"), ("a@-1.5", "a @ -1.500"),
    ("a[5m]@start()offset-1h", "a[5m] @ start() offset -1h"),
    ("sum(a)without()", "sum without () (a)"), ("topk by(x)(1,a)", "topk by (x) (1, a)"),
    ("a==bool on(x)b", "a == bool on (x) b"), ("a+on()b", "a + on () b"),
    ("a/ignoring(x)group_right b", "a / ignoring (x) group_right () b"),
    ("+a", "+a"), ("a[2*(1m+step())]", "a[2 * (1m + step())]"),
    ("a offset -min_of(1m,60)", "a offset -min_of(1m, 60)"),
    ("a[1h:5m]offset 3", "a[1h:5m] offset 3s"),
    ("a + fill_right(1e22) b", "a + fill_right (1e+22) b"),
    ("a + fill(1000000) b", "a + fill (1e+06) b"),
    ("a + fill_right(1) fill_left(1) b", "a + fill (1) b"),
  ])
  func theCanonicalFormIsOneLine(_ text: String, _ expected: String) throws {
    let printed = try #require(parsed(text)).description
    #expect(printed == expected)
    #expect(parsed(printed)?.description == printed)
  }

  @Test func whatFitsStaysOnOneLine() throws {
    let text = "sum by (job) (rate(errors_total[5m])) / sum by (job) (rate(total[5m])) > 0.05"
    #expect(try #require(parsed(text)).pretty() == text)
  }

  @Test func longExpressionsAreSplitAtTheirOperators() throws {
    let text = "sum by (job) (rate(errors_total[5m])) / sum by (job) (rate(total[5m])) > 0.05"
    let expected = """
          sum by (job) (
            rate(errors_total[5m])
          )
        /
          sum by (job) (rate(total[5m]))
      >
        0.05
      """
    #expect(try #require(parsed(text)).pretty(width: 30) == expected)
  }

  @Test func argumentsAndParenthesesGetLinesOfTheirOwn() throws {
    let text = "(histogram_quantile(0.9, -a_metric[5m:1m] offset 1m))"
    let expected = """
      (
        histogram_quantile(
          0.9,
          -a_metric[5m:1m] offset 1m
        )
      )
      """
    #expect(try #require(parsed(text)).pretty(width: 30) == expected)
  }

  @Test func aSubqueryThatFitsStandsAtTheMargin() throws {
    let text = "sum(max_over_time(rate(a_metric[5m])[1h:1m])) + b"
    let expected = """
        sum(
          max_over_time(
      rate(a_metric[5m])[1h:1m]
          )
        )
      +
        b
      """
    #expect(try #require(parsed(text)).pretty(width: 30) == expected)
  }
}
