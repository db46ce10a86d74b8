import Diagnostics
import Model
import PromQL
import PromQLSyntax
import Testing

@Suite struct TypeCheckerTests {
  private static let functions = [
    FunctionSignature(name: "rate", arguments: [.matrix], result: .vector),
    FunctionSignature(name: "floor", arguments: [.vector], result: .vector),
    FunctionSignature(name: "time", arguments: [], result: .scalar),
    FunctionSignature(name: "vector", arguments: [.scalar], result: .vector),
    FunctionSignature(name: "scalar", arguments: [.vector], result: .scalar),
    FunctionSignature(name: "round", arguments: [.vector, .scalar], variadic: 1, result: .vector),
    FunctionSignature(name: "hour", arguments: [.vector], variadic: 1, result: .vector),
    FunctionSignature(
      name: "label_join", arguments: [.vector, .string, .string, .string], variadic: -1,
      result: .vector),
    FunctionSignature(
      name: "info", arguments: [.vector, .vector], variadic: 1, result: .vector,
      isExperimental: true),
  ]

  private func check(_ text: String, features: LanguageFeatures = .all) throws -> TypedResult {
    let expression = try #require(parsed(text))
    return TypeChecker.check(
      expression, features: features,
      signatures: { name in Self.functions.first { $0.name == name } },
      names: Self.functions.map(\.name))
  }

  @Test(
    arguments: [
      ("1", .scalar), ("'a'", .string), ("a", .vector), ("a[5m]", .matrix), ("a[5m:]", .matrix),
      ("1 + 2 * 3", .scalar), ("1 + a", .vector), ("1 + scalar(a)", .scalar), ("-(1)", .scalar),
      ("-a", .vector), ("sum(a)", .vector), ("rate(a[5m])", .vector), ("1 < bool 2", .scalar),
      ("a and b", .vector), ("count_values('x', a)", .vector), ("time()", .scalar),
      ("round(a)", .vector), ("round(a, 5)", .vector), ("hour()", .vector),
      ("label_join(a, 'b', 'c')", .vector), ("label_join(a, 'b', 'c', 'd', 'e')", .vector),
      ("info(a, {b='c'})", .vector), ("info(a, {})", .vector),
    ] as [(String, ValueType)])
  func typesFollowTheSignatures(_ text: String, _ type: ValueType) throws {
    let result = try check(text)
    #expect(result.errors == [])
    #expect(result.type == type)
  }

  struct Mistake: Sendable {
    var text: String
    var place: String
    var message: String
    var code: String
    init(_ text: String, _ place: String, _ code: String, _ message: String) {
      self.text = text
      self.place = place
      self.message = message
      self.code = code
    }
  }

  @Test(arguments: [
    Mistake(
      "rate(a)", "a", "E024",
      "expected type range vector in call to function \"rate\", got instant vector"),
    Mistake(
      "floor(a[5m])", "a[5m]", "E021",
      "expected type instant vector in call to function \"floor\", got range vector"),
    Mistake(
      "vector('x')", "'x'", "E024",
      "expected type scalar in call to function \"vector\", got string"),
    Mistake(
      "sum(1)", "1", "E024",
      "expected type instant vector in aggregation expression, got scalar"),
    Mistake(
      "topk('x', a)", "'x'", "E024",
      "expected type scalar in aggregation parameter, got string"),
    Mistake(
      "count_values(1, a)", "1", "E024",
      "expected type string in aggregation parameter, got scalar"),
    Mistake(
      "rate(a[5m], 1)", "rate(a[5m], 1)", "E023",
      "expected 1 argument(s) in call to \"rate\", got 2"),
    Mistake(
      "round()", "round()", "E023", "expected at least 1 argument(s) in call to \"round\", got 0"),
    Mistake(
      "round(a, 1, 2)", "round(a, 1, 2)", "E023",
      "expected at most 2 argument(s) in call to \"round\", got 3"),
    Mistake("rte(a[5m])", "rte", "E022", "unknown function with name \"rte\""),
    Mistake(
      "a + b[5m]", "b[5m]", "E021",
      "binary expression must contain only scalar and instant vector types"),
    Mistake("1 > 2", ">", "E024", "comparisons between scalars must use BOOL modifier"),
    Mistake(
      "a or 1", "a or 1", "E024", "set operator \"or\" not allowed in binary scalar expression"),
    Mistake(
      "a + on (b) 1", "a + on (b) 1", "E024",
      "vector matching only allowed between instant vectors"),
    Mistake(
      "a and on (b) group_left c", "a and on (b) group_left c", "E024",
      "no grouping allowed for \"and\" operation"),
    Mistake(
      "{a=''}", "{a=''}", "E024", "vector selector must contain at least one non-empty matcher"),
    Mistake(
      "a{__name__='b'}", "a{__name__='b'}", "E024",
      "metric name must not be set twice: \"a\" or \"b\""),
    Mistake(
      "a[5m][5m:]", "a[5m][5m:]", "E021",
      "subquery is only allowed on instant vector, got matrix instead"),
    Mistake(
      "-'a'", "-'a'", "E024",
      "unary expression only allowed on expressions of type scalar or instant vector, got \"string\""
    ),
    Mistake(
      "info(a, b)", "b", "E024", "expected label selectors only, got vector selector instead"),
    Mistake(
      "a and fill(1) b", "a and fill(1) b", "E024",
      "filling in missing series not allowed for set operators"),
  ])
  func mistakesAreToldTwice(_ mistake: Mistake) throws {
    let result = try check(mistake.text)
    let error = try #require(result.errors.first)
    #expect(error.message == mistake.message)
    // An operator's place is one byte short upstream.
    let place = error.range.text
    #expect(place == mistake.place || mistake.place.hasPrefix(place))
    #expect(result.diagnostics.first?.code == mistake.code)
  }

  @Test func anUnknownFunctionGetsASuggestion() throws {
    let diagnostic = try #require(try check("sum(rte(a[5m]))").diagnostics.first)
    #expect(diagnostic.message == "there is no PromQL function called `rte`")
    #expect(diagnostic.subject.text == "unknown function")
    #expect(diagnostic.help == "did you mean `rate`?")
  }

  @Test func aMissingRangeGetsARange() throws {
    #expect(try check("rate(a)").diagnostics.map(\.help) == ["write `rate(a[5m])`"])
    #expect(try check("rate(sum(a))").diagnostics.map(\.help) == ["write `rate(sum(a)[5m:1m])`"])
  }

  @Test func experimentalFunctionsNameTheirFlag() throws {
    let result = try check("info(a)", features: [])
    #expect(result.errors.map(\.message) == ["function \"info\" is not enabled"])
    #expect(result.diagnostics.map(\.code) == ["E031"])
    #expect(result.type == nil)
  }

  @Test func everyMistakeIsFound() throws {
    let result = try check("floor(1) + rate(b) + -'c'")
    #expect(result.errors.count == 4)
    #expect(result.errors.map(\.range.text) == ["1", "b", "-'c'", "-'c'"])
  }
}
