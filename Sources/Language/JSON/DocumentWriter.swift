import Diagnostics
import PromQLSyntax

/// Turns the JSON form back into text, in canonical layout.
package enum DocumentWriter {
  /// What of the JSON has no text form: where (as in `body[2].args`), and why.
  package struct Failure: Error, Sendable, Hashable {
    package var path: String
    package var reason: String
  }

  /// The text of a file given as JSON: an object with `body`, or the list itself.
  package static func text(of tree: JSONTree) -> Result<String, Failure> {
    let body = tree["body"] ?? tree
    do throws(Failure) {
      let lines = try Self.list(body, "body", 0)
      return .success(
        Formatter.format(SourceText(name: "body", text: lines.joined(separator: "\n") + "\n")))
    } catch {
      return .failure(error)
    }
  }

  private static func list(
    _ tree: JSONTree, _ path: String, _ depth: Int
  ) throws(Failure) -> [String] {
    guard case .array(let items) = tree else {
      throw Failure(path: path, reason: "expected a list of statements")
    }
    guard depth < DocumentLimits().nesting else {
      throw Failure(path: path, reason: "blocks stand too deep inside blocks")
    }
    var lines: [String] = []
    for (index, item) in items.enumerated() {
      lines += try statement(item, "\(path)[\(index)]", depth)
    }
    return lines
  }

  private static func string(
    _ tree: JSONTree, _ name: String, _ path: String
  ) throws(Failure) -> String? {
    guard let value = tree[name] else { return nil }
    guard case .string(let text) = value else {
      throw Failure(path: "\(path).\(name)", reason: "expected a text")
    }
    return text
  }

  private static func statement(
    _ tree: JSONTree, _ path: String, _ depth: Int
  ) throws(Failure) -> [String] {
    if let comment = try string(tree, "comment", path) {
      return [try Self.comment(comment, "\(path).comment")]
    }
    guard let keyword = try string(tree, "statement", path) else {
      throw Failure(path: path, reason: "expected an object with `statement` or `comment`")
    }
    guard StatementParser.isKeyword(keyword), !DocumentParser.reservedWords.contains(keyword) else {
      throw Failure(
        path: "\(path).statement", reason: "`\(keyword)` cannot be the name of a setting")
    }
    var line = try head(tree, keyword, path)
    var lines: [String] = []
    if let body = tree["body"] {
      lines = try list(body, "\(path).body", depth + 1) + ["}"]
      line += " {"
    }
    lines.insert(line, at: 0)
    if let trailing = try string(tree, "trailing", path) {
      lines[lines.count - 1] += "  " + (try comment(trailing, "\(path).trailing"))
    }
    return lines
  }

  private static func comment(_ text: String, _ path: String) throws(Failure) -> String {
    guard !text.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }) else {
      throw Failure(path: path, reason: "a comment is one line")
    }
    return text.hasPrefix("#") ? text : "# " + text
  }

  private static func head(
    _ tree: JSONTree, _ keyword: String, _ path: String
  ) throws(Failure) -> String {
    var parts = [keyword]
    if let series = try string(tree, "series", path) {
      let source = SourceText(name: path, text: series)
      let parsed = PromQLParser.parseSelectorPrefix(in: source, from: 0)
      guard parsed.selector != nil, parsed.end == source.bytes.count, !series.contains("\n") else {
        throw Failure(path: "\(path).series", reason: "not a series")
      }
      parts.append(series)
    }
    if let samples = try string(tree, "samples", path) {
      guard !samples.contains("\n"), !samples.contains("#") else {
        throw Failure(path: "\(path).samples", reason: "samples are one line")
      }
      parts.append(samples)
    }
    if let expression = try string(tree, "expr", path) {
      let parsed = PromQLParser.parse(SourceText(name: path, text: expression))
      if let error = parsed.errors.first {
        throw Failure(path: "\(path).expr", reason: error.message)
      }
      if keyword == "record" { parts.append("=") }
      parts.append(expression)
    }
    let items = try args(tree, path)
    if !items.isEmpty { parts.append(items.joined(separator: ", ")) }
    return parts.joined(separator: " ")
  }

  private static func args(_ tree: JSONTree, _ path: String) throws(Failure) -> [String] {
    guard let args = tree["args"] else { return [] }
    guard case .array(let items) = args else {
      throw Failure(path: "\(path).args", reason: "expected a list of lists of values")
    }
    var out: [String] = []
    for (index, item) in items.enumerated() {
      let place = "\(path).args[\(index)]"
      guard case .array(let words) = item, !words.isEmpty else {
        throw Failure(path: place, reason: "expected a list of values")
      }
      var written: [String] = []
      for (position, word) in words.enumerated() {
        written.append(try value(word, "\(place)[\(position)]"))
      }
      out.append(written.joined(separator: " "))
    }
    return out
  }

  /// `{"word":"x"}`, `{"string":"x"}`, `{"raw":"x"}`, `{"text":"x"}`, `{"op":">"}`.
  private static func value(_ tree: JSONTree, _ path: String) throws(Failure) -> String {
    guard case .object(let members) = tree, let first = members.first,
      case .string(let text) = first.value
    else { throw Failure(path: path, reason: "expected one value such as {\"word\": \"x\"}") }
    switch first.name {
    case "op":
      guard ["=", "!=", "=~", "!~", "==", "<", "<=", ">", ">="].contains(text) else {
        throw Failure(path: path, reason: "`\(text)` is no comparison")
      }
      return text
    case "word": return isBare(text) ? text : quoted(text)
    case "raw": return text.contains("`") ? quoted(text) : "`\(text)`"
    case "string", "text": return text.contains("\n") ? block(text) : quoted(text)
    default: throw Failure(path: path, reason: "there is no kind of value called `\(first.name)`")
    }
  }

  /// Whether a text reads back as one bare word.
  private static func isBare(_ text: String) -> Bool {
    let words = DocumentParser.parse(SourceText(name: "", text: "x \(text) y\n")).statements
    guard let found = words.first?.items, words.count == 1, found.count == 1, found[0].count == 2
    else { return false }
    return found[0][0].kind == .word && found[0][0].text.utf8.elementsEqual(text.utf8)
  }

  private static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\t": out += "\\t"
      case let scalar where scalar.value < 0x20 || scalar.value == 0x7F:
        out += "\\u{\(String(scalar.value, radix: 16))}"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }

  /// A text of several lines, without indentation; the formatter moves it.
  private static func block(_ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      String(quoted(String(line)).dropFirst().dropLast())
    }
    return "\"\"\"\n" + lines.joined(separator: "\n") + "\n\"\"\""
  }
}
