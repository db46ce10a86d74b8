/// Text with insertions: literal parts are the author's markup, inserted parts are data that each
/// channel encodes in its own way when it flattens the text.
package struct RenderedText: Sendable, Hashable, Codable {
  package enum Segment: Sendable, Hashable, Codable {
    case literal(String)
    case inserted(String)
  }
  package var segments: [Segment]

  package init(segments: [Segment] = []) { self.segments = segments }
  package init(literal text: String) { segments = text.isEmpty ? [] : [.literal(text)] }

  package var isEmpty: Bool { segments.isEmpty }

  /// The text with insertions as they are: for terminals, logs and JSON, whose encoders escape.
  package var plain: String { flattened { $0 } }

  /// The text with every insertion passed through a channel's encoding.
  package func flattened(_ encode: (String) -> String) -> String {
    segments.map { segment in
      switch segment {
      case .literal(let text): text
      case .inserted(let text): encode(text)
      }
    }.joined()
  }
}
