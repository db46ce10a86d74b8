/// What the operator probably meant.
package enum Suggestion {
  /// The candidate nearest to a word, nil when none is near: at most a third of its letters may
  /// differ (insertions, deletions, changes and swaps of neighbours count one each). Of equally near
  /// ones the first counts.
  package static func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
    let word = Array(word.lowercased().unicodeScalars)
    var best: (name: String, distance: Int)?
    for candidate in candidates {
      let letters = Array(candidate.lowercased().unicodeScalars)
      let allowed = Swift.max(1, Swift.max(word.count, letters.count) / 3)
      guard abs(letters.count - word.count) <= allowed else { continue }
      let distance = distance(word, letters)
      if distance <= allowed, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.name
  }

  /// Optimal string alignment distance.
  private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var previous = [Int](repeating: 0, count: right.count + 1)
    var current = Array(0...right.count)
    for row in 0..<left.count {
      let beforePrevious = previous
      previous = current
      current[0] = row + 1
      for column in 0..<right.count {
        let cost = left[row] == right[column] ? 0 : 1
        current[column + 1] = Swift.min(
          previous[column + 1] + 1, current[column] + 1, previous[column] + cost)
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          current[column + 1] = Swift.min(current[column + 1], beforePrevious[column - 1] + 1)
        }
      }
    }
    return current[right.count]
  }
}
