import Diagnostics

/// A mistake in an expression in Prometheus' own words, at Prometheus' byte positions
/// (`promql/parser/parse.go`, `ParseErr`).
package struct SyntaxError: Error, Sendable, Hashable {
  package var range: SourceRange
  package var message: String
  package init(range: SourceRange, message: String) {
    self.range = range
    self.message = message
  }

  /// `1:5: parse error: …`, with the position in an expression that starts at `base`.
  package func description(from base: Int = 0) -> String {
    let bytes = range.source.bytes
    let text = bytes[base...]
    if range.lower == base, range.upper == base, text.isEmpty {
      return "unknown position: parse error: \(message)"
    }
    var (line, column) = (1, 1)
    for index in base..<min(range.lower, bytes.count) {
      if bytes[index] == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else {
        column += 1
      }
    }
    return "\(line):\(column): parse error: \(message)"
  }
}
