import Model

/// One pass over a body with a target's layout at hand, piece by piece.
struct LayoutPass {
  var reader: BodyReader
  let honorsTimestamps: Bool
  var reading: ScrapeReading
  /// The layout's line that should come next.
  var expected = 0
  /// The lines of this body, once they differ from the layout's.
  var lines: [UInt32]?
  var bound = BoundLabel.none
  private var ended = false
  private var exemplar: ExemplarSpan?
  /// Metrics whose metadata lines are new in this body.
  private var changed: [String] = []
  private var isChanged: Set<String> = []
  /// Lines read, of this piece and in the ones before.
  var linesRead = 0
  private var linesBefore = 0
  private var endsInLine = false
  private(set) var failure: ExpositionFailure?

  init(
    _ layout: ScrapeLayout, format: ExpositionFormat, limits: ExpositionLimits,
    honorsTimestamps: Bool
  ) {
    reader = BodyReader(Self.nothing, count: 0, format: format, limits: limits)
    self.honorsTimestamps = honorsTimestamps
    reading = ScrapeReading(layout: layout.number)
    // The caller's own slots need room, too.
    reading.values.reserveCapacity(layout.lines.count + Int(layout.firstSlot))
  }

  private static var nothing: UnsafePointer<UInt8> {
    // Never read: it stands for no bytes at all.
    UnsafePointer(bitPattern: MemoryLayout<UInt64>.alignment).unsafelyUnwrapped
  }

  /// Whether the pass has written to the layout what its reading alone would tell others.
  var hasNews: Bool { !reading.births.isEmpty || !changed.isEmpty }

  /// Reads whole lines; only the last piece of a body may end within one.
  mutating func read(
    _ bytes: UnsafeBufferPointer<UInt8>, _ layout: inout ScrapeLayout,
    _ relabel: (Labels) -> Labels?
  ) {
    guard failure == nil, let base = bytes.baseAddress, !bytes.isEmpty else { return }
    reader.move(to: base, count: bytes.count)
    linesBefore = linesRead
    endsInLine = bytes[bytes.count - 1] != Ascii.newline
    do throws(BodyProblem) {
      if ended { throw reader.textAfterEnd }
      while reader.position < reader.end {
        takeRun(&layout)
        if reader.position >= reader.end { break }
        linesRead += 1
        if try !takeExpected(&layout) { try takeOther(&layout, relabel) }
      }
    } catch {
      failure = reader.failure(error, after: linesBefore)
    }
  }

  /// Ends the pass: the layout is now that of this body.
  mutating func finish(
    _ layout: inout ScrapeLayout
  ) -> Result<ScrapeReading, ExpositionFailure> {
    if failure == nil, reader.isOpenMetrics, !ended {
      // The piece that was read last need not be there any more.
      failure = ExpositionFailure(
        line: linesRead + (endsInLine ? 0 : 1), reason: BodyReader.missingEnd)
    }
    if let failure { return .failure(failure) }
    if expected < layout.lines.count { deviate(layout) }
    if let lines { layout.lines = lines }
    for name in changed { if let known = layout.metadata[name] { reading.metadata.append(known) } }
    return .success(reading)
  }

  // MARK: The line that was there last time

  /// Takes the line when it begins as the expected one does; false, with nothing moved, when it
  /// doesn't.
  @inline(__always)
  private mutating func takeExpected(_ layout: inout ScrapeLayout) throws(BodyProblem) -> Bool {
    guard expected < layout.lines.count else { return false }
    let index = Int(layout.lines[expected])
    let entry = layout.entries[index]
    let length = entry.length
    let start = reader.position
    guard length < reader.end - start, entry.bound == bound.rawValue,
      layout.hashing(reader.base + start, length) == entry.hash
    else { return false }
    if entry.slot == ScrapeLayout.comment {
      bound = entry.next
      reader.position = start + length
    } else {
      guard try takeKnown(entry, at: start + length) else { return false }
      try note(entry.slot, &layout)
    }
    expected += 1
    lines?.append(UInt32(index))
    return true
  }

  private var value = 0.0
  private var timestamp: Int64?

  /// Reads the value behind a known series; false when what follows is not a value's separator.
  @inline(__always)
  private mutating func takeKnown(
    _ entry: ScrapeLayout.Entry, at position: Int
  ) throws(BodyProblem) -> Bool {
    guard reader.base[position] == Ascii.space else { return false }
    var index = position + 1
    if let fast = NumberReader.readFast(reader.base, &index, reader.end), index < reader.end,
      reader.base[index] == Ascii.newline
    {
      value = fast
      timestamp = nil
      reader.position = index + 1
      return true
    }
    // `foo {a="b"} 1`: what was a whole series last time is only a name now.
    var next = position
    while next < reader.end, reader.base[next] == Ascii.space || reader.base[next] == Ascii.tab {
      next += 1
    }
    if next < reader.end, reader.base[next] == Ascii.braceOpen { return false }
    reader.series = ByteRange(reader.position, position)
    reader.name = metricName(of: reader.series)
    reader.position = position
    let tail = try reader.readTail(&exemplar)
    value = tail.value
    timestamp = tail.timestamp
    return true
  }

  // Only what the tail asks: whether an exemplar may follow.
  private func metricName(of series: ByteRange) -> ByteRange {
    var end = series.lower
    while end < series.upper, Ascii.continuesName(reader.base[end], colons: true) { end += 1 }
    return end > series.lower ? ByteRange(series.lower, end) : series
  }

  /// Reports the value just read, unless the series already had one in this body.
  @inline(__always)
  private mutating func note(
    _ slot: UInt32, _ layout: inout ScrapeLayout
  ) throws(BodyProblem) {
    reading.samples += 1
    if slot == ScrapeLayout.dropped { return }
    if let timestamp, honorsTimestamps {
      reading.stamped.append(
        .init(slot: slot, sample: Sample(Timestamp(milliseconds: timestamp), value)))
    } else {
      let place = Int(slot - layout.firstSlot)
      if layout.seen[place] == layout.reading { return }
      layout.seen[place] = layout.reading
      reading.values.append(.init(slot: slot, value: value))
    }
    try countKept()
  }

  @inline(__always)
  private mutating func countKept() throws(BodyProblem) {
    reading.kept += 1
    if reading.kept > reader.limits.samples {
      throw reader.problem("the body has more than \(reader.limits.samples) samples", at: -1)
    }
  }

  // MARK: A line that moved, or is new

  /// From here on the body's lines are written down anew.
  private mutating func deviate(_ layout: ScrapeLayout) {
    if lines == nil { lines = Array(layout.lines[..<expected]) }
  }

  private mutating func takeOther(
    _ layout: inout ScrapeLayout, _ relabel: (Labels) -> Labels?
  ) throws(BodyProblem) {
    let start = reader.position
    let line = try reader.readLine()
    switch line {
    case .blank: return
    case .endMarker:
      ended = true
      return
    case .series:
      // Blanks before a text line's name are no part of the series.
      try takeSeries(&layout, relabel)
    case .comment, .help, .type, .unit:
      try takeComment(line, from: start, &layout)
    }
  }

  private mutating func takeSeries(
    _ layout: inout ScrapeLayout, _ relabel: (Labels) -> Labels?
  ) throws(BodyProblem) {
    let raw = reader.bytes(reader.series)
    let known = layout.find(raw, bound: bound)
    let labels = known == nil ? try reader.seriesLabels(bound: bound) : Labels()
    let tail = try reader.readTail(&exemplar)
    value = tail.value
    timestamp = tail.timestamp
    let index: UInt32
    if let known {
      index = known
      resume(after: known, layout)
    } else if let born = bear(labels, raw, &layout, relabel) {
      index = born
    } else {
      // Not remembered: the limit bounds what is kept of a body, too.
      reading.samples += 1
      reading.cut += 1
      return try countKept()
    }
    try note(layout.entries[Int(index)].slot, &layout)
    lines?.append(index)
  }

  /// Goes on expecting what followed this entry last time.
  private mutating func resume(after entry: UInt32, _ layout: ScrapeLayout) {
    deviate(layout)
    // The usual cause is a few lines that came or went: look a little ahead, then give up and take
    // line after line by its hash until the bodies agree again.
    let horizon = min(layout.lines.count, expected + 64)
    var index = expected
    while index < horizon {
      if layout.lines[index] == entry {
        expected = index + 1
        return
      }
      index += 1
    }
  }

  /// The entry of a new line; nil when its series is over the limit.
  private mutating func bear(
    _ labels: Labels, _ raw: UnsafeBufferPointer<UInt8>, _ layout: inout ScrapeLayout,
    _ relabel: (Labels) -> Labels?
  ) -> UInt32? {
    guard let final = relabel(labels) else {
      deviate(layout)
      return layout.append(raw, slot: ScrapeLayout.dropped, bound: bound, next: bound)
    }
    let identity = final.fingerprint.value
    guard let (slot, isNew) = layout.slot(of: identity, limit: reader.limits.series) else {
      return nil
    }
    deviate(layout)
    if isNew { reading.births.append(.init(slot: slot, labels: final)) }
    return layout.append(raw, slot: slot, bound: bound, next: bound, identity: identity)
  }

  private mutating func takeComment(
    _ line: BodyLine, from start: Int, _ layout: inout ScrapeLayout
  ) throws(BodyProblem) {
    let before = bound
    if case .type(_, let type) = line { bound = BoundLabel(type) }
    let raw = reader.bytes(ByteRange(start, reader.position))
    deviate(layout)
    // The last line without a newline is no model for later bodies.
    guard raw.last == Ascii.newline, raw.count <= ScrapeLayout.Entry.longest else {
      try remember(line, &layout)
      return
    }
    if let known = layout.find(raw, bound: before) {
      resume(after: known, layout)
      lines?.append(known)
      return
    }
    try remember(line, &layout)
    let index = layout.append(raw, slot: ScrapeLayout.comment, bound: before, next: bound)
    lines?.append(index)
  }

  private mutating func remember(
    _ line: BodyLine, _ layout: inout ScrapeLayout
  ) throws(BodyProblem) {
    func update(
      _ metric: ByteRange, _ change: (inout MetricMetadata) -> Void
    ) throws(BodyProblem) {
      let name = try reader.decode(metric, "metric name")
      var entry = layout.metadata[name] ?? MetricMetadata(metric: name, type: .unknown)
      let old = entry
      change(&entry)
      if layout.metadata[name] == nil || entry != old, isChanged.insert(name).inserted {
        changed.append(name)
      }
      layout.metadata[name] = entry
    }
    switch line {
    case .type(let metric, let type): try update(metric) { $0.type = type }
    case .help(let metric, let text):
      guard let help = reader.text(text, unescapesQuotes: reader.isOpenMetrics) else {
        throw reader.problem("the help text is not valid UTF-8", at: text.lower)
      }
      try update(metric) { $0.help = help }
    case .unit(let metric, let text):
      let unit = try reader.decode(text, "unit")
      try update(metric) { $0.unit = unit }
    case .blank, .comment, .endMarker, .series: break
    }
  }
}
