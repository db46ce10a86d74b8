import Diagnostics
import PromQLSyntax

extension Layout {
  /// The lines of a statement's head, indented; a block or comment is added to the last.
  func head(_ statement: Statement, _ indent: Int, isInline: Bool = false) -> [String] {
    let margin = String(repeating: " ", count: indent)
    if statement.selector != nil { return selectorHead(statement, margin, isInline) }
    let (name, skipped) = name(statement)
    let start = margin + self.start(statement, name, skipped, isInline)
    if let expression = statement.expression {
      return self.expression(expression, statement, after: start)
    }
    return values(statement, skipped, after: start)
  }

  /// The keyword as it is laid out: with its second word, where it has one.
  private func name(_ statement: Statement) -> (name: String, skippedWords: Int) {
    let keyword = statement.keyword.value
    if let second = statement.items.first?.first, second.kind == .word,
      Formatter.pairs.contains("\(keyword) \(second.text)")
    {
      return ("\(keyword) \(second.text)", 1)
    }
    return (keyword, 0)
  }

  private func start(
    _ statement: Statement, _ name: String, _ skipped: Int, _ isInline: Bool
  ) -> String {
    guard statement.words.count > skipped || statement.expression != nil else { return name }
    if isInline || !hasColumn(statement, skipped) { return name + " " }
    return name + String(repeating: " ", count: max(1, Formatter.valueColumn - name.count))
  }

  /// Whether the values stand in the value column. `at most 3 in 1h` and other pairs always do.
  private func hasColumn(_ statement: Statement, _ skipped: Int) -> Bool {
    let keyword = statement.keyword.value
    if skipped > 0 { return true }
    if Formatter.phrases.contains(keyword) { return false }
    guard statement.block != nil, !Formatter.columnsWithBlock.contains(keyword) else { return true }
    guard let first = statement.words.first else { return false }
    return first.kind == .comparison || first.isBare("after")
  }

  // MARK: Values

  private func values(_ statement: Statement, _ skipped: Int, after start: String) -> [String] {
    var items = statement.items
    if skipped > 0, !items.isEmpty {
      items[0].removeFirst()
      if items[0].isEmpty { items.removeFirst() }
    }
    guard !items.isEmpty else { return [start] }
    let margin = start.prefix { $0 == " " }.count
    if items.contains(where: { $0.contains { isLong($0) } }) {
      return long(items, after: start, margin: margin)
    }
    let written = items.map { $0.map(self.written).joined(separator: " ") }
    let comments = innerComments(statement)
    let line = start + written.joined(separator: ", ")
    let closing = statement.block == nil ? 0 : 2
    if comments.isEmpty, line.count + closing <= Formatter.width || items.count == 1 {
      return [line]
    }
    // A phrase's list goes on below, further in than its block.
    let isPhrase = start.count - margin < Formatter.valueColumn
    let column = isPhrase ? margin + 4 : start.count
    return list(written, comments, after: start, column: column)
  }

  /// One item a line, a comma after each but the last; comments keep their place between them.
  private func list(
    _ written: [String], _ comments: [Int: [(text: String, ownLine: Bool)]], after start: String,
    column: Int
  ) -> [String] {
    let margin = String(repeating: " ", count: column)
    var lines: [String] = []
    for (index, item) in written.enumerated() {
      let comma = index + 1 < written.count ? "," : ""
      lines.append((index == 0 ? start : margin) + item + comma)
      for comment in comments[index] ?? [] {
        if comment.ownLine {
          lines.append(margin + comment.text)
        } else {
          lines[lines.count - 1] += "  " + comment.text
        }
      }
    }
    return lines
  }

  /// The comments between the items of a list, by the item they follow.
  private func innerComments(
    _ statement: Statement
  ) -> [Int: [(text: String, ownLine: Bool)]] {
    let end = statement.braces?.open ?? statement.tokens.upperBound
    let tokens = document.tokens[statement.tokens.lowerBound..<end]
    guard let last = tokens.lastIndex(where: { $0.kind == .comma }) else { return [:] }
    var comments: [Int: [(text: String, ownLine: Bool)]] = [:]
    var item = -1
    var startsLine = false
    let value = tokens[last...].firstIndex { !$0.isTrivia && $0.kind != .comma } ?? last
    for token in tokens[tokens.startIndex..<max(value, last + 1)] {
      switch token.kind {
      case .comma: item += 1
      case .newline: startsLine = true
      case .comment:
        let text = self.text(token)
        comments[max(item, 0), default: []].append((String(text), startsLine))
      default: if !token.isTrivia { startsLine = false }
      }
    }
    return comments
  }

  private func isLong(_ word: Word) -> Bool {
    word.kind == .text || (word.kind == .raw && word.text.utf8.contains(0x0A))
  }

  /// A word as written; raw text without anything special in it becomes plain text.
  func written(_ word: Word) -> String {
    guard word.kind == .raw else { return word.range.text }
    let isPlain = word.text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x5C && $0 != 0x22 }
    return isPlain ? "\"\(word.text)\"" : word.range.text
  }

  /// Values among which is a text of several lines: those keep their lines.
  private func long(_ items: [[Word]], after start: String, margin: Int) -> [String] {
    var lines = [start]
    for (index, item) in items.enumerated() {
      for (place, word) in item.enumerated() {
        let isFirst = index == 0 && place == 0
        let comma = place == item.count - 1 && index + 1 < items.count ? "," : ""
        var written = [self.written(word)]
        if word.kind == .text { written = text(word, indent: margin + 2) }
        if word.kind == .raw, isLong(word) {
          written = word.range.text.split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
        }
        lines[lines.count - 1] += (isFirst ? "" : " ") + written[0]
        lines += written.dropFirst()
        lines[lines.count - 1] += comma
      }
    }
    return lines
  }

  /// A text of several lines with its content moved to a new indentation.
  private func text(_ word: Word, indent: Int) -> [String] {
    let margin = String(repeating: " ", count: indent)
    let source = document.source
    let first = source.line(at: word.range.lower)
    let last = source.line(at: word.range.upper)
    let closing = source.lineText(last).prefix { $0 == " " || $0 == "\t" }
    var lines = ["\"\"\""]
    for line in (first + 1)..<max(last, first + 1) {
      let text = source.lineText(line)
      let content = text.hasPrefix(closing) ? text.dropFirst(closing.count) : ""
      lines.append(content.isEmpty ? "" : margin + content)
    }
    return lines + [margin + "\"\"\""]
  }

  // MARK: PromQL

  private func expression(
    _ expression: Expression, _ statement: Statement, after start: String
  ) -> [String] {
    let leading = leadingComments(of: statement)
    if !leading.isEmpty {
      let margin = String(repeating: " ", count: start.count)
      let lines = self.expression(bare: expression, statement, after: margin)
      return comments(leading, after: start) + lines
    }
    return self.expression(bare: expression, statement, after: start)
  }

  /// Comments between the keyword, or the `=`, and the expression.
  private func leadingComments(of statement: Statement) -> [Token] {
    Array(
      document.tokens[statement.tokens].prefix { $0.kind != .expression }
        .filter { $0.kind == .comment })
  }

  /// Comments in front of an expression, the first behind what it follows.
  private func comments(_ comments: [Token], after start: String) -> [String] {
    let margin = String(repeating: " ", count: start.count)
    var line = start
    while line.last == " " { line.removeLast() }
    return comments.enumerated().map { index, token in
      (index == 0 ? line + "  " : margin) + text(token)
    }
  }

  private func expression(
    bare expression: Expression, _ statement: Statement, after start: String
  ) -> [String] {
    let token = document.tokens[statement.tokens].last { $0.kind == .expression }
    guard let token, !ExpressionLayout.hasComments(bytes[token.lower..<token.upper]) else {
      return verbatim(statement, after: start)
    }
    let lines = ExpressionLayout.lines(of: expression, column: start.count)
    return [start + (lines.first ?? "")] + lines.dropFirst()
  }

  /// An expression with comments keeps its lines; they move together.
  private func verbatim(_ statement: Statement, after start: String) -> [String] {
    guard let token = document.tokens[statement.tokens].last(where: { $0.kind == .expression })
    else { return [start] }
    let written = text(token)
    var lines = written.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let shift = start.count - (document.source.column(at: token.lower) - 1)
    for index in lines.indices {
      var line = lines[index]
      while let last = line.last, last == " " || last == "\t" || last == "\r" { line.removeLast() }
      if index > 0, !written.contains("`"), !line.isEmpty {
        let content = line.drop { $0 == " " || $0 == "\t" }
        let indent = max(0, line.count - content.count + shift)
        line = String(repeating: " ", count: indent) + content
      }
      lines[index] = index == 0 ? start + line : line
    }
    return lines
  }

  /// `record X = …` and `series X 1 2 3`.
  private func selectorHead(_ statement: Statement, _ margin: String, _ isInline: Bool) -> [String]
  {
    let tokens = document.tokens[statement.tokens]
    guard let selector = tokens.first(where: { $0.kind == .selector }) else { return [] }
    let keyword = statement.keyword.value
    if let samples = tokens.first(where: { $0.kind == .samples }) {
      // Samples of several series are aligned by hand; that is kept.
      let gap = max(1, samples.lower - selector.upper)
      let pad = isInline ? 1 : max(1, Formatter.valueColumn - keyword.count)
      return [
        margin + keyword + String(repeating: " ", count: pad) + text(selector)
          + String(repeating: " ", count: gap) + text(samples)
      ]
    }
    let written = statement.selector.map { Expression.vectorSelector($0).description } ?? ""
    let start = "\(margin)\(keyword) \(written) = "
    guard let expression = statement.expression,
      let token = tokens.last(where: { $0.kind == .expression })
    else { return [start] }
    let leading = leadingComments(of: statement)
    if !leading.isEmpty {
      let margin = margin + String(repeating: " ", count: 6)
      return comments(leading, after: start)
        + self.expression(bare: expression, statement, after: margin)
    }
    if ExpressionLayout.hasComments(bytes[token.lower..<token.upper]) {
      return verbatim(statement, after: start)
    }
    let flat = expression.description
    if start.count + flat.count <= Formatter.width { return [start + flat] }
    let column = margin.count + 4
    let lines = ExpressionLayout.lines(of: expression, column: column + 2)
    return [String(start.dropLast())]
      + [String(repeating: " ", count: column + 2) + (lines.first ?? "")] + lines.dropFirst()
  }
}
