import Diagnostics
import Language
import Model

extension SettingType where Value == Expectation {
  /// `SUBJECT cmp VALUE, …` with these subjects.
  static func expectation(_ subjects: [ExpectationSubject]) -> SettingType {
    let example = subjects.first.map { "`\($0.example)`" } ?? "a subject, a comparison, a value"
    return SettingType("an expectation such as \(example)") { input in
      ExpectationParser(input: input, subjects: subjects, example: example).parse()
    }
  }
}

extension ExpectationSubject {
  /// A line of this subject as one might write it.
  var example: String {
    let head = argument.map { "\(name) \($0)" } ?? name
    switch form {
    case .text: return "\(head) = ok"
    case .status: return "\(head) = 200"
    case .number(.seconds): return name == "certificate" ? "\(head) > 14d" : "\(head) < 500ms"
    case .number(.bytes): return "\(head) < 200MiB"
    case .number: return "\(head) < 100"
    }
  }
}

/// Parses the words behind `expect`, reporting each kind of mistake in its own words.
private struct ExpectationParser {
  let input: SettingInput
  let subjects: [ExpectationSubject]
  let example: String

  func parse() -> Located<Expectation>? {
    var words = input.items.first ?? []
    guard let first = words.first else {
      fail(input.range, "`expect` needs something like \(example)", "nothing follows")
      return nil
    }
    guard let subject = subjects.first(where: { first.isBare($0.name) }) else {
      unknown(first)
      return nil
    }
    words.removeFirst()
    var argument: String?
    if let name = subject.argument {
      guard let word = words.first, word.kind != .comparison else {
        fail(first.range, "`\(subject.name)` needs \(name)", "write `expect \(subject.example)`")
        return nil
      }
      argument = word.text
      words.removeFirst()
    }
    guard let sign = words.first, sign.kind == .comparison else {
      fail(
        words.first?.range ?? input.range, "`expect \(subject.name)` needs a comparison",
        "such as `expect \(subject.example)`")
      return nil
    }
    let values = Array(words.dropFirst()) + input.items.dropFirst().flatMap { $0 }
    let crowded = input.items.dropFirst().first { $0.count > 1 }.map { $0[1] }
    if let extra = crowded ?? words.dropFirst(2).first {
      fail(extra.range, "`expect` compares with one value", "put a text with spaces between quotes")
      return nil
    }
    guard !values.isEmpty else {
      fail(sign.range, "there is nothing to compare `\(subject.name)` with", "a value must follow")
      return nil
    }
    guard let test = test(subject, sign, values) else { return nil }
    let written = input.items.map { $0.map(\.range.text).joined(separator: " ") }
      .joined(separator: ", ")
    return Located(
      value: Expectation(
        subject: subject.name, argument: argument, test: test, written: written),
      range: input.range)
  }

  private func fail(_ range: SourceRange, _ message: String, _ label: String, help: String? = nil) {
    input.report(Diagnostic("E012", .error, message, at: range, label, help: help))
  }

  private func unknown(_ word: Word) {
    let names = subjects.map(\.name)
    let nearest = Suggestion.nearest(to: word.text, in: names)
    input.report(
      Diagnostic(
        "E012", .error, "this probe cannot expect anything of `\(word.text)`", at: word.range,
        "unknown subject",
        notes: nearest == nil ? ["it can expect: " + names.joined(separator: ", ")] : [],
        help: nearest.map { "did you mean `\($0)`?" },
        replacement: nearest.map { .init(word.range, $0) }))
  }

  private func test(
    _ subject: ExpectationSubject, _ sign: Word, _ values: [Word]
  ) -> Expectation.Test? {
    switch sign.text {
    case "=~", "!~": return pattern(subject, sign, values)
    case "=", "==", "!=":
      let equal = sign.text != "!="
      switch subject.form {
      case .text: return .text(equal: equal, values.map(\.text))
      case .status:
        if values.count == 1, let digit = statusClass(values[0].text) {
          return .statusClass(equal: equal, digit)
        }
        return numbers(subject, equal ? .equal : .notEqual, values)
      case .number: return numbers(subject, equal ? .equal : .notEqual, values)
      }
    default:
      guard let comparison = Comparison(rawValue: sign.text) else {
        fail(sign.range, "`\(sign.text)` does not compare", "use = != < <= > >= =~ or !~")
        return nil
      }
      guard values.count == 1 else {
        fail(values[1].range, "`\(sign.text)` compares with one value", "remove this")
        return nil
      }
      return numbers(subject, comparison, values)
    }
  }

  private func statusClass(_ text: String) -> Int? {
    guard text.count == 3, text.hasSuffix("xx"), let digit = text.first?.wholeNumberValue,
      (1...5).contains(digit)
    else { return nil }
    return digit
  }

  private func pattern(
    _ subject: ExpectationSubject, _ sign: Word, _ values: [Word]
  ) -> Expectation.Test? {
    if case .number = subject.form {
      fail(sign.range, "`\(subject.name)` is a number, not a text", "use < <= > >= = or !=")
      return nil
    }
    guard values.count == 1 else {
      fail(values[1].range, "`\(sign.text)` takes one pattern", "use `|` inside the pattern")
      return nil
    }
    do {
      let pattern = try Pattern(values[0].text, anchored: false)
      return .pattern(matches: sign.text == "=~", .init(pattern: pattern))
    } catch {
      fail(values[0].range, "this pattern does not compile", error.reason)
      return nil
    }
  }

  private func numbers(
    _ subject: ExpectationSubject, _ comparison: Comparison, _ words: [Word]
  ) -> Expectation.Test? {
    var quantities: [Quantity] = []
    for word in words {
      guard let quantity = NumberNotation.quantity(word.text) else {
        fail(word.range, "`\(subject.name)` is compared with a number", "not a number")
        return nil
      }
      if case .number(.seconds) = subject.form, quantity.unit != .seconds {
        fail(
          word.range, "`\(subject.name)` is a time", "this has no unit of time",
          help: quantity.unit == .none ? "say the unit: `\(word.text)s`" : nil)
        return nil
      }
      if case .number(.bytes) = subject.form, quantity.unit != .bytes, quantity.value != 0 {
        fail(
          word.range, "`\(subject.name)` is a size", "this has no unit of size",
          help: quantity.unit == .none ? "say the unit: `\(word.text)MiB`" : nil)
        return nil
      }
      quantities.append(quantity)
    }
    return .number(comparison, quantities)
  }
}
