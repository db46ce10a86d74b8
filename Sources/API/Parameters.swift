import Diagnostics
import Model
import Outside
import PromQL
import PromQLSyntax

/// What is wrong with a request's parameters, in Prometheus' words (`web/api/v1/api.go`).
struct ParameterFlaw: Error {
  var message: String

  init(_ message: String) { self.message = message }

  /// `invalid parameter "time": …`
  init(_ parameter: String, _ reason: String) {
    message = "invalid parameter \(PromQuote.printable(parameter)): \(reason)"
  }

  var response: HTTPServerResponse { .failure(400, "bad_data", message) }
}

extension EndpointRequest {
  /// A parameter that is there and says something.
  private func given(_ name: String) -> String? {
    parameter(name).flatMap { $0.isEmpty ? nil : $0 }
  }

  /// A time that may be left out.
  func time(_ name: String, default fallback: Timestamp) throws(ParameterFlaw) -> Timestamp {
    guard let text = given(name) else { return fallback }
    guard let time = SampleText.time(text) else {
      throw ParameterFlaw(
        name,
        "Invalid time value for '\(name)': cannot parse \(PromQuote.printable(text)) to a valid "
          + "timestamp")
    }
    return time
  }

  /// A time that must be there.
  func time(_ name: String) throws(ParameterFlaw) -> Timestamp {
    let text = parameter(name) ?? ""
    guard let time = SampleText.time(text) else {
      throw ParameterFlaw(name, "cannot parse \(PromQuote.printable(text)) to a valid timestamp")
    }
    return time
  }

  /// A duration as seconds with a fraction, or in PromQL's notation.
  func duration(_ name: String) throws(ParameterFlaw) -> Duration {
    do throws(ParameterFlaw) {
      return try Self.duration(of: parameter(name) ?? "")
    } catch {
      throw ParameterFlaw(name, error.message)
    }
  }

  /// A duration that may be left out.
  func optionalDuration(_ name: String) throws(ParameterFlaw) -> Duration? {
    given(name) == nil ? nil : try duration(name)
  }

  /// How old a sample may be, which may be left out; Prometheus words its flaw otherwise.
  func lookback() throws(ParameterFlaw) -> Duration? {
    guard let text = given("lookback_delta") else { return nil }
    do throws(ParameterFlaw) {
      return try Self.duration(of: text)
    } catch {
      throw ParameterFlaw("error parsing lookback delta duration: \(error.message)")
    }
  }

  private static func duration(of text: String) throws(ParameterFlaw) -> Duration {
    if let seconds = Double(text), !seconds.isNaN {
      guard abs(seconds) < 9.2e9 else {
        throw ParameterFlaw(
          "cannot parse \(PromQuote.printable(text)) to a valid duration. It overflows int64")
      }
      return .nanoseconds(Int64(seconds * 1e9))
    }
    guard let milliseconds = NumberText.parseDuration(text) else {
      throw ParameterFlaw("cannot parse \(PromQuote.printable(text)) to a valid duration")
    }
    return .milliseconds(milliseconds)
  }

  /// A truth value as Go's `strconv.ParseBool` reads it; false when it is left out.
  func truth(_ name: String) throws(ParameterFlaw) -> Bool {
    guard let text = given(name) else { return false }
    switch text {
    case "1", "t", "T", "true", "TRUE", "True": return true
    case "0", "f", "F", "false", "FALSE", "False": return false
    default:
      throw ParameterFlaw(name, "parsing \(PromQuote.printable(text)): invalid syntax")
    }
  }

  /// The most entries the client wants; 0 for all.
  func limit() throws(ParameterFlaw) -> Int {
    guard let text = given("limit") else { return 0 }
    guard let limit = Int(text) else {
      throw ParameterFlaw("limit", Self.reason(text))
    }
    guard limit >= 0 else { throw ParameterFlaw("limit", "limit must be non-negative") }
    return limit
  }

  /// Why Go's `strconv.Atoi` does not read a text as a number.
  private static func reason(_ text: String) -> String {
    let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
    let isNumber = !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
    return "strconv.Atoi: parsing \(PromQuote.printable(text)): "
      + (isNumber ? "value out of range" : "invalid syntax")
  }

  /// The matchers of every `match[]`; each must demand something, as in Prometheus.
  func selectors() throws(ParameterFlaw) -> [[LabelMatcher]] {
    let name = "match[]"
    let selectors: [[LabelMatcher]]
    do throws(ParameterFlaw) {
      selectors = try bareSelectors(name)
    } catch {
      throw ParameterFlaw(name, error.message)
    }
    for matchers in selectors where matchers.allSatisfy({ $0.matches("") }) {
      throw ParameterFlaw(name, "match[] must contain at least one non-empty matcher")
    }
    return selectors
  }

  /// The matchers of a parameter that may stand several times. The flaw is the parser's sentence
  /// alone.
  func bareSelectors(_ name: String) throws(ParameterFlaw) -> [[LabelMatcher]] {
    var selectors: [[LabelMatcher]] = []
    for text in parameters(name) {
      let parsed = PromQLParser.parseSelector(SourceText(name: name, text: text))
      guard let selector = parsed.selector, parsed.errors.isEmpty else {
        throw ParameterFlaw(
          parsed.errors.first?.description() ?? "it is not a series selector")
      }
      selectors.append(selector.matchers)
    }
    return selectors
  }

  /// The expression of `query`. One of wrong types does not parse, as far as Prometheus is
  /// concerned. The flaw is the parser's sentence alone.
  func bareExpression() throws(ParameterFlaw) -> Expression {
    let source = SourceText(name: "query", text: parameter("query") ?? "")
    let parsed = PromQLParser.parse(source)
    guard let expression = parsed.expression, parsed.errors.isEmpty else {
      throw ParameterFlaw(
        parsed.errors.first?.description()
          ?? "unknown position: parse error: no expression found in input")
    }
    if let mistake = TypeChecker.check(expression).errors.first {
      throw ParameterFlaw(mistake.description())
    }
    return expression
  }

  /// The expression of `query`, its flaw that of the parameter.
  func expression() throws(ParameterFlaw) -> Expression {
    do throws(ParameterFlaw) {
      return try bareExpression()
    } catch {
      throw ParameterFlaw("query", error.message)
    }
  }

  /// Answers, or says what is wrong with a parameter.
  func reading(
    _ answer: (EndpointRequest) async throws(ParameterFlaw) -> HTTPServerResponse
  ) async -> HTTPServerResponse {
    do throws(ParameterFlaw) {
      return try await answer(self)
    } catch {
      return error.response
    }
  }
}

extension Array {
  /// At most `limit` elements, all for 0, and the warning that says that there were more.
  func limited(to limit: Int) -> (elements: [Element], warnings: [String]) {
    guard limit > 0, count > limit else { return (self, []) }
    return (Array(prefix(limit)), ["results truncated due to limit"])
  }
}
