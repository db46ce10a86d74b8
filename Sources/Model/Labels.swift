import Glibc

/// A name and its value, as every series and alert carries them.
package struct Label: Sendable, Codable {
  package var name: String
  package var value: String
  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

extension Label: Hashable {
  // Swift compares strings by Unicode equivalence; Prometheus compares labels byte by byte.
  package static func == (left: Label, right: Label) -> Bool {
    Bytes.equal(left.name, right.name) && Bytes.equal(left.value, right.value)
  }
  package func hash(into hasher: inout Hasher) {
    Bytes.hash(name, into: &hasher)
    Bytes.hash(value, into: &hasher)
  }
}

/// Comparison of texts by their UTF-8 bytes, which is how Prometheus orders and compares labels.
package enum Bytes {
  package static func equal(_ left: String, _ right: String) -> Bool {
    // Without a copy, which would be retained and released.
    let isEqual = left.utf8.withContiguousStorageIfAvailable { a in
      right.utf8.withContiguousStorageIfAvailable { b in
        a.count == b.count && (a.isEmpty || memcmp(a.baseAddress!, b.baseAddress!, a.count) == 0)
      }
    }
    return (isEqual ?? nil) ?? left.utf8.elementsEqual(right.utf8)
  }

  package static func less(_ left: String, _ right: String) -> Bool {
    // Like `equal`, without a copy; bytes compare as unsigned numbers in both.
    let isLess = left.utf8.withContiguousStorageIfAvailable { a in
      right.utf8.withContiguousStorageIfAvailable { b in
        let length = min(a.count, b.count)
        let order = length == 0 ? 0 : memcmp(a.baseAddress!, b.baseAddress!, length)
        return order == 0 ? a.count < b.count : order < 0
      }
    }
    return (isLess ?? nil) ?? left.utf8.lexicographicallyPrecedes(right.utf8)
  }

  package static func hash(_ text: String, into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    hasher.combine(0xFF as UInt8)
  }
}

/// An immutable set of labels: sorted by name, no name twice, no empty value (an empty value is an
/// absent label, as in Prometheus' `model/labels`).
package struct Labels: Sendable {
  // `ManagedBuffer` can't be Sendable; this one is never changed after it is made.
  nonisolated(unsafe) let content: LabelContent
  nonisolated(unsafe) private static let nothing = LabelContent.make(
    LabelNames([]), values: EmptyCollection<LabelValue>())

  /// The metric name's label.
  package static let metricName = "__name__"
  /// The alert name's label.
  package static let alertName = "alertname"

  package init() { content = Self.nothing }

  /// A set from labels in any order; of two with one name the last counts, empty values vanish.
  package init(_ labels: some Sequence<Label>) {
    var items: [Label] = []
    for label in labels { Self.set(&items, label) }
    self.init(sorted: items)
  }

  package init(_ pairs: KeyValuePairs<String, String>) {
    self.init(pairs.map { Label($0.key, $0.value) })
  }

  /// A set from labels that are already sorted by name, unique and not empty.
  package init(sorted items: [Label]) {
    content = LabelContent.make(
      LabelNames(items.map(\.name)), values: items.lazy.map { LabelValue($0.value) })
  }

  /// A set of names that are sorted and unique, and of as many values, none of them empty.
  package init(names: LabelNames, values: some Collection<String>) {
    content = LabelContent.make(names, values: values.lazy.map(LabelValue.init))
  }

  /// A set of names that are sorted and unique, and of as many values, none of them empty.
  package init(names: LabelNames, shared values: some Collection<LabelValue>) {
    content = LabelContent.make(names, values: values)
  }

  private static func set(_ items: inout [Label], _ label: Label) {
    let index =
      items.firstIndex { !Bytes.less($0.name, label.name) } ?? items.endIndex
    let present = index < items.endIndex && Bytes.equal(items[index].name, label.name)
    switch (present, label.value.isEmpty) {
    case (true, true): items.remove(at: index)
    case (true, false): items[index].value = label.value
    case (false, false): items.insert(label, at: index)
    case (false, true): break
    }
  }

  /// The names in order; sets of one store with the same names share them.
  package var names: LabelNames { content.names }

  /// The value of the label at a position.
  @inline(__always)
  package func value(at position: Int) -> String { content.text(at: position) }

  /// The value at a position, as sets have it in common.
  package func sharedValue(at position: Int) -> LabelValue { content.value(at: position) }

  /// The value of a label, nil when the set has none of that name.
  package subscript(name: String) -> String? {
    content.names.position(of: name).map(content.text)
  }

  /// The metric name, "" when there is none.
  package var name: String { self[Self.metricName] ?? "" }

  /// The same set with one label set, or removed when the value is nil or empty.
  package func setting(_ name: String, to value: String?) -> Labels {
    var items = Array(self)
    Self.set(&items, Label(name, value ?? ""))
    return Labels(sorted: items)
  }

  /// The same set with others laid over it.
  package func overlaid(with other: some Sequence<Label>) -> Labels {
    var items = Array(self)
    for label in other { Self.set(&items, label) }
    return Labels(sorted: items)
  }

  /// Only the labels whose names the predicate accepts.
  package func filtered(_ keep: (String) -> Bool) -> Labels {
    let kept = names.items.indices.filter { keep(names.items[$0]) }
    if kept.count == count { return self }
    return Labels(
      names: LabelNames(kept.map { names.items[$0] }), shared: kept.map(content.value))
  }

  package func removing(_ names: String...) -> Labels {
    filtered { name in !names.contains { Bytes.equal($0, name) } }
  }
}

extension Labels: RandomAccessCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { content.names.items.count }
  package subscript(position: Int) -> Label {
    Label(content.names.items[position], content.text(at: position))
  }
}

extension Labels: Hashable, Comparable, CustomStringConvertible {
  package static func == (left: Labels, right: Labels) -> Bool {
    left.content === right.content
      || (left.content.hash == right.content.hash
        && left.content.holdsSame(as: right.content))
  }
  package func hash(into hasher: inout Hasher) { hasher.combine(content.hash) }

  /// The hash of names and values, worked out when the set was made; it differs between processes.
  package var fastHash: UInt64 { content.hash }

  /// Prometheus' order: label by label, names before values, the shorter set first.
  package static func < (left: Labels, right: Labels) -> Bool {
    if left.sharesNames(with: right) { return left.content.valuesPrecede(right.content) }
    for (a, b) in zip(left, right) {
      if !Bytes.equal(a.name, b.name) { return Bytes.less(a.name, b.name) }
      if !Bytes.equal(a.value, b.value) { return Bytes.less(a.value, b.value) }
    }
    return left.count < right.count
  }

  /// `name{label="value", …}`, as PromQL writes it.
  package var description: String {
    let inner = filter { $0.name != Self.metricName }
      .map { "\($0.name)=\(PromQuote.quoted($0.value))" }.joined(separator: ", ")
    return inner.isEmpty && !name.isEmpty ? name : "\(name){\(inner)}"
  }
}

/// Quoting of strings as Go's `strconv.Quote` does it for the characters that occur in labels.
package enum PromQuote {
  package static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\t": out += "\\t"
      case "\r": out += "\\r"
      case "\u{7}": out += "\\a"
      case "\u{8}": out += "\\b"
      case "\u{B}": out += "\\v"
      case "\u{C}": out += "\\f"
      // What stands for bytes that are no UTF-8 cannot be written bare: it would be one of those.
      case "\u{FFFD}": out += "\\ufffd"
      case let scalar where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        out += "\\x" + (digits.count < 2 ? "0" : "") + digits
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }

  /// The same with every character escaped that Go holds for unprintable: signs that cannot be
  /// seen, spaces other than the plain one, and code points nobody has given a meaning.
  package static func printable(_ text: String) -> String {
    let quoted = quoted(text)
    if quoted.utf8.allSatisfy({ $0 < 0x80 }) { return quoted }
    var out = ""
    for scalar in quoted.unicodeScalars {
      if scalar.isASCII || isPrintable(scalar) {
        out.unicodeScalars.append(scalar)
      } else {
        let digits = String(scalar.value, radix: 16)
        let width = scalar.value < 0x10000 ? 4 : 8
        out +=
          (width == 4 ? "\\u" : "\\U")
          + String(repeating: "0", count: width - digits.utf8.count) + digits
      }
    }
    return out
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .lineSeparator,
      .paragraphSeparator:
      false
    default: true
    }
  }
}
