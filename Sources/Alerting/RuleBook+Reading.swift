import Diagnostics
import Language
import Model
import PromQL
import PromQLSyntax
import Templates

extension RuleBook {
  /// Reads every `group`, `record` and `alert` of a configuration, and the alerts of its probes.
  /// Mistakes are reported to the context; a rule with one is left out.
  ///
  /// The reads below are the schema of the statements.
  package static func read(
    _ statements: [Statement], probeAlerts: [ProbeAlert] = [], context: ReadingContext,
    host: String = ""
  ) -> RuleBook {
    var reader = RuleBookReader(context: context)
    reader.readProbes(probeAlerts)
    for statement in statements {
      switch statement.keyword.value {
      case "group": reader.readGroup(statement)
      case "alert", "record": reader.readLoose(statement)
      default: break
      }
    }
    return reader.finish(host: host)
  }
}

/// Collects the rules of a configuration and checks them against each other.
struct RuleBookReader {
  let context: ReadingContext
  var groups: [RuleGroup] = []
  /// Rules outside any group, by file, in the order of the files.
  var loose: [(file: String, rules: [Rule])] = []
  /// Where each alert is named, for duplicates.
  var alertNames: [String: [(key: String, range: SourceRange)]] = [:]
  var recordKeys: [String: SourceRange] = [:]
  var probeNames: [String: SourceRange] = [:]
  var parents: [(parent: Located<Parent>, child: String)] = []
  private var groupNames: [String: SourceRange] = [:]

  init(context: ReadingContext) { self.context = context }

  mutating func readGroup(_ statement: Statement) {
    let block = statement.block ?? []
    let defaults = block.filter { $0.keyword.value == "defaults" }
    let inner = context.withDefaults(defaults)
    let reader = BlockReader(statement, kind: "group", context: context)
    defer { reader.finish() }
    let name = reader.head(0, "a name")
    reader.endHead(at: 1)
    let file = statement.range.source.name
    var group = RuleGroup(name: name?.text ?? "", file: file)
    group.every = reader.read(
      "every", .duration, default: RuleGroup.standardEvery,
      "The longest the rules wait between evaluations, and the spacing of recorded samples.")
    group.limit = reader.read(
      "limit", .integer(in: 0...1_000_000), default: 0,
      "How many alerts or recorded series one rule may have; 0 is without limit.")
    group.delay = reader.read(
      "delay", .duration, default: .zero,
      "How far behind now the rules look, for sources that deliver late.")
    group.evaluator =
      reader.readStatements(
        "evaluate", "`at URL`: a Prometheus-compatible engine that evaluates the expressions."
      ).first.flatMap(evaluator)
    if group.every <= .zero {
      report("E012", "`every` must be longer than nothing", at: statement.headRange)
      group.every = RuleGroup.standardEvery
    }
    let labels = reader.readLabels("Labels of every rule in the group.")
    _ = reader.readBlocks("defaults", "Default settings of the alerts in the group.")
    _ = reader.readBlocks("alert", "An alert.")
    _ = reader.readStatements("record", "A recording rule.")
    for rule in block {
      switch rule.keyword.value {
      case "alert": if let alert = readAlert(rule, labels, inner) { group.rules.append(alert) }
      case "record": if let record = readRecord(rule, labels) { group.rules.append(record) }
      default: break
      }
    }
    guard let name else { return }
    let key = "\(file)\u{0}\(name.text)"
    if let first = groupNames[key] {
      report(
        "E017", "the group `\(name.text)` is written twice in this file", at: name.range,
        "again here", context: [.init(first, "first written here")])
      return
    }
    groupNames[key] = name.range
    groups.append(group)
  }

  mutating func readLoose(_ statement: Statement) {
    let rule =
      statement.keyword.value == "alert"
      ? readAlert(statement, [], context) : readRecord(statement, [])
    guard let rule else { return }
    let file = statement.range.source.name
    if let index = loose.firstIndex(where: { $0.file == file }) {
      loose[index].rules.append(rule)
    } else {
      loose.append((file, [rule]))
    }
  }

  /// `evaluate at URL`
  private func evaluator(_ statement: Statement) -> String? {
    let words = statement.words
    guard words.count == 2, words[0].isBare("at"), words[1].text.contains("://") else {
      report("E012", "`evaluate` takes `at` and a URL", at: statement.headRange)
      return nil
    }
    report(
      "E012", "this version evaluates expressions itself only", at: statement.headRange,
      "not supported")
    return nil
  }

  /// record = "record" selector "=" promql
  private mutating func readRecord(
    _ statement: Statement, _ groupLabels: [LabelSetting]
  ) -> Rule? {
    // The form was reported where it was parsed.
    guard let selector = statement.selector, let expression = statement.expression else {
      return nil
    }
    var labels = groupLabels.compactMap(\.constant)
    var name = selector.metric ?? ""
    for matcher in selector.matchers {
      guard matcher.comparison == .equal else {
        report(
          "E012", "a recorded series has fixed labels", at: selector.range,
          "only `label=\"value\"` can stand here")
        return nil
      }
      if matcher.name == Labels.metricName {
        name = matcher.value
      } else {
        labels.removeAll { $0.name == matcher.name }
        labels.append(Label(matcher.name, matcher.value))
      }
    }
    guard !name.isEmpty else {
      report("E012", "a recorded series needs a name", at: selector.range)
      return nil
    }
    guard let query = prepare(expression, "record") else { return nil }
    let text = expression.description
    let rule = RecordingRule(
      name: name, labels: labels, query: query, expressionText: text, range: statement.headRange)
    let key = Rule.recording(rule).key + "\u{0}" + text
    if let first = recordKeys[key] {
      report(
        "E017", "this series is recorded twice", at: selector.range, "again here",
        context: [.init(first, "first written here")])
      return nil
    }
    recordKeys[key] = selector.range
    return .recording(rule)
  }

  /// A query of an expression that gives a vector or a number.
  func prepare(_ expression: Expression, _ keyword: String) -> Query? {
    switch Query.prepare(expression) {
    case .failure(let failure):
      for diagnostic in failure.diagnostics { context.report(diagnostic) }
      return nil
    case .success(let query):
      guard query.type == .vector || query.type == .scalar else {
        let what = query.type == .matrix ? "a range of samples" : "a text"
        report(
          "E025", "`\(keyword)` needs a value for each series, and this gives \(what)",
          at: expression.range, "a \(query.type == .matrix ? "range vector" : "string")")
        return nil
      }
      return query
    }
  }

  func report(
    _ code: String, _ message: String, at range: SourceRange, _ label: String = "",
    context labels: [Diagnostic.Label] = [], help: String? = nil,
    replacement: Diagnostic.Replacement? = nil
  ) {
    context.report(
      Diagnostic(
        code, .error, message, at: range, label, context: labels, help: help,
        replacement: replacement))
  }
}
