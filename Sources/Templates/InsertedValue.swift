import Model

/// A value on its way through the filters into a text.
struct Inserted {
  private var data: TemplateData
  /// The name to print in `(no NAME)`.
  private let missing: String

  init(_ data: TemplateData, missing: String) {
    self.data = data
    self.missing = missing
  }

  private func with(_ data: TemplateData) -> Inserted { Inserted(data, missing: missing) }

  /// The number behind the value: also of a label whose text is one.
  private var number: Double? {
    switch data {
    case .number(let value, _): value
    case .text(let text): Self.number(text)
    case .time(let time): time.seconds
    default: nil
    }
  }

  private static func number(_ text: String) -> Double? {
    guard let first = text.utf8.first, first < 0x80,
      (0x30...0x39).contains(first) || first == 0x2D || first == 0x2B || first == 0x2E
    else { return nil }
    return Double(text)
  }

  /// Applies a filter. One that cannot do anything with the value leaves it as it is.
  func filtered(_ filter: TemplateFilter, _ clock: LocalTime) -> Inserted {
    switch filter {
    case .raw: return number.map { with(.text(ValueFormat.general($0))) } ?? self
    case .fixed(let places):
      return number.map { with(.text(ValueFormat.fixed($0, places))) } ?? self
    case .humanize: return number.map { with(.text(ValueFormat.humanized($0))) } ?? self
    case .bytes: return number.map { with(.text(ValueFormat.text($0, .bytes))) } ?? self
    case .percent: return number.map { with(.text(ValueFormat.text($0, .ratio))) } ?? self
    case .duration: return elapsed(clock)
    case .time: return moment.map { with(.text(clock.short($0))) } ?? self
    case .upper: return edited(clock) { $0.uppercased() }
    case .lower: return edited(clock) { $0.lowercased() }
    case .short(let length): return edited(clock) { Self.shortened($0, to: length) }
    case .count: return with(.number(Double(count), .none))
    case .fallback(let text): return isNothing ? with(.text(text)) : self
    case .join(let separator):
      guard case .labels(let labels) = data else { return self }
      return with(.text(Self.written(labels, separator)))
    }
  }

  private var isNothing: Bool {
    switch data {
    case .absent: true
    case .text(let text): text.isEmpty
    case .rendered(let text): text.isEmpty
    case .labels(let labels): labels.isEmpty
    case .list(let items): items.isEmpty
    case .number(let value, _): value.isNaN
    default: false
    }
  }

  private var count: Int {
    switch data {
    case .list(let items): items.count
    case .labels(let labels): labels.count
    default: 0
    }
  }

  private var moment: Timestamp? {
    if case .time(let time) = data { return time }
    return number.map { Timestamp(seconds: ValueFormat.clamped($0)) }
  }

  /// Of a time how long ago it was, of a number so many seconds.
  private func elapsed(_ clock: LocalTime) -> Inserted {
    if case .time(let time) = data {
      guard let now = clock.now else { return with(.text(clock.short(time))) }
      return with(.text(ValueFormat.duration(now - time)))
    }
    return number.map { with(.text(ValueFormat.text($0, .seconds))) } ?? self
  }

  private func edited(_ clock: LocalTime, _ edit: (String) -> String) -> Inserted {
    if case .absent = data { return self }
    return with(.text(edit(text(clock))))
  }

  private static func shortened(_ text: String, to length: Int) -> String {
    text.count <= length ? text : text.prefix(max(0, length - 1)) + "…"
  }

  private static func written(_ labels: Labels, _ separator: String) -> String {
    labels.map { "\($0.name)=\($0.value)" }.joined(separator: separator)
  }

  /// The value as it is inserted.
  func text(_ clock: LocalTime) -> String {
    switch data {
    case .absent: return "(no \(missing))"
    case .text(let text): return text
    case .rendered(let text): return text.plain
    case .flag(let flag): return flag ? "yes" : "no"
    case .number(let value, .timestamp) where value.isFinite:
      return clock.full(Timestamp(seconds: ValueFormat.clamped(value)))
    case .number(let value, let unit): return ValueFormat.text(value, unit)
    case .time(let time): return clock.short(time)
    case .labels(let labels):
      return labels.isEmpty ? "(no \(missing))" : Self.written(labels, ", ")
    // Lists and fields are never inserted; the compiler has seen to it.
    case .list(let items): return "\(items.count)"
    case .fields: return ""
    }
  }
}
