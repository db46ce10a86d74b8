import Diagnostics
import PromQLSyntax

/// The canonical layout: two spaces a level, values twelve columns into their block, at most one
/// empty line, one between top-level blocks. Comments stay where they are and nothing is reordered.
/// Formatting twice is formatting once.
package enum Formatter {
  package static let width = 100
  /// Where values start, from the block's own column.
  static let valueColumn = 12

  /// The file in canonical layout; a file with mistakes of form comes back as it is.
  package static func format(_ source: SourceText) -> String {
    format(DocumentParser.parse(source))
  }

  /// The parsed file in canonical layout; one with mistakes of form comes back as it is.
  package static func format(_ document: Document) -> String {
    guard !document.hasErrors else { return document.source.text }
    var layout = Layout(document)
    layout.list(
      document.statements, tokens: 0..<document.tokens.count, indent: 0, isTopLevel: true)
    return layout.finished
  }

  /// Statements whose head reads as a phrase: their values follow after one space.
  static let phrases: Set<String> = [
    "alert", "probe", "scrape", "group", "record", "receiver", "route", "inhibit", "window",
    "template", "test", "defaults", "daemon", "host", "logs", "heartbeat", "action", "forward",
    "email", "slack", "webhook", "exec", "terminal", "at",
  ]

  /// Settings that are named by two words, and so are as wide as both.
  static let pairs: Set<String> = [
    "keep firing", "no data", "depends on", "group by", "group together", "mute during",
    "only during", "resolve wait", "count by", "at most", "escalate after",
  ]

  /// Settings whose values stand in their column even when a block follows.
  static let columnsWithBlock: Set<String> = ["firing", "pending", "quiet", "sends"]
}

/// A file being laid out.
struct Layout {
  let document: Document
  private var lines: [String] = []

  init(_ document: Document) { self.document = document }

  var bytes: [UInt8] { document.source.bytes }

  func text(_ token: Token) -> String {
    String(decoding: bytes[token.lower..<token.upper], as: UTF8.self)
  }

  /// The text, ending in one newline unless there is nothing.
  var finished: String {
    var lines = lines
    while lines.last == "" { lines.removeLast() }
    return lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n"
  }

  /// What stands in a block, line by line.
  private enum Item {
    case blank
    case comment(Token)
    case statement(Statement, trailing: Token?)
  }

  // MARK: Lists

  private func items(_ statements: [Statement], _ range: Range<Int>) -> [Item] {
    var items: [Item] = []
    var index = range.lowerBound
    var remaining = statements[...]
    var newlines = 0
    while index < range.upperBound {
      if let next = remaining.first, next.tokens.lowerBound == index {
        remaining = remaining.dropFirst()
        if newlines > 1 { items.append(.blank) }
        newlines = 0
        index = next.tokens.upperBound
        items.append(.statement(next, trailing: trailing(next, &index, range.upperBound)))
        continue
      }
      let token = document.tokens[index]
      if token.kind == .newline { newlines += 1 }
      if token.kind == .comment {
        if newlines > 1 { items.append(.blank) }
        newlines = 0
        items.append(.comment(token))
      }
      index += 1
    }
    return items
  }

  /// The comment behind a statement on its last line.
  private func trailing(_ statement: Statement, _ index: inout Int, _ end: Int) -> Token? {
    // A setting without a block has read its own trailing comment.
    let own = document.tokens[statement.tokens].reversed().prefix { $0.isTrivia }
    if statement.braces == nil, let comment = own.first(where: { $0.kind == .comment }) {
      return comment
    }
    var probe = index
    while probe < end, document.tokens[probe].kind == .space { probe += 1 }
    guard probe < end, document.tokens[probe].kind == .comment else { return nil }
    index = probe + 1
    return document.tokens[probe]
  }

  mutating func list(
    _ statements: [Statement], tokens: Range<Int>, indent: Int, isTopLevel: Bool = false
  ) {
    let items = items(statements, tokens)
    var isFirst = true
    var followsBlock = false
    for (index, item) in items.enumerated() {
      switch item {
      case .blank:
        if !isFirst { blank() }
        continue
      case .comment(let token):
        if isTopLevel, !isFirst, followsBlock || leadsBlock(items, index) { blank() }
        lines.append(spaces(indent) + trimmed(text(token)))
        followsBlock = false
      case .statement(let statement, let trailing):
        let isBlock = statement.block != nil
        let followsComment =
          index > 0 && { if case .comment = items[index - 1] { true } else { false } }()
        if isTopLevel, !isFirst, followsBlock || (isBlock && !followsComment) { blank() }
        self.statement(statement, trailing, indent)
        followsBlock = isBlock
      }
      isFirst = false
    }
  }

  /// Whether the comment at `index` starts a run of comments that stands directly above a block.
  private func leadsBlock(_ items: [Item], _ index: Int) -> Bool {
    if index > 0, case .comment = items[index - 1] { return false }
    for item in items[index...] {
      switch item {
      case .comment: continue
      case .blank: return false
      case .statement(let statement, _): return statement.block != nil
      }
    }
    return false
  }

  private mutating func blank() {
    if let last = lines.last, !last.isEmpty { lines.append("") }
  }

  private func spaces(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }

  private func trimmed(_ line: String) -> String {
    String(line.reversed().drop { $0 == " " || $0 == "\t" || $0 == "\r" }.reversed())
  }

  // MARK: Statements

  private mutating func statement(_ statement: Statement, _ trailing: Token?, _ indent: Int) {
    if let inline = inline(statement, indent) {
      lines.append(spaces(indent) + inline)
      return comment(trailing)
    }
    let head = head(statement, indent)
    guard let braces = statement.braces, let block = statement.block else {
      lines += head
      return comment(trailing)
    }
    lines += head.dropLast()
    lines.append((head.last ?? "") + " {")
    let close = braces.close ?? braces.open
    var inner = (braces.open + 1)..<max(close, braces.open + 1)
    var probe = inner.lowerBound
    while probe < inner.upperBound, document.tokens[probe].kind == .space { probe += 1 }
    if probe < inner.upperBound, document.tokens[probe].kind == .comment {
      comment(document.tokens[probe])
      inner = (probe + 1)..<inner.upperBound
    }
    let before = lines.count
    list(block, tokens: inner, indent: indent + 2)
    while lines.count > before, lines.last == "" { lines.removeLast() }
    lines.append(spaces(indent) + "}")
    comment(trailing)
  }

  /// Puts a comment behind the last line, in the column it was aligned to where there is room.
  private mutating func comment(_ token: Token?) {
    guard let token, let last = lines.last else { return }
    let isAligned = token.lower > 1 && bytes[(token.lower - 2)..<token.lower] == [0x20, 0x20]
    let column = isAligned ? document.source.column(at: token.lower) - 1 : 0
    let gap = max(2, column - last.count)
    lines[lines.count - 1] = last + spaces(gap) + trimmed(text(token))
  }

  /// `at 6m { quiet DiskFilling }`: a block of one setting that was written on one line stays so.
  private func inline(_ statement: Statement, _ indent: Int) -> String? {
    guard let braces = statement.braces, let close = braces.close, let block = statement.block
    else { return nil }
    let inner = document.tokens[(braces.open + 1)..<close]
    guard !inner.contains(where: { $0.kind == .comment }) else { return nil }
    let head = head(statement, indent)
    guard head.count == 1 else { return nil }
    let start = String(head[0].dropFirst(indent))
    if block.isEmpty { return start + " {}" }
    guard block.count == 1, !inner.contains(where: { $0.kind == .newline || $0.kind == .text })
    else { return nil }
    let content: String
    if block[0].block != nil {
      guard let nested = inline(block[0], 0) else { return nil }
      content = nested
    } else {
      let written = self.head(block[0], 0, isInline: true)
      guard written.count == 1 else { return nil }
      content = written[0]
    }
    let line = "\(start) { \(content) }"
    return indent + line.count <= Formatter.width ? line : nil
  }
}
