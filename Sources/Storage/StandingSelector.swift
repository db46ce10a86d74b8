import Model

/// A selector whose members are known at all times: rules ask for the same series again and again.
struct StandingSelector: Sendable {
  var matchers: [LabelMatcher]
  /// How many have asked for it; nobody: the place is free.
  var uses = 0
  /// Indices of the series it accepts, ascending.
  var members: [Int32] = []
}

/// The metric name that a list of matchers demands with `=`, nil when it does not.
func requiredMetric(of matchers: [LabelMatcher]) -> String? {
  matchers.first {
    $0.comparison == .equal && $0.name == Labels.metricName && !$0.value.isEmpty
  }?.value
}

extension [Int32] {
  mutating func insertAscending(_ value: Int32) {
    if let last, last < value { return append(value) }
    insert(value, at: lowerBound(of: value))
  }

  mutating func removeAscending(_ value: Int32) {
    let index = lowerBound(of: value)
    if index < endIndex, self[index] == value { remove(at: index) }
  }

  private func lowerBound(of value: Int32) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
