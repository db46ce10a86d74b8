import Diagnostics
import Model

/// Which values a text may insert.
package enum TemplateScope: String, Sendable, Hashable, CaseIterable {
  /// Summary, description and the other texts of an alert.
  case alert
  /// Texts of a channel: subject, body, title.
  case notification
  /// The value of a label an alert carries: part of its identity, so nothing that moves.
  case label
}

/// A text with insertions, compiled and typed at load: rendering it cannot fail.
package struct Template: Sendable, Hashable {
  /// An insertion as written, for checks that know more: which labels an alert can have.
  package struct Reference: Sendable, Hashable {
    /// `["labels", "instance"]`
    package var path: [String]
    /// From the first to the last character of the path.
    package var range: SourceRange
    package init(path: [String], range: SourceRange) {
      self.path = path
      self.range = range
    }
  }

  package let scope: TemplateScope
  let nodes: [TemplateNode]
  /// Every path the text reads, partials included, in written order.
  package let references: [Reference]

  init(scope: TemplateScope, nodes: [TemplateNode], references: [Reference]) {
    self.scope = scope
    self.nodes = nodes
    self.references = references
  }

  /// A text without insertions.
  package init(literal text: String, scope: TemplateScope) {
    self.init(scope: scope, nodes: text.isEmpty ? [] : [.literal(text)], references: [])
  }

  /// The text itself when it inserts nothing.
  package var constant: String? {
    switch nodes {
    case []: ""
    case let nodes where nodes.count == 1:
      if case .literal(let text) = nodes[0] { text } else { nil }
    default: nil
    }
  }
}

/// A piece of a compiled text.
indirect enum TemplateNode: Sendable, Hashable {
  case literal(String)
  case insertion(TemplatePath, [TemplateFilter])
  case each(TemplatePath, [TemplateNode])
  case condition(TemplatePath, then: [TemplateNode], otherwise: [TemplateNode])
}

/// A resolved path: how many `#each` scopes outward its first name is found, then the names.
struct TemplatePath: Sendable, Hashable {
  var names: [String]
}

/// A filter with its argument.
enum TemplateFilter: Sendable, Hashable {
  case raw, humanize, bytes, duration, percent, time, upper, lower, count
  case fixed(Int)
  case short(Int)
  case fallback(String)
  case join(String)
}
