import Model

/// What a text is rendered with: a tree built by whoever sends the text.
package indirect enum TemplateData: Sendable, Hashable {
  /// Known to the text's scope, but there is none: an alert without a runbook.
  case absent
  case text(String)
  /// Text with its own insertions (an alert's summary inside a message): inserted as data.
  case rendered(RenderedText)
  case flag(Bool)
  case number(Double, Unit)
  case time(Timestamp)
  case labels(Labels)
  case list([TemplateData])
  /// Named values; the first of a name counts.
  case fields([Field])

  /// A name with what stands below it.
  package struct Field: Sendable, Hashable {
    package var name: String
    package var value: TemplateData
    package init(_ name: String, _ value: TemplateData) {
      self.name = name
      self.value = value
    }
  }
}
