import Model
import Testing

@testable import Routing

@Suite struct RouteTests {
  private func matcher(_ name: String, _ op: LabelMatcher.Operator, _ value: String) throws
    -> LabelMatcher
  {
    try LabelMatcher(name, op, value)
  }

  /// A team with environments below it, two other teams, and a route for a label.
  private func tree() throws -> RouteTree {
    var tree = RouteTree(root: Route(receivers: ["default"], grouping: .by([])))
    let a = try tree.append(
      Route(matchers: [matcher("owner", .equal, "team-A")], receivers: ["A"]), under: 0)
    try tree.append(
      Route(
        matchers: [matcher("env", .equal, "testing")], receivers: ["A-testing"],
        grouping: .everything), under: a)
    try tree.append(
      Route(
        matchers: [matcher("env", .equal, "production")], isContinuing: true,
        receivers: ["A-production"]), under: a)
    try tree.append(
      Route(
        matchers: [matcher("job", .matches, ".*"), matcher("env", .matches, "produ.*")],
        receivers: ["A-more"], grouping: .by(["job"])), under: a)
    try tree.append(
      Route(matchers: [matcher("owner", .matches, "team-(B|C)")], receivers: ["BC"]), under: 0)
    try tree.append(
      Route(matchers: [matcher("role", .notEqual, "")], receivers: ["role"]), under: 0)
    return tree
  }

  @Test(
    arguments: [
      (["owner": "team-A"], ["A"], [#"{}/{owner="team-A"}"#]),
      (["owner": "team-A", "env": "unset"], ["A"], [#"{}/{owner="team-A"}"#]),
      (["owner": "team-C"], ["BC"], [#"{}/{owner=~"team-(B|C)"}"#]),
      (["owner": "team-Cx"], ["default"], ["{}"]),
      (
        ["owner": "team-A", "env": "testing"], ["A-testing"],
        [#"{}/{owner="team-A"}/{env="testing"}"#]
      ),
      (
        ["owner": "team-A", "env": "production"], ["A-production", "A-more"],
        [
          #"{}/{owner="team-A"}/{env="production"}"#,
          #"{}/{owner="team-A"}/{env=~"produ.*",job=~".*"}"#,
        ]
      ),
      (["role": "x"], ["role"], [#"{}/{role!=""}"#]),
      ([:], ["default"], ["{}"]),
    ] as [([String: String], [String], [String])])
  func depthFirstAndContinue(
    labels: [String: String], receivers: [String], keys: [String]
  ) throws {
    let tree = try tree()
    let found = tree.matches(Labels(labels.map { Label($0.key, $0.value) }))
    #expect(found.map { tree[$0].receivers } == receivers.map { [$0] })
    #expect(found.map { tree[$0].key } == keys)
  }

  @Test func routesWithOnePathHaveTheirOwnIdentity() throws {
    var tree = RouteTree(root: Route(receivers: ["a"]))
    let matchers = [try matcher("x", .equal, "1")]
    tree.append(Route(matchers: matchers, isContinuing: true, receivers: ["a"]), under: 0)
    tree.append(Route(matchers: matchers, receivers: ["b"]), under: 0)
    #expect(tree[1].key == tree[2].key)
    #expect(tree[1].identity != tree[2].identity)
  }

  @Test func groupLabelsHoldOnlyWhatTheAlertHas() {
    let labels = Labels(["alertname": "A", "job": "x"])
    #expect(Grouping.by(["job", "cluster"]).labels(of: labels) == Labels(["job": "x"]))
    #expect(Grouping.everything.labels(of: labels) == labels)
    #expect(Grouping.by([]).labels(of: labels).isEmpty)
    #expect(
      GroupID.key(route: "{}/{a=\"b\"}", labels: labels)
        == #"{}/{a="b"}:{alertname="A", job="x"}"#)
  }

  @Test func explanationNamesThePathAndTheTimers() throws {
    let plan = RoutingPlan(tree: try tree(), receivers: [receiver("A-testing")])
    let explained = plan.explain(Labels(["owner": "team-A", "env": "testing"]))
    #expect(explained.count == 1)
    #expect(explained[0].path == ["{}", #"{owner="team-A"}"#, #"{env="testing"}"#])
    #expect(explained[0].groupBy == nil)
    #expect(explained[0].wait == .seconds(30))
  }

  @Test func aReceiverReachedTwiceIsToldByTheFirstRoute() throws {
    let team = [try matcher("team", .equal, "db")]
    let plan = simplePlan(
      [receiver("ops"), receiver("db")],
      routes: [
        Route(
          matchers: team, isContinuing: true, receivers: ["db", "ops"], timing: testTiming),
        Route(
          matchers: [try matcher("alertname", .matches, ".+")], receivers: ["ops"],
          timing: GroupTiming(wait: .zero, update: .seconds(60), repeatInterval: .seconds(3600))),
      ])
    var bench = Bench(plan)
    bench.fire(alert("Slow", ["team": "db"]), at: 0)
    bench.resolve(alert("Slow", ["team": "db"]), at: 20)
    bench.advance(to: 100)
    #expect(
      bench.log == [
        "10.0: db first new Slow", "10.0: ops first new Slow", "20.0: db closed closed Slow",
        "20.0: ops closed closed Slow",
      ])
    #expect(bench.sent[1].notification.groupKey.hasPrefix(#"{}/{team="db"}"#))
  }

  @Test func everyChannelOfAReceiverHasItsOwnConversation() {
    var bench = Bench(simplePlan([receiver("ops", "slack", "email")]))
    bench.answer = {
      $0.channel.channel == "slack"
        ? .transientFailure(reason: "503", retryAfter: nil) : .delivered(detail: "", rejected: [])
    }
    bench.fire(alert("Load"), at: 0)
    bench.resolve(alert("Load"), at: 12)
    bench.advance(to: 200)
    let mail = bench.sent.filter { $0.notification.channel.channel == "email" }
    #expect(mail.map(\.lines) == [["new Load"], ["closed Load"]])
    let slack = bench.sent.filter { $0.notification.channel.channel == "slack" }
    #expect(slack.allSatisfy { $0.lines == ["new Load"] })
    #expect(slack.map(\.at) == [10, 11])
  }
}
