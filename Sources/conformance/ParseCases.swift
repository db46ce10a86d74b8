import Diagnostics
import FoundationEssentials
import PromQL
import PromQLSyntax

/// Expressions that parse to a type, or fail with the errors of Prometheus' own parser.
enum ParseCases {
  private struct Case: Decodable {
    struct Failure: Decodable, Equatable {
      var start: Int
      var end: Int
      var message: String
      var full: String
    }
    /// A text and how often it repeats.
    struct Piece: Decodable {
      var text: String
      var count: Int
      init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        text = try container.decode(String.self)
        count = try container.decode(Int.self)
      }
    }
    var id: String
    var input: String?
    var input_hex: String?
    var input_gen: [Piece]?
    var ok: Bool
    var type: String?
    var errors: [Failure]?
    var error_count: Int?

    var bytes: [UInt8] {
      if let input_hex {
        let digits = Array(input_hex)
        return stride(from: 0, to: digits.count, by: 2).compactMap {
          UInt8(String(digits[$0...($0 + 1)]), radix: 16)
        }
      }
      if let input_gen {
        return input_gen.flatMap { Array(String(repeating: $0.text, count: $0.count).utf8) }
      }
      return Array((input ?? "").utf8)
    }
  }

  static func run(_ arguments: Arguments) -> Tally {
    var tally = Tally()
    for item in arguments.lines(Case.self) {
      let source = SourceText(name: item.id, bytes: item.bytes)
      // A generated input tests that long expressions are no trouble; limits are not its matter.
      let limits =
        item.input_gen == nil ? ParserLimits() : ParserLimits(nesting: 1000, operators: 100_000)
      let parsed = PromQLParser.parse(source, features: .all, limits: limits)
      var errors = parsed.errors
      var type: ValueType?
      if let expression = parsed.expression, errors.isEmpty {
        let typed = TypeChecker.check(expression, features: .all)
        errors = typed.errors
        type = typed.type
      }
      if let problem = difference(item, errors, type) {
        tally.fail(item.id, "\(item.input ?? "(generated)"): \(problem)")
      } else {
        tally.pass()
      }
    }
    return tally
  }

  private static func difference(
    _ item: Case, _ errors: [SyntaxError], _ type: ValueType?
  ) -> String? {
    let got = errors.map {
      Case.Failure(
        start: $0.range.lower, end: $0.range.upper, message: $0.message, full: $0.description())
    }
    func list(_ failures: [Case.Failure]) -> String {
      failures.prefix(4).map { "\($0.start)-\($0.end) \($0.full)" }.joined(separator: "; ")
    }
    if item.ok {
      if !errors.isEmpty { return "failed: \(list(got))" }
      return type?.rawValue == item.type
        ? nil : "type \(type?.rawValue ?? "none"), not \(item.type ?? "")"
    }
    if errors.isEmpty { return "parsed, but should not" }
    let wanted = item.errors ?? []
    if let count = item.error_count {
      if got.count != count { return "\(got.count) errors, not \(count)" }
      return Array(got.prefix(wanted.count)) == wanted ? nil : "got \(list(got))"
    }
    return got == wanted ? nil : "got \(list(got)); wanted \(list(wanted))"
  }
}
