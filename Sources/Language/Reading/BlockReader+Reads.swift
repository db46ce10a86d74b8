import Diagnostics
import Model
import PromQLSyntax
import Templates

extension BlockReader {
  private func input(_ setting: Setting) -> SettingInput {
    SettingInput(
      keyword: setting.keyword, items: setting.items, statement: setting.statement,
      context: context)
  }

  private func value<T>(_ setting: Setting, _ type: SettingType<T>) -> Located<T>? {
    refuseBlock(of: setting)
    return type.parse(input(setting))
  }

  /// A setting that takes no block was given one.
  private func refuseBlock(of setting: Setting) {
    guard setting.statement.block != nil else { return }
    context.report(
      Diagnostic(
        "E012", .error, "`\(setting.keyword.value)` takes no settings of its own",
        at: setting.statement.headRange, "followed by a `{`"))
  }

  /// A setting that may be left out. The keyword may have two words, as in `group by`.
  package func read<T>(
    _ keyword: String, _ type: SettingType<T>, _ documentation: String
  ) -> Located<T>? {
    document(keyword, .once, type.name, documentation)
    return takeOne(keyword).flatMap { value($0, type) }
  }

  /// A setting with a built-in default, which also stands in for a value that is wrong.
  package func read<T>(
    _ keyword: String, _ type: SettingType<T>, default fallback: T, _ documentation: String
  ) -> T {
    document(keyword, .once, type.name, documentation, default: type.write(fallback))
    return takeOne(keyword).flatMap { value($0, type) }?.value ?? fallback
  }

  /// A setting that must be there; reports when it is missing.
  package func require<T>(
    _ keyword: String, _ type: SettingType<T>, _ documentation: String
  ) -> Located<T>? {
    document(keyword, .required, type.name, documentation)
    guard let setting = takeOne(keyword) else {
      reportMissing(keyword, type.name)
      return nil
    }
    return value(setting, type)
  }

  func reportMissing(_ keyword: String, _ type: String) {
    context.report(
      Diagnostic(
        "E028", .error, "`\(kind)` needs a setting `\(keyword)`", at: statement.headRange,
        "`\(keyword)` is missing", help: "add `\(keyword)` with \(type)"))
  }

  /// A setting that may occur many times. Inherited ones count only where there are none of its
  /// own.
  package func readEach<T>(
    _ keyword: String, _ type: SettingType<T>, _ documentation: String
  ) -> [Located<T>] {
    document(keyword, .repeated, type.name, documentation)
    let own = take(keyword)
    return (own.isEmpty ? takeInherited(keyword) : own).compactMap { value($0, type) }
  }

  /// A word that stands alone, such as `continue`; gives its place.
  package func readFlag(_ keyword: String, _ documentation: String) -> SourceRange? {
    document(keyword, .flag, "no value", documentation)
    guard let setting = takeOne(keyword) else { return nil }
    refuseBlock(of: setting)
    if let first = setting.items.first?.first {
      context.report(
        Diagnostic(
          "E012", .error, "`\(keyword)` takes no value", at: first.range, "remove this"))
    }
    return setting.keyword.range
  }

  /// A PromQL expression (`when`, `watch`). nil also when it is there but broken; that was
  /// reported.
  package func readExpression(
    _ keyword: String, _ documentation: String
  ) -> Located<Expression>? {
    document(keyword, .expression, "a PromQL expression", documentation)
    guard let setting = takeOne(keyword), let expression = setting.statement.expression else {
      return nil
    }
    return Located(
      value: expression, range: setting.statement.expressionRange ?? expression.range)
  }

  /// Whether a setting is written in the block itself, read or not.
  package func has(_ keyword: String) -> Bool {
    own.contains { Self.setting($0, keyword, isOwn: true) != nil }
  }

  /// A text with insertions, compiled for its scope.
  package func readTemplate(
    _ keyword: String, scope: TemplateScope, _ documentation: String
  ) -> Located<Template>? {
    document(keyword, .template, "a text", documentation)
    return takeOne(keyword).flatMap { template($0, $0.items, scope) }
  }

  /// Templates that bear a name, such as `annotation dashboard "…"`.
  package func readNamedTemplates(
    _ keyword: String, scope: TemplateScope, _ documentation: String
  ) -> [(name: Located<String>, template: Located<Template>)] {
    document(keyword, .repeated, "a name and a text", documentation)
    let own = take(keyword)
    let inherited = takeInherited(keyword).filter { other in
      !own.contains { $0.items.first?.first?.text == other.items.first?.first?.text }
    }
    return (own + inherited).compactMap { setting in
      guard let name = setting.items.first?.first, setting.items.flatMap({ $0 }).count == 2 else {
        context.report(
          Self.wrongPair(setting.statement, "`\(keyword)` takes a name and a text"))
        return nil
      }
      return template(setting, [Array(setting.items[0].dropFirst())], scope)
        .map { (name.located, $0) }
    }
  }

  static func wrongPair(_ statement: Statement, _ message: String) -> Diagnostic {
    Diagnostic("E012", .error, message, at: statement.headRange, "not a name and a value")
  }

  private func template(
    _ setting: Setting, _ items: [[Word]], _ scope: TemplateScope
  ) -> Located<Template>? {
    refuseBlock(of: setting)
    let input = SettingInput(
      keyword: setting.keyword, items: items, statement: setting.statement, context: context)
    guard let word = input.single("a text") else { return nil }
    return context.template(word, scope: scope)
  }

  /// Lines that start with a severity; also `level off`.
  package func readLevels(_ documentation: String) -> [LevelLine] {
    for name in context.severities.names {
      document(name, .levels, "a limit such as > 80%, or after 3 failures", documentation)
    }
    document("level", .levels, "`off`", "No alert.")
    let names = context.severities.names
    var settings = names.flatMap(take) + take("level")
    if settings.isEmpty {
      settings =
        inherited.lazy.map { level in
          (names + ["level"]).flatMap { name in
            level.compactMap { Self.setting($0, name, isOwn: false) }
          }
        }.first { !$0.isEmpty } ?? []
    }
    settings.sort { $0.statement.range.lower < $1.statement.range.lower }
    return levels(of: settings.map(\.statement))
  }

  private func levels(of statements: [Statement]) -> [LevelLine] {
    var lines: [LevelLine] = []
    for statement in statements {
      guard statement.keyword.value != "level" else {
        lines += levelOff(statement)
        continue
      }
      guard let severity = context.severities[statement.keyword.value] else { continue }
      if let first = lines.first(where: { $0.severity == severity }) {
        context.report(
          Diagnostic(
            "E026", .error, "`\(severity.name)` is written twice", at: statement.keyword.range,
            "again here", context: [.init(first.severityRange, "first written here")],
            help: "keep one of the two"))
        continue
      }
      var reader = LevelLineReader(statement, severity: severity, context: context)
      if let line = reader.read() { lines.append(line) }
    }
    return lines
  }

  private func levelOff(_ statement: Statement) -> [LevelLine] {
    guard statement.words.count == 1, statement.words[0].isBare("off") else {
      context.report(
        Diagnostic(
          "E012", .error, "`level` takes only `off`", at: statement.headRange,
          "levels are written by their severity",
          help: "write `\(context.severities.names.last ?? "critical") …`"))
      return []
    }
    let severity = Severity(name: "off", rank: -1)
    return [LevelLine(severity: severity, trigger: .off, range: statement.headRange)]
  }

  /// Nested statements such as `route … { … }`: the caller reads each with a reader of its own.
  package func readBlocks(_ keyword: String, _ documentation: String) -> [Statement] {
    document(keyword, .block, "a block", documentation)
    return take(keyword).map(\.statement)
  }

  /// Settings whose words the caller reads itself; inherited ones where there are none of its own.
  package func readStatements(_ keyword: String, _ documentation: String) -> [Statement] {
    document(keyword, .words, "words", documentation)
    let own = take(keyword)
    return (own.isEmpty ? takeInherited(keyword) : own).map(\.statement)
  }
}

extension ReadingContext {
  /// Compiles a text for its scope; mistakes in it are reported here.
  package func template(_ word: Word, scope: TemplateScope) -> Located<Template> {
    let compiled = TemplateCompiler.compile(word.content, scope: scope, partials: partials)
    for diagnostic in compiled.diagnostics { report(diagnostic) }
    return Located(value: compiled.template, range: word.range)
  }
}
