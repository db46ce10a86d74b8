import Language
import Model

/// What an `expect` can be about: `status`, `time`, `header NAME`, `json "$.path"`.
package struct ExpectationSubject: Sendable, Hashable {
  /// What the subject is compared as.
  package enum Form: Sendable, Hashable {
    /// Compared as a text: `=`, `!=`, `=~`, `!~`; also `<` and the like when the text is a number.
    case text
    /// Compared as a number of this unit.
    case number(Unit)
    /// An HTTP status: numbers, or a class such as `2xx`.
    case status
  }
  package var name: String
  package var form: Form
  /// What stands between subject and comparison, such as the name of a header; nil for nothing.
  package var argument: String?
  /// One sentence for the reference.
  package var documentation: String

  package init(
    _ name: String, _ form: Form, argument: String? = nil, _ documentation: String
  ) {
    self.name = name
    self.form = form
    self.argument = argument
    self.documentation = documentation
  }
}

/// `expect SUBJECT cmp VALUE, …`: one of the values must fit.
package struct Expectation: Sendable, Hashable {
  /// What must hold of the subject.
  package enum Test: Sendable, Hashable {
    case number(Comparison, [Quantity])
    case text(equal: Bool, [String])
    case pattern(matches: Bool, ExpectedPattern)
    /// `2xx` and the like, by their first digit.
    case statusClass(equal: Bool, Int)
  }
  package var subject: String
  package var argument: String?
  package var test: Test
  /// As written, for sentences: `status = 200`.
  package var written: String

  /// A compiled pattern that is equal to another of the same text.
  package struct ExpectedPattern: Sendable, Hashable {
    package let pattern: Pattern
    package static func == (left: ExpectedPattern, right: ExpectedPattern) -> Bool {
      Bytes.equal(left.pattern.source, right.pattern.source)
    }
    package func hash(into hasher: inout Hasher) { Bytes.hash(pattern.source, into: &hasher) }
  }

  /// Why a number is not as expected; nil when it is.
  func failure(of value: Double, _ unit: Unit = .none) -> String? {
    switch test {
    case .number(let comparison, let limits):
      let holds =
        comparison == .notEqual
        ? limits.allSatisfy { comparison.holds(value, $0.value) }
        : limits.contains { comparison.holds(value, $0.value) }
      return holds ? nil : unmet(Wording.quantity(value, unit))
    case .statusClass(let equal, let digit):
      return (Int(value) / 100 == digit) == equal ? nil : unmet(Wording.rounded(value))
    case .text, .pattern:
      return failure(of: Wording.rounded(value))
    }
  }

  /// Why a text is not as expected; nil when it is.
  func failure(of text: String) -> String? {
    switch test {
    case .text(let equal, let values):
      let found = values.contains { Bytes.equal($0, text) }
      return found == equal ? nil : unmet(shown(text))
    case .pattern(let matches, let expected):
      return expected.pattern.matches(text) == matches ? nil : unmet(shown(text))
    case .number:
      guard let value = NumberNotation.number(text) else {
        return unmet(shown(text) + ", which is not a number,")
      }
      return failure(of: value)
    case .statusClass:
      return failure(of: NumberNotation.number(text) ?? 0)
    }
  }

  private func shown(_ text: String) -> String {
    text.isEmpty ? "empty" : PromQuote.quoted(Wording.excerpt(text.utf8, limit: 80))
  }

  private func unmet(_ actual: String) -> String {
    let name = argument.map { "\(subject) \($0)" } ?? subject
    return "\(name) is \(actual), expected \(written)"
  }
}

extension [Expectation] {
  func about(_ subject: String) -> [Expectation] { filter { $0.subject == subject } }
}
