import Model

/// Texts for the matchers of a label.
enum PatternExample {
  /// Up to two values that all matchers accept; empty when none was found.
  static func values(for matchers: [LabelMatcher]) -> [String] {
    var candidates: [String] = []
    for matcher in matchers {
      switch matcher.comparison {
      case .equal: candidates.insert(matcher.value, at: 0)
      case .matches: candidates += alternatives(of: matcher.value)
      case .notEqual, .notMatches: break
      }
    }
    candidates += ["a", "some", "500", "1", ""]
    var found: [String] = []
    for candidate in candidates where !found.contains(candidate) {
      if matchers.allSatisfy({ $0.matches(candidate) }) { found.append(candidate) }
    }
    let filled = found.filter { !$0.isEmpty }
    return Array((filled.isEmpty ? found : filled).prefix(2))
  }

  /// Texts that a pattern without much in it matches: each alternative, what may repeat left out or
  /// once.
  private static func alternatives(of pattern: String) -> [String] {
    var pattern = pattern
    // One group around everything, or in the middle: each of its alternatives in its place.
    if let open = pattern.firstIndex(of: "("), let close = pattern.lastIndex(of: ")"), open < close
    {
      let (before, after) = (pattern[..<open], pattern[pattern.index(after: close)...])
      var inside = pattern[pattern.index(after: open)..<close]
      if inside.hasPrefix("?:") { inside = inside.dropFirst(2) }
      return inside.split(separator: "|", omittingEmptySubsequences: false)
        .flatMap { alternatives(of: "\(before)\($0)\(after)") }
    }
    pattern = pattern.filter { $0 != "^" && $0 != "$" }
    return pattern.split(separator: "|", omittingEmptySubsequences: false).map { plain(String($0)) }
  }

  private static func plain(_ pattern: String) -> String {
    var out = ""
    var rest = pattern[...]
    while let character = rest.popFirst() {
      switch character {
      case "\\": if let next = rest.popFirst() { out.append(next == "d" ? "0" : next) }
      case ".": out.append("0")
      case "*", "?": out = String(out.dropLast())
      case "+": break
      case "[":
        let set = rest.prefix { $0 != "]" }
        out.append(set.first ?? "0")
        rest = rest.dropFirst(set.count + 1)
      default: out.append(character)
      }
    }
    return out
  }
}
