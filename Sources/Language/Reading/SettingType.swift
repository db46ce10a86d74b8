import Diagnostics
import Model

/// The values of a setting, on their way to a type.
package struct SettingInput {
  package var keyword: Located<String>
  package var items: [[Word]]
  package var statement: Statement
  package var context: ReadingContext

  package var words: [Word] { items.flatMap { $0 } }

  /// From the first to the last value; the keyword when there is none.
  package var range: SourceRange {
    guard let first = words.first, let last = words.last else { return keyword.range }
    return first.range.union(last.range)
  }

  /// Reports what is wrong with the values.
  package func report(_ diagnostic: Diagnostic) { context.report(diagnostic) }

  /// Reports that the values are not what the setting takes.
  package func reject(_ word: Word, _ type: String, help: String? = nil) {
    report(
      Diagnostic(
        "E012", .error, "`\(keyword.value)` takes \(type)", at: word.range,
        "not \(Self.withoutExample(type))", help: help))
  }

  /// `a duration such as 90s` without what follows `a duration`.
  private static func withoutExample(_ type: String) -> String {
    type.utf8Offset(of: " such as ").map { String(decoding: type.utf8.prefix($0), as: UTF8.self) }
      ?? type
  }

  /// The only value; reports when there is none or more than one.
  package func single(_ type: String) -> Word? {
    guard let first = words.first else {
      report(BlockReader.missingValue(of: statement, type))
      return nil
    }
    guard let last = words.last, words.count > 1 else { return first }
    report(
      Diagnostic(
        "E012", .error, "`\(keyword.value)` takes one value", at: words[1].range.union(last.range),
        "one too many", help: type == "a text" ? "put a text with spaces between quotes" : nil))
    return nil
  }
}

/// What a setting's value is: how it is read, and how a person would name it.
package struct SettingType<Value: Sendable>: Sendable {
  /// With its article: `a duration such as 90s`.
  package let name: String
  /// How a default value is written in the reference; nil when it cannot be.
  let write: @Sendable (Value) -> String?
  /// nil after something was reported.
  let parse: @Sendable (SettingInput) -> Located<Value>?

  /// A type that reads all values of the setting; `parse` gives nil after it has reported.
  package init(
    _ name: String, write: @escaping @Sendable (Value) -> String? = { _ in nil },
    parse: @escaping @Sendable (SettingInput) -> Located<Value>?
  ) {
    self.name = name
    self.write = write
    self.parse = parse
  }

  /// A type of a single value; `convert` gives nil for a value of another form.
  package static func single(
    _ name: String, write: @escaping @Sendable (Value) -> String? = { _ in nil },
    _ convert: @escaping @Sendable (Word) -> Value?
  ) -> SettingType {
    SettingType(name, write: write) { input in
      guard let word = input.single(name) else { return nil }
      guard let value = convert(word) else {
        input.reject(word, name)
        return nil
      }
      return Located(value: value, range: word.range)
    }
  }
}
