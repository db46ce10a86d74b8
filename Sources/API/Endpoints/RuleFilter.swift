import Model
import PromQLSyntax

/// What `rules` is asked to show.
struct RuleFilter {
  private let kind: String
  private let names: Set<String>
  private let groups: Set<String>
  private let files: Set<String>
  private let selectors: [[LabelMatcher]]

  init(_ request: EndpointRequest) throws(ParameterFlaw) {
    kind = request.parameter("type")?.lowercased() ?? ""
    guard ["", "alert", "record"].contains(kind) else {
      throw ParameterFlaw("type", "not supported value \(PromQuote.quoted(kind))")
    }
    names = Set(request.parameters("rule_name[]"))
    groups = Set(request.parameters("rule_group[]"))
    files = Set(request.parameters("file[]"))
    selectors = try request.selectors()
  }

  func takes(_ group: RuleGroupView) -> Bool {
    (groups.isEmpty || groups.contains(group.name)) && (files.isEmpty || files.contains(group.file))
  }

  func takes(_ rule: RuleView) -> Bool {
    (names.isEmpty || names.contains(rule.name))
      && (kind.isEmpty || (kind == "alert") == rule.isAlerting)
      && (selectors.isEmpty || selectors.contains { $0.allMatch(rule.labels) })
  }
}

/// The part of the groups that one answer holds, and how the next one is asked for.
struct RulePage {
  let range: Range<Int>
  /// `groupNextToken` of the answer.
  let next: String?

  init(_ request: EndpointRequest, of groups: [RuleGroupView]) throws(ParameterFlaw) {
    let token = request.parameter("group_next_token") ?? ""
    let text = request.parameter("group_limit") ?? ""
    guard !text.isEmpty else {
      guard token.isEmpty else {
        throw ParameterFlaw(
          "group_limit", "group_limit needs to be present in order to paginate over the groups")
      }
      (range, next) = (groups.indices, nil)
      return
    }
    guard let limit = Int(text) else {
      throw ParameterFlaw("group_limit", "group_limit needs to be a valid number: \(text)")
    }
    guard limit > 0 else {
      throw ParameterFlaw("group_limit", "group_limit needs to be greater than 0")
    }
    var first = 0
    if !token.isEmpty {
      // A token of a group that is gone, after a reload, would restart the list unseen.
      guard let place = groups.firstIndex(where: { Self.token(of: $0) == token }) else {
        throw ParameterFlaw(
          "group_next_token", "invalid group_next_token \(PromQuote.quoted(token)): no such group")
      }
      first = place
    }
    let end = min(groups.count, first + limit)
    range = first..<end
    next = end < groups.count ? Self.token(of: groups[end]) : nil
  }

  /// Stands for the group that comes first on the next page.
  private static func token(of group: RuleGroupView) -> String {
    Labels(["file": group.file, "group": group.name]).fingerprint.description
  }
}

extension RuleView {
  var isAlerting: Bool { if case .alerting = kind { true } else { false } }
}
