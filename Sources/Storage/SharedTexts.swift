import Model

/// Values and lists of names that label sets of a store have in common, each kept once.
struct SharedTexts: Sendable {
  private var values: Set<LabelValue> = []
  private var names: Set<LabelNames> = []

  /// How many there are.
  var count: Int { values.count + names.count }

  /// The same labels, made of shared parts.
  mutating func shared(_ labels: Labels) -> Labels {
    labels.shared(names.insert(labels.names).memberAfterInsert) {
      values.insert($0).memberAfterInsert
    }
  }
}
