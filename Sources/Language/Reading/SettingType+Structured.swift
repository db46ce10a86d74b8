import Diagnostics
import Model

extension SettingType where Value == [String] {
  /// One or more words or texts, separated by commas.
  package static var words: SettingType {
    let type = "a list such as a, b"
    return SettingType(type, write: { $0.joined(separator: ", ") }) { input in
      guard !input.words.isEmpty else {
        input.report(BlockReader.missingValue(of: input.statement, "a value"))
        return nil
      }
      var values: [String] = []
      for item in input.items {
        if item.count > 1 {
          let range = item[1].range.union(item[item.count - 1].range)
          input.report(
            Diagnostic(
              "E012", .error, "the values of `\(input.keyword.value)` stand between commas",
              at: range, "expected a comma before this"))
          return nil
        }
        guard item[0].kind != .comparison else {
          input.reject(item[0], type)
          return nil
        }
        values.append(item[0].text)
      }
      return Located(value: values, range: input.range)
    }
  }

  /// The words of a command line, as they stand; no shell sees them.
  package static var command: SettingType {
    SettingType("a command and its arguments", write: { $0.joined(separator: " ") }) { input in
      guard !input.words.isEmpty else {
        input.report(BlockReader.missingValue(of: input.statement, "a command"))
        return nil
      }
      if input.items.count > 1 {
        input.report(
          Diagnostic(
            "E012", .error, "arguments stand between spaces", at: input.range,
            "a comma ends an argument", help: "quote an argument that contains a comma"))
        return nil
      }
      return Located(value: input.words.map(\.text), range: input.range)
    }
  }
}

extension SettingType where Value == [LabelMatcher] {
  /// `severity = critical, team =~ "pay|core"`
  package static var matchers: SettingType {
    SettingType(
      "matchers such as severity = critical",
      write: { matchers in
        matchers.map(\.description).joined(separator: ", ")
      }
    ) { input in
      guard !input.items.isEmpty else {
        input.report(
          BlockReader.missingValue(of: input.statement, "a matcher such as `severity = critical`"))
        return nil
      }
      var matchers: [LabelMatcher] = []
      for item in input.items {
        guard let matcher = MatcherNotation.matcher(item, report: input.report) else { return nil }
        matchers.append(matcher)
      }
      return Located(value: matchers, range: input.range)
    }
  }
}

/// How matchers are written in settings: `LABEL op VALUE`.
package enum MatcherNotation {
  /// matcher = label ( "=" | "!=" | "=~" | "!~" ) value; nil after something was reported.
  package static func matcher(
    _ item: [Word], report: (Diagnostic) -> Void
  ) -> LabelMatcher? {
    let whole = item[0].range.union(item[item.count - 1].range)
    guard item.count == 3, item[1].kind == .comparison, item[2].kind != .comparison,
      item[0].kind != .comparison
    else {
      let help = item.count > 3 ? "put a comma between matchers" : nil
      report(
        Diagnostic(
          "E012", .error, "a matcher is a label, a sign and a value", at: whole,
          "as in `severity = critical`", help: help))
      return nil
    }
    guard let sign = LabelMatcher.Operator(rawValue: item[1].text) else {
      let help = item[1].text == "==" ? "write `=`" : nil
      report(
        Diagnostic(
          "E012", .error, "a matcher compares with `=`, `!=`, `=~` or `!~`", at: item[1].range,
          "not one of them", help: help,
          replacement: item[1].text == "==" ? .init(item[1].range, "=") : nil))
      return nil
    }
    do {
      return try LabelMatcher(item[0].text, sign, item[2].text)
    } catch {
      report(
        Diagnostic(
          "E012", .error, "this is not a pattern", at: item[2].range, error.reason))
      return nil
    }
  }

  /// All items that are matchers; what is not is reported and left out.
  package static func matchers(
    _ items: [[Word]], report: (Diagnostic) -> Void
  ) -> [LabelMatcher] {
    items.filter { !$0.isEmpty }.compactMap { matcher($0, report: report) }
  }
}

/// `expect json "$.path" >= 4`: what is looked at, the sign, and the value as written.
package struct ComparisonSetting: Sendable, Hashable {
  /// How subject and value are compared.
  package enum Sign: String, Sendable, Hashable, CaseIterable {
    case equal = "="
    case notEqual = "!="
    case matches = "=~"
    case notMatches = "!~"
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="

    /// The comparison of numbers, nil for patterns.
    package var comparison: Comparison? {
      switch self {
      case .equal: .equal
      case .notEqual: .notEqual
      case .less: .less
      case .lessOrEqual: .lessOrEqual
      case .greater: .greater
      case .greaterOrEqual: .greaterOrEqual
      case .matches, .notMatches: nil
      }
    }
  }
  package var subject: [Word]
  package var sign: Sign
  package var signRange: SourceRange
  package var value: Word
}

extension SettingType where Value == ComparisonSetting {
  package static var comparison: SettingType {
    let type = "a comparison such as status = 200"
    return SettingType(type) { input in
      let words = input.words
      guard let place = words.firstIndex(where: { $0.kind == .comparison }), place > 0,
        words.count == place + 2, words[place + 1].kind != .comparison
      else {
        guard !words.isEmpty else {
          input.report(BlockReader.missingValue(of: input.statement, type))
          return nil
        }
        input.report(
          Diagnostic(
            "E012", .error, "`\(input.keyword.value)` takes \(type)", at: input.range,
            "expected a subject, a sign and a value"))
        return nil
      }
      // `==` reads as well as `=`, and nothing else could be meant.
      let text = words[place].text == "==" ? "=" : words[place].text
      guard let sign = ComparisonSetting.Sign(rawValue: text) else { return nil }
      return Located(
        value: ComparisonSetting(
          subject: Array(words[..<place]), sign: sign, signRange: words[place].range,
          value: words[place + 1]), range: input.range)
    }
  }
}
