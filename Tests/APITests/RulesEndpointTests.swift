import Model
import Testing

@testable import API

@Suite struct RulesEndpointTests {
  private func group(_ name: String, _ rules: [RuleView]) -> RuleGroupView {
    RuleGroupView(
      name: name, file: name + ".tocsin", interval: .seconds(15), lastEvaluation: nil,
      evaluationTime: .zero, rules: rules)
  }

  private func rule(_ name: String, _ kind: RuleView.Kind, team: String = "a") -> RuleView {
    RuleView(
      kind: kind, name: name, query: "up", labels: Labels(["team": team]), health: .ok,
      lastError: nil, lastEvaluation: nil, evaluationTime: .zero)
  }

  private func ask(_ query: [(String, String)]) async -> (status: Int, body: String) {
    let alerting = RuleView.Kind.alerting(state: .inactive, alerts: [])
    let asking = Asking {
      $0.groupList = [
        group("one", [rule("Down", alerting), rule("a:sum", .recording)]),
        group("two", [rule("Slow", alerting, team: "b")]), group("empty", []),
      ]
    }
    let answer = await asking.ask(
      "GET", "/api/v1/rules", query: query.map { Label($0.0, $0.1) })
    return (answer.status, answer.body)
  }

  private func names(_ query: [(String, String)]) async -> [String] {
    let body = await ask(query).body
    return ["one", "two", "empty", "Down", "a:sum", "Slow"].filter {
      body.contains("\"name\":\"\($0)\"")
    }
  }

  @Test func filtersLeaveOutWhatIsNotWanted() async {
    #expect(await names([]) == ["one", "two", "empty", "Down", "a:sum", "Slow"])
    #expect(await names([("type", "record")]) == ["one", "empty", "a:sum"])
    #expect(await names([("type", "ALERT")]) == ["one", "two", "empty", "Down", "Slow"])
    #expect(await names([("rule_name[]", "Slow")]) == ["two", "empty", "Slow"])
    #expect(
      await names([("rule_name[]", "Slow"), ("rule_name[]", "Down")])
        == ["one", "two", "empty", "Down", "Slow"])
    #expect(await names([("rule_group[]", "two")]) == ["two", "Slow"])
    #expect(await names([("file[]", "one.tocsin")]) == ["one", "Down", "a:sum"])
    #expect(await names([("match[]", #"{team="b"}"#)]) == ["two", "empty", "Slow"])
    for wrong in [("type", "x"), ("match[]", "{"), ("exclude_alerts", "maybe")] {
      #expect(await ask([wrong]).status == 400)
    }
  }

  @Test func alertsCanBeLeftOut() async {
    #expect(await ask([]).body.contains(#""alerts":[]"#))
    #expect(await ask([("exclude_alerts", "true")]).body.contains(#""alerts":null"#))
  }

  @Test func groupsComeInPages() async throws {
    let first = await ask([("group_limit", "2")])
    #expect(await names([("group_limit", "2")]) == ["one", "two", "Down", "a:sum", "Slow"])
    let token = try #require(first.body.split(separator: #""groupNextToken":""#).last?.prefix(16))
    let next = [("group_limit", "2"), ("group_next_token", String(token))]
    #expect(await names(next) == ["empty"])
    #expect(!(await ask(next).body.contains("groupNextToken")))
    for wrong in [
      [("group_limit", "0")], [("group_limit", "x")], [("group_next_token", String(token))],
      [("group_limit", "1"), ("group_next_token", "gone")],
    ] {
      #expect(await ask(wrong).status == 400)
    }
  }
}
