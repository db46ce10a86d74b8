import Diagnostics
import Model
import PromQLSyntax
import Templates

/// Reads the settings of one statement. What is read is the schema: each read parses, supplies
/// defaults, documents the setting, and what nobody read by `finish` is an unknown setting.
///
/// A value comes from the statement's own block, else from `defaults KIND` of its group, else from
/// the top-level `defaults KIND`, else it is the built-in default.
package final class BlockReader {
  package let statement: Statement
  /// As diagnostics name it: `alert`, `probe`.
  package let kind: String
  package let context: ReadingContext
  /// The name under which the settings are documented: `probe http`.
  private let documentedKind: String
  let own: [Statement]
  /// The settings of `defaults` blocks, the nearest level first.
  let inherited: [[Statement]]
  private var readIndices: Set<Int> = []
  private(set) var keywords: [String] = []
  private var isFinished = false

  /// `kind` names the `defaults KIND` blocks that apply and the statement in diagnostics; further
  /// `defaults` kinds and a longer name for the documentation can be given.
  package init(
    _ statement: Statement, kind: String, context: ReadingContext, alsoDefaults: [String] = [],
    documentedAs name: String? = nil
  ) {
    self.statement = statement
    self.kind = kind
    self.context = context
    documentedKind = name ?? kind
    own = statement.block ?? []
    inherited = context.defaultBlocks(of: [kind] + alsoDefaults)
  }

  deinit { assert(isFinished, "a BlockReader of `\(kind)` was not finished") }

  /// The values of the statement's head, commas ignored.
  package var words: [Word] { statement.words }

  /// Reports what is wrong with the statement.
  package func report(_ diagnostic: Diagnostic) { context.report(diagnostic) }

  // MARK: The head

  /// A value of the head by its position; reports a missing one. `what` is said as in "a name".
  package func head(_ index: Int, _ what: String) -> Word? {
    if index < words.count { return words[index] }
    context.report(Self.missingValue(of: statement, what))
    return nil
  }

  /// Reports values of the head from `index` on.
  package func endHead(at index: Int) {
    guard index < words.count, let last = words.last else { return }
    context.report(
      Diagnostic(
        "E012", .error, "`\(kind)` takes no more values", at: words[index].range.union(last.range),
        "remove this"))
  }

  static func missingValue(of statement: Statement, _ what: String) -> Diagnostic {
    let keyword = statement.keyword.value
    if let comment = statement.trailingComment, comment.text.hasPrefix("#"),
      let second = comment.text.dropFirst().first, second != " ", second != "#"
    {
      let value = String(comment.text.prefix { $0 != " " && $0 != "{" && $0 != "\t" })
      let place = SourceRange(comment.source, comment.lower, comment.lower + value.utf8.count)
      return StatementParser.valueReadAsComment(keyword, value, at: place)
    }
    return Diagnostic(
      "E009", .error, "`\(keyword)` needs \(what)", at: statement.keyword.range, "nothing follows")
  }

  // MARK: Finding settings

  /// A setting as found: the statement and how many words its keyword has.
  struct Setting {
    var statement: Statement
    var keyword: Located<String>
    var items: [[Word]]
    var isOwn: Bool
  }

  func document(
    _ keyword: String, _ form: SettingSchema.Form, _ type: String, _ documentation: String,
    default text: String? = nil
  ) {
    keywords.append(keyword)
    context.record(
      SettingSchema(
        kind: documentedKind, keyword: keyword, form: form, type: type, defaultText: text,
        documentation: documentation))
  }

  /// The own settings of a keyword, now read.
  func take(_ keyword: String) -> [Setting] {
    own.indices.compactMap { index in
      guard let setting = Self.setting(own[index], keyword, isOwn: true),
        !isOfLongerKeyword(own[index], than: keyword)
      else { return nil }
      readIndices.insert(index)
      return setting
    }
  }

  /// The settings of a keyword on the nearest level of `defaults` that has any.
  func takeInherited(_ keyword: String) -> [Setting] {
    for level in inherited {
      let found = level.filter { !isOfLongerKeyword($0, than: keyword) }
        .compactMap { Self.setting($0, keyword, isOwn: false) }
      if !found.isEmpty { return found }
    }
    return []
  }

  /// Whether a statement is one of a keyword that begins with this one and was read before it:
  /// `drop label x` is no `drop`.
  private func isOfLongerKeyword(_ statement: Statement, than keyword: String) -> Bool {
    keywords.contains { longer in
      longer.hasPrefix(keyword + " ") && Self.setting(statement, longer, isOwn: true) != nil
    }
  }

  /// The one setting of a keyword: own or inherited; reports a second own one.
  func takeOne(_ keyword: String) -> Setting? {
    let found = take(keyword)
    for again in found.dropFirst() {
      context.report(
        Diagnostic(
          "E026", .error, "`\(keyword)` is written twice", at: again.keyword.range, "again here",
          context: [.init(found[0].keyword.range, "first written here")],
          help: "keep one of the two"))
    }
    return found.first ?? takeInherited(keyword).first
  }

  static func setting(_ statement: Statement, _ keyword: String, isOwn: Bool) -> Setting? {
    let parts = keyword.split(separator: " ").map(String.init)
    guard statement.keyword.value == parts[0] else { return nil }
    var setting = Setting(
      statement: statement, keyword: statement.keyword, items: statement.items, isOwn: isOwn)
    for part in parts.dropFirst() {
      guard let word = setting.items.first?.first, word.isBare(part) else { return nil }
      setting.items[0].removeFirst()
      if setting.items[0].isEmpty { setting.items.removeFirst() }
      setting.keyword = Located(value: keyword, range: setting.keyword.range.union(word.range))
    }
    return setting
  }

  /// Reports every setting that nobody read. To be called once, last.
  package func finish() {
    isFinished = true
    for index in own.indices where !readIndices.contains(index) {
      context.report(unknown(own[index]))
    }
  }
}
