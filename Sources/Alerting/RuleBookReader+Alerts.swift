import Diagnostics
import Language
import Model
import PromQL
import PromQLSyntax
import Templates

extension RuleBookReader {
  /// `alert NAME { when … }` or `alert NAME { watch … LEVEL … }`
  mutating func readAlert(
    _ statement: Statement, _ groupLabels: [LabelSetting], _ context: ReadingContext
  ) -> Rule? {
    let reader = BlockReader(statement, kind: "alert", context: context)
    defer { reader.finish() }
    let name = reader.head(0, "a name")
    reader.endHead(at: 1)
    let condition = readCondition(reader)
    let severity: Located<Severity>? =
      reader.has("watch")
      ? nil : reader.read("severity", .severity, "How bad it is: one of the severities.")
    let noData = readNoData(reader)
    let keepFiring = reader.read(
      "keep firing", .duration, default: .zero, "How long it stays up after it clears.")
    let labels = merge(reader.readLabels("A label of the alert."), over: groupLabels)
    let texts = readTexts(reader)
    let flapping = readFlapping(reader)
    let parents = reader.readParents("What explains this alert while it fails itself.")
    let disabling = readDisabling(reader)
    let allowances = reader.readStatements(
      "allow", "A lint that may stand until a date."
    ).compactMap(allowance)
    guard let name else { return nil }
    register(parents, of: name.text)
    guard var made = condition?.rule(name: name.text, reader: self, noData, severity?.value)
    else { return nil }
    made.labels = labels
    made.texts = texts
    for (line, level) in condition?.lines ?? [] where !line.texts.isEmpty {
      made.levelTexts[level] = readLevelTexts(line, context)
    }
    if keepFiring > .zero {
      for index in made.behavior.levels.indices
      where made.behavior.levels[index].clearHold == .zero {
        made.behavior.levels[index].clearHold = keepFiring
      }
    }
    made.parents = parents.map(\.value.name)
    made.flapping = flapping
    made.disabling = disabling
    made.allowances = allowances
    made.range = statement.headRange
    guard register(Rule.alerting(made), name) else { return nil }
    return .alerting(made)
  }

  private func readCondition(_ reader: BlockReader) -> AlertCondition? {
    let (hasWhen, hasWatch) = (reader.has("when"), reader.has("watch"))
    if hasWhen, hasWatch {
      let second = reader.readExpression("watch", "A quantity; levels say when to worry.")
      _ = reader.readExpression("when", "The condition.")
      report(
        "E032", "an alert has either `when` or `watch`",
        at: second?.range ?? reader.statement.headRange, "the second of the two",
        help: "`when` is a whole condition; `watch` is a quantity for levels such as "
          + "`warning > 80%`")
      _ = reader.readLevels("When the watched quantity is a problem.")
      _ = reader.read("for", .duration, "How long the condition must hold.")
      return nil
    }
    if hasWatch {
      let expression = reader.readExpression("watch", "A quantity; levels say when to worry.")
      let lines = reader.readLevels("When the watched quantity is a problem.")
      // A level that could not be read was reported where it stands.
      let isBroken = lines.isEmpty && reader.context.severities.names.contains(where: reader.has)
      guard let expression, !isBroken else { return nil }
      return AlertCondition(expression: expression, lines: lines, isWatch: true)
    }
    let expression = reader.readExpression("when", "The condition: any PromQL expression.")
    let hold = reader.read(
      "for", .duration, default: .zero, "How long the condition must hold.")
    if !hasWhen {
      report(
        "E028", "`alert` needs a setting `when` or `watch`", at: reader.statement.headRange,
        "nothing says when it fires", help: "add `when` with a PromQL condition")
    }
    guard let expression else { return nil }
    return AlertCondition(expression: expression, lines: [], isWatch: false, hold: hold)
  }

  /// `summary`, `description`, `runbook` and `annotation NAME TEXT`, in the order of their reading.
  private func readTexts(_ reader: BlockReader) -> [AlertingRule.NamedText] {
    var texts: [AlertingRule.NamedText] = []
    for (name, documentation) in [
      ("summary", "One line: what is wrong."), ("description", "What it means and what to do."),
      ("runbook", "Where the steps are written down."),
    ] {
      if let template = reader.readTemplate(name, scope: .alert, documentation) {
        texts.append(.init(name: name, located: template))
      }
    }
    for named in reader.readNamedTemplates(
      "annotation", scope: .alert, "A further text, by name.")
    {
      texts.append(.init(name: named.name.value, located: named.template))
    }
    return texts
  }

  /// The texts in a level line's own block.
  private func readLevelTexts(
    _ line: LevelLine, _ context: ReadingContext
  ) -> [AlertingRule.NamedText] {
    let statement = Statement(
      keyword: Located(value: line.severity.name, range: line.severityRange), block: line.texts,
      range: line.range, headRange: line.range)
    let reader = BlockReader(statement, kind: "level", context: context)
    defer { reader.finish() }
    return readTexts(reader)
  }

  /// `no data ok`, `no data hold 10m`, `no data critical for 5m`
  private func readNoData(_ reader: BlockReader) -> NoDataPolicy {
    let found = reader.readStatements(
      "no data", "What absence of data means: ok, hold DURATION, or a severity `for` a duration.")
    guard let statement = found.first else { return .standard }
    let words = Array(statement.words.dropFirst())
    let form = "`no data` takes `ok`, `hold 10m`, or a severity as in `critical for 5m`"
    guard let first = words.first else {
      report("E012", form, at: statement.headRange)
      return .standard
    }
    switch (first.text, words.count) {
    case ("ok", 1): return .resolves
    case ("hold", 2):
      guard let limit = NumberNotation.duration(words[1].text) else { break }
      return .holds(limit)
    case ("ok", _), ("hold", _): break
    case (_, 1):
      return reader.context.severity(first).map { .raises($0.value, after: .zero) } ?? .standard
    case (_, 3):
      guard let severity = reader.context.severity(first) else { return .standard }
      guard words[1].isBare("for"), let hold = NumberNotation.duration(words[2].text) else { break }
      return .raises(severity.value, after: hold)
    default: break
    }
    report("E012", form, at: statement.headRange, "neither of them")
    return .standard
  }

  /// `flapping 4 changes in 30m`
  private func readFlapping(_ reader: BlockReader) -> FlapPolicy? {
    let found = reader.readStatements(
      "flapping", "So many changes within a time are told once, as flapping.")
    guard let statement = found.first else { return nil }
    let words = statement.words
    guard words.count == 4, let changes = Int(words[0].text), (2...10_000).contains(changes),
      words[1].isBare("changes"), words[2].isBare("in"),
      let window = NumberNotation.duration(words[3].text), window > .zero
    else {
      report("E012", "`flapping` is written `flapping 4 changes in 30m`", at: statement.headRange)
      return nil
    }
    return FlapPolicy(changes: changes, window: window)
  }

  /// `disabled "why" until DATE`
  private func readDisabling(_ reader: BlockReader) -> AlertingRule.Disabling? {
    let found = reader.readStatements("disabled", "Why the rule rests, and `until` which day.")
    guard let statement = found.first else { return nil }
    let words = statement.words
    guard let reason = words.first, reason.isQuoted, words.count == 1 || words.count == 3 else {
      report(
        "E012", "`disabled` is written `disabled \"why\" until 2026-12-01`",
        at: statement.headRange)
      return nil
    }
    guard words.count == 3 else {
      return .init(reason: reason.text, until: nil, range: statement.headRange)
    }
    guard words[1].isBare("until"), let date = CalendarDate(words[2].text) else {
      report("E012", "`until` takes a date such as 2026-12-01", at: words[2].range)
      return nil
    }
    return .init(reason: reason.text, until: date.start, range: statement.headRange)
  }

  /// `allow LINT until DATE`
  private func allowance(_ statement: Statement) -> AlertingRule.Allowance? {
    let words = statement.words
    guard let lint = words.first, words.count == 1 || (words.count == 3 && words[1].isBare("until"))
    else {
      report(
        "E012", "`allow` is written `allow dead-metric until 2026-12-01`",
        at: statement.headRange)
      return nil
    }
    guard words.count == 3 else {
      return .init(lint: lint.text, until: nil, range: statement.headRange)
    }
    guard let date = CalendarDate(words[2].text) else {
      report("E012", "`until` takes a date such as 2026-12-01", at: words[2].range)
      return nil
    }
    return .init(lint: lint.text, until: date.start, range: statement.headRange)
  }

  private func merge(
    _ own: [LabelSetting], over group: [LabelSetting]
  ) -> [AlertingRule.AddedLabel] {
    let inherited = group.filter { label in
      !own.contains { $0.name.value == label.name.value }
    }
    return (inherited + own).map { label in
      AlertingRule.AddedLabel(
        name: label.name.value, template: label.value.value,
        text: label.value.value.constant ?? label.value.range.text, range: label.value.range)
    }
  }
}

extension AlertingRule.NamedText {
  init(name: String, located: Located<Template>) {
    self.init(
      name: name, template: located.value, text: located.value.constant ?? located.range.text,
      range: located.range)
  }
}

extension SettingType where Value == Severity {
  /// One of the configuration's severities.
  static var severity: SettingType {
    SettingType("a severity", write: { $0.name }) { input in
      input.single("a severity").flatMap { input.context.severity($0) }
    }
  }
}
