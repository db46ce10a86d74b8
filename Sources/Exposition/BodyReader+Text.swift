import Model

/// The bytes that mean something in a body.
enum Ascii {
  static let tab = UInt8(ascii: "\t")
  static let newline = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  static let space = UInt8(ascii: " ")
  static let quote = UInt8(ascii: "\"")
  static let hash = UInt8(ascii: "#")
  static let comma = UInt8(ascii: ",")
  static let equal = UInt8(ascii: "=")
  static let backslash = UInt8(ascii: "\\")
  static let braceOpen = UInt8(ascii: "{")
  static let braceClose = UInt8(ascii: "}")

  @inline(__always)
  static func startsName(_ byte: UInt8, colons: Bool) -> Bool {
    (byte | 0x20) &- 0x61 < 26 || byte == UInt8(ascii: "_")
      || (colons && byte == UInt8(ascii: ":"))
  }

  @inline(__always)
  static func continuesName(_ byte: UInt8, colons: Bool) -> Bool {
    startsName(byte, colons: colons) || byte &- 0x30 < 10
  }
}

extension BodyReader {
  func bytes(_ range: ByteRange) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: base + range.lower, count: range.count)
  }

  func string(_ range: ByteRange) -> String { String(decoding: bytes(range), as: UTF8.self) }

  /// The text of a range with its escapes undone (`\\`, `\n`, and `\"` where quotes are escaped);
  /// nil when it is not UTF-8.
  func text(_ range: ByteRange, unescapesQuotes: Bool) -> String? {
    let raw = bytes(range)
    guard raw.contains(Ascii.backslash) else { return String(validating: raw, as: UTF8.self) }
    var out: [UInt8] = []
    out.reserveCapacity(raw.count)
    var index = 0
    while index < raw.count {
      let byte = raw[index]
      let next = index + 1 < raw.count ? raw[index + 1] : 0
      switch (byte, next) {
      case (Ascii.backslash, UInt8(ascii: "n")): out.append(Ascii.newline)
      case (Ascii.backslash, Ascii.backslash): out.append(Ascii.backslash)
      case (Ascii.backslash, Ascii.quote) where unescapesQuotes: out.append(Ascii.quote)
      default:
        // Any other escape stands for itself, backslash included.
        out.append(byte)
        index += 1
        continue
      }
      index += 2
    }
    return String(validating: out, as: UTF8.self)
  }

  /// The labels of the series last read, sorted, with `le` and `quantile` in canonical form when
  /// `bound` names the one of them that the metric's type gives meaning to.
  func seriesLabels(bound: BoundLabel) throws(BodyProblem) -> Labels {
    var items: [Label] = []
    items.reserveCapacity(labels.count + 1)
    items.append(Label(Labels.metricName, try decode(name, "metric name")))
    for span in labels {
      let label = Label(
        span.nameQuoted ? try decode(span.name, "label name") : string(span.name),
        try decode(span.value, "label value"))
      if label.name.isEmpty { throw problem("a label name is empty", at: span.name.lower) }
      items.append(bound.names(label.name) ? Label(label.name, Self.canonical(label.value)) : label)
    }
    items.sort { Bytes.less($0.name, $1.name) }
    for index in items.indices.dropFirst()
    where Bytes.equal(items[index].name, items[index - 1].name) {
      throw problem("the label `\(items[index].name)` occurs twice", at: series.lower)
    }
    items.removeAll { $0.value.isEmpty }
    return Labels(sorted: items)
  }

  func decode(_ range: ByteRange, _ what: String) throws(BodyProblem) -> String {
    guard let text = text(range, unescapesQuotes: true) else {
      throw problem("the \(what) is not valid UTF-8", at: range.lower)
    }
    return text
  }

  /// `1` becomes `1.0`, as newer Prometheus writes bounds (`model/textparse/interface.go`).
  static func canonical(_ value: String) -> String {
    var value = value
    let number = value.withUTF8 { NumberReader.read($0) }
    guard let number else { return value }
    return NumberText.openMetrics(number)
  }

  func quoted(_ range: ByteRange) -> String { PromQuote.quoted(clipped(range)) }

  private func clipped(_ range: ByteRange) -> String {
    range.count <= 60 ? string(range) : string(ByteRange(range.lower, range.lower + 60)) + "…"
  }

  /// What stands at a place, for a sentence.
  func shown(at position: Int) -> String {
    guard position < end else { return "the end of the body" }
    switch base[position] {
    case Ascii.newline: return "the end of the line"
    case Ascii.space: return "a space"
    case Ascii.tab: return "a tab"
    case Ascii.quote: return "a quote"
    case 0x21..<0x7F: return "`\(String(UnicodeScalar(base[position])))`"
    default:
      let digits = String(base[position], radix: 16, uppercase: true)
      return "the byte 0x\(digits.count < 2 ? "0" : "")\(digits)"
    }
  }
}

/// The label whose value is a number for a metric's type.
enum BoundLabel: UInt8, Sendable {
  case none, quantile, bucket

  init(_ type: MetricType) {
    switch type {
    case .summary: self = .quantile
    case .histogram: self = .bucket
    default: self = .none
    }
  }

  func names(_ label: String) -> Bool {
    switch self {
    case .none: false
    case .quantile: label == "quantile"
    case .bucket: label == "le"
    }
  }
}
