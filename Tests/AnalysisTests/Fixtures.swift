import Alerting
import Diagnostics
import FoundationEssentials
import Glibc
import Language
import Model
import Routing
import Testing

@testable import Analysis

/// A configuration read by the rooms that Analysis looks at.
struct ReadConfiguration {
  var statements: [Statement]
  var rules: RuleBook
  var routing: RoutingPlan
  /// What reading it found, and what the checks found.
  var diagnostics: [Diagnostic]
  var lints: [Diagnostic]

  init(_ source: SourceText, sources: [SampleSource] = Self.sources, now: Timestamp? = nil) {
    let document = DocumentParser.parse(source)
    statements = document.statements
    let context = ReadingContext(
      defaults: statements.filter { $0.keyword.value == "defaults" })
    rules = RuleBook.read(statements, context: context, host: "web-1")
    // Receivers belong to Delivery; here their names are enough.
    let receivers = statements.filter { $0.keyword.value == "receiver" }.compactMap { statement in
      statement.words.first.map { ReceiverOutline(name: $0.text, channels: []) }
    }
    routing = RoutingPlan.read(
      statements, receivers: receivers, zones: { _ in nil }, context: context)
    lints = Lints.run(
      rules: rules, routing: routing, statements: statements, severities: context.severities,
      sources: sources, now: now)
    diagnostics = document.diagnostics + context.diagnostics + lints
  }

  init(text: String, sources: [SampleSource] = Self.sources, now: Timestamp? = nil) {
    self.init(SourceText(name: "test.tocsin", text: text), sources: sources, now: now)
  }

  /// The host at its usual pace.
  static let sources = [SampleSource(labels: Labels(["job": "node"]), every: .seconds(15))]

  var codes: [String] { lints.map(\.code) }
}

/// A file of `Golden/`.
func goldenFile(_ name: String) -> String {
  let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
  return "/\(folder)/Golden/\(name)"
}
