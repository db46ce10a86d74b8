/// Finds what the operator may have meant by a word nobody knows.
package enum Suggestion {
  /// The candidate nearest to `word`, nil when none is near enough to be worth naming. Of two
  /// equally near the one with the same first letter wins, then the earlier.
  package static func nearest(
    to word: String, in candidates: some Sequence<String>
  ) -> String? {
    let wanted = folded(word)
    let limit = allowance(for: wanted.count)
    var best: (candidate: String, rank: Int)?
    for candidate in candidates where candidate != word {
      let other = folded(candidate)
      guard abs(other.count - wanted.count) <= limit else { continue }
      let distance = editDistance(wanted, other)
      guard distance <= limit, distance < max(wanted.count, other.count) else { continue }
      let rank = distance * 2 + (other.first == wanted.first ? 0 : 1)
      if rank < best?.rank ?? .max { best = (candidate, rank) }
    }
    return best?.candidate
  }

  /// How many single mistakes may lie between two words: one in a short word, up to three.
  static func allowance(for length: Int) -> Int {
    switch length {
    case ..<2: 0
    case ..<5: 1
    case ..<9: 2
    default: 3
    }
  }

  /// Characters that people mix up without noticing are the same: case, and `_`, `-`, space.
  private static func folded(_ word: String) -> [Character] {
    word.prefix(64).lowercased().map { $0 == "-" || $0 == " " ? "_" : $0 }
  }

  /// The number of insertions, deletions, substitutions and swaps of neighbours between two words
  /// (optimal string alignment).
  package static func editDistance(_ left: String, _ right: String) -> Int {
    editDistance(Array(left.prefix(256)), Array(right.prefix(256)))
  }

  private static func editDistance(_ left: [Character], _ right: [Character]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for i in left.indices {
      var row = [i + 1]
      for j in right.indices {
        let same = left[i] == right[j]
        var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (same ? 0 : 1))
        if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
          cost = min(cost, beforeLast[j - 1] + 1)
        }
        row.append(cost)
      }
      beforeLast = last
      last = row
    }
    return last[right.count]
  }
}
