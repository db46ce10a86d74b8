import Diagnostics
import PromQLSyntax

extension Document {
  /// The file as JSON, for programs that write or rewrite configuration:
  /// `{"statement":"alert","span":[0,57],"args":[[{"word":"DiskFilling"}]],"body":[…]}`. Comments
  /// stand in the lists they were written in; spans are UTF-8 offsets.
  package var json: JSONTree {
    .object([
      "file": .string(source.name), "body": .array(list(statements, 0..<tokens.count)),
    ])
  }

  private func text(_ token: Token) -> String {
    SourceRange(source, token.lower, token.upper).text
  }

  private func list(_ statements: [Statement], _ range: Range<Int>) -> [JSONTree] {
    var out: [JSONTree] = []
    var remaining = statements[...]
    var index = range.lowerBound
    while index < range.upperBound {
      if let next = remaining.first, next.tokens.lowerBound == index {
        remaining = remaining.dropFirst()
        let (inside, behind) = comments(of: next)
        out += inside.map(comment)
        out.append(json(next))
        if let behind { attach(behind, to: &out) }
        index = next.tokens.upperBound
        continue
      }
      if tokens[index].kind == .comment { attach(tokens[index], to: &out) }
      index += 1
    }
    return out
  }

  /// A comment on the line of the statement before it belongs to that one.
  private func attach(_ token: Token, to list: inout [JSONTree]) {
    if case .object(let members)? = list.last, let span = list.last?["span"],
      case .array(let ends) = span, case .integer(let end)? = ends.last,
      source.line(at: end) == source.line(at: token.lower)
    {
      list[list.count - 1] = .object(members + [.init("trailing", .string(text(token)))])
    } else {
      list.append(comment(token))
    }
  }

  private func comment(_ token: Token) -> JSONTree { .object(["comment": .string(text(token))]) }

  /// Comments of a statement's head: those between its values, and the one behind the last.
  private func comments(of statement: Statement) -> (inside: [Token], behind: Token?) {
    let head = head(of: statement)
    let behind = head.reversed().prefix { $0.isTrivia }.first { $0.kind == .comment }
    return (head.filter { $0.kind == .comment && $0 != behind }, behind)
  }

  /// The tokens before the block.
  private func head(of statement: Statement) -> ArraySlice<Token> {
    tokens[statement.tokens.lowerBound..<(statement.braces?.open ?? statement.tokens.upperBound)]
  }

  private func json(_ statement: Statement) -> JSONTree {
    let head = head(of: statement)
    let selector = head.first { $0.kind == .selector }
    let expression = head.last { $0.kind == .expression }
    let braces = statement.braces
    let args = statement.items.map { item in JSONTree.array(item.map(json)) }
    let inside = braces.map { ($0.open + 1)..<($0.close ?? statement.tokens.upperBound) }
    let isPromQL = statement.expressionRange != nil || selector != nil
    return .object([
      "statement": .string(statement.keyword.value),
      "span": .array([.integer(statement.range.lower), .integer(statement.range.upper)]),
      "args": args.isEmpty ? nil : .array(args),
      "series": selector.map { .string(text($0)) },
      "samples": statement.samples.map { .string($0.value) },
      "expr": isPromQL ? expression.map { .string(text($0)) } : nil,
      "body": inside.map { .array(list(statement.block ?? [], $0)) },
    ])
  }

  private func json(_ word: Word) -> JSONTree {
    let kind = word.kind == .comparison ? "op" : word.kind.rawValue
    return .object([JSONTree.Member(kind, .string(word.text))])
  }
}
