import Diagnostics
import Language
import Model

/// What is known before it ever fires of the values that a label of an alert can have.
package enum LabelKnowledge: Sendable, Hashable {
  /// One of these.
  case values([String])
  /// The alert never has the label.
  case absent
  case unknown
}

/// An alert as rules can produce it: its name and what is known of its labels.
package struct AlertUniverseEntry: Sendable {
  package var alert: String
  package var labels: [String: LabelKnowledge]
  /// What is known of every other label: absent, or unknown.
  package var others: LabelKnowledge

  package init(
    alert: String, labels: [String: LabelKnowledge] = [:], others: LabelKnowledge = .unknown
  ) {
    self.alert = alert
    self.labels = labels
    self.others = others
  }

  /// What is known of a label.
  package func knowledge(of name: String) -> LabelKnowledge {
    if let known = labels[name] { return known }
    return name == Labels.alertName ? .values([alert]) : others
  }
}

/// Yes, no, or nobody knows.
enum Verdict: Sendable, Equatable {
  case yes, no, unknown

  static func && (left: Verdict, right: Verdict) -> Verdict {
    if left == .no || right == .no { return .no }
    return left == .yes && right == .yes ? .yes : .unknown
  }
}

extension LabelMatcher {
  func verdict(on knowledge: LabelKnowledge) -> Verdict {
    switch knowledge {
    case .unknown: return .unknown
    case .absent: return matchesEmpty ? .yes : .no
    case .values(let values):
      let matching = values.count { matches($0) }
      return matching == values.count ? .yes : matching == 0 ? .no : .unknown
    }
  }

  /// Whether whatever satisfies all the given matchers surely satisfies this one.
  func isImplied(by others: [LabelMatcher]) -> Bool {
    others.contains { other in
      guard Bytes.equal(other.name, name) else { return false }
      return other == self || (other.comparison == .equal && matches(other.value))
    }
  }
}

/// A route that no alert can take, and why.
package struct UnreachableRoute: Sendable {
  package var route: Route
  /// The matcher that no alert satisfies; nil when each alert fails for its own reason.
  package var matcher: LabelMatcher?
  package var diagnostic: Diagnostic
}

extension RoutingPlan {
  /// Routes that surely no alert of the universe takes. What is not known counts as possible.
  /// Routes below an unreachable one are left out.
  package func unreachable(for universe: [AlertUniverseEntry]) -> [UnreachableRoute] {
    guard !universe.isEmpty else { return [] }
    var dead: Set<Int> = []
    var found: [UnreachableRoute] = []
    for route in tree.routes.dropFirst() {
      if let parent = route.parent, dead.contains(parent) {
        dead.insert(route.index)
        continue
      }
      guard universe.allSatisfy({ reach($0, route) == .no }), let range = route.range else {
        continue
      }
      dead.insert(route.index)
      // Shadowed routes are reported when the plan is read.
      if shadow(of: route) != nil { continue }
      found.append(unreachable(route, range, universe))
    }
    return found
  }

  /// Whether an alert gets to a route, its children aside.
  private func reach(_ entry: AlertUniverseEntry, _ route: Route) -> Verdict {
    func matches(_ route: Route) -> Verdict {
      route.matchers.reduce(.yes) { $0 && $1.verdict(on: entry.knowledge(of: $1.name)) }
    }
    var verdict = matches(route)
    var below = route
    while let parent = below.parent {
      let above = tree[parent]
      for sibling in above.children.prefix(while: { $0 != below.index })
      where !tree[sibling].isContinuing && matches(tree[sibling]) == .yes {
        return .no
      }
      verdict = verdict && matches(above)
      below = above
    }
    return verdict
  }

  private func unreachable(
    _ route: Route, _ range: SourceRange, _ universe: [AlertUniverseEntry]
  ) -> UnreachableRoute {
    let matcher = route.matchers.first { matcher in
      universe.allSatisfy { matcher.verdict(on: $0.knowledge(of: matcher.name)) == .no }
    }
    var diagnostic = Diagnostic(
      "W106", .warning, "no alert can ever reach this route", at: range,
      "every alert goes elsewhere")
    guard let matcher else {
      return UnreachableRoute(route: route, matcher: nil, diagnostic: diagnostic)
    }
    let values = Set(
      universe.flatMap { entry -> [String] in
        if case .values(let values) = entry.knowledge(of: matcher.name) { return values }
        return []
      }
    ).sorted(by: Bytes.less)
    diagnostic.subject.text =
      "no alert has `\(matcher.name) \(matcher.comparison.rawValue) \(matcher.value)`"
    if values.isEmpty {
      diagnostic.notes = ["no alert has a label called `\(matcher.name)`"]
    } else {
      let shown = values.prefix(12) + (values.count > 12 ? ["…"] : [])
      diagnostic.notes = ["alerts here have \(matcher.name): " + shown.joined(separator: ", ")]
      if let nearest = Suggestion.nearest(to: matcher.value, in: values) {
        diagnostic.help = "did you mean `\(nearest)`?"
      }
    }
    return UnreachableRoute(route: route, matcher: matcher, diagnostic: diagnostic)
  }

  /// The earlier sibling that takes everything a route could get.
  func shadow(of route: Route) -> Route? {
    guard let parent = route.parent else { return nil }
    return tree[parent].children.prefix { $0 != route.index }.map { tree[$0] }.first { earlier in
      !earlier.isContinuing && earlier.matchers.allSatisfy { $0.isImplied(by: route.matchers) }
    }
  }

  /// W106, as far as the routes themselves show it: an earlier sibling takes everything, or a
  /// matcher contradicts one above it.
  func reportShadowedRoutes(_ context: ReadingContext) {
    for route in tree.routes.dropFirst() {
      guard let range = route.range else { continue }
      if let earlier = shadow(of: route) {
        context.report(
          Diagnostic(
            "W106", .warning, "no alert can ever reach this route", at: range,
            "the route above it takes them all",
            context: earlier.range.map { [.init($0, "takes every alert this one could")] } ?? [],
            help: "write this one first, or add `continue` to the other"))
      } else if let (matcher, above) = contradiction(in: route) {
        context.report(
          Diagnostic(
            "W106", .warning, "no alert can ever reach this route", at: range,
            "`\(matcher.name)` is already settled",
            notes: [
              "it stands below `\(above.name) = \(above.value)`"
            ]))
      }
    }
  }

  /// A matcher of a route that an equality on the way to it, or in the route itself, rules out.
  private func contradiction(in route: Route) -> (LabelMatcher, LabelMatcher)? {
    let settled = tree.path(to: route.index).flatMap(\.matchers).filter {
      $0.comparison == .equal
    }
    for matcher in route.matchers {
      for above in settled where Bytes.equal(above.name, matcher.name) {
        if !matcher.matches(above.value) { return (matcher, above) }
      }
    }
    return nil
  }
}
