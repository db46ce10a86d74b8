import Diagnostics
import PromQLSyntax

/// Expressions and how Prometheus prints them, on one line or on several.
enum FormatCases {
  private struct Case: Decodable {
    var id: String
    var kind: String
    var input: String
    var output: String
    var max_chars_per_line: Int?
  }

  static func run(_ arguments: Arguments) -> Tally {
    var tally = Tally()
    for item in arguments.lines(Case.self) {
      let source = SourceText(name: item.id, text: item.input)
      let parsed = PromQLParser.parse(source, features: .all)
      guard let expression = parsed.expression, parsed.errors.isEmpty else {
        tally.fail(item.id, "\(item.input): \(parsed.errors.map { $0.description() })")
        continue
      }
      let printed =
        item.kind == "pretty"
        ? expression.pretty(width: item.max_chars_per_line ?? 100) : expression.description
      if printed == item.output {
        tally.pass()
      } else {
        tally.fail(item.id, "\(item.input)\ngot:\n\(printed)\nwanted:\n\(item.output)")
      }
    }
    return tally
  }
}
