import CRE2

/// A compiled regular expression in RE2 syntax, the dialect of Prometheus and Alertmanager.
package final class Pattern: @unchecked Sendable {
  // RE2 objects are immutable after construction and safe to share between threads.
  private let compiled: OpaquePointer
  package let source: String

  /// Why a pattern does not compile: RE2's own sentence.
  package struct Failure: Error, Hashable, Sendable {
    package var reason: String
  }

  /// Compiles `source`; anchored patterns match whole texts only. `maxBytes` bounds the program's
  /// memory (0 = RE2's own 8 MiB).
  package init(_ source: String, anchored: Bool, maxBytes: Int = 0) throws(Failure) {
    var source = source
    var message = [CChar](repeating: 0, count: 256)
    let pointer = source.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { text in
        cre2_compile(text.baseAddress, text.count, anchored, maxBytes, &message, message.count)
      }
    }
    guard let pointer else {
      let bytes = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      throw Failure(reason: String(decoding: bytes, as: UTF8.self))
    }
    compiled = pointer
    self.source = source
  }

  deinit { cre2_free(compiled) }

  /// Whether the pattern matches: the whole text when anchored, anywhere in it otherwise.
  package func matches(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { cre2_matches(compiled, $0.baseAddress, $0.count) }
    }
  }

  /// The number of capturing groups.
  package var groupCount: Int { Int(cre2_group_count(compiled)) }

  /// The index of a named group, nil when the pattern has none of that name.
  package func groupIndex(named name: String) -> Int? {
    var name = name
    let index = name.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) {
        cre2_group_index(compiled, $0.baseAddress, $0.count)
      }
    }
    return index < 0 ? nil : Int(index)
  }

  /// Calls `body` with the bytes of the text and the bounds of its first match, group 0 and each
  /// capturing group: where it begins and ends, −1 twice for one that took no part. nil without a
  /// match.
  package func withFirstMatch<Result>(
    in text: String,
    _ body: (_ text: UnsafeBufferPointer<UInt8>, _ bounds: UnsafeBufferPointer<Int>) -> Result
  ) -> Result? {
    var text = text
    let count = groupCount + 1
    return text.withUTF8 { bytes in
      withUnsafeTemporaryAllocation(of: Int.self, capacity: 2 * count) { bounds in
        bounds.initialize(repeating: -1)
        let found = bytes.withMemoryRebound(to: CChar.self) {
          cre2_find(compiled, $0.baseAddress, $0.count, 0, bounds.baseAddress, Int32(count))
        }
        return found ? body(bytes, UnsafeBufferPointer(bounds)) : nil
      }
    }
  }

  /// The first match: the text of group 0 and of each capturing group, nil for one that took no
  /// part.
  package func firstMatch(in text: String) -> [String?]? {
    var text = text
    let count = groupCount + 1
    var offsets = [Int](repeating: -1, count: 2 * count)
    return text.withUTF8 { bytes -> [String?]? in
      let found = bytes.withMemoryRebound(to: CChar.self) {
        cre2_find(compiled, $0.baseAddress, $0.count, 0, &offsets, Int32(count))
      }
      guard found else { return nil }
      return (0..<count).map { group in
        let (lower, upper) = (offsets[2 * group], offsets[2 * group + 1])
        return lower < 0 ? nil : String(decoding: bytes[lower..<upper], as: UTF8.self)
      }
    }
  }
}

/// A test of one label: `=`, `!=`, or an anchored RE2 pattern with `=~`, `!~`; a missing label is "".
package struct LabelMatcher: Sendable, Hashable, CustomStringConvertible {
  package enum Operator: String, Sendable, Hashable, Codable, CaseIterable {
    case equal = "="
    case notEqual = "!="
    case matches = "=~"
    case notMatches = "!~"
  }
  package let name: String
  package let comparison: Operator
  package let value: String
  private let pattern: Pattern?

  package init(
    _ name: String, _ comparison: Operator, _ value: String
  ) throws(Pattern.Failure) {
    self.name = name
    self.comparison = comparison
    self.value = value
    switch comparison {
    case .equal, .notEqual: pattern = nil
    case .matches, .notMatches: pattern = try Pattern(value, anchored: true)
    }
  }

  /// An equality matcher, which cannot fail to compile.
  package init(_ name: String, equals value: String) {
    self.name = name
    self.comparison = .equal
    self.value = value
    pattern = nil
  }

  package func matches(_ text: String) -> Bool {
    switch comparison {
    case .equal: Bytes.equal(text, value)
    case .notEqual: !Bytes.equal(text, value)
    case .matches: pattern?.matches(text) ?? false
    case .notMatches: !(pattern?.matches(text) ?? true)
    }
  }

  package func matches(_ labels: Labels) -> Bool { matches(labels[name] ?? "") }

  /// Whether the matcher accepts a label set that has no such label.
  package var matchesEmpty: Bool { matches("") }

  package static func == (left: LabelMatcher, right: LabelMatcher) -> Bool {
    left.comparison == right.comparison && Bytes.equal(left.name, right.name)
      && Bytes.equal(left.value, right.value)
  }
  package func hash(into hasher: inout Hasher) {
    hasher.combine(comparison)
    Bytes.hash(name, into: &hasher)
    Bytes.hash(value, into: &hasher)
  }
  package var description: String { "\(name)\(comparison.rawValue)\(PromQuote.quoted(value))" }
}

extension Sequence<LabelMatcher> {
  /// Whether every matcher accepts the labels.
  package func allMatch(_ labels: Labels) -> Bool { allSatisfy { $0.matches(labels) } }
}
