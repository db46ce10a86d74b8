import Model

/// A range of bytes in the body being read.
struct ByteRange: Hashable {
  var lower: Int
  var upper: Int
  init(_ lower: Int, _ upper: Int) {
    self.lower = lower
    self.upper = upper
  }
  var count: Int { upper - lower }
}

/// One label as written: where its name and value stand, quotes left out.
struct LabelSpan {
  var name: ByteRange
  var nameQuoted: Bool
  var value: ByteRange
}

/// What one line of a body is.
enum BodyLine {
  case blank
  case comment(ByteRange)
  case help(ByteRange, text: ByteRange)
  case type(ByteRange, MetricType)
  case unit(ByteRange, text: ByteRange)
  /// `# EOF` of OpenMetrics.
  case endMarker
  /// The head of a sample's line is read: name and labels stand in the reader.
  case series
}

/// Why the reader stopped, at a byte of the body.
struct BodyProblem: Error {
  /// Negative when the problem is about the body as a whole.
  var position: Int
  var reason: String
}

/// Reads a body's lines one after another, at the level of bytes, by the lexical rules of
/// `model/textparse` (`promlex.l`, `openmetricslex.l`). Nothing is copied: results are ranges.
struct BodyReader {
  private(set) var base: UnsafePointer<UInt8>
  private(set) var end: Int
  let isOpenMetrics: Bool
  let limits: ExpositionLimits
  var position = 0
  /// Of the line last read.
  var lineStart = 0
  var name = ByteRange(0, 0)
  var nameQuoted = false
  var labels: [LabelSpan] = []
  /// The bytes of name and labels, which identify the series.
  var series = ByteRange(0, 0)

  init(
    _ base: UnsafePointer<UInt8>, count: Int, format: ExpositionFormat, limits: ExpositionLimits
  ) {
    self.base = base
    end = count
    isOpenMetrics = format == .openMetrics
    self.limits = limits
    labels.reserveCapacity(16)
  }

  /// Goes on with further lines of the body, which stand elsewhere.
  mutating func move(to base: UnsafePointer<UInt8>, count: Int) {
    self.base = base
    end = count
    position = 0
    lineStart = 0
  }

  func problem(_ reason: String, at position: Int? = nil) -> BodyProblem {
    BodyProblem(position: position ?? self.position, reason: reason)
  }

  /// The failure as the operator reads it: its line counted, which nobody needs before. `before`
  /// lines of the body stood elsewhere.
  func failure(_ problem: BodyProblem, after before: Int = 0) -> ExpositionFailure {
    if problem.position < 0 { return ExpositionFailure(line: 0, reason: problem.reason) }
    var line = before + 1
    for index in 0..<min(problem.position, end) where base[index] == Ascii.newline { line += 1 }
    return ExpositionFailure(line: line, reason: problem.reason)
  }

  /// Reads the next line up to its value; the caller reads the value with `readTail` when the line
  /// is a series. Call only while `position < end`.
  mutating func readLine() throws(BodyProblem) -> BodyLine {
    lineStart = position
    if !isOpenMetrics { skipBlanks() }
    guard position < end else { return .blank }
    switch base[position] {
    case Ascii.newline:
      if isOpenMetrics { throw problem("a blank line is not allowed in OpenMetrics") }
      position += 1
      return .blank
    case Ascii.hash:
      return try isOpenMetrics ? readOpenMetricsComment() : readTextComment()
    default:
      try readHead()
      return .series
    }
  }

  mutating func skipBlanks() {
    while position < end, base[position] == Ascii.space || base[position] == Ascii.tab {
      position += 1
    }
  }

  /// name = ( letter | "_" | ":" ) { letter | digit | "_" | ":" }
  private mutating func readName(colons: Bool) -> ByteRange? {
    let start = position
    guard position < end, Ascii.startsName(base[position], colons: colons) else { return nil }
    position += 1
    while position < end, Ascii.continuesName(base[position], colons: colons) { position += 1 }
    return ByteRange(start, position)
  }

  /// Moves behind a quoted text and gives its inside.
  mutating func readQuoted(refusesNull: Bool = false) throws(BodyProblem) -> ByteRange {
    let start = position + 1
    position = start
    while position < end {
      switch base[position] {
      case Ascii.quote:
        position += 1
        return ByteRange(start, position - 1)
      // An escaped newline is one all the same: a line ends there, however the body is cut.
      case Ascii.backslash where position + 1 >= end || base[position + 1] != Ascii.newline:
        position += 2
      case Ascii.backslash: throw problem("a quoted text is not closed before the line ends")
      case Ascii.newline: throw problem("a quoted text is not closed before the line ends")
      case 0 where refusesNull: throw problem("a zero byte is not allowed here")
      default: position += 1
      }
    }
    position = end
    throw problem("a quoted text is not closed before the body ends", at: start - 1)
  }

  /// head = name [ "{" labels "}" ] | "{" string [ "," labels ] "}"
  private mutating func readHead() throws(BodyProblem) {
    let start = position
    labels.removeAll(keepingCapacity: true)
    nameQuoted = false
    if let plain = readName(colons: true) {
      name = plain
      series = ByteRange(start, position)
      let afterName = position
      if !isOpenMetrics { skipBlanks() }
      guard position < end, base[position] == Ascii.braceOpen else {
        position = afterName
        try checkLimits(start)
        return
      }
      position += 1
      try readLabels(named: true)
    } else if base[position] == Ascii.braceOpen {
      position += 1
      name = ByteRange(0, 0)
      try readLabels(named: false)
      if !nameQuoted { throw problem("there is no metric name", at: start) }
    } else {
      throw problem("expected a metric name, found \(shown(at: position))")
    }
    series = ByteRange(start, position)
    try checkLimits(start)
  }

  private func checkLimits(_ start: Int) throws(BodyProblem) {
    if name.count > limits.nameBytes {
      throw problem("a metric name is longer than \(limits.nameBytes) bytes", at: start)
    }
    if series.count > limits.lineBytes {
      throw problem("the line is longer than \(limits.lineBytes) bytes", at: start)
    }
    if labels.count > limits.labels {
      throw problem("a series has more than \(limits.labels) labels", at: start)
    }
    for label in labels {
      if label.name.count > limits.nameBytes {
        throw problem("a label name is longer than \(limits.nameBytes) bytes", at: start)
      }
      if label.value.count > limits.valueBytes {
        throw problem("a label value is longer than \(limits.valueBytes) bytes", at: start)
      }
    }
  }

  /// labels = [ label { "," label } [ "," ] ] "}" ; label = ( name | string ) "=" string | string
  private mutating func readLabels(named: Bool) throws(BodyProblem) {
    var mayClose = true
    while true {
      if !isOpenMetrics { skipBlanks() }
      guard position < end else { throw problem("a `{` is not closed before the body ends") }
      if base[position] == Ascii.braceClose, mayClose {
        position += 1
        return
      }
      try readLabel(named: named)
      if !isOpenMetrics { skipBlanks() }
      guard position < end else { throw problem("a `{` is not closed before the body ends") }
      if base[position] == Ascii.comma {
        position += 1
        // The text format takes a comma before the closing brace, OpenMetrics does not.
        mayClose = !isOpenMetrics
      } else if base[position] == Ascii.braceClose {
        mayClose = true
      } else if isOpenMetrics {
        throw problem("expected `,` or `}`, found \(shown(at: position))")
      }
    }
  }

  private mutating func readLabel(named: Bool) throws(BodyProblem) {
    let start = position
    let range: ByteRange
    let quoted = base[position] == Ascii.quote
    if quoted {
      range = try readQuoted()
    } else if let plain = readName(colons: false) {
      range = plain
    } else {
      throw problem("expected a label name, found \(shown(at: position))")
    }
    if !isOpenMetrics { skipBlanks() }
    if quoted, position < end,
      base[position] == Ascii.comma || base[position] == Ascii.braceClose
    {
      if named || nameQuoted { throw problem("the metric has two names", at: start) }
      if range.count == 0 { throw problem("the metric name is empty", at: start) }
      name = range
      nameQuoted = true
      return
    }
    guard position < end, base[position] == Ascii.equal else {
      throw problem("expected `=` after the label name, found \(shown(at: position))")
    }
    position += 1
    if !isOpenMetrics { skipBlanks() }
    guard position < end, base[position] == Ascii.quote else {
      throw problem("expected a quoted label value, found \(shown(at: position))")
    }
    let value = try readQuoted()
    labels.append(LabelSpan(name: range, nameQuoted: quoted, value: value))
    if labels.count > limits.labels {
      throw problem("a series has more than \(limits.labels) labels", at: start)
    }
  }
}

extension BodyReader {
  /// comment = "#" blanks ( "HELP" | "TYPE" ) blanks name text | "#" { any }
  private mutating func readTextComment() throws(BodyProblem) -> BodyLine {
    let start = position
    position += 1
    skipBlanks()
    let isHelp = matches("HELP")
    let isType = !isHelp && matches("TYPE")
    let blankAfter =
      position + 4 < end && (base[position + 4] == Ascii.space || base[position + 4] == Ascii.tab)
    guard isHelp || isType, blankAfter, base[start + 1] <= Ascii.space else {
      let line = ByteRange(start, lineEnd())
      position = min(line.upper + 1, end)
      return .comment(line)
    }
    position += 4
    skipBlanks()
    let metric = try readMetadataName(isHelp ? "HELP" : "TYPE")
    var text = ByteRange(position, lineEnd())
    // The one separator between name and text is not part of it.
    if text.count > 0 { text.lower += 1 }
    position = min(text.upper + 1, end)
    if isHelp { return .help(metric, text: text) }
    guard let type = MetricType(textFormat: string(text)) else {
      throw problem("there is no metric type \(quoted(text))", at: text.lower)
    }
    return .type(metric, type)
  }

  /// comment = "# " ( ( "HELP" | "TYPE" | "UNIT" ) " " name " " text NL | "EOF" [ NL ] )
  private mutating func readOpenMetricsComment() throws(BodyProblem) -> BodyLine {
    if matches("# EOF") {
      position += 5
      if position < end, base[position] == Ascii.newline { position += 1 }
      if position < end { throw textAfterEnd }
      return .endMarker
    }
    let word = ["HELP", "TYPE", "UNIT"].first { matches("# " + $0 + " ") }
    guard let word else {
      throw problem("OpenMetrics allows only HELP, TYPE, UNIT and EOF after `#`")
    }
    position += 7
    let metric = try readMetadataName(word)
    guard position < end, base[position] == Ascii.space else {
      throw problem("expected a text after \(word) and the name")
    }
    let text = ByteRange(position + 1, lineEnd())
    guard text.upper < end else { throw problem(Self.missingEnd) }
    position = text.upper + 1
    switch word {
    case "HELP": return .help(metric, text: text)
    case "TYPE":
      guard let type = MetricType(rawValue: string(text)) else {
        throw problem("there is no metric type \(quoted(text))", at: text.lower)
      }
      return .type(metric, type)
    default:
      if text.count > 0 {
        let unit = "_" + string(text)
        guard string(metric).utf8.reversed().starts(with: unit.utf8.reversed()) else {
          throw problem(
            "the unit \(quoted(text)) is not a suffix of the metric \(quoted(metric))",
            at: text.lower)
        }
      }
      return .unit(metric, text: text)
    }
  }

  var textAfterEnd: BodyProblem { problem("there is text after `# EOF`") }
  static let missingEnd = "the last line must be `# EOF`"

  private mutating func readMetadataName(_ word: String) throws(BodyProblem) -> ByteRange {
    if position < end, base[position] == Ascii.quote { return try readQuoted() }
    guard let metric = readName(colons: true) else {
      throw problem("expected a metric name after \(word), found \(shown(at: position))")
    }
    return metric
  }

  /// The offset of the newline that ends the current line, or of the body's end.
  func lineEnd() -> Int {
    var index = position
    while index < end, base[index] != Ascii.newline { index += 1 }
    return index
  }

  private func matches(_ word: StaticString) -> Bool {
    guard position + word.utf8CodeUnitCount <= end else { return false }
    for index in 0..<word.utf8CodeUnitCount
    where base[position + index] != word.utf8Start[index] { return false }
    return true
  }

  private func matches(_ word: String) -> Bool {
    let bytes = word.utf8
    return position + bytes.count <= end
      && bytes.enumerated().allSatisfy { base[position + $0.offset] == $0.element }
  }
}

extension MetricType {
  /// The types of the text format, where `untyped` is the word for unknown.
  fileprivate init?(textFormat word: String) {
    if word == "untyped" {
      self = .unknown
    } else if let type = MetricType(rawValue: word) {
      self = type
    } else {
      return nil
    }
  }
}
