import Model

/// What follows a series' name and labels.
struct SampleTail {
  var value: Double
  /// Milliseconds since the epoch.
  var timestamp: Int64?
  var hasExemplar = false
}

/// An exemplar, as the strict rules look at it.
struct ExemplarSpan {
  var labels: [LabelSpan] = []
  var value = 0.0
  var timestamp: Double?
}

extension BodyReader {
  /// Reads value, timestamp and exemplar up to and including the newline.
  mutating func readTail(_ exemplar: inout ExemplarSpan?) throws(BodyProblem) -> SampleTail {
    try isOpenMetrics ? readOpenMetricsTail(&exemplar) : readTextTail()
  }

  private mutating func token() -> ByteRange {
    let start = position
    while position < end, base[position] > Ascii.space || isTokenByte(base[position]) {
      position += 1
    }
    return ByteRange(start, position)
  }

  // Control bytes other than the separators belong to a token, which then is no number.
  private func isTokenByte(_ byte: UInt8) -> Bool {
    byte != Ascii.newline && byte != Ascii.space && (byte != Ascii.tab || isOpenMetrics)
  }

  private func number(_ range: ByteRange) -> Double? {
    NumberReader.read(UnsafeBufferPointer(start: base + range.lower, count: range.count))
  }

  private mutating func readTextTail() throws(BodyProblem) -> SampleTail {
    skipBlanks()
    let text = token()
    guard text.count > 0 else { throw problem("expected a value after the metric") }
    guard let value = number(text) else { throw badNumber(text) }
    var tail = SampleTail(value: value)
    skipBlanks()
    if position < end, base[position] != Ascii.newline {
      let stamp = token()
      guard let time = Int64(string(stamp)) else {
        throw problem("the timestamp \(quoted(stamp)) is not whole milliseconds", at: stamp.lower)
      }
      tail.timestamp = time
      skipBlanks()
    }
    try readLineEnd()
    return tail
  }

  private mutating func readOpenMetricsTail(
    _ exemplar: inout ExemplarSpan?
  ) throws(BodyProblem) -> SampleTail {
    let text = try spacedToken("a value after the metric")
    guard let value = number(text) else { throw badNumber(text) }
    var tail = SampleTail(value: value)
    exemplar = nil
    if position < end, base[position] == Ascii.space, !startsExemplar {
      let stamp = try spacedToken("a timestamp")
      guard let seconds = number(stamp), seconds.isFinite else {
        throw problem("the timestamp \(quoted(stamp)) is not a number of seconds", at: stamp.lower)
      }
      tail.timestamp = Int64((min(max(seconds * 1000, -9.2e18), 9.2e18)).rounded(.towardZero))
    }
    if startsExemplar {
      try readExemplar(&exemplar)
      tail.hasExemplar = true
    }
    try readLineEnd()
    return tail
  }

  private mutating func readLineEnd() throws(BodyProblem) {
    guard position < end else {
      if isOpenMetrics { throw problem("the last line must be `# EOF`") }
      return
    }
    guard base[position] == Ascii.newline else {
      throw problem("expected the end of the line, found \(shown(at: position))")
    }
    position += 1
  }

  /// " " { any but space and newline }
  private mutating func spacedToken(_ what: String) throws(BodyProblem) -> ByteRange {
    guard position < end, base[position] == Ascii.space else {
      throw problem("expected \(what), found \(shown(at: position))")
    }
    position += 1
    let range = token()
    guard range.count > 0 else { throw problem("expected \(what), found \(shown(at: position))") }
    return range
  }

  /// exemplar = " # {" labels "}" " " value [ " " timestamp ]
  private var startsExemplar: Bool {
    position + 3 < end && base[position] == Ascii.space && base[position + 1] == Ascii.hash
      && base[position + 2] == Ascii.space && base[position + 3] == Ascii.braceOpen
  }

  private mutating func readExemplar(_ result: inout ExemplarSpan?) throws(BodyProblem) {
    let metric = string(name)
    guard ["_total", "_bucket", "_count"].contains(where: { metric.hasSuffix($0) }) else {
      throw problem("the metric \(quoted(name)) cannot have an exemplar")
    }
    position += 4
    var exemplar = ExemplarSpan()
    var first = true
    while position < end, base[position] != Ascii.braceClose || !first {
      let span = try readExemplarLabel()
      exemplar.labels.append(span)
      first = false
      if position < end, base[position] == Ascii.braceClose { break }
      guard position < end, base[position] == Ascii.comma else {
        throw problem("expected `,` or `}`, found \(shown(at: position))")
      }
      position += 1
    }
    guard position < end else { throw problem("an exemplar's `{` is not closed") }
    position += 1
    let text = try spacedToken("a value after the exemplar's labels")
    guard let value = number(text) else { throw badNumber(text) }
    exemplar.value = value
    if position < end, base[position] == Ascii.space {
      let stamp = try spacedToken("a timestamp")
      guard let seconds = number(stamp), seconds.isFinite else {
        throw problem("the exemplar's timestamp \(quoted(stamp)) is not a number of seconds")
      }
      exemplar.timestamp = seconds
    }
    result = exemplar
  }

  private mutating func readExemplarLabel() throws(BodyProblem) -> LabelSpan {
    let start = position
    var name = ByteRange(start, start)
    let isQuoted = base[position] == Ascii.quote
    if isQuoted {
      name = try readQuoted(refusesNull: true)
    } else {
      while position < end, Ascii.continuesName(base[position], colons: false) { position += 1 }
      name.upper = position
    }
    guard isQuoted || (name.count > 0 && Ascii.startsName(base[start], colons: false)) else {
      throw problem("expected a label name in the exemplar, found \(shown(at: start))")
    }
    guard position < end, base[position] == Ascii.equal else {
      throw problem("expected `=` after the exemplar's label name, found \(shown(at: position))")
    }
    position += 1
    guard position < end, base[position] == Ascii.quote else {
      throw problem("expected a quoted value in the exemplar, found \(shown(at: position))")
    }
    let value = try readQuoted(refusesNull: true)
    // Whoever has no use for exemplars refuses the same bodies as who reads them.
    for (range, what) in [(name, "label name"), (value, "label value")] where hasForeignByte(range)
    {
      _ = try decode(range, what)
    }
    return LabelSpan(name: name, nameQuoted: isQuoted, value: value)
  }

  private func hasForeignByte(_ range: ByteRange) -> Bool {
    (range.lower..<range.upper).contains { base[$0] >= 0x80 }
  }

  private func badNumber(_ range: ByteRange) -> BodyProblem {
    let ends = range.count > 0 && base[range.upper - 1] == Ascii.carriageReturn
    let hint = ends ? ": the line ends with a carriage return" : ""
    return problem("the value \(quoted(range)) is not a number\(hint)", at: range.lower)
  }
}
