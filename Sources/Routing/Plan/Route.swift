import Diagnostics
import Model

/// How alerts of one route are put together into messages.
package enum Grouping: Sendable, Hashable {
  /// `group by a, b`; `group together` is the empty list.
  case by([String])
  /// `group by everything`: each alert alone.
  case everything

  /// The labels of the group an alert belongs to: only those the alert has.
  package func labels(of alert: Labels) -> Labels {
    switch self {
    case .everything: alert
    case .by(let names): alert.filtered { name in names.contains { Bytes.equal($0, name) } }
    }
  }

  /// The names, nil for everything.
  package var names: [String]? {
    switch self {
    case .by(let names): names
    case .everything: nil
    }
  }
}

/// When a group speaks.
package struct GroupTiming: Sendable, Hashable {
  /// From a new group's first alert to its first message.
  package var wait: Duration
  /// Between messages about additions, and about closes while others still fire.
  package var update: Duration
  /// From the last successful message to the reminder.
  package var repeatInterval: Duration
  /// From the last alert's end to the close of the whole group.
  package var resolveWait: Duration

  package init(
    wait: Duration = .seconds(30), update: Duration = .seconds(300),
    repeatInterval: Duration = .seconds(4 * 3600), resolveWait: Duration = .zero
  ) {
    self.wait = wait
    self.update = update
    self.repeatInterval = repeatInterval
    self.resolveWait = resolveWait
  }
}

/// A node of the route tree, with everything it inherits filled in.
package struct Route: Sendable {
  /// Its place in depth-first order; the root is 0.
  package var index: Int
  package var parent: Int?
  package var children: [Int]
  package var matchers: [LabelMatcher]
  /// `continue`: later siblings are tried too.
  package var isContinuing: Bool
  /// Receivers' names in written order.
  package var receivers: [String]
  package var grouping: Grouping
  package var timing: GroupTiming
  /// Windows' names; not inherited.
  package var muteDuring: [String]
  package var onlyDuring: [String]
  /// Labels for the message, from the root down.
  package var labels: [Label]
  /// Alertmanager's route key: the path's matchers (`dispatch/route.go`).
  package var key: String
  /// The key, told apart from other routes with the same path; stable over reloads that leave the
  /// order of such routes alone.
  package var identity: String
  /// The statement's head, nil for the route that nobody wrote.
  package var range: SourceRange?

  package init(
    matchers: [LabelMatcher] = [], isContinuing: Bool = false, receivers: [String] = [],
    grouping: Grouping = .by([Labels.alertName]), timing: GroupTiming = GroupTiming(),
    muteDuring: [String] = [], onlyDuring: [String] = [], labels: [Label] = [],
    range: SourceRange? = nil
  ) {
    self.matchers = matchers
    self.isContinuing = isContinuing
    self.receivers = receivers
    self.grouping = grouping
    self.timing = timing
    self.muteDuring = muteDuring
    self.onlyDuring = onlyDuring
    self.labels = labels
    self.range = range
    index = 0
    parent = nil
    children = []
    key = ""
    identity = ""
  }

  /// Its own matchers as Alertmanager prints them: `{a="b",c=~"d"}`.
  package var matcherText: String {
    let sorted = matchers.sorted { left, right in
      if !Bytes.equal(left.name, right.name) { return Bytes.less(left.name, right.name) }
      return Bytes.less(left.description, right.description)
    }
    return "{" + sorted.map(\.description).joined(separator: ",") + "}"
  }
}

/// The routes of a configuration, as a flat list in depth-first order.
package struct RouteTree: Sendable {
  package private(set) var routes: [Route]

  package init(root: Route) {
    routes = []
    append(root, under: nil)
  }

  /// Adds a route below another, after its earlier children, and returns its index. Children must
  /// be added depth first, so that indexes are in route order.
  @discardableResult
  package mutating func append(_ route: Route, under parent: Int?) -> Int {
    var route = route
    route.index = routes.count
    route.parent = parent
    route.children = []
    let above = parent.map { routes[$0].key + "/" } ?? ""
    route.key = above + route.matcherText
    let twins = routes.count { $0.key == route.key }
    route.identity = twins == 0 ? route.key : "\(route.key)#\(twins + 1)"
    routes.append(route)
    if let parent { routes[parent].children.append(route.index) }
    return route.index
  }

  package subscript(index: Int) -> Route { routes[index] }

  /// The routes an alert takes, in route order: depth first, the first match of each level unless
  /// it continues, a node itself when none of its children match (`dispatch/route.go` Match).
  package func matches(_ labels: Labels) -> [Int] { matches(labels, at: 0) }

  private func matches(_ labels: Labels, at index: Int) -> [Int] {
    let route = routes[index]
    guard route.matchers.allMatch(labels) else { return [] }
    var found: [Int] = []
    for child in route.children {
      let below = matches(labels, at: child)
      found += below
      if !below.isEmpty && !routes[child].isContinuing { break }
    }
    return found.isEmpty ? [index] : found
  }

  /// The way from the root down to a route.
  package func path(to index: Int) -> [Route] {
    var path = [routes[index]]
    while let parent = path[0].parent { path.insert(routes[parent], at: 0) }
    return path
  }
}
