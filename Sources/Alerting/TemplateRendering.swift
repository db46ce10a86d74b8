import Model
import Templates

extension Template {
  /// The text with its insertions filled in.
  func rendered(_ data: TemplateData) -> RenderedText { RenderedText(literal: constant ?? "") }
}
