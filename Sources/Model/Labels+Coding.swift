extension Labels: Codable {
  /// From names and values in turn; older records have a list of objects of a name and a value.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let texts = try? container.decode([String].self) else {
      self.init(try container.decode([Label].self))
      return
    }
    guard texts.count.isMultiple(of: 2) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "a label without a value")
    }
    self.init(stride(from: 0, to: texts.count, by: 2).map { Label(texts[$0], texts[$0 + 1]) })
  }
  package func encode(to encoder: any Encoder) throws {
    // No object: a reader may take two names for one key that differ in bytes only.
    var texts = encoder.unkeyedContainer()
    for label in self {
      try texts.encode(label.name)
      try texts.encode(label.value)
    }
  }
}
