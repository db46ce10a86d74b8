import Diagnostics
import Model

/// One position of a written series.
package enum SeriesValue: Sendable, Equatable {
  /// `_`: no sample here.
  case omitted
  /// A float sample; `stale` is Prometheus' staleness marker.
  case value(Double)
  /// A native histogram, as written: `{{sum:1}}`, or `{{sum:1}}+{{sum:2}}x3` for the third step of
  /// a growing one.
  case histogram(String)

  package static func == (left: SeriesValue, right: SeriesValue) -> Bool {
    switch (left, right) {
    case (.omitted, .omitted): true
    case (.value(let a), .value(let b)): a.bitPattern == b.bitPattern
    case (.histogram(let a), .histogram(let b)): a == b
    default: false
    }
  }
}

/// A series with its samples, as tests write it.
package struct SeriesDescription: Sendable, Equatable {
  package var labels: Labels
  package var values: [SeriesValue]
  package init(labels: Labels, values: [SeriesValue]) {
    self.labels = labels
    self.values = values
  }
}

/// Reads the notation of promtool's unit tests: `up{job="a"} 0+10x5 _ stale`
/// (`promql/parser/generated_parser.y`, `series_description`).
package enum SeriesNotation {
  /// More positions than this in one line are refused.
  package static let maximumCount = 1_000_000

  /// The bits of the marker that ends a series.
  package static let staleMarker = Double(bitPattern: 0x7FF0_0000_0000_0002)

  /// A whole line: labels, then values.
  package static func parse(_ text: String) -> Result<SeriesDescription, SyntaxError> {
    let source = SourceText(name: "series", text: text)
    var parser = SeriesParser(source, from: 0, to: source.bytes.count)
    do throws(SyntaxError) {
      let labels = try parser.parseLabels()
      let values = try parser.parseValues()
      return .success(SeriesDescription(labels: labels, values: values))
    } catch {
      return .failure(error)
    }
  }

  /// The values alone, in a part of a text.
  package static func parseValues(
    in source: SourceText, from lower: Int, to upper: Int
  ) -> Result<[SeriesValue], SyntaxError> {
    var parser = SeriesParser(source, from: lower, to: upper)
    do throws(SyntaxError) {
      return .success(try parser.parseValues(needsSpace: false))
    } catch {
      return .failure(error)
    }
  }
}

/// The scanner behind `SeriesNotation`.
struct SeriesParser {
  let source: SourceText
  let limit: Int
  var position: Int

  init(_ source: SourceText, from lower: Int, to upper: Int) {
    self.source = source
    position = lower
    limit = upper
  }

  func peek(_ distance: Int = 0) -> UInt8? {
    position + distance < limit ? source.bytes[position + distance] : nil
  }
  func isNext(_ character: Unicode.Scalar) -> Bool { peek() == UInt8(ascii: character) }
  var isAtBlank: Bool { peek().map { [0x20, 0x09, 0x0A, 0x0D].contains($0) } ?? false }
  var isAtDigit: Bool { peek().map { (0x30...0x39).contains($0) } ?? false }
  var isAtLetter: Bool {
    peek().map { $0 == UInt8(ascii: "_") || (0x61...0x7A).contains($0 | 0x20) } ?? false
  }

  mutating func accept(_ character: Unicode.Scalar) -> Bool {
    guard isNext(character) else { return false }
    position += 1
    return true
  }

  /// Consumes blanks; false when there were none.
  @discardableResult
  mutating func skipBlanks() -> Bool {
    let first = position
    while isAtBlank { position += 1 }
    return position > first
  }

  mutating func word() -> String {
    let first = position
    while isAtLetter || isAtDigit || isNext(":") { position += 1 }
    return String(decoding: source.bytes[first..<position], as: UTF8.self)
  }

  func error(_ message: String, at lower: Int, _ upper: Int? = nil) -> SyntaxError {
    SyntaxError(range: SourceRange(source, lower, upper ?? limit), message: message)
  }

  /// The next piece of text cannot stand here.
  func unexpected(_ suffix: String = "") -> SyntaxError {
    guard peek() != nil else {
      return error("unexpected end of input in series values\(suffix)", at: limit)
    }
    var next = self
    let kind: String
    if isAtLetter, !isNext("_") {
      _ = next.word()
      kind = "identifier "
    } else if isAtDigit {
      _ = next.number()
      kind = "number "
    } else {
      next.position += 1
      kind = ""
    }
    var upper = next.position
    while upper < limit, source.bytes[upper] & 0xC0 == 0x80 { upper += 1 }
    let text = String(decoding: source.bytes[position..<upper], as: UTF8.self)
    return error(
      "unexpected \(kind)\(PromQuote.printable(text)) in series values\(suffix)", at: position,
      upper)
  }

  // MARK: Labels

  /// metric : metric_identifier label_set
  mutating func parseLabels() throws(SyntaxError) -> Labels {
    skipBlanks()
    var labels: [Label] = []
    let name = isAtLetter || isNext(":") ? word() : ""
    if isNext("{") { labels = try parseLabelSet() }
    if !name.isEmpty { labels.append(Label(Labels.metricName, name)) }
    return Labels(labels)
  }

  /// label_set : `{` [ label_set_item { `,` label_set_item } [ `,` ] ] `}`
  private mutating func parseLabelSet() throws(SyntaxError) -> [Label] {
    var lexer = Lexer(source, from: position)
    _ = lexer.next()
    var labels: [Label] = []
    var token = lexer.next()
    func unexpected(_ expected: String) -> SyntaxError {
      let message =
        token.failure
        ?? "unexpected \(token.description(in: source)) in label set, expected \(expected)"
      return error(message, at: token.lower, token.upper)
    }
    while token.kind != .rightBrace {
      let name = token
      guard name.kind == .identifier || name.kind == .string else {
        throw unexpected("identifier or \"}\"")
      }
      let bytes = source.bytes[name.lower..<name.upper]
      token = lexer.next()
      if token.kind == .assign {
        token = lexer.next()
        guard token.kind == .string else { throw unexpected("string") }
        labels.append(
          Label(
            name.kind == .string
              ? StringText.decode(bytes) : String(decoding: bytes, as: UTF8.self),
            StringText.decode(source.bytes[token.lower..<token.upper])))
        token = lexer.next()
      } else if name.kind == .string {
        labels.append(Label(Labels.metricName, StringText.decode(bytes)))
      } else {
        throw unexpected("\"=\"")
      }
      guard token.kind == .comma || token.kind == .rightBrace else {
        throw unexpected("\",\" or \"}\"")
      }
      if token.kind == .comma { token = lexer.next() }
    }
    position = token.upper
    return labels
  }
}
