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
    let source = range.source
    if range.lower == base, range.upper == base, source.bytes.count == base {
      return "unknown position: parse error: \(message)"
    }
    let absoluteLine = source.line(at: range.lower)
    let line = absoluteLine - source.line(at: base) + 1
    let column = range.lower - max(base, source.lineStarts[absoluteLine - 1]) + 1
    return "\(line):\(column): parse error: \(message)"
  }
}
