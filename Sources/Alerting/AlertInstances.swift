import Model

/// The alerts of one rule: found by fingerprint or by element, walked in the order of their labels.
/// With thousands of them, sorting or copying at every evaluation would be most of its cost.
struct AlertInstances: Sendable {
  private var held: [Fingerprint: AlertInstance] = [:]
  /// Which alert an element of the result belongs to.
  private var byElement: [Labels: Fingerprint] = [:]
  /// By the labels that identify them, unless `isArranged` is false.
  private var order: [Fingerprint] = []
  private var isArranged = true

  var isEmpty: Bool { held.isEmpty }
  var count: Int { held.count }
  var values: some Collection<AlertInstance> { held.values }

  subscript(fingerprint: Fingerprint) -> AlertInstance? { held[fingerprint] }

  /// The alert an element belongs to, nil when it has none.
  func fingerprint(of element: Labels) -> Fingerprint? { byElement[element] }

  /// Adds an alert, or puts it in the place of the one with its fingerprint.
  mutating func put(_ instance: AlertInstance) {
    let old = held.updateValue(instance, forKey: instance.fingerprint)
    if let old {
      forget(element: old.element, of: instance.fingerprint)
    } else {
      isArranged = false
    }
    byElement[instance.element] = instance.fingerprint
  }

  mutating func remove(_ fingerprint: Fingerprint) {
    guard let old = held.removeValue(forKey: fingerprint) else { return }
    forget(element: old.element, of: fingerprint)
    isArranged = false
  }

  private mutating func forget(element: Labels, of fingerprint: Fingerprint) {
    if byElement[element] == fingerprint { byElement.removeValue(forKey: element) }
  }

  /// Changes an alert where it is; what identifies it and its element stay as they are.
  mutating func update<Answer>(
    _ fingerprint: Fingerprint, _ change: (inout AlertInstance) -> Answer
  ) -> Answer? {
    guard let place = held.index(forKey: fingerprint) else { return nil }
    return change(&held.values[place])
  }

  /// Brings the order up to date, so that asking for it costs nothing.
  mutating func arrange() {
    guard !isArranged else { return }
    order = sorted
    isArranged = true
  }

  /// All of them, by the labels that identify them: every output has one order.
  var fingerprints: [Fingerprint] { isArranged ? order : sorted }

  private var sorted: [Fingerprint] {
    held.values.map { (identity: $0.identity, fingerprint: $0.fingerprint) }
      .sorted { $0.identity < $1.identity }.map(\.fingerprint)
  }

  /// The alerts in that order.
  var ordered: some Sequence<AlertInstance> { fingerprints.lazy.compactMap { held[$0] } }

  /// Those that something was observed of, in that order.
  func arranged(_ some: [Fingerprint: Observation].Keys) -> [Fingerprint] {
    // Few are sorted faster than many are walked.
    if some.count * 8 >= held.count { return fingerprints.filter { some.contains($0) } }
    return some.compactMap { held[$0] }.map { (identity: $0.identity, fingerprint: $0.fingerprint) }
      .sorted { $0.identity < $1.identity }.map(\.fingerprint)
  }
}
