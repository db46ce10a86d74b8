import Diagnostics
import Model
import Templates

/// What every block of a configuration is read with: the severities, the defaults in force, the
/// partial templates, and where diagnostics and the schema go.
package final class ReadingContext {
  /// Shared by a context and the contexts of its groups.
  private final class Sink {
    var diagnostics: [Diagnostic] = []
    var schema = SettingSchemas()
  }

  package let severities: SeverityScale
  package let partials: TemplatePartials
  /// `defaults KIND { … }` statements, the nearest first.
  let defaults: [[Statement]]
  private let sink: Sink

  /// `defaults` are the top-level `defaults KIND { … }` statements.
  package init(
    severities: SeverityScale = .standard, defaults: [Statement] = [],
    partials: TemplatePartials = TemplatePartials()
  ) {
    self.severities = severities
    self.partials = partials
    self.defaults = [defaults]
    sink = Sink()
  }

  private init(inside outer: ReadingContext, defaults: [Statement]) {
    severities = outer.severities
    partials = outer.partials
    self.defaults = [defaults] + outer.defaults
    sink = outer.sink
  }

  /// Adds to what is shown after reading.
  package func report(_ diagnostic: Diagnostic) { sink.diagnostics.append(diagnostic) }

  /// Everything reported so far, here and in the contexts of groups.
  package var diagnostics: [Diagnostic] { sink.diagnostics }

  /// Every setting that was asked for so far: what the reference page and completion are made of.
  package var schema: SettingSchemas { sink.schema }

  func record(_ schema: SettingSchema) { sink.schema.insert(schema) }

  /// The context inside a group: its `defaults KIND { … }` statements come before the outer ones.
  /// Diagnostics go to the same place.
  package func withDefaults(_ more: [Statement]) -> ReadingContext {
    ReadingContext(inside: self, defaults: more)
  }

  /// The settings of the `defaults KIND` blocks, the nearest first, the later of two on a level
  /// first.
  func defaultBlocks(of kinds: [String]) -> [[Statement]] {
    defaults.map { level in
      level.reversed().filter { statement in
        statement.words.first.map { kinds.contains($0.text) } ?? false
      }.flatMap { $0.block ?? [] }
    }
  }

  /// A severity by name; reports an unknown one.
  package func severity(_ word: Word) -> Located<Severity>? {
    if let severity = severities[word.text] {
      return Located(value: severity, range: word.range)
    }
    let nearest = Suggestion.nearest(to: word.text, in: severities.names)
    report(
      Diagnostic(
        "E013", .error, "there is no severity called `\(word.text)`", at: word.range,
        "unknown severity", notes: ["severities: " + severities.names.joined(separator: " < ")],
        help: nearest.map { "did you mean `\($0)`?" },
        replacement: nearest.map { .init(word.range, $0) }))
    return nil
  }
}

extension SettingType where Value == Severity {
  /// One of the configuration's severities.
  package static var severity: SettingType {
    SettingType("a severity such as critical", write: { $0.name }) { input in
      input.single("a severity such as critical").flatMap { input.context.severity($0) }
    }
  }
}
