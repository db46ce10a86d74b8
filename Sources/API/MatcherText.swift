import Model

/// Matchers as Alertmanager's API and `amtool` write them: `a="b"`, `a=~"b.*"`, with or without
/// quotes and braces (`pkg/labels/parse.go`).
package enum MatcherText {
  package static func parse(_ text: String) -> Result<[LabelMatcher], CommandRefusal> {
    var rest = Substring(text).trimmed
    if rest.hasPrefix("{"), rest.hasSuffix("}") { rest = rest.dropFirst().dropLast().trimmed }
    var matchers: [LabelMatcher] = []
    for part in split(rest) {
      switch single(part.trimmed) {
      case .success(let matcher): matchers.append(matcher)
      case .failure(let refusal): return .failure(refusal)
      }
    }
    return matchers.isEmpty
      ? .failure(CommandRefusal(.invalid, "a matcher is missing, as in alertname=\"Down\""))
      : .success(matchers)
  }

  /// Splits at commas outside quotes.
  private static func split(_ text: Substring) -> [Substring] {
    var parts: [Substring] = []
    var start = text.startIndex
    var (quoted, escaped) = (false, false)
    for index in text.indices {
      let character = text[index]
      if escaped {
        escaped = false
      } else if character == "\\" {
        escaped = quoted
      } else if character == "\"" {
        quoted.toggle()
      } else if character == ",", !quoted {
        parts.append(text[start..<index])
        start = text.index(after: index)
      }
    }
    parts.append(text[start...])
    return parts.filter { !$0.trimmed.isEmpty }
  }

  private static func single(_ text: Substring) -> Result<LabelMatcher, CommandRefusal> {
    let operators = ["=~", "!~", "!=", "="]
    guard let position = text.firstIndex(where: { $0 == "=" || $0 == "!" }),
      let symbol = operators.first(where: { text[position...].hasPrefix($0) }),
      let comparison = LabelMatcher.Operator(rawValue: symbol)
    else {
      return .failure(
        CommandRefusal(
          .invalid, "`\(text)` is not a matcher: write label=\"value\" with one of = != =~ !~"))
    }
    let name = unquoted(text[..<position].trimmed)
    let value = unquoted(text[position...].dropFirst(symbol.count).trimmed)
    guard !name.isEmpty else {
      return .failure(CommandRefusal(.invalid, "`\(text)` names no label"))
    }
    do {
      return .success(try LabelMatcher(name, comparison, value))
    } catch {
      return .failure(CommandRefusal(.invalid, "`\(text)`: \(error.reason)"))
    }
  }

  private static func unquoted(_ text: Substring) -> String {
    guard text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return String(text) }
    var out = ""
    var escaped = false
    for character in text.dropFirst().dropLast() {
      if escaped {
        out.append(character == "n" ? "\n" : character)
        escaped = false
      } else if character == "\\" {
        escaped = true
      } else {
        out.append(character)
      }
    }
    return out
  }
}

extension Substring {
  var trimmed: Substring {
    var rest = drop { $0.isWhitespace }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return rest
  }
}
