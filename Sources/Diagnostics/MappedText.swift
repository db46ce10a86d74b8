/// Text after decoding (escapes replaced, indentation removed) that still knows where each of its
/// bytes was written, so that a mistake inside a string is underlined inside the file.
package struct MappedText: Sendable, Hashable {
  /// A stretch of decoded bytes and the stretch of source bytes that gave them. Equal lengths mean
  /// the bytes were taken as they are.
  package struct Run: Sendable, Hashable {
    package var decoded: Range<Int>
    package var written: Range<Int>
    package init(decoded: Range<Int>, written: Range<Int>) {
      self.decoded = decoded
      self.written = written
    }
    var isVerbatim: Bool { decoded.count == written.count }
  }

  package let text: String
  package let source: SourceText
  /// In order, without gaps in `decoded`.
  package let runs: [Run]
  /// Where an empty text was written.
  private let fallback: Int

  package init(text: String, source: SourceText, runs: [Run], at offset: Int) {
    self.text = text
    self.source = source
    self.runs = runs
    fallback = offset
  }

  /// Text taken as it is from `written`.
  package init(verbatim written: SourceRange) {
    text = written.text
    source = written.source
    runs = [
      Run(
        decoded: 0..<(written.upper - written.lower), written: written.lower..<written.upper)
    ]
    fallback = written.lower
  }

  /// The place in the source of a range of decoded UTF-8 offsets.
  package func range(_ lower: Int, _ upper: Int) -> SourceRange {
    let start = begin(of: lower)
    return SourceRange(source, start, max(start, end(of: max(lower, upper))))
  }

  private func begin(of offset: Int) -> Int {
    guard let run = runs.last(where: { $0.decoded.lowerBound <= offset }) ?? runs.first else {
      return fallback
    }
    guard run.isVerbatim else {
      return offset < run.decoded.upperBound ? run.written.lowerBound : run.written.upperBound
    }
    return min(run.written.lowerBound + offset - run.decoded.lowerBound, run.written.upperBound)
  }

  private func end(of offset: Int) -> Int {
    guard let run = runs.last(where: { $0.decoded.lowerBound < offset }) else {
      return begin(of: offset)
    }
    guard run.isVerbatim else { return run.written.upperBound }
    return min(run.written.lowerBound + offset - run.decoded.lowerBound, run.written.upperBound)
  }

  package static func == (left: MappedText, right: MappedText) -> Bool {
    left.text.utf8.elementsEqual(right.text.utf8) && left.source === right.source
      && left.runs == right.runs
  }
  package func hash(into hasher: inout Hasher) {
    hasher.combine(text)
    hasher.combine(runs)
  }
}
