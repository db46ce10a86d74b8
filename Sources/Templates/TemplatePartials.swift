import Diagnostics

/// The `template NAME "…"` statements of a configuration, by name.
package struct TemplatePartials: Sendable, Hashable {
  /// One `template` statement.
  package struct Partial: Sendable, Hashable {
    package var name: String
    package var text: MappedText
    package init(name: String, text: MappedText) {
      self.name = name
      self.text = text
    }
  }
  package var all: [Partial]
  package init(_ all: [Partial] = []) { self.all = all }
  package subscript(name: String) -> Partial? { all.first { $0.name == name } }
}
