/// A setting as the code that reads it describes it.
package struct SettingSchema: Sendable, Hashable {
  /// How the setting is written.
  package enum Form: String, Sendable, Hashable {
    case once, required, repeated, flag, expression, levels, template, block, words
  }
  /// The statement it belongs to: `alert`, `probe http`.
  package var kind: String
  /// One or two words: `for`, `group by`.
  package var keyword: String
  package var form: Form
  /// What the value is: `a duration such as 90s`.
  package var type: String
  /// The built-in default as it would be written, nil when there is none.
  package var defaultText: String?
  /// One sentence.
  package var documentation: String

  package init(
    kind: String, keyword: String, form: Form, type: String, defaultText: String? = nil,
    documentation: String
  ) {
    self.kind = kind
    self.keyword = keyword
    self.form = form
    self.type = type
    self.defaultText = defaultText
    self.documentation = documentation
  }
}

/// The settings of every kind of statement, in the order in which they were first read.
package struct SettingSchemas: Sendable, Hashable {
  private var byKind: [String: [SettingSchema]] = [:]
  /// In the order in which they were first read.
  package private(set) var kinds: [String] = []

  package init() {}

  package subscript(kind: String) -> [SettingSchema] { byKind[kind] ?? [] }

  /// Adds a setting; the first description of a keyword counts.
  package mutating func insert(_ setting: SettingSchema) {
    if byKind[setting.kind] == nil { kinds.append(setting.kind) }
    let isKnown = byKind[setting.kind, default: []].contains { $0.keyword == setting.keyword }
    if !isKnown { byKind[setting.kind, default: []].append(setting) }
  }

  /// Every setting, kind by kind.
  package var all: [SettingSchema] { kinds.flatMap { self[$0] } }
}
