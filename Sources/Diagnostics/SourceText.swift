/// A text that diagnostics point into: a file, or an expression given on the command line.
package final class SourceText: Sendable {
  /// As printed: the path the operator gave.
  package let name: String
  package let bytes: [UInt8]
  /// The offset of each line's first byte.
  package let lineStarts: [Int]

  package convenience init(name: String, text: String) {
    self.init(name: name, bytes: Array(text.utf8))
  }

  /// A text as it came, which need not be UTF-8.
  package init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
    lineStarts = [0] + bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }.map { $0 + 1 }
  }

  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The 1-based line of an offset.
  package func line(at offset: Int) -> Int {
    var (low, high) = (0, lineStarts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low + 1
  }

  /// The text of a 1-based line, without its end.
  package func lineText(_ line: Int) -> String {
    let lower = lineStarts[line - 1]
    var upper = line < lineStarts.count ? lineStarts[line] - 1 : bytes.count
    if upper > lower, bytes[upper - 1] == UInt8(ascii: "\r") { upper -= 1 }
    return String(decoding: bytes[lower..<max(lower, upper)], as: UTF8.self)
  }
}

/// A half-open range of bytes in a source text.
package struct SourceRange: Sendable, Hashable {
  package var source: SourceText
  package var lower: Int
  package var upper: Int

  package init(_ source: SourceText, _ lower: Int, _ upper: Int) {
    self.source = source
    self.lower = lower
    self.upper = max(lower, upper)
  }

  package var text: String { String(decoding: source.bytes[lower..<upper], as: UTF8.self) }

  /// The smallest range that holds both.
  package func union(_ other: SourceRange) -> SourceRange {
    SourceRange(source, min(lower, other.lower), max(upper, other.upper))
  }

  package static func == (left: SourceRange, right: SourceRange) -> Bool {
    left.source === right.source && left.lower == right.lower && left.upper == right.upper
  }
  package func hash(into hasher: inout Hasher) {
    hasher.combine(ObjectIdentifier(source))
    hasher.combine(lower)
    hasher.combine(upper)
  }
}
