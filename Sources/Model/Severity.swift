/// A severity word of the configuration with its place in the order.
package struct Severity: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
  package var name: String
  /// 0 is the least severe.
  package var rank: Int
  package init(name: String, rank: Int) {
    self.name = name
    self.rank = rank
  }
  package static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
  package var description: String { name }
}

/// The severities of a configuration, from the least to the most severe.
package struct SeverityScale: Sendable, Hashable {
  package var names: [String]
  package init(names: [String]) { self.names = names }
  package static let standard = SeverityScale(names: ["info", "warning", "critical"])
  package subscript(name: String) -> Severity? {
    names.firstIndex(of: name).map { Severity(name: name, rank: $0) }
  }
  package var all: [Severity] { names.indices.map { Severity(name: names[$0], rank: $0) } }
}

/// What a number measures, for display and checks; it never changes a comparison.
package enum Unit: String, Sendable, Hashable, Codable {
  case none, ratio, seconds, bytes, bytesPerSecond, perSecond, timestamp, celsius, percent
}

/// A comparison that a level, a condition or an expectation makes.
package enum Comparison: String, Sendable, Hashable, Codable, CaseIterable {
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case equal = "=="
  case notEqual = "!="

  package func holds(_ left: Double, _ right: Double) -> Bool {
    switch self {
    case .less: left < right
    case .lessOrEqual: left <= right
    case .greater: left > right
    case .greaterOrEqual: left >= right
    case .equal: left == right
    case .notEqual: left != right
    }
  }
}

/// A number with the unit it was written in: `80%` is 0.8 ratio, `512MiB` is bytes, `300ms`
/// seconds.
package struct Quantity: Sendable, Hashable, Codable {
  package var value: Double
  package var unit: Unit
  package init(_ value: Double, _ unit: Unit = .none) {
    self.value = value
    self.unit = unit
  }
}
