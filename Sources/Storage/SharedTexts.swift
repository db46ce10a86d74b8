import Model

/// Texts and lists of names that label sets of a store have in common, each kept once.
struct SharedTexts: Sendable {
  private var texts: Set<ByteText> = []
  private var names: Set<LabelNames> = []

  /// How many there are.
  var count: Int { texts.count + names.count }

  /// The same labels, made of shared parts.
  mutating func shared(_ labels: Labels) -> Labels {
    var kept: [String] = []
    kept.reserveCapacity(labels.count)
    for position in labels.indices { kept.append(shared(labels.value(at: position))) }
    return Labels(names: names.insert(labels.names).memberAfterInsert, values: kept)
  }

  private mutating func shared(_ text: String) -> String {
    // Up to 15 bytes a string has no memory of its own.
    if text.utf8.count <= 15 { return text }
    return texts.insert(ByteText(text: text)).memberAfterInsert.text
  }
}

/// A text that is equal to another byte by byte, where `String` would take canonically equal ones
/// for the same.
struct ByteText: Hashable, Sendable {
  var text: String
  static func == (left: ByteText, right: ByteText) -> Bool { Bytes.equal(left.text, right.text) }
  func hash(into hasher: inout Hasher) { Bytes.hash(text, into: &hasher) }
}
