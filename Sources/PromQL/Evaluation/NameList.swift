import Model

/// Names that others are looked up in, few as a rule; many are sorted.
struct NameList: Sendable {
  private let names: [String]
  private let isSorted: Bool

  init(_ names: [String]) {
    isSorted = names.count > 16
    self.names = isSorted ? names.sorted(by: Bytes.less) : names
  }

  var isEmpty: Bool { names.isEmpty }

  @inline(__always)
  func contains(_ name: String) -> Bool {
    if isSorted { return isAmongMany(name) }
    for listed in names where Bytes.equal(listed, name) { return true }
    return false
  }

  private func isAmongMany(_ name: String) -> Bool {
    var (lower, upper) = (0, names.count)
    while lower < upper {
      let middle = (lower + upper) / 2
      if Bytes.less(names[middle], name) { lower = middle + 1 } else { upper = middle }
    }
    return lower < names.count && Bytes.equal(names[lower], name)
  }
}
