import Model
import Outside

/// Prometheus' `rules` and `alerts` (`web/api/v1/api.go`).
enum RulesEndpoint {
  static let rules = Endpoint(["GET"], "/api/v1/rules") { request in
    await request.reading { request throws(ParameterFlaw) in
      let filter = try RuleFilter(request)
      let showsAlerts = try !request.truth("exclude_alerts")
      var groups: [(group: RuleGroupView, rules: [RuleView])] = []
      for group in await request.access.ruleGroups() where filter.takes(group) {
        let rules = group.rules.filter { filter.takes($0) }
        // A group of which nothing is wanted is not shown, one that is empty of itself is.
        if !rules.isEmpty || group.rules.isEmpty { groups.append((group, rules)) }
      }
      let page = try RulePage(request, of: groups.map(\.group))
      var members: [(name: String, value: JSON)] = [
        (
          "groups",
          .array(groups[page.range].map { json($0.group, $0.rules, showsAlerts: showsAlerts) })
        )
      ]
      if let next = page.next { members.append(("groupNextToken", .string(next))) }
      return .data(.object(members))
    }
  }

  static let alerts = Endpoint(["GET"], "/api/v1/alerts") { request in
    let alerts = await request.access.alerts().filter { $0.alert.state != .inactive }
    return .data(["alerts": .array(alerts.map { json($0.alert) })])
  }

  private static func json(
    _ group: RuleGroupView, _ rules: [RuleView], showsAlerts: Bool
  ) -> JSON {
    [
      "name": .string(group.name), "file": .string(group.file),
      "rules": .array(rules.map { json($0, showsAlerts: showsAlerts) }),
      "interval": .number(group.interval.inSeconds), "limit": 0,
      "evaluationTime": .number(group.evaluationTime.inSeconds),
      "lastEvaluation": .string(time(group.lastEvaluation)),
    ]
  }

  private static func json(_ rule: RuleView, showsAlerts: Bool) -> JSON {
    var members: [(name: String, value: JSON)] = []
    if case .alerting(let state, let alerts) = rule.kind {
      members += [
        ("state", .string(state.rawValue)), ("name", .string(rule.name)),
        ("query", .string(rule.query)), ("duration", .number(rule.hold.inSeconds)),
        ("keepFiringFor", .number(rule.keepFiringFor.inSeconds)), ("labels", JSON(rule.labels)),
        ("annotations", JSON(rule.annotations)),
        ("alerts", showsAlerts ? .array(alerts.map(json)) : .null),
      ]
    } else {
      members += [("name", .string(rule.name)), ("query", .string(rule.query))]
      if !rule.labels.isEmpty { members.append(("labels", JSON(rule.labels))) }
    }
    members.append(("health", .string(rule.health.rawValue)))
    if let error = rule.lastError { members.append(("lastError", .string(error))) }
    members += [
      ("evaluationTime", .number(rule.evaluationTime.inSeconds)),
      ("lastEvaluation", .string(time(rule.lastEvaluation))),
      ("type", .string(rule.isAlerting ? "alerting" : "recording")),
    ]
    return .object(members)
  }

  private static func json(_ alert: Alert) -> JSON {
    var members: [(name: String, value: JSON)] = [
      ("labels", JSON(alert.labels)),
      ("annotations", JSON(alert.annotations.map { Label($0.name, $0.text.plain) })),
      ("state", .string(alert.state.rawValue)),
      ("activeAt", .string(SampleText.rfc3339(alert.activeAt))),
    ]
    if let since = alert.keepFiringSince {
      members.append(("keepFiringSince", .string(SampleText.rfc3339(since))))
    }
    members.append(("value", .string(scientific(alert.value ?? .nan))))
    return .object(members)
  }

  /// Go's `strconv.FormatFloat(v, 'e', -1, 64)`: `1e+00`, `8.33e-01`.
  static func scientific(_ value: Double) -> String {
    guard value.isFinite else { return SampleText.number(value) }
    guard value != 0 else { return value.sign == .minus ? "-0e+00" : "0e+00" }
    let sign = value < 0 ? "-" : ""
    var (digits, exponent) = decimalDigits(abs(value).description)
    while digits.count > 1, digits.hasSuffix("0") { digits.removeLast() }
    let mantissa = digits.count > 1 ? "\(digits.first!).\(digits.dropFirst())" : digits
    let size = abs(exponent)
    exponent = exponent < 0 ? -size : size
    return "\(sign)\(mantissa)e\(exponent < 0 ? "-" : "+")\(size < 10 ? "0" : "")\(size)"
  }

  /// The significant digits of a positive decimal text, and the power of ten of the first.
  private static func decimalDigits(_ text: String) -> (String, Int) {
    let parts = text.split(separator: "e")
    var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let halves = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let whole = String(halves[0])
    var digits = whole + (halves.count > 1 ? String(halves[1]) : "")
    exponent += whole.count - 1
    while digits.count > 1, digits.hasPrefix("0") {
      digits.removeFirst()
      exponent -= 1
    }
    return (digits, exponent)
  }

  /// Prometheus writes Go's zero time for "never".
  private static func time(_ time: Timestamp?) -> String {
    time.map(SampleText.rfc3339) ?? "0001-01-01T00:00:00Z"
  }
}
