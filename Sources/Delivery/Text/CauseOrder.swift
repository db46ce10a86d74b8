import Model

/// The order alerts are told in: the worst first, and each cause before its symptoms. A cause
/// counts as bad as the worst it explains.
struct CauseOrder {
  /// How many causes stand above a name.
  private var depth: [String: Int] = [:]
  /// The rank of the worst alert of a name and of all it explains.
  private var rank: [String: Int] = [:]
  private static let deepest = 32

  init(_ alerts: [Alert]) {
    var parents: [String: [String]] = [:]
    for alert in alerts {
      if parents[alert.name] == nil { parents[alert.name] = alert.parents }
      rank[alert.name] = max(rank[alert.name] ?? -1, alert.severity?.rank ?? -1)
    }
    for name in parents.keys.sorted() { find(name, [], parents) }
    let own = rank
    for name in parents.keys.sorted() { raise(name, to: own[name] ?? -1, [], parents) }
  }

  func precedes(_ left: Alert, _ right: Alert) -> Bool {
    let (rankLeft, rankRight) = (rank[left.name] ?? -1, rank[right.name] ?? -1)
    if rankLeft != rankRight { return rankLeft > rankRight }
    let (depthLeft, depthRight) = (depth[left.name] ?? 0, depth[right.name] ?? 0)
    if depthLeft != depthRight { return depthLeft < depthRight }
    let (ownLeft, ownRight) = (left.severity?.rank ?? -1, right.severity?.rank ?? -1)
    if ownLeft != ownRight { return ownLeft > ownRight }
    if left.activeAt != right.activeAt { return left.activeAt < right.activeAt }
    return left.labels < right.labels
  }

  /// A cycle counts as no cause.
  @discardableResult
  private mutating func find(
    _ name: String, _ path: [String], _ parents: [String: [String]]
  ) -> Int {
    if let known = depth[name] { return known }
    guard !path.contains(name), path.count < Self.deepest else { return 0 }
    var found = 0
    for parent in parents[name] ?? [] where parents[parent] != nil {
      found = max(found, find(parent, path + [name], parents) + 1)
    }
    depth[name] = found
    return found
  }

  private mutating func raise(
    _ name: String, to level: Int, _ path: [String], _ parents: [String: [String]]
  ) {
    guard !path.contains(name), path.count < Self.deepest else { return }
    rank[name] = max(rank[name] ?? -1, level)
    for parent in parents[name] ?? [] where parents[parent] != nil {
      raise(parent, to: level, path + [name], parents)
    }
  }
}
