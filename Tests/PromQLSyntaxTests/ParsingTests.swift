import Diagnostics
import Model
import PromQLSyntax
import Testing

/// Parses a text that must be an expression, with every experimental feature.
func parsed(_ text: String) -> Expression? {
  PromQLParser.parse(SourceText(name: "query", text: text), features: .all).expression
}

/// The tree as nested lists, to see what binds to what.
func structure(_ expression: Expression) -> String {
  switch expression {
  case .number, .string, .vectorSelector, .matrixSelector: expression.description
  case .subquery(let node): "(range \(structure(node.expression)))"
  case .call(let node):
    "(\(([node.name] + node.arguments.map(structure)).joined(separator: " ")))"
  case .aggregation(let node):
    "(\(node.operation.rawValue) \(expression.children.map(structure).joined(separator: " ")))"
  case .binary(let node):
    "(\(node.operation.rawValue) \(structure(node.left)) \(structure(node.right)))"
  case .unary(let node): "(\(node.isNegation ? "neg" : "pos") \(structure(node.expression)))"
  case .parenthesized(let node): "[\(structure(node.expression))]"
  }
}

@Suite struct ParsingTests {
  @Test(arguments: [
    ("a or b and c", "(or a (and b c))"),
    ("a and b or c unless d", "(or (and a b) (unless c d))"),
    ("a == b + c * d ^ e", "(== a (+ b (* c (^ d e))))"),
    ("a - b - c", "(- (- a b) c)"),
    ("a ^ b ^ c", "(^ a (^ b c))"),
    ("a / b atan2 c % d", "(% (atan2 (/ a b) c) d)"),
    ("-a ^ b", "(neg (^ a b))"),
    ("-a * b", "(* (neg a) b)"),
    ("a ^ -b * c", "(* (^ a (neg b)) c)"),
    ("- -1", "1"),
    ("+-+2", "-2"),
    ("-(1)", "(neg [1])"),
    ("a > bool b < c", "(< (> a b) c)"),
    ("a </ 2 + b >/ 3", "(>/ (</ a (+ 2 b)) 3)"),
    ("(a + b) * c", "(* [(+ a b)] c)"),
    ("-a offset 5m @ 3", "(neg a @ 3.000 offset 5m)"),
    ("a offset 5m - b", "(- a offset 5m b)"),
    ("sum(a) by (x) + b", "(+ (sum a) b)"),
    ("min(max) / min", "(/ (min max) min)"),
    ("rate(a[5m])[1h:] offset 1m", "(range (rate a[5m]))"),
  ])
  func operatorsBindAsInPrometheus(_ text: String, _ expected: String) {
    #expect(parsed(text).map(structure) == expected)
  }

  @Test(
    arguments: [
      ("0x1F", 31), ("1e3", 1000), ("1E-2", 0.01), (".5", 0.5), ("5.", 5), ("017", 15), ("08", 8),
      ("1_000", 1000), ("0b101", 5), ("0o17", 15), ("5m", 300), ("1h30m", 5400), ("100ms", 0.1),
      ("1y", 31_536_000), ("inf", .infinity), ("-Inf", -.infinity), ("1_0.5", 10.5),
    ] as [(String, Double)])
  func numbersAreRead(_ text: String, _ value: Double) throws {
    // `0b` and `0o` are numbers of series notation only; as an expression they are refused.
    let isExpression = !text.hasPrefix("0b") && !text.hasPrefix("0o")
    if isExpression {
      guard case .number(let literal) = try #require(parsed(text)) else {
        Issue.record("\(text) is no number")
        return
      }
      #expect(literal.value == value)
    } else {
      #expect(parsed(text) == nil)
      #expect(NumberText.parse(text) == value)
    }
  }

  @Test func notANumberIsANumber() throws {
    guard case .number(let literal) = try #require(parsed("NaN")) else {
      Issue.record("NaN is no number")
      return
    }
    #expect(literal.value.isNaN)
  }

  @Test(arguments: [
    (#""a\tb\"\\""#, "a\tb\"\\"), (#"'it\'s'"#, "it's"), ("`raw \\n`", "raw \\n"),
    (#""\x41\102\u00e4\U0001F600""#, "ABä😀"),
  ])
  func stringsAreRead(_ text: String, _ value: String) throws {
    guard case .string(let literal) = try #require(parsed(text)) else {
      Issue.record("\(text) is no string")
      return
    }
    #expect(literal.value == value)
  }

  @Test func aSelectorKeepsItsMatchersInOrderAndItsNameLast() throws {
    let text = #"up{job=~"a|b", "the instance"!="x", env!~"dev"}"#
    guard case .vectorSelector(let selector) = try #require(parsed(text)) else {
      Issue.record("no selector")
      return
    }
    #expect(selector.metric == "up")
    #expect(selector.matchers.map(\.name) == ["job", "the instance", "env", "__name__"])
    #expect(selector.matchers.map(\.comparison) == [.matches, .notEqual, .notMatches, .equal])
    #expect(selector.range.text == text)
  }

  @Test func aQuotedNameIsAMatcher() throws {
    guard case .vectorSelector(let selector) = try #require(parsed(#"{"my.metric", a="b"}"#)) else {
      Issue.record("no selector")
      return
    }
    #expect(selector.metric == nil)
    #expect(selector.matchers.first == LabelMatcher("__name__", equals: "my.metric"))
  }

  @Test(arguments: [
    "a offset 5m @ 10", "a @ 10 offset 5m",
  ])
  func modifiersComeInAnyOrder(_ text: String) throws {
    guard case .vectorSelector(let selector) = try #require(parsed(text)) else {
      Issue.record("no selector")
      return
    }
    #expect(selector.modifiers.offset == .constant(.seconds(300)))
    #expect(selector.modifiers.at == .timestamp(Timestamp(milliseconds: 10_000)))
    #expect(selector.range.text == text)
  }

  @Test func groupingMayStandBeforeOrBehind() {
    #expect(parsed("sum by (a, b) (x)")?.description == "sum by (a, b) (x)")
    #expect(parsed("sum(x) by (a, b,)")?.description == "sum by (a, b) (x)")
    #expect(parsed("sum without (on, bool, atan2) (x)") != nil)
  }

  @Test func keywordsAreMetricAndLabelNames() {
    for name in ["sum", "by", "offset", "start", "end", "step", "range", "fill", "min_of", "and"] {
      #expect(parsed("\(name){\(name)=\"x\"}") != nil, "\(name)")
    }
    #expect(parsed("fill + fill_left") != nil)
  }

  @Test func matchingIsReadWhole() throws {
    let text = "a * on (x, y) group_left (z) fill_left (1) fill_right (-2) b"
    guard case .binary(let node) = try #require(parsed(text)) else {
      Issue.record("no operation")
      return
    }
    #expect(
      node.matching
        == VectorMatching(
          cardinality: .manyToOne, isOn: true, labels: ["x", "y"], include: ["z"], fillLeft: 1,
          fillRight: -2))
    #expect(node.operatorRange.text == "*")
  }

  @Test func commentsAndLinesAreWhiteSpace() {
    let text = "sum( # all of them\n  up\n)\n# and\nand on\n()\n\tfoo"
    #expect(parsed(text)?.description == "sum(up) and on () foo")
  }

  @Test func nestingIsLimited() {
    for text in [
      String(repeating: "(", count: 10_000) + "1" + String(repeating: ")", count: 10_000),
      String(repeating: "-", count: 10_000) + "a",
      String(repeating: "abs(", count: 10_000) + "a" + String(repeating: ")", count: 10_000),
      String(repeating: "2^", count: 10_000) + "2",
      "a[" + String(repeating: "(", count: 10_000) + "1m" + String(repeating: ")", count: 10_000)
        + "]",
      String(repeating: "a + ", count: 10_000) + "a",
      "a" + String(repeating: "[1m:]", count: 10_000),
    ] {
      let result = PromQLParser.parse(SourceText(name: "deep", text: text), features: .all)
      #expect(result.errors.count == 1)
      #expect(result.diagnostics.map(\.code) == ["E027"])
    }
    let shallow = String(repeating: "(", count: 150) + "1" + String(repeating: ")", count: 150)
    #expect(parsed(shallow) != nil)
  }
}
